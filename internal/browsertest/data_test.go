package browsertest_test

import (
	"testing"

	"github.com/chromedp/chromedp"

	"broadsheet/internal/posts"
)

// Linked data is a block of data, which the content security policy, made for
// scripts, lets be; a feed is shown by its style sheet.
func TestLinkedDataAndFeedsInTheBrowser(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.owner(t)
	b.fill(t, 2)
	p := b.visitor(t)
	p.open("/posts/story-1", 200)
	const headline = `() => JSON.parse(document.querySelector("script[type='application/ld+json']").textContent)["@graph"][0].headline`
	if got := js[string](p, headline); got != "Story 1" {
		t.Errorf("got headline %q", got)
	}
	for _, feed := range []string{"/feed.atom", "/feed.rss"} {
		p.open(feed, 200)
		const shown = `() => ["title", "content, encoded", "a"].map(name =>
			getComputedStyle(document.querySelector(name.replace(/\w+/g, "entry > $&, item > $&"))).display).join(" ")`
		if got := js[string](p, shown); got != "none none block" {
			t.Errorf("%s: got title, content and link shown as %q, want the link alone, which is the title", feed, got)
		}
		if got := js[string](p, `() => document.querySelector("header a").href`); got == "" {
			t.Errorf("%s: got no link to the blog", feed)
		}
		p.click("entry > a, item > a", 200)
		p.wantPath("/posts/story-2")
	}
}

// A feed is as wide as the phone, and each text in it runs in its own direction.
func TestFeedsOnAPhone(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.owner(t)
	b.save(t, posts.Draft{Title: "مرحبا", Language: "ar", Markdown: "نص", Summary: "ملخص"})
	p := b.visitor(t)
	p.step(chromedp.EmulateViewport(390, 800, chromedp.EmulateMobile))
	for _, feed := range []string{"/feed.atom", "/feed.rss"} {
		p.open(feed, 200)
		if got := js[int](p, `() => document.documentElement.scrollWidth`); got != 390 {
			t.Errorf("%s: got %d pixels, want 390", feed, got)
		}
		const ends = `() => {
			const range = document.createRange()
			range.selectNodeContents(document.querySelector("entry > a, item > a"))
			return Math.round(390 - range.getBoundingClientRect().right)
		}`
		if got := js[int](p, ends); got < 20 || got > 22 {
			t.Errorf("%s: got an Arabic title that ends %d pixels from the right, want it at the margin of 20, but for what a letter has around it", feed, got)
		}
	}
}
