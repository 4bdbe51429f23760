package reader_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/posts"
)

func TestTags(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	_, body := b.get(t, "/tags")
	mustContain(t, body, "No post carries a tag yet")
	if w, _ := b.get(t, "/tags?after=%00"); w.Code != 400 {
		t.Errorf("a NUL in the cursor: got %d, want 400", w.Code)
	}

	b.publish(t, posts.Draft{Title: "A", Markdown: "x", Tags: []string{"Go", "gRPC", "3D", ".NET"}, PublishedAt: time.Now().Add(-time.Hour)})
	_, body = b.get(t, "/tags")
	for _, want := range []string{`id="heading-0–9">0–9`, `id="heading-G">G`, `dir="auto">.NET</span></a>`} {
		mustContain(t, body, want)
	}
	if strings.Contains(body, "Letters") {
		t.Error("four tags: got links to letters, want none")
	}
	_, body = b.get(t, "/tags?after=zzz")
	mustContain(t, body, "no tags beyond this point", `href="/tags">First tags`)
}

func TestManyTags(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for i := range 25 {
		var tags []string
		for j := range 20 {
			tags = append(tags, fmt.Sprintf("%c tag %d", 'a'+i, j))
		}
		b.publish(t, posts.Draft{Title: "P", Markdown: "x", Tags: tags, PublishedAt: time.Now().Add(-time.Hour)})
	}
	_, body := b.get(t, "/tags")
	if got := strings.Count(body, `class="count"`); got != 500 {
		t.Errorf("got %d tags, want 500", got)
	}
	mustContain(t, body, `href="#letter-Y"`)
}
