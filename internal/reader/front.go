package reader

import (
	"context"
	"errors"
	"slices"

	"broadsheet/internal/pagecache"
	"broadsheet/internal/posts"
)

// lead puts the featured post at the head of the front page, and takes it out
// of the list there.
func (rd *Reader) lead(ctx context.Context, l *listingPage) error {
	if !l.Front {
		return nil
	}
	pagecache.Show(ctx, pagecache.On("featured"))
	featured, err := rd.posts.Featured(ctx)
	if errors.Is(err, posts.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	showCards(ctx, []posts.Card{featured})
	l.Posts = slices.DeleteFunc(l.Posts, func(c posts.Card) bool { return c.ID == featured.ID })
	l.Lead, err = cardTemplate.HTML(card{Card: featured, Base: l.Base, Lead: true})
	return err
}

// jumps adds the way to other times: all years on the front page, the months of
// a year on its first page. Pages further back do without, so that a new post
// does not end them.
func (rd *Reader) jumps(ctx context.Context, l *listingPage) error {
	ofYear := l.Period != nil && l.Period.UpURL == ""
	if l.Deep || !l.Front && !ofYear {
		return nil
	}
	pagecache.Show(ctx, pagecache.On("archive"))
	months, err := rd.posts.Archive(ctx)
	if err != nil {
		return err
	}
	all := years(months, l.Lang())
	if l.Front {
		l.Years = all
		return nil
	}
	if i := slices.IndexFunc(all, func(y year) bool { return y.Name == l.Period.Name }); i >= 0 {
		l.Period.Months = all[i].Months
	}
	return nil
}
