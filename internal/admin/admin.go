// Package admin serves the pages on which authors write, one file a page.
//
// Every page works without JavaScript. None is kept by a cache, and all but
// set-up, sign-in and previews by link need a session, which RequireUser alone decides.
package admin

import (
	"cmp"
	"errors"
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"broadsheet/internal/accounts"
	"broadsheet/internal/jobs"
	"broadsheet/internal/live"
	"broadsheet/internal/page"
	"broadsheet/internal/posts"
	"broadsheet/internal/site"
	"broadsheet/internal/texts"
)

// Admin holds what its pages are made of.
type Admin struct {
	// Jobs are shown to owners when they are late. It is set before the first
	// request; without it there are none.
	Jobs *jobs.Jobs
	// Live tells authors of each other; without it they do not hear.
	Live *live.Hub

	pages    *page.Pages
	posts    *posts.Store
	accounts *accounts.Store
	site     *site.Store
	https    bool // whether the base URL's scheme is https
}

// New returns the authors' pages of the blog at baseURL.
func New(pages *page.Pages, posts *posts.Store, accounts *accounts.Store, site *site.Store, baseURL *url.URL) *Admin {
	return &Admin{pages: pages, posts: posts, accounts: accounts, site: site, https: baseURL.Scheme == "https"}
}

// base is what every page of the authors' side has.
type base struct {
	page.Base
	Undo    *undo  // of what the flash says, nil for nothing
	Section string // of the navigation that the page belongs to: home, posts, calendar, new, tags, series, settings, account; "" for none
}

// base returns a page's base; title is a text's key, "" where the page has one
// of its own. It takes the flash, so that it is shown once.
func (a *Admin) base(w http.ResponseWriter, r *http.Request, title, section string) (base, error) {
	b, err := a.pages.Base(r.Context())
	if err != nil {
		return base{}, err
	}
	full := baseOf(b, r, title, section)
	if full.SignedIn != nil && r.Method == http.MethodGet { // a form that is shown again has something else to say
		full.Flash, full.Undo = a.takeFlash(w, r)
	}
	return full, nil
}

func baseOf(b page.Base, r *http.Request, title, section string) base {
	b.Language = texts.In(cmp.Or(page.Language(r), b.Site.Language)).Lang
	b.Title = b.Text(title)
	b.Robots = "noindex"
	if s, ok := sessionOf(r); ok {
		b.SignedIn = &s.user
	}
	return base{Base: b, Section: section}
}

// CountPosts counts posts in words: "1 post", "1,234 posts".
func (b base) CountPosts(n int64) string { return b.Text("admin.posts", n) }

// redirect answers with a page of this site to get next.
func redirect(w http.ResponseWriter, path string) {
	w.Header().Set("Location", path)
	w.WriteHeader(http.StatusSeeOther)
}

// The largest forms. A post of the longest text takes thrice its bytes when
// every one of them is percent-encoded.
const (
	maxForm          = 64 << 10
	maxPostForm      = 16 << 20
	maxSignedOutForm = 4 << 20 // of a post by somebody whom we do not know (any more)
)

// patience is how long a database that does not answer is waited for before
// an author gets a text back that was not saved. The time that a form takes to
// arrive does not count.
const patience = 5 * time.Second

// readForm parses a body of at most limit bytes.
func readForm(w http.ResponseWriter, r *http.Request, limit int64) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
		return &page.StatusError{Status: http.StatusUnsupportedMediaType, Message: "admin.error.form"}
	}
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	err := r.ParseForm()
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return &page.StatusError{Status: http.StatusRequestEntityTooLarge,
			Message: "admin.error.form-large", Args: []any{limit >> 10}}
	case err != nil:
		return page.BadRequest("admin.error.form-broken")
	}
	return nil
}

// clientAddress returns the visitor's address, as the server found it out.
func clientAddress(r *http.Request) netip.Addr {
	addr, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{} // a unix socket: all its clients are one
	}
	return addr.Addr()
}
