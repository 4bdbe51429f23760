package browsertest_test

import (
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"broadsheet/internal/posts"
)

const chosenTags = `() => [...document.querySelectorAll(".chips li span")].map(chip => chip.textContent)`

// sent returns what the form would send of a field.
func (p *tab) sent(name string) string {
	p.t.Helper()
	return js[string](p, `name => new FormData(document.querySelector("form.editor")).get(name)`, name)
}

func TestTagsAreSuggested(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.save(t, posts.Draft{Title: "One", Markdown: "One", Tags: []string{"Golang", "golden hour", "web design"}, PublishedAt: time.Now().Add(-time.Hour)})
	post := b.save(t, posts.Draft{Title: "Two", Markdown: "Two", Tags: []string{"birds"}, Status: posts.StatusDraft})
	p := b.signedIn(t)
	p.open(editPath(post), 200)
	open := `() => document.querySelector("#tags").ariaExpanded === "true"`

	// By keyboard: what is chosen is told by aria-activedescendant.
	p.press("label[for=tags]")
	p.typed("go")
	p.until(open)
	p.key(kb.ArrowDown)
	p.key(kb.ArrowDown)
	if got := js[string](p, `() => document.getElementById(document.activeElement.getAttribute("aria-activedescendant")).innerText`); got != "Golang 1 post" && got != "golden hour 1 post" {
		t.Errorf("got %q chosen", got)
	}
	p.key(kb.ArrowUp)
	p.key(kb.Enter)
	// What is new is made; a comma ends a tag.
	p.typed("Herons")
	p.until(`() => document.querySelector(".suggestions").innerText.includes("Create “Herons”")`)
	p.key(kb.Escape)
	if js[bool](p, open) {
		t.Error("the list is open after Escape")
	}
	p.typed(", Webdesign, Herons,")
	first := js[[]string](p, chosenTags)
	if len(first) != 4 || first[0] != "birds" || first[2] != "Herons" || first[3] != "Webdesign" {
		t.Errorf("got tags %q", first)
	}
	// What is nearly the same as another tag is said, and can be exchanged for it.
	p.until(`() => document.querySelector(".alike").innerText.includes("Webdesign is nearly the same as web design (1 post)")`)
	p.press(".alike button")
	p.until(`() => document.querySelector(".alike").innerText === ""`)
	// The last one can be taken back; any can be removed.
	p.key(kb.Backspace)
	p.typed("s")
	p.press(".chips li:first-child button")
	p.saved()
	if got, want := p.sent("tags"), first[1]+", Herons, web designs"; got != want {
		t.Errorf("got %q to send, want %q", got, want)
	}
	p.click("[value=save]", 200)
	stored, err := b.posts.Get(t.Context(), post.ID)
	if err != nil || !slices.Equal(stored.Tags, []string{first[1], "Herons", "web designs"}) {
		t.Errorf("got %q stored, %v", stored.Tags, err)
	}

	// By pointer, on a phone.
	p.resize(360)
	p.open(editPath(post), 200)
	p.press("#tags")
	p.typed("bir")
	p.until(open)
	p.press(".suggestions li")
	if got := js[[]string](p, chosenTags); len(got) != 4 || got[3] != "birds" {
		t.Errorf("got tags %q", got)
	}
	if got := js[int](p, `() => document.documentElement.scrollWidth`); got > 360 {
		t.Errorf("got a page %d pixels wide on a screen of 360", got)
	}
	p.wantQuiet()
}
