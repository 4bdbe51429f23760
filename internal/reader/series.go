package reader

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"broadsheet/internal/markdown"
	"broadsheet/internal/page"
	"broadsheet/internal/pagecache"
	"broadsheet/internal/posts"
)

// seriesPage lists the posts of a series in its order.
type seriesPage struct {
	page.Base
	Series      posts.Series
	Description markdown.HTML
	Posts       []posts.Card
	Number      int  // of the first of them, 0 where they have no numbers
	Deep        bool // whether it goes on from a page before
	First       string
	Next        string // address of the next page; "" on the last
}

var seriesTemplate = page.Parse[seriesPage]("pages/series.html")

// Series serves /series/{slug}.
func (rd *Reader) Series(w http.ResponseWriter, r *http.Request) error {
	slug, ok := slugParam(r, "slug")
	if !ok {
		return posts.ErrNotFound
	}
	after, err := readAfter(r)
	if err != nil {
		return err
	}
	series, err := rd.posts.SeriesBySlug(r.Context(), slug)
	if errors.Is(err, posts.ErrNotFound) {
		return rd.seriesMoved(w, r, slug)
	}
	if err != nil {
		return err
	}
	base, err := rd.pages.Base(r.Context())
	if err != nil {
		return err
	}
	p := seriesPage{Base: base, Series: series, Deep: after != 0, First: page.SeriesURL(series.Slug)}
	cards, number, next, err := rd.posts.SeriesPosts(r.Context(), series.ID, after)
	if err != nil {
		return err
	}
	p.Posts, p.Number = cards, number
	if next != 0 {
		p.Next = address(p.First, url.Values{}, "after", strconv.FormatInt(next, 10))
	}
	p.Title = series.Title
	p.Base.Description = p.Text("series.about", series.Title)
	if series.Description != "" {
		p.Description = markdown.Inline(series.Description, base.Lang())
	}
	p.Canonical = base.BaseURL + p.First
	if p.Deep {
		p.Canonical = base.BaseURL + address(p.First, url.Values{}, "after", strconv.FormatInt(after, 10))
	}
	p.Feed = p.First + "/feed"
	p.Meta = &page.Metadata{Data: newLinkedData(trail(p.Site.Title, p.BaseURL+"/", series.Title, p.BaseURL+p.First))}
	if len(cards) == 0 { // not kept: numbers to ask for have no end
		p.Robots = "noindex"
	} else {
		showCards(r.Context(), cards)
		pagecache.Show(r.Context(), pagecache.On(seriesKey(series.ID)))
	}
	return seriesTemplate.Write(w, r, http.StatusOK, p)
}

// readAfter reads after=, the id of the last post on the page before; 0 for none.
func readAfter(r *http.Request) (int64, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return 0, page.BadRequest("")
	}
	text := query.Get("after")
	if text == "" {
		return 0, nil
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 || len(query["after"]) > 1 || strconv.FormatInt(id, 10) != text {
		return 0, posts.ErrBadCursor
	}
	return id, nil
}
