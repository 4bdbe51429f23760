package browsertest_test

import (
	_ "embed"
	"net/url"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/emulation"
)

// TestReaderPages looks at every kind of page that readers see.
func TestReaderPages(t *testing.T) {
	t.Parallel()
	b := gallery(t)
	p := b.visitor(t)
	for _, k := range b.readerPages(t) {
		p.check(k, map[string]int{"main": 1, "body > header": 1, "body > footer": 1, "nav": 0})
	}
	if got := p.cookies(); len(got) > 0 {
		t.Errorf("got cookies %q, want none for readers", got)
	}
}

// TestAuthorPages looks at every kind of page that authors see.
func TestAuthorPages(t *testing.T) {
	t.Parallel()
	b := gallery(t)
	p := b.signedIn(t)
	for _, k := range b.authorPages(t) {
		p.check(k, map[string]int{"main": 1, "body > header": 1, "nav": 0})
	}
}

// TestSignedOutPages looks at the pages by which authors come in.
func TestSignedOutPages(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	code, err := b.accounts.NewSetUpCode(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p := b.visitor(t)
	landmarks := map[string]int{"main": 1, "body > header": 1}
	for _, k := range signedOutPages("/admin/setup?code=" + code) {
		p.check(k, landmarks)
	}
	b.owner(t)
	p.check(kind{"sign-in", at("/admin/login", 200)}, landmarks)
	p.check(kind{"sign-in, refused", func(p *tab) {
		p.open("/admin/login", 200)
		p.fill("email", email)
		p.fill("password", "incorrect horse")
		p.click("main .primary", 422)
	}}, landmarks)
}

// check shows a page and looks at all that every page must be.
func (p *tab) check(k kind, landmarks map[string]int) {
	p.t.Helper()
	p.t.Run(k.name, func(t *testing.T) {
		outer := p.t
		p.t = t
		defer func() { p.t = outer }()
		p.resize(1280)
		k.show(p)
		p.checkQuiet()
		p.checkWidths()
		p.checkSchemes(landmarks)
	})
}

// checkQuiet checks that nothing was asked of another host, and that the
// browser found nothing to complain of.
func (p *tab) checkQuiet() {
	p.t.Helper()
	requests, messages, dialogs := p.take()
	for _, address := range requests {
		if u, err := url.Parse(address); err != nil || u.Scheme != "data" && u.Scheme+"://"+u.Host != p.blog.url {
			p.t.Errorf("got a request for %s, want none that leaves the blog", address)
		}
	}
	if len(requests) == 0 {
		p.t.Error("got no requests at all: nothing was recorded")
	}
	for _, message := range messages {
		p.t.Errorf("got %q on the console, want nothing", message)
	}
	for _, dialog := range dialogs {
		p.t.Errorf("got a dialog %q, want none", dialog)
	}
}

// widths are a small phone, a phone, a tablet, a laptop and a large screen.
var widths = []int64{320, 390, 768, 1280, 1920}

// checkWidths checks that the page never has to be scrolled sideways.
func (p *tab) checkWidths() {
	p.t.Helper()
	for _, width := range widths {
		p.resize(width)
		wide := js[[]string](p, `() => {
			const page = document.scrollingElement
			if (page.scrollWidth <= page.clientWidth) return []
			return [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > page.clientWidth + 1)
				.map(e => e.outerHTML.slice(0, 120)).slice(0, 8)
		}`)
		if len(wide) > 0 {
			p.t.Errorf("%d pixels wide: the page is wider, for %q", width, wide)
		}
	}
}

//go:embed testdata/audit.js
var audit string

// checkSchemes audits the page in light and in dark, on a phone and on a laptop.
func (p *tab) checkSchemes(landmarks map[string]int) {
	p.t.Helper()
	grounds := map[string]string{}
	for _, scheme := range []string{"light", "dark"} {
		p.media("", "prefers-color-scheme", scheme)
		grounds[scheme] = js[string](p, `() => getComputedStyle(document.documentElement).backgroundColor`)
		var said []string
		for _, width := range []int64{390, 1280} {
			p.resize(width)
			for _, finding := range js[[]string](p, audit, landmarks) {
				if !slices.Contains(said, finding) {
					p.t.Errorf("%s, %d pixels wide: %s", scheme, width, finding)
					said = append(said, finding)
				}
			}
		}
	}
	if grounds["light"] == grounds["dark"] {
		p.t.Errorf("got ground %s in light and in dark", grounds["light"])
	}
	p.media("")
}

// media makes the browser one of that type ("print", "" for a screen) with
// features given as names and values. Nothing moves, unless they say so: what
// moves is in no test's way.
func (p *tab) media(kind string, features ...string) {
	p.t.Helper()
	params := emulation.SetEmulatedMediaParams{
		Media: kind, Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}},
	}
	for i := 0; i < len(features); i += 2 {
		params.Features = append(params.Features, &emulation.MediaFeature{Name: features[i], Value: features[i+1]})
	}
	call(p, emulation.SetEmulatedMedia, params)
}
