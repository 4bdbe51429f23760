package browsertest_test

import (
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
)

// stopTurning notes how a page came, and stops the turning of one page into the
// next half-way.
const stopTurning = `addEventListener("pagereveal", (event) => {
	window.turning = Boolean(event.viewTransition)
	event.viewTransition?.ready.then(() => {
		const animations = document.getAnimations().filter(a => a.effect.pseudoElement?.startsWith("::view-transition"))
		window.parts = animations.map(a => a.effect.pseudoElement)
		for (const animation of animations) animation.pause()
	})
})`

// TestPagesTurn shows that the title of a card turns into that of its post, and
// that who presses something meanwhile has not pressed in vain.
func TestPagesTurn(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.fill(t, 3)
	p := b.visitor(t)
	p.media("", "prefers-reduced-motion", "no-preference")
	call(p, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: stopTurning})
	const title = "::view-transition-group(title)"
	var parts []string
	// A browser that is kept busy may draw the page before it has read the title.
	for tries := 0; tries < 10 && !slices.Contains(parts, title); tries++ {
		p.open("/", 200)
		p.click(".card:nth-child(2) .card-title a", 200)
		p.wantPath("/posts/story-2")
		p.until(`() => window.parts?.length > 0`)
		parts = js[[]string](p, `() => window.parts`)
	}
	if !slices.Contains(parts, title) {
		t.Errorf("got the parts %q, want the title among them", parts)
	}
	p.click(".neighbour-newer", 200)
	p.wantPath("/posts/story-3")

	p.media("")
	p.open("/", 200)
	p.click(".card:nth-child(2) .card-title a", 200)
	p.until(`() => document.readyState === "complete"`)
	if js[bool](p, `() => window.turning`) {
		t.Error("the page turns for somebody who wants nothing to move")
	}
}

// TestPagesInAdvance shows that pointing at a link brings its page before it is
// pressed, where that is a page for readers.
func TestPagesInAdvance(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.fill(t, 3)
	p := b.visitor(t)
	p.open("/", 200)
	p.hover(".menu a[href='/search']")
	p.until(`() => document.querySelector(".menu a[href='/search']").matches(":hover")`)
	p.hover(".card:nth-child(2) .card-title a")
	asked := func(path string) bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return slices.Contains(p.requests, b.url+path)
	}
	for deadline := time.After(stepTimeout); !asked("/posts/story-2"); {
		select {
		case <-deadline:
			t.Fatal("the page was not asked for when its link was pointed at")
		case <-time.After(20 * time.Millisecond):
		}
	}
	p.checkQuiet()
	p.click(".card:nth-child(2) .card-title a", 200)
	p.wantTexts("h1", "Story 2")
	if got := js[string](p, delivery); got != "navigational-prefetch" {
		t.Errorf("got the page by %q, want the one that was there before", got)
	}
	p.hover(".menu a[href='/search']")
	p.click(".menu a[href='/search']", 200)
	if got := js[string](p, delivery); got != "" {
		t.Errorf("got a search by %q, want it asked for when it is pressed", got)
	}
}

// delivery says how a page came.
const delivery = `() => performance.getEntriesByType("navigation")[0].deliveryType`

// hover points at something.
func (p *tab) hover(selector string) {
	p.t.Helper()
	at := p.find(selector)
	call(p, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: input.DispatchMouseEventTypeMouseMoved, X: at[0], Y: at[1]})
}
