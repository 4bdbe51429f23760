package reader

import (
	"net/http"
	"net/url"
	"strings"

	"broadsheet/internal/page"
)

// tagMoved sends who asks for something of a tag by its former address, or by
// that of a tag that was merged into it, to where it is now: the first page, as
// a place in the old list may be none in this one. The error is ErrNotFound
// when no tag had the address.
func (rd *Reader) tagMoved(w http.ResponseWriter, r *http.Request, slug string) error {
	now, err := rd.posts.TagMoved(r.Context(), slug)
	if err != nil {
		return err
	}
	return redirect(w, r, page.TagURL(now)+below(r, "/tags/"+slug), http.StatusMovedPermanently)
}

// seriesMoved does the same for a series, to the page that was asked for: its
// posts are the same ones.
func (rd *Reader) seriesMoved(w http.ResponseWriter, r *http.Request, slug string) error {
	now, err := rd.posts.SeriesMoved(r.Context(), slug)
	if err != nil {
		return err
	}
	target := page.SeriesURL(now) + below(r, "/series/"+slug)
	return redirect(w, r, address(target, cursors(r.URL.Query())), http.StatusMovedPermanently)
}

// below is the rest of the request's path after its beginning.
func below(r *http.Request, begin string) string {
	rest, _ := strings.CutPrefix(r.URL.Path, begin)
	return (&url.URL{Path: rest}).EscapedPath()
}
