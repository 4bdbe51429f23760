package browsertest_test

import (
	"slices"
	"strings"
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

// TestBrokenLinksAreListed publishes a post with links that lead nowhere.
func TestBrokenLinksAreListed(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.save(t, posts.Draft{Title: "Herons", Markdown: "x", PublishedAt: time.Now().Add(-time.Hour)})
	post := b.save(t, posts.Draft{Title: "Geese", Markdown: "See\n\n[this](/posts/nothing), [that](#no-part), [herons](/posts/herons).", Status: posts.StatusDraft})
	p := b.signedIn(t)
	p.open(editPath(post), 200)
	p.press("[value=publish]")
	p.until(`() => document.querySelector(".unfinished").open`)
	p.wantTexts(".unfinished li button", "A link to /posts/nothing in line 3", "A link to #no-part in line 3")
	p.press(".unfinished li:nth-child(1) button")
	if got := js[string](p, `() => getSelection().toString()`); got != "/posts/nothing" {
		t.Errorf("got %q selected, want the link", got)
	}
	p.typed("/posts/herons")
	p.press("[value=publish]")
	p.until(`() => document.querySelector(".unfinished").open`)
	p.wantTexts(".unfinished li button", "A link to #no-part in line 3")
	p.click(".unfinished .primary", 200)
	p.want("Published.", "A link does not lead where it says")
	// What is right is published at once.
	p.fill("markdown", "[herons](/posts/herons)")
	p.click("[value=save]", 200)
	p.want("Updated.")
	p.wantQuiet()
}

// TestLinkToAPost finds a post by its title, from the toolbar and while typing.
func TestLinkToAPost(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.save(t, posts.Draft{Title: "Grey [herons]", Markdown: "x", PublishedAt: time.Now().Add(-time.Hour)})
	post := b.save(t, posts.Draft{Title: "Geese", Markdown: "See ", Status: posts.StatusDraft})
	p := b.signedIn(t)
	p.open(editPath(post), 200)
	offered := `() => document.querySelector(".cm-tooltip-autocomplete")?.innerText.includes("Grey [herons]") === true`
	p.toEnd()
	p.press(`[aria-label="Link to a post"]`)
	p.typed("grey")
	p.until(offered)
	p.until(`() => document.querySelectorAll(".cm-tooltip-autocomplete li").length === 1`)
	p.press(".cm-tooltip-autocomplete li")
	p.wantSource(`See [Grey \[herons\]](/posts/grey-herons)`)
	p.typed(", [them](her")
	p.until(offered)
	p.press(".cm-tooltip-autocomplete li")
	p.wantSource(`See [Grey \[herons\]](/posts/grey-herons), [them](/posts/grey-herons)`)

	// The field of the translation.
	p.press("details:has(#translation_of) summary")
	p.press("#translation_of")
	p.typed("gre")
	p.until(`() => document.querySelector("#translation_of").ariaExpanded === "true"`)
	p.key(kb.ArrowDown)
	p.key(kb.Enter)
	if got := p.sent("translation_of"); got != "/posts/grey-herons" {
		t.Errorf("got %q as the translation's address", got)
	}
	p.wantQuiet()
}

// TestSharedLook shows the search result and the picture of what is typed.
func TestSharedLook(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	post := b.save(t, posts.Draft{Title: "Geese", Markdown: "They graze.", Status: posts.StatusDraft})
	p := b.signedIn(t)
	p.open(editPath(post), 200)
	p.press("details:has(#meta_title) summary")
	p.until(`() => document.querySelector(".shared-look img").naturalWidth === 1200`)
	p.until(`() => document.querySelector(".result-text").innerText === "They graze."`)
	first := js[string](p, `() => document.querySelector(".shared-look img").src`)
	p.fill("title", "Herons")
	p.fill("meta_description", strings.Repeat("Quite a long text. ", 12))
	p.until(`() => document.querySelector(".result-title").innerText.startsWith("Herons ·") && document.querySelector(".result-text").innerText.endsWith("…")`)
	p.until(`() => document.querySelector(".shared-look img").naturalWidth === 1200`)
	if js[string](p, `() => document.querySelector(".shared-look img").src`) == first {
		t.Error("the picture is that of the title before")
	}
	p.wantQuiet()
}
