package browsertest_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
)

// text returns what a person can read of the first such element, "" when
// there is none.
func (p *tab) text(selector string) string {
	p.t.Helper()
	return js[string](p, `selector => document.querySelector(selector)?.innerText ?? ""`, selector)
}

// texts is text for all such elements.
func (p *tab) texts(selector string) []string {
	p.t.Helper()
	return js[[]string](p, `selector => [...document.querySelectorAll(selector)].map(e => e.innerText)`, selector)
}

// path returns the address without the host.
func (p *tab) path() string {
	p.t.Helper()
	return js[string](p, `() => location.pathname + location.search`)
}

// want checks that the page says so.
func (p *tab) want(texts ...string) {
	p.t.Helper()
	got := strings.Join(strings.Fields(p.text("body")), " ")
	for _, text := range texts {
		if !strings.Contains(got, text) {
			p.t.Errorf("%s: want %q on the page, got:\n%.2000s", p.path(), text, got)
		}
	}
}

// wantTexts checks the texts of all such elements.
func (p *tab) wantTexts(selector string, want ...string) {
	p.t.Helper()
	if got := p.texts(selector); !slices.Equal(got, want) {
		p.t.Errorf("%s: got %s %q, want %q", p.path(), selector, got, want)
	}
}

// wantPath checks the address.
func (p *tab) wantPath(want string) {
	p.t.Helper()
	if got := p.path(); got != want {
		p.t.Errorf("got address %q, want %q", got, want)
	}
}

// wantFocus waits until the element of this id has the keyboard's focus: the
// browser gives autofocus with the first frame that it draws, which may be
// after the page has loaded.
func (p *tab) wantFocus(id string) {
	p.t.Helper()
	var got string
	for deadline := time.Now().Add(stepTimeout); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if got = js[string](p, `() => document.activeElement?.id ?? ""`); got == id {
			return
		}
	}
	p.t.Errorf("%s: got focus on %q, want it on %q", p.path(), got, id)
}

// cookies returns the names of all cookies of this visitor.
func (p *tab) cookies() []string {
	p.t.Helper()
	c := chromedp.FromContext(p.ctx)
	result, err := chromedp.CallBrowser(p.ctx, storage.GetCookies, storage.GetCookiesParams{BrowserContextID: c.BrowserContextID})
	if err != nil {
		p.t.Fatalf("asking for cookies: %v", err)
	}
	var names []string
	for _, cookie := range result.Cookies {
		names = append(names, cookie.Name)
	}
	return names
}

// js calls a JavaScript function in the page. It works where the page itself
// may run none.
func js[T any](p *tab, function string, args ...any) T {
	p.t.Helper()
	encoded := make([]string, len(args))
	for i, arg := range args {
		text, err := json.Marshal(arg)
		if err != nil {
			p.t.Fatal(err)
		}
		encoded[i] = string(text)
	}
	ctx, cancel := context.WithTimeout(p.ctx, stepTimeout)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T]("("+function+")("+strings.Join(encoded, ",")+")"))
	if err != nil {
		p.t.Fatalf("%s: %v", function, err)
	}
	return value
}
