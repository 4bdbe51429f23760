package browsertest_test

import "testing"

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
		const shown = `() => getComputedStyle(document.querySelector("entry title, item title")).display + " " +
			getComputedStyle(document.querySelector("content, encoded") ?? document.documentElement).display`
		if got := js[string](p, shown); got != "block none" {
			t.Errorf("%s: got title and content shown as %q, want block and none", feed, got)
		}
		if got := js[string](p, `() => document.querySelector("header a").href`); got == "" {
			t.Errorf("%s: got no link to the blog", feed)
		}
	}
}
