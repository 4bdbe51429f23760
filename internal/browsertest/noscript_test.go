package browsertest_test

import (
	"testing"
	"time"

	"broadsheet/internal/posts"
)

// TestWithoutScript writes, publishes, reads and deletes in a browser that
// runs no JavaScript.
func TestWithoutScript(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.owner(t)
	b.fill(t, 12)
	p := b.visitor(t).withoutScript()
	p.open("/admin/posts/new", 200)
	if !js[bool](p, `() => matchMedia("(scripting: none)").matches`) {
		t.Fatal("JavaScript is not switched off")
	}
	p.fill("email", email)
	p.fill("password", password)
	p.click("main .primary", 200)

	p.fill("title", "No script")
	p.fill("markdown", "Plain *words*.")
	p.fill("tags", "Go")
	preview := p.clickNewTab("[formaction='/admin/posts/preview']")
	preview.wantTexts("h1", "No script")
	preview.wantTexts(".prose em", "words")
	p.click("[value=save]", 200)
	p.want("Draft saved.")
	p.fill("summary", "In short.")
	p.click("[value=publish]", 200)
	p.want("Published.")

	p.open("/", 200)
	p.wantTexts(titles, append([]string{"No script"}, stories(12, 4, 1)...)...)
	p.click(".card-title a", 200)
	p.want("In short.", "Plain words.")
	p.click(".tags a", 200)
	p.click(older, 200)
	p.click(newer, 200)
	p.click(".menu a[href='/tags']", 200)
	p.wantTexts("h1", "Tags")
	p.click(".menu a[href='/search']", 200)
	p.fill("q", "plain")
	p.click(".search button", 200)
	p.wantTexts(".hit-title", "No script")
	p.open("/nowhere", 404)
	p.want("Page not found")

	p.open("/admin/settings", 200)
	p.fill("title", "The Daily Compile")
	p.click("main .primary", 200)
	p.want("Settings saved.")
	p.open("/admin/posts?q=plain", 200)
	p.click(".posts h2 a", 200)
	p.click(".danger a", 200)
	p.click(".destroy", 200)
	p.open("/posts/no-script", 410)
	p.open("/admin/posts", 200)
	p.click(".menu button", 200)
	p.wantPath("/admin/login")
}

// TestPageAndSeriesWithoutScript makes a page, and a post of a new series, in
// a browser that runs no JavaScript.
func TestPageAndSeriesWithoutScript(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.owner(t)
	p := b.visitor(t).withoutScript()
	p.open("/admin/posts", 200)
	p.fill("email", email)
	p.fill("password", password)
	p.click("main .primary", 200)

	p.click(".head .button:not(.primary)", 200)
	p.wantPath("/admin/posts/new?kind=page")
	p.fill("title", "About us")
	p.fill("markdown", "Two *people*.")
	p.click("[value=publish]", 200)
	p.want("Published.", "View the page")
	p.open("/admin/posts?state=page", 200)
	p.wantTexts(".posts h2", "About us")

	p.open("/admin/posts/new", 200)
	p.fill("title", "Herons, part one")
	p.press("details:has(#series) summary")
	p.fill("series", "Wading birds")
	p.fill("series_place", "first")
	p.click("[value=publish]", 422)
	p.want("Use a number from 1 on, or leave it empty.")
	p.fill("series_place", "1")
	p.click("[value=publish]", 200)
	p.want("Published.")
	if got := js[bool](p, `() => document.querySelector("details:has(#series)").open`); !got {
		t.Error("got the group of the series closed, want what it says to be seen")
	}

	p.open("/admin/series", 200)
	p.click(".names h2 a", 200)
	p.fill("slug", "waders")
	p.click("main .primary", 200)
	p.want("Series saved.", "Herons, part one")
	p.click(".danger a", 200)
	p.click(".destroy", 200)
	p.want("The series was deleted.")
}

// TestContentsOpenWithoutScript opens the list of contents of a post, which
// is closed where the page is narrow.
func TestContentsOpenWithoutScript(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.save(t, posts.Draft{
		Title: "Long", Markdown: "## First\n\nText.\n\n## Second\n\nText.\n\n## Third\n\nText.\n",
		PublishedAt: time.Now().Add(-time.Hour),
	})
	p := b.visitor(t).withoutScript()
	p.resize(390)
	p.open("/posts/long", 200)
	visible := `() => document.querySelector(".contents a").checkVisibility()`
	if js[bool](p, visible) {
		t.Error("got the contents open on a narrow page, want them closed")
	}
	p.press(".contents summary")
	if !js[bool](p, visible) {
		t.Error("got the contents closed after pressing their summary, want them open")
	}
	p.press(".contents li:nth-child(2) a")
	if got := js[string](p, `() => document.querySelector(":target")?.innerText ?? ""`); got != "Second" {
		t.Errorf("got target %q, want the second heading", got)
	}
}
