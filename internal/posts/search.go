package posts

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"broadsheet/internal/markdown"
)

// searchMost bounds each of the three ways to posts that contain words: the
// index of words, the index of words in titles, and the newest posts.
//
// Words that so many posts contain at most are found in all of them. Of more
// common ones those are ranked that the other two ways lead to, with a quarter of
// those of the first, which are any: the best of a million would cost reading a
// million.
const searchMost = 1000

// A search can cost a thousand times what another page does. So many run at
// once, and others wait so long for one to end, that they never hold up the
// rest of the blog.
const (
	searchesAtOnce = 2
	searchWait     = time.Second
)

// headlined is how many characters of a post are looked through for the lines
// to show.
const headlined = 50_000

// Search says what is searched for and which page of the results is asked for.
type Search struct {
	Words         string  // in web search syntax; "" for any post that the filters let through
	Tags          []Tag   // posts that carry all of them
	Author        int64   // posts that they wrote, alone or with others
	With          []int64 // those who wrote them with the author, all of them
	Series        int64   // posts of that series
	From, To      time.Time
	After, Before string // cursors from a SearchPage; at most one of them
	Limit         int    // posts on the page; 0 means PageSize
}

// Hit is a post that a search found.
type Hit struct {
	Card
	Rank    float32
	Title   markdown.HTML // with the words marked
	Snippet markdown.HTML // lines of the text around the words
}

// SearchPage is one page of what a search found, the best first.
type SearchPage struct {
	Hits []Hit
	// Cursors for Search.Before and Search.After, "" at the ends.
	Better, Further string
	AtTop           bool // as in Listing
}

// hit is a row of a search.
type hit struct {
	Card
	Rank    float32
	Heading string // the title with marks around the words
	Lines   string
}

// Search returns a page of the posts and pages that readers may see and that
// contain the words, ranked by how often and how prominently. It reads at most
// some thousand posts, however common the words. Errors: ErrBadCursor, ErrBusy.
func (s *Store) Search(ctx context.Context, f Search) (SearchPage, error) {
	w, err := newWindow(f.After, f.Before, f.scope(), cmp.Or(f.Limit, PageSize))
	if err != nil || w.from != nil && w.from.at.UnixMicro() > math.MaxUint32 {
		return SearchPage{}, ErrBadCursor
	}
	end, err := s.startSearch(ctx)
	if err != nil {
		return SearchPage{}, err
	}
	defer end()
	sql, args := f.sql(w)
	hits, err := collect[hit](ctx, s.pool, sql, args)
	if err != nil {
		return SearchPage{}, fmt.Errorf("searching: %w", err)
	}
	hits, newer, older := cut(w, hits, func(h hit) position { return rankPosition(h.Rank, h.ID) })
	page := SearchPage{
		Hits: make([]Hit, len(hits)), Better: newer.cursor(f.scope()), Further: older.cursor(f.scope()),
		AtTop: w.backward && newer == nil,
	}
	cards := make([]Card, len(hits))
	for i, h := range hits {
		cards[i] = h.Card
	}
	if err := s.addNames(ctx, cards); err != nil {
		return SearchPage{}, fmt.Errorf("searching: %w", err)
	}
	for i, h := range hits {
		page.Hits[i] = Hit{cards[i], h.Rank, markdown.Marked(h.Heading), markdown.Marked(goesOn(h.Lines))}
	}
	return page, nil
}

// SearchByDate returns a page of the posts that a search finds, the newest
// first, as Listing does, without its times. Pages such as About are not among
// them. It reads as much as Search. Errors: ErrBadCursor, ErrBusy.
func (s *Store) SearchByDate(ctx context.Context, f Search) (Listing, error) {
	scope := "by date " + f.scope()
	w, err := newWindow(f.After, f.Before, scope, cmp.Or(f.Limit, PageSize))
	if err != nil {
		return Listing{}, err
	}
	end, err := s.startSearch(ctx)
	if err != nil {
		return Listing{}, err
	}
	defer end()
	sql, args := f.sqlByDate(w)
	cards, err := collect[Card](ctx, s.pool, sql, args)
	if err != nil {
		return Listing{}, fmt.Errorf("searching by date: %w", err)
	}
	cards, newer, older := cut(w, cards, func(c Card) position { return position{at: c.PublishedAt, id: c.ID} })
	if err := s.addNames(ctx, cards); err != nil {
		return Listing{}, fmt.Errorf("searching by date: %w", err)
	}
	return Listing{Posts: cards, Newer: newer.cursor(scope), Older: older.cursor(scope), AtTop: w.backward && newer == nil}, nil
}

// goesOn shows that a text goes on after what was cut from it.
func goesOn(lines string) string {
	if lines == "" || strings.HasSuffix(lines, ".") {
		return lines
	}
	return lines + " …"
}

// rankPosition is a place in the order of ranks. The bits of floating-point
// numbers that are not negative are in the order of the numbers, and fit where
// other listings have microseconds.
func rankPosition(rank float32, id int64) position {
	return position{at: time.UnixMicro(int64(math.Float32bits(rank))).UTC(), id: id}
}

func (p position) rank() float32 { return math.Float32frombits(uint32(p.at.UnixMicro())) }

func (f Search) scope() string {
	return fmt.Sprintf("search %s %d%v %d %d %d words=%s", Filter{Tags: f.Tags}.scope(),
		f.Author, f.With, f.Series, f.From.Unix(), f.To.Unix(), f.Words)
}

// By adds somebody who wrote the posts.
func (f *Search) By(author int64) {
	switch {
	case f.Author == 0:
		f.Author = author
	case f.Author != author && !slices.Contains(f.With, author):
		f.With = append(f.With, author)
	}
}

// startSearch waits for a turn to search, which end gives back. The error is
// ErrBusy or the context's.
func (s *Store) startSearch(ctx context.Context) (end func(), err error) {
	patience := time.NewTimer(searchWait)
	defer patience.Stop()
	select {
	case s.searches <- struct{}{}:
		return func() { <-s.searches }, nil
	case <-patience.C:
		return nil, ErrBusy
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
