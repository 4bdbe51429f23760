// Package reader serves the public pages, one file a page.
package reader

import (
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"broadsheet/internal/page"
	"broadsheet/internal/posts"
)

// Reader serves the public pages.
type Reader struct {
	// Hub is the address of the WebSub hub that feeds name, "" for none. It is set
	// before anything is served.
	Hub string

	pages *page.Pages
	posts *posts.Store
	cards *cards
}

// New returns a Reader. Its methods are handlers for [page.Pages.Handle].
func New(pages *page.Pages, posts *posts.Store) *Reader {
	return &Reader{pages: pages, posts: posts, cards: newCards()}
}

// slugParam returns the {slug} or {tag} of the route, decoded, and whether it
// may be looked up at all. The router matches the path as it was sent where
// that is spelled in an unusual way.
func slugParam(r *http.Request, name string) (slug string, ok bool) {
	slug = r.PathValue(name)
	if r.URL.RawPath != "" {
		var err error
		if slug, err = url.PathUnescape(slug); err != nil {
			return "", false
		}
	}
	return slug, storable(slug)
}

// storable tells whether PostgreSQL takes the text.
func storable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsRune(text, 0)
}

// redirect sends the reader on. Not even a permanent redirect is kept without
// asking: an address may get a page of its own again.
func redirect(w http.ResponseWriter, r *http.Request, target string, status int) error {
	w.Header().Set("Cache-Control", page.Revalidate)
	http.Redirect(w, r, target, status)
	return nil
}
