package browsertest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"broadsheet/internal/posts"
)

// focus describes what has the keyboard's focus.
type focus struct {
	Element string // "" for the page itself
	Ring    bool   // whether a ring of 2 pixels or more is drawn around it
	InView  bool
}

// focus also marks the element as reached.
func (p *tab) focus() focus {
	p.t.Helper()
	return js[focus](p, `() => {
		const e = document.activeElement
		if (e === document.body) return { Element: "", Ring: false, InView: false }
		e.reached = true
		const style = getComputedStyle(e), box = e.getBoundingClientRect()
		return {
			Element: e.outerHTML.slice(0, 120),
			// In a date, the browser itself draws one around each part.
			Ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 || e.type === "datetime-local",
			InView: box.bottom > 0 && box.top < innerHeight && box.width > 1 && box.height > 1,
		}
	}`)
}

func (p *tab) key(key string) {
	p.t.Helper()
	p.step(chromedp.KeyEvent(key))
}

// TestKeyboard walks through pages with the tab key: what has the focus is
// always to be seen, and all that can be pressed is reached.
func TestKeyboard(t *testing.T) {
	t.Parallel()
	b := gallery(t)
	p := b.signedIn(t)
	for _, path := range []string{"/", "/posts/everything", "/admin/posts/new", "/admin/settings"} {
		p.open(path, 200)
		js[bool](p, `() => { document.documentElement.style.scrollBehavior = "auto"; return true }`)
		const unreached = `() => [...document.querySelectorAll("a[href], button, input:not([type=hidden], :disabled), textarea, summary, [tabindex='0']")]
			.filter(e => e.tabIndex >= 0 && e.checkVisibility() && !e.reached).map(e => e.outerHTML.slice(0, 120))`
		if path == "/admin/posts/new" {
			p.wantFocus("title")
		}
		p.focus()                                       // where the page itself put it
		for range len(js[[]string](p, unreached)) + 8 { // a date has several stops
			p.key("\t")
			if f := p.focus(); f.Element != "" && (!f.Ring || !f.InView) {
				t.Errorf("%s: got focus on %s with ring %t, in view %t, want both", path, f.Element, f.Ring, f.InView)
			}
		}
		if left := js[[]string](p, unreached); len(left) > 0 {
			t.Errorf("%s: the tab key does not reach %q", path, left)
		}
	}
}

func TestSkipLink(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.fill(t, 2)
	p := b.signedIn(t)
	for _, path := range []string{"/", "/posts/story-1", "/admin/posts"} {
		p.open(path, 200)
		hidden := js[float64](p, `() => document.querySelector(".skip").getBoundingClientRect().bottom`)
		p.key("\t")
		shown := js[float64](p, `() => document.activeElement.matches(".skip") ? document.activeElement.getBoundingClientRect().top : -1`)
		if hidden > 0 || shown < 0 {
			t.Errorf("%s: got the skip link ending at %v before the first tab key and beginning at %v after, want it out of view and then in view", path, hidden, shown)
		}
		p.key("\r")
		p.wantFocus("main")
		p.key("\t")
		if !js[bool](p, `() => document.querySelector("main").contains(document.activeElement)`) {
			t.Errorf("%s: got focus on %s after the skip link, want it in main", path, p.focus().Element)
		}
	}
}

// TestPrint checks that paper gets the text, and nothing to press.
func TestPrint(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.fill(t, 12)
	p := b.visitor(t)
	p.media("print", "prefers-color-scheme", "dark")
	shown := `selector => [...document.querySelectorAll(selector)].filter(e => e.checkVisibility()).map(e => e.outerHTML.slice(0, 80))`
	for _, path := range []string{"/", "/posts/story-2", "/search?q=text"} {
		p.open(path, 200)
		if got := js[[]string](p, shown, "nav, form, button, .skip"); len(got) > 0 {
			t.Errorf("%s: got %q on paper, want no navigation", path, got)
		}
		if got := js[[]string](p, shown, "h1, .site-name, .prose, .hit-text"); len(got) < 3 {
			t.Errorf("%s: got only %q on paper, want name, title and text", path, got)
		}
		if got := js[string](p, `() => getComputedStyle(document.documentElement).backgroundColor`); got != "rgb(255, 255, 255)" {
			t.Errorf("%s: got ground %s on paper, want white", path, got)
		}
	}
}

// Paper does not scroll: what a table's box hides on a screen would be lost.
func TestWideTablesOnPaper(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	table := func(row ...string) string {
		line := "| " + strings.Join(row, " | ") + " |\n"
		return line + strings.Repeat("| --- ", len(row)) + "|\n" + strings.Repeat(line, 3) + "\n"
	}
	paper := []string{"Beispiel-Nachrichten", "Founded", "Broadsheet", "Language", "Saint-Étienne", "Published", "Columns", "Circulation"}
	b.save(t, posts.Draft{Title: "Tables", Markdown: table(paper...) + table(slices.Repeat(paper, 2)...)})
	p := b.visitor(t)
	p.media("print")
	p.resize(643) // A4 without its margins
	p.open("/posts/tables", 200)
	const over = `() => [...document.querySelectorAll("table")].map(table => Math.round(
		table.getBoundingClientRect().right - document.querySelector(".prose").getBoundingClientRect().right))`
	if diff := cmp.Diff([]int{0, 0}, js[[]int](p, over)); diff != "" {
		t.Errorf("pixels that tables stand beyond the text (-want +got):\n%s", diff)
	}
}
