package browsertest_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// stepTimeout bounds every single thing that a test asks of the browser.
const stepTimeout = 20 * time.Second

// tab is a tab of a visitor's browser, in which the tests see and do what a
// person does.
type tab struct {
	t    *testing.T
	ctx  context.Context
	blog *blog
	*record
}

// visitor returns a tab of somebody who has never been here: it shares no
// cookie, cache or history with any other visitor's.
func (b *blog) visitor(t *testing.T) *tab {
	t.Helper()
	return b.tab(t, browser(t), chromedp.WithNewBrowserContext())
}

func (b *blog) tab(t *testing.T, parent context.Context, option chromedp.ContextOption) *tab {
	t.Helper()
	p := &tab{t: t, blog: b, record: &record{}}
	ctx, cancel := chromedp.NewContext(parent, option, chromedp.WithListener(p.listen))
	p.ctx, p.record.ctx = ctx, ctx
	t.Cleanup(cancel)
	// The first step must not have a timeout: the tab lives as long as its context.
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 800)); err != nil {
		t.Fatalf("opening a tab: %v", err)
	}
	call(p, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	call(p, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: reportViolations})
	p.media("")
	return p
}

// signedIn returns a tab of the blog's owner, who has signed in before.
func (b *blog) signedIn(t *testing.T) *tab {
	t.Helper()
	return b.signedInWith(t, b.owner(t))
}

func (b *blog) signedInWith(t *testing.T, id int64) *tab {
	t.Helper()
	token, err := b.accounts.StartSession(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	p := b.visitor(t)
	call(p, network.SetCookie, network.SetCookieParams{
		Name: "broadsheet_session", Value: token, URL: b.url + "/admin", Path: "/admin", HTTPOnly: new(true),
	})
	return p
}

// withoutScript switches JavaScript off for all that is opened from now on.
func (p *tab) withoutScript() *tab {
	p.t.Helper()
	call(p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	return p
}

// withScript switches it on again.
func (p *tab) withScript() {
	p.t.Helper()
	call(p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{})
}

// open opens a page of the blog, which must answer with this status.
func (p *tab) open(path string, status int64) {
	p.t.Helper()
	p.load(status, chromedp.Navigate(p.blog.url+path), "opening "+path)
}

// click presses what leads to another page, which must answer with this status.
func (p *tab) click(selector string, status int64) {
	p.t.Helper()
	p.load(status, p.pressing(selector), "pressing "+selector)
}

// pressEnter sends the form whose field has the focus.
func (p *tab) pressEnter(status int64) {
	p.t.Helper()
	p.load(status, chromedp.KeyEvent("\r"), "pressing Enter")
}

func (p *tab) load(status int64, action chromedp.Action[chromedp.Void], what string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, stepTimeout)
	defer cancel()
	response, err := chromedp.RunResponse(ctx, action)
	if err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
	var got int64
	if response != nil {
		got = response.Status
	} else { // the browser had fetched the page when its link was pointed at
		got = js[int64](p, `() => performance.getEntriesByType("navigation")[0].responseStatus`)
	}
	if got == 304 {
		got = 200 // the page is the one that the browser has
	}
	if got != status {
		p.t.Fatalf("%s: got status %d at %s, want %d; the page says:\n%.600s", what, got, p.path(), status, p.text("main"))
	}
}

// step does what leads to no other page.
func (p *tab) step(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, stepTimeout)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		p.t.Fatalf("at %s: %v", p.path(), err)
	}
}

// press presses what leads to no other page.
func (p *tab) press(selector string) {
	p.t.Helper()
	p.step(p.pressing(selector))
}

// pressing moves the mouse to the first such element and presses its button.
// (chromedp's own Click finds nothing in a page that the browser had kept for
// the back button.)
func (p *tab) pressing(selector string) chromedp.Action[chromedp.Void] {
	p.t.Helper()
	at := p.find(selector)
	// What was typed just before may scroll the page yet.
	for later := p.find(selector); !slices.Equal(at, later); later = p.find(selector) {
		at = later
	}
	return chromedp.MouseClickXY(at[0], at[1])
}

// find scrolls to the first such element and returns the place of its middle,
// two frames later.
func (p *tab) find(selector string) []float64 {
	p.t.Helper()
	var at []float64
	// While one page turns into the next, pictures may cover them.
	for tries := 0; len(at) == 0 && tries < 50; tries++ {
		p.step(chromedp.Sleep(40 * time.Millisecond))
		at = js[[]float64](p, `selector => {
			const element = document.querySelector(selector)
			if (!element?.checkVisibility()) return []
			element.scrollIntoView({ behavior: "instant", block: "center" })
			const box = element.getClientRects()[0]
			const x = box.x + box.width / 2, y = box.y + box.height / 2
			return element.contains(document.elementFromPoint(x, y)) ? [x, y] : []
		}`, selector)
	}
	if len(at) == 0 {
		p.t.Fatalf("at %s: there is no %s to press, or something covers it", p.path(), selector)
	}
	return at
}

// resize makes the window that many pixels wide.
func (p *tab) resize(width int64) {
	p.t.Helper()
	p.step(chromedp.EmulateViewport(width, 800))
}

// fill types into a field, over what stands there.
func (p *tab) fill(name, text string) {
	p.t.Helper()
	// With JavaScript an editor stands in the place of the text's field.
	if js[bool](p, `name => {
		const field = document.querySelector("main [name=" + name + "]:not([hidden])")
		if (field) { field.focus(); field.select() } else document.getElementById(name).focus()
		return !field
	}`, name) {
		p.step(chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	}
	call(p, input.InsertText, input.InsertTextParams{Text: text})
}

// pick sets a field of a kind that everybody operates differently, such as a
// date, as its picker does.
func (p *tab) pick(name, value string) {
	p.t.Helper()
	if got := js[string](p, `(name, value) => { const field = document.querySelector("main [name=" + name + "]"); field.value = value; return field.value }`, name, value); got != value {
		p.t.Fatalf("picking %q for %s: got %q", value, name, got)
	}
}

// back presses the browser's back button, which must lead to this address.
func (p *tab) back(path string) {
	p.t.Helper()
	history := call(p, page.GetNavigationHistory, cdp.Empty{})
	entry := history.Entries[history.CurrentIndex-1]
	ctx, cancel := context.WithTimeout(p.ctx, stepTimeout)
	defer cancel()
	// A page that the browser has kept as it was is never loaded again.
	_, err := chromedp.Run(ctx, chromedp.WaitEvent(page.FrameNavigated, nil, chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: entry.ID})
		return err
	})))
	if err != nil {
		p.t.Fatalf("going back to %s: %v", path, err)
	}
	p.until(`() => document.readyState === "complete"`)
	p.wantPath(path)
}

// until waits for a condition.
func (p *tab) until(condition string) {
	p.t.Helper()
	deadline := time.After(stepTimeout)
	for !js[bool](p, condition) {
		select {
		case <-deadline:
			p.t.Fatalf("at %s: never got %s", p.path(), condition)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// clickNewTab presses what opens another tab, and returns that tab.
func (p *tab) clickNewTab(selector string) *tab {
	p.t.Helper()
	opened := chromedp.WaitNewTarget(p.ctx, func(info *target.Info) bool { return strings.HasPrefix(info.URL, p.blog.url) })
	p.press(selector)
	select {
	case id := <-opened:
		other := p.blog.tab(p.t, p.ctx, chromedp.WithTargetID(id))
		other.until(`() => document.readyState === "complete"`)
		return other
	case <-time.After(stepTimeout):
		p.t.Fatalf("pressing %s: no tab was opened", selector)
		return nil
	}
}
