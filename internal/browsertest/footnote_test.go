package browsertest_test

import (
	"testing"
	"time"

	"broadsheet/internal/posts"
)

// TestFootnotes opens a note beside its mark, and leaves it in its list for
// print.
func TestFootnotes(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.save(t, posts.Draft{Title: "Notes", Markdown: "Text.[^1] More.[^2]\n\n[^1]: The first note.\n[^2]: The second note.\n", PublishedAt: time.Now().Add(-time.Hour)})
	p := b.visitor(t).withoutScript()
	open := `() => [...document.querySelectorAll(".footnotes li:popover-open")].map(e => e.innerText.trim()).join()`
	shown := `() => [...document.querySelectorAll(".footnotes li, .footnotes li p")].every(e => e.checkVisibility() && getComputedStyle(e).position === "static")`
	for _, width := range []int64{1280, 390} {
		p.resize(width)
		p.open("/posts/notes", 200)
		if !js[bool](p, shown) {
			t.Fatalf("%d wide: the notes do not stand in their list", width)
		}
		p.press(".footnote-ref:nth-of-type(2) button")
		if got := js[string](p, open); got != "The second note." {
			t.Errorf("%d wide: got %q opened, want the second note alone", width, got)
		}
		inside := `() => { const box = document.querySelector("li:popover-open").getBoundingClientRect(), mark = document.querySelector(".footnote-ref:nth-of-type(2)").getBoundingClientRect()
			return box.left >= 0 && box.right <= innerWidth && box.top >= 0 && box.bottom <= innerHeight && (box.top >= mark.bottom - 1 || box.bottom <= mark.top + 1) }`
		if !js[bool](p, inside) {
			t.Errorf("%d wide: the note is not wholly in sight beside its mark", width)
		}
		p.key("\x1b")
		if got := js[string](p, open); got != "" || !js[bool](p, shown) {
			t.Errorf("%d wide: got %q open after Escape, want the notes back in their list", width, got)
		}
	}
	if got := js[int](p, `() => [...document.querySelectorAll(".footnote-ref > *")].filter(e => e.checkVisibility()).length`); got != 2 {
		t.Errorf("got %d controls for two marks, want one each", got)
	}

	p.media("print")
	if got := js[int](p, `() => [...document.querySelectorAll(".footnote-ref > a")].filter(e => e.checkVisibility()).length`); got != 2 {
		t.Errorf("got %d numbers of notes on paper, want 2", got)
	}
}
