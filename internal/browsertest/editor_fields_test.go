package browsertest_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
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
	p.until(`() => document.querySelector(".shared-look img").naturalWidth === 1200 && document.querySelector(".shared-look img").src !== ` + strconv.Quote(first))
	p.wantQuiet()
}

// TestSeriesIsPutInOrder moves the parts of a series by keys, by buttons and by
// dragging, and saves what comes of it.
func TestSeriesIsPutInOrder(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	var parts []posts.Stored
	for i, title := range []string{"One", "Two", "Three", "Four"} {
		place := int32(i + 1)
		if title == "Four" {
			place = 0
		}
		parts = append(parts, b.save(t, posts.Draft{Title: title, Markdown: title, Series: "Birds", SeriesPlace: place, PublishedAt: time.Now().Add(time.Duration(i-9) * time.Hour)}))
	}
	p := b.signedIn(t)
	p.open("/admin/series", 200)
	p.click(".posts h2 a, main ul a[href^='/admin/series/']", 200)
	order := `() => [...document.querySelectorAll(".order li")].map(item => item.querySelector("label").innerText + " " + item.querySelector("input").value)`
	want := func(lines ...string) {
		t.Helper()
		if got := js[[]string](p, order); !slices.Equal(got, lines) {
			t.Errorf("got order %q, want %q", got, lines)
		}
	}
	want("One 1", "Two 2", "Three 3", "Four ")
	p.press(".order li:nth-child(1) input")
	p.chord(kb.ArrowDown, chromedp.ModifierAlt)
	want("Two 2", "One 3", "Three 4", "Four ")
	if got := js[string](p, `() => document.querySelector(".order [role=status]").innerText + document.activeElement.name`); got != "One is now 2 of 4.place-"+strconv.FormatInt(parts[0].ID, 10) {
		t.Errorf("got %q told", got)
	}
	p.press(".order li:nth-child(4) .up")
	want("Two 2", "One 3", "Four 4", "Three 5")

	// Dragging, from the last line to the first.
	drag := func() {
		t.Helper()
		from, to := p.find(".order li:nth-child(4) .handle"), js[[]float64](p, `() => { const box = document.querySelector(".order li").getBoundingClientRect(); return [box.x + 20, box.y + 3] }`)
		p.step(chromedp.MouseEvent(chromedp.MousePressed, from[0], from[1], chromedp.ButtonLeft))
		for i := 1; i <= 8; i++ {
			at := float64(i) / 8
			p.step(chromedp.MouseEvent(chromedp.MouseMoved, from[0]+(to[0]-from[0])*at, from[1]+(to[1]-from[1])*at, chromedp.ButtonLeft))
		}
		p.step(chromedp.MouseEvent(chromedp.MouseReleased, to[0], to[1], chromedp.ButtonLeft))
	}
	drag()
	want("Three 1", "Two 2", "One 3", "Four 4")
	p.click("main .primary", 200)
	for i, place := range []int32{3, 2, 1, 4} {
		if stored, err := b.posts.Get(t.Context(), parts[i].ID); err != nil || stored.SeriesPlace != place {
			t.Errorf("%s: got place %d, %v, want %d", parts[i].Title, stored.SeriesPlace, err, place)
		}
	}
	p.resize(360)
	p.open(p.path(), 200)
	if got := js[int](p, `() => document.documentElement.scrollWidth`); got > 360 {
		t.Errorf("got a page %d pixels wide on a screen of 360", got)
	}

	// In the form of a post: where it comes.
	p.resize(1200)
	p.open("/admin/posts/new", 200)
	p.press("details:has(#series) summary")
	p.fill("series", "birds")
	p.fill("series_place", "2")
	p.until(`() => document.querySelector("details:has(#series)").innerText.includes("Part 3 of 5, after “Two”.")`)
	p.fill("series", "Fish")
	p.until(`() => document.querySelector("details:has(#series)").innerText.includes("A new series begins with this.")`)
	p.wantQuiet()
}

// TestDateSaysHowFar has the hint beside the date follow what is typed, in the
// zone of the site.
func TestDateSaysHowFar(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	post := b.save(t, posts.Draft{Title: "Herons", Markdown: "x", PublishedAt: time.Now().Add(50*time.Hour + 5*time.Minute)})
	p := b.signedIn(t).withoutScript()
	p.open(editPath(post), 200)
	p.want("in 2 days 2 h")
	p.withScript()
	p.open(editPath(post), 200)
	p.want("in 2 days 2 h")
	says := func(zone, typed string) string {
		return js[string](p, `(zone, typed) => {
			const form = document.querySelector("form.editor")
			form.elements.zone.value = zone
			form.elements.published_at.value = typed
			form.elements.published_at.dispatchEvent(new Event("input", { bubbles: true }))
			return document.getElementById("published_at-when").innerText
		}`, zone, typed)
	}
	in := func(zone string, d time.Duration) string {
		location, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		return time.Now().Add(d).In(location).Format("2006-01-02T15:04")
	}
	for _, tt := range [][3]string{
		{"Asia/Kathmandu", in("Asia/Kathmandu", 200*time.Minute+55*time.Second), "in 3 h 20 min"},
		{"America/St_Johns", in("America/St_Johns", -49*time.Hour), "2 days ago"},
		{"UTC", "2031-01-01T00:00", ""}, {"UTC", "", ""}, {"Nowhere/Such", "2031-01-01T00:00", ""},
		{"Europe/Berlin", "2031-03-30T02:30", "The clock jumps over this time: choose another."},
	} {
		// What is shown has whole minutes; the clock goes on.
		if got := says(tt[0], tt[1]); got != tt[2] && (tt[2] != "in 3 h 20 min" || got != "in 3 h 19 min") {
			t.Errorf("%s in %s: got %q, want %q", tt[1], tt[0], got, tt[2])
		}
	}
	if got := says("Europe/Berlin", "2030-10-27T02:30"); !strings.Contains(got, "twice") {
		t.Errorf("got %q of a time that the clock shows twice", got)
	}
}
