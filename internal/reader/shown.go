package reader

import (
	"context"
	"math"
	"slices"
	"strconv"
	"time"

	"broadsheet/internal/pagecache"
	"broadsheet/internal/posts"
)

// showListing notes what a listing shows, by the names that changes in the
// database have: each post, and the list between the ends that were looked at.
func showListing(ctx context.Context, l listingPage, f posts.Filter) {
	showCards(ctx, l.Posts)
	switch {
	case len(l.Unknown) > 0: // not kept, as there is no end of tags that nobody uses
	case l.Tag != nil: // the page says how many posts the tag has
		pagecache.Show(ctx, pagecache.On(tagKey(*l.Tag)))
	case len(f.Tags) > 0: // a post comes when it gets the last of the tags, whichever that is
		for _, tag := range f.Tags {
			pagecache.Show(ctx, between(tagKey(tag), l.Listing.Oldest, l.Listing.Newest))
		}
	case l.Author != nil:
		pagecache.Show(ctx, between(authorKey(l.Author.ID), l.Listing.Oldest, l.Listing.Newest))
		if len(l.Posts) == 0 { // it ends with the author's last post
			pagecache.Show(ctx, pagecache.On(authorKey(l.Author.ID)))
		}
	default:
		pagecache.Show(ctx, between("posts", l.Listing.Oldest, l.Listing.Newest))
	}
}

// showCards notes posts of which a page shows as much as a card.
func showCards(ctx context.Context, cards []posts.Card) {
	for _, p := range cards {
		pagecache.Show(ctx, pagecache.On(postKey(p.ID)))
	}
}

// showSearch notes what the page of a search shows: the posts that it found, and
// that it might find others.
func showSearch(ctx context.Context, hits []posts.Hit) {
	pagecache.Show(ctx, pagecache.On("search"))
	for _, h := range hits {
		pagecache.Show(ctx, pagecache.On(postKey(h.ID)))
	}
}

// showPost notes what a post's page shows: the post, its neighbours, and that
// there is none between them.
func showPost(ctx context.Context, p posts.Post) {
	pagecache.Show(ctx, pagecache.On(postKey(p.ID)), pagecache.On("slug:"+p.Slug), between("posts", p.OlderAt, p.NewerAt))
	for _, neighbour := range []int64{p.OlderID, p.NewerID} {
		if neighbour != 0 {
			pagecache.Show(ctx, pagecache.On(postKey(neighbour)))
		}
	}
	showBeside(ctx, p)
}

// showBeside notes what the page of a post, or a page such as About, shows of
// others: related posts and translations also where readers do not see them
// yet, and the whole series.
func showBeside(ctx context.Context, p posts.Post) {
	for _, id := range slices.Concat(p.RelatedIDs, p.TranslationIDs) {
		pagecache.Show(ctx, pagecache.On(postKey(id)))
	}
	if p.SeriesID != 0 {
		pagecache.Show(ctx, pagecache.On(seriesKey(p.SeriesID)))
	}
	if p.Series != nil {
		for _, part := range p.Series.Posts {
			pagecache.Show(ctx, pagecache.On(postKey(part.ID)))
		}
	}
}

// showPage notes what a page such as About shows.
func showPage(ctx context.Context, p posts.Post) {
	pagecache.Show(ctx, pagecache.On(postKey(p.ID)), pagecache.On("slug:"+p.Slug))
	showBeside(ctx, p)
}

func postKey(id int64) string { return "post:" + strconv.FormatInt(id, 10) }

func authorKey(id int64) string { return "author:" + strconv.FormatInt(id, 10) }

func seriesKey(id int64) string { return "series:" + strconv.FormatInt(id, 10) }

func tagKey(t posts.Tag) string { return "tag:" + strconv.FormatInt(t.ID, 10) }

// between is the part of a list between two times; zero is without end.
func between(list string, oldest, newest time.Time) pagecache.Dep {
	from, to := int64(math.MinInt64), int64(math.MaxInt64)
	if !oldest.IsZero() {
		from = oldest.UnixMicro()
	}
	if !newest.IsZero() {
		to = newest.UnixMicro()
	}
	return pagecache.Between(list, from, to)
}
