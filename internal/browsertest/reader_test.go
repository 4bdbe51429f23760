package browsertest_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"broadsheet/internal/posts"
)

// stories returns the titles of stories, newest first.
func stories(from, to, step int) []string {
	var titles []string
	for i := from; i >= to; i -= step {
		titles = append(titles, fmt.Sprintf("Story %d", i))
	}
	return titles
}

const (
	titles = ".card-title"
	older  = ".pager-older"
	newer  = ".pager-newer"
)

// TestPaging pages through posts while others are published: none is shown
// twice, and none is left out.
func TestPaging(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.fill(t, 27)
	p := b.visitor(t)
	p.open("/", 200)
	p.wantTexts(titles, stories(27, 18, 1)...)
	p.wantTexts(newer)
	b.save(t, posts.Draft{Title: "News", PublishedAt: time.Now().Add(-time.Minute)})

	p.click(older, 200)
	p.wantTexts("h1", "Older posts")
	p.wantTexts(titles, stories(17, 8, 1)...)
	second := p.path()
	b.save(t, posts.Draft{Title: "More news", PublishedAt: time.Now().Add(-time.Minute)})
	p.click(older, 200)
	p.wantTexts(titles, stories(7, 1, 1)...)
	p.wantTexts(older)

	p.click(newer, 200)
	p.wantTexts(titles, stories(17, 8, 1)...)
	p.click(newer, 200)
	p.wantTexts(titles, stories(27, 18, 1)...)
	p.click(newer, 200)
	p.wantPath("/")
	p.wantTexts(titles, slices.Concat([]string{"More news", "News"}, stories(27, 20, 1))...)

	p.open(second, 200)
	p.click(".card-title a", 200)
	p.wantPath("/posts/story-17")
	p.back(second)
	p.wantTexts(titles, stories(17, 8, 1)...)
	p.click(".range a", 200)
	p.wantPath("/")
}

func TestFilterByTag(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.fill(t, 25)
	p := b.visitor(t)
	p.open("/", 200)
	p.click(".card:nth-child(2) .tags li:nth-child(2) a", 200)
	p.wantPath("/tags/web-design")
	p.wantTexts("h1", "12 posts tagged\nWeb design")
	p.wantTexts(titles, stories(24, 6, 2)...)
	b.save(t, posts.Draft{Title: "News", Tags: []string{"Web design"}, PublishedAt: time.Now().Add(-time.Minute)})
	p.click(older, 200)
	p.wantTexts(titles, stories(4, 2, 2)...)
	p.wantTexts(older)

	p.open("/?tag=web-design&tag=go", 200)
	p.wantTexts(titles, stories(24, 6, 2)...)
	p.click(older, 200)
	p.wantTexts(titles, stories(4, 2, 2)...)
	p.click(newer, 200)
	p.wantTexts(titles, stories(24, 6, 2)...)
	p.click(".chips li:first-child a", 200)
	p.wantPath("/tags/web-design")
	p.wantTexts(titles, slices.Concat([]string{"News"}, stories(24, 8, 2))...)

	p.click(".menu a[href='/tags']", 200)
	p.wantTexts(".tag-index a", "Go", "Web design")
	p.click(".tag-index a", 200)
	p.wantPath("/tags/go")
}

func TestSearch(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.fill(t, 12)
	const hits = ".hit-title"
	p := b.visitor(t)
	p.open("/search", 200)
	p.fill("q", `"Text 7"`)
	p.pressEnter(200)
	p.wantTexts(hits, "Story 7")
	p.fill("q", "text")
	p.click(".search button", 200)
	p.wantTexts(hits, stories(12, 3, 1)...)
	p.click(older, 200)
	p.wantTexts(hits, stories(2, 1, 1)...)
	p.fill("q", "tabloid")
	p.pressEnter(200)
	p.want("No post mentions this")
}

func TestSuggestions(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.fill(t, 3)
	p := b.visitor(t)
	p.open("/search", 200)
	state := func() string {
		return js[string](p, `() => {
			const box = document.querySelector("#q"), chosen = document.getElementById(box.getAttribute("aria-activedescendant"))
			return box.getAttribute("aria-expanded") + " " + (chosen?.textContent ?? "")
		}`)
	}
	shown := `() => !document.querySelector("[role=listbox]").hidden`
	p.fill("q", "stor")
	p.until(shown)
	p.wantTexts("[role=option]", "story", "Story 3", "Story 2", "Story 1")
	for _, step := range []struct{ key, want string }{
		{kb.ArrowDown, "true story"}, {kb.ArrowDown, "true Story 3"}, {kb.ArrowUp, "true story"}, {kb.ArrowUp, "true "},
		{kb.ArrowUp, "true Story 1"}, {kb.Escape, "false "},
	} {
		if p.key(step.key); state() != step.want {
			t.Errorf("after %q: got %q, want %q", step.key, state(), step.want)
		}
	}
	if got := js[string](p, `() => document.querySelector("#q").value`); got != "stor" {
		t.Errorf("after Escape: got %q in the box, want it as typed", got)
	}
	p.key(kb.ArrowDown)
	p.until(shown)
	p.key(kb.ArrowDown)
	p.key(kb.ArrowDown)
	p.pressEnter(200)
	p.wantPath("/posts/story-3")

	p.open("/search", 200)
	p.fill("q", "stor")
	p.until(shown)
	p.click(".suggested-search", 200)
	p.wantPath("/search?q=story")
}

func TestPostNeighbours(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.fill(t, 3)
	p := b.visitor(t)
	p.open("/posts/story-2", 200)
	p.click(".neighbour-newer", 200)
	p.wantTexts("h1", "Story 3")
	p.wantTexts(".neighbour-newer")
	p.click(".neighbour-older", 200)
	p.wantTexts("h1", "Story 2")
	p.click(".neighbour-older", 200)
	p.wantTexts("h1", "Story 1")
	p.wantTexts(".neighbour-older")
}
