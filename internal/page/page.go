// Package page is what every page shares: its frame, typed templates, the
// response rules and the one place where errors become status pages.
package page

import (
	"context"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"broadsheet/internal/accounts"
	"broadsheet/internal/posts"
	"broadsheet/internal/sharecard"
	"broadsheet/internal/site"
	"broadsheet/internal/texts"
)

// Base is what the layout shows; every page struct embeds it.
type Base struct {
	Site        site.Settings
	BaseURL     string         // scheme and host, without a slash at the end
	Title       string         // of the document; "" on the front page
	Description string         // plain text; "" for the site's tagline
	Language    string         // of the page, BCP 47; "" for the site's
	Canonical   string         // absolute; "" for none
	Robots      string         // such as "noindex"; "" for none
	Front       bool           // whether it is the front page
	Feed        string         // path of the feeds of the page's posts, without their forms: "/tags/go/feed"; "" for none of its own
	FeedQuery   string         // what stands behind the forms: "?q=go"
	Meta        *Metadata      // for programs; nil for none
	SignedIn    *accounts.User // on admin pages
	Flash       string         // what the last action did, on admin pages

	frame *frame // nil in tests
}

// Metadata is what a page's head says to programs besides what readers see.
type Metadata struct {
	Data     any      // linked data, of which the layout makes JSON
	Markdown string   // path of the page's text as Markdown, "" for none
	Authors  []string // absolute addresses of those who wrote an article
}

func (b Base) base() Base { return b }

// Lang returns the language of the page.
func (b Base) Lang() string {
	if b.Language != "" {
		return b.Language
	}
	return b.Site.Language
}

// Text returns a text of the program in the language of the page; see package
// texts.
func (b Base) Text(key string, args ...any) string { return texts.In(b.Lang()).Text(key, args...) }

// Date writes a day in the site's time zone, as a person reads it.
func (b Base) Date(t time.Time) string { return texts.In(b.Lang()).Date(b.local(t)) }

// ISO writes a moment for a datetime attribute (RFC 3339), with the offset of
// the site's time zone.
func (b Base) ISO(t time.Time) string { return b.local(t).Format(time.RFC3339) }

func (b Base) local(t time.Time) time.Time { return t.In(b.Zone()) }

// Zone returns the site's time zone.
func (b Base) Zone() *time.Location {
	if b.frame == nil {
		return time.UTC
	}
	return b.frame.zone
}

// ShareImage is the picture that stands for a page where its address is shared.
type ShareImage struct {
	URL           string // absolute
	Alt           string // "" where nobody wrote it
	Width, Height int    // in pixels; 0 where that is not known
}

// ShareImage returns the picture of the site.
func (b Base) ShareImage() ShareImage {
	return ShareImage{URL: b.BaseURL + "/card.png", Alt: b.Site.Title, Width: sharecard.Width, Height: sharecard.Height}
}

// SearchForm is what the search form shows.
type SearchForm struct{ Lang, Query string }

// SearchForm returns the search form of a page with what was searched for.
func (b Base) SearchForm(query string) SearchForm { return SearchForm{b.Lang(), query} }

// Pages makes pages: it has what they share.
type Pages struct {
	site    *site.Store
	posts   *posts.Store
	baseURL string
	log     *slog.Logger
	last    atomic.Pointer[frame] // for error pages while the database is away

	// The settings in memory, once somebody says when they change.
	current atomic.Pointer[frame]
	mu      sync.Mutex
	told    bool
	changes int // so that settings read before a change are not kept after it
}

// frame is the settings with what is made of them: their time zone, which is
// read from disk, and the parts of the layout that many pages share.
type frame struct {
	settings site.Settings
	zone     *time.Location
	parts    sync.Map // of HTML, by part
}

// New returns Pages whose absolute addresses begin with baseURL.
func New(site *site.Store, posts *posts.Store, baseURL *url.URL, log *slog.Logger) *Pages {
	return &Pages{site: site, posts: posts, baseURL: strings.TrimSuffix(baseURL.String(), "/"), log: log}
}

// BaseURL returns scheme and host of the blog, without a slash at the end.
func (p *Pages) BaseURL() string { return p.baseURL }

// Base returns the base of a page with the site's settings.
func (p *Pages) Base(ctx context.Context) (Base, error) {
	if f := p.current.Load(); f != nil {
		return p.of(f), nil
	}
	p.mu.Lock()
	before := p.changes
	p.mu.Unlock()
	settings, err := p.site.Get(ctx)
	if err != nil {
		return Base{}, err
	}
	f := p.last.Load()
	if f == nil || f.settings != settings {
		f = &frame{settings: settings, zone: settings.Location()}
		p.last.Store(f)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.told && p.changes == before {
		p.current.Store(f)
	}
	return p.of(f), nil
}

// Reset forgets the settings, and has them kept from now on: every change will
// be told.
func (p *Pages) Reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.told = true
	p.changes++
	p.current.Store(nil)
}

// Changed forgets the settings when they are among what was touched.
func (p *Pages) Changed(keys []string) {
	if slices.Contains(keys, "*") {
		p.Reset()
	}
}

// LastBase is the base with the settings last seen, for pages while the
// database is away: it asks nobody.
func (p *Pages) LastBase() Base {
	if f := p.last.Load(); f != nil {
		return p.of(f)
	}
	return p.of(&frame{settings: site.Default, zone: time.UTC})
}

func (p *Pages) of(f *frame) Base {
	return Base{Site: f.settings, BaseURL: p.baseURL, frame: f}
}

type requestIDKey struct{}

// WithRequestID returns a context that knows the id of its request.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

// RequestID returns the id of the request, "" when there is none.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}
