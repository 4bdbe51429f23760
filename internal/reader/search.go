package reader

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"broadsheet/internal/page"
	"broadsheet/internal/posts"
)

// maxQuery is how many characters a search may have.
const maxQuery = 200

// fewHits is how many posts make a search with a word that may be mistyped
// look like one that found what was meant.
const fewHits = 3

// searchPage shows what a search found, the best first.
type searchPage struct {
	page.Base
	posts.SearchPage
	Query   string // as typed
	Problem string // why nothing was searched
	Missing string // which filter lets no post through, "" for none
	Meant   string // a search that finds more, "" for none
	First   string // address of the first page
	Deep    bool   // whether a cursor was given
	// Addresses of further pages and of the search that may be meant, "" for none.
	BetterURL, FurtherURL, MeantURL string
}

var searchTemplate = page.Parse[searchPage]("pages/search.html")

// Search serves /search?q=.
func (rd *Reader) Search(w http.ResponseWriter, r *http.Request) error {
	base, err := rd.pages.Base(r.Context())
	if err != nil {
		return err
	}
	p := searchPage{Base: base, First: "/search"}
	p.Title, p.Canonical = p.Text("search.title"), p.BaseURL+p.First
	p.Query, p.Problem = readSearch(base, r.URL.Query().Get("q"))
	if p.Query != "" || p.Problem != "" { // what is found has no end
		p.Robots = "noindex"
	}
	asked := posts.ParseSearch(p.Query)
	switch {
	case p.Problem != "":
		return searchTemplate.Write(w, r, http.StatusBadRequest, p)
	case asked.Empty():
		return searchTemplate.Write(w, r, http.StatusOK, p)
	}
	p.Title = p.Text("search.title-of", p.Query)
	query := url.Values{"q": {p.Query}}
	p.First = address("/search", query)
	var cursor posts.Filter
	if err := readCursors(r, &cursor); err != nil {
		return err
	}
	f, missing, err := rd.searchFor(r.Context(), base, asked)
	if err != nil {
		return err
	}
	f.After, f.Before = cursor.After, cursor.Before
	p.Missing, p.Deep = missing, f.After != "" || f.Before != ""
	if missing == "" {
		if p.SearchPage, err = rd.posts.Search(r.Context(), f); err != nil {
			return err
		}
	}
	if p.AtTop {
		return redirect(w, r, p.First, http.StatusFound)
	}
	if !p.Deep && len(p.Hits) < fewHits && asked.Words != "" {
		if err := rd.addMeant(r.Context(), &p); err != nil {
			return err
		}
	}
	showSearch(r.Context(), p.Hits)
	p.Canonical = p.BaseURL + address("/search", query, "after", f.After, "before", f.Before)
	if len(p.Hits) > 0 {
		p.Feed, p.FeedQuery = "/search/feed", address("", query)
	}
	if p.Better != "" {
		p.BetterURL = address("/search", query, "before", p.Better)
	}
	if p.Further != "" {
		p.FurtherURL = address("/search", query, "after", p.Further)
	}
	return searchTemplate.Write(w, r, http.StatusOK, p)
}

// readSearch returns what was typed, with single spaces, and what is wrong with it.
func readSearch(base page.Base, q string) (query, problem string) {
	if !storable(q) {
		return "", base.Text("search.bytes")
	}
	q = strings.Join(strings.Fields(q), " ")
	if n := utf8.RuneCountInString(q); n > maxQuery {
		return string([]rune(q)[:maxQuery]), base.Text("search.long", maxQuery, n)
	}
	return q, ""
}

// searchFor looks up the names in a search. missing says which of them readers
// can find no post by, in words for them, or is "".
func (rd *Reader) searchFor(ctx context.Context, base page.Base, a posts.Asked) (f posts.Search, missing string, err error) {
	f.Words = a.Words
	for _, name := range a.Tags {
		tags, err := rd.posts.TagsBySlug(ctx, []string{name})
		if err == nil && len(tags) == 0 {
			tags, err = rd.posts.TagsBySlug(ctx, []string{posts.TagSlug(name)})
		}
		if err != nil {
			return f, "", err
		}
		if len(tags) == 0 {
			return f, base.Text("search.no-tag", name), nil
		}
		f.Tags = append(f.Tags, tags[0])
	}
	for _, handle := range a.Authors {
		author, err := rd.posts.Author(ctx, strings.ToLower(handle))
		if errors.Is(err, posts.ErrNotFound) {
			return f, base.Text("search.no-author", handle), nil
		}
		if err != nil {
			return f, "", err
		}
		f.By(author.ID)
	}
	for _, slug := range a.Series {
		series, err := rd.posts.SeriesBySlug(ctx, slug)
		switch {
		case errors.Is(err, posts.ErrNotFound):
			return f, base.Text("search.no-series", slug), nil
		case err != nil:
			return f, "", err
		case f.Series != 0 && f.Series != series.ID:
			return f, base.Text("search.no-both"), nil
		}
		f.Series = series.ID
	}
	zone := base.Site.Location()
	for i, year := range a.Years {
		if i > 0 && year != a.Years[0] {
			return f, base.Text("search.no-both"), nil
		}
		f.From, f.To = time.Date(year, 1, 1, 0, 0, 0, 0, zone), time.Date(year+1, 1, 1, 0, 0, 0, 0, zone)
	}
	return f, "", nil
}

// addMeant looks for a search that differs in mistyped words and finds more.
func (rd *Reader) addMeant(ctx context.Context, p *searchPage) error {
	meant, err := rd.posts.Respell(ctx, p.Query)
	if err != nil || meant == "" {
		return err
	}
	f, missing, err := rd.searchFor(ctx, p.Base, posts.ParseSearch(meant))
	if err != nil || missing != "" {
		return err
	}
	f.Limit = fewHits
	found, err := rd.posts.Search(ctx, f)
	if err == nil && len(found.Hits) > len(p.Hits) {
		p.Meant, p.MeantURL = meant, address("/search", url.Values{"q": {meant}})
	}
	return err
}
