package reader_test

import (
	"testing"
	"time"

	"broadsheet/internal/posts"
)

func TestFormerAddressesLeadOn(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.publish(t, posts.Draft{Title: "One", Markdown: "x", Tags: []string{"Golang"}, Series: "Birds", PublishedAt: time.Now().Add(-time.Hour)})
	b.exec(t, "UPDATE series SET slug = 'waders'; INSERT INTO old_series_slugs (slug, series_id) SELECT 'birds', id FROM series")
	b.exec(t, "UPDATE tags SET slug = 'go'; INSERT INTO old_tag_slugs (slug, tag_id) SELECT 'golang', id FROM tags")
	for target, want := range map[string]string{
		"/series/birds":                          "/series/waders",
		"/series/birds?after=7&utm=x":            "/series/waders?after=7",
		"/series/birds/feed.rss":                 "/series/waders/feed.rss",
		"/series/birds/feed.atom?after=AAAA&x=1": "/series/waders/feed.atom?after=AAAA",
		"/tags/golang?after=AAAA&x=1":            "/tags/go",
		"/tags/golang/feed.json?x=1":             "/tags/go/feed.json",
	} {
		if w, _ := b.get(t, target); w.Code != 301 || w.Header().Get("Location") != want {
			t.Errorf("%s: got %d %q, want 301 %q", target, w.Code, w.Header().Get("Location"), want)
		}
	}
	if w, _ := b.get(t, "/series/waders"); w.Code != 200 {
		t.Errorf("the series: got %d, want 200", w.Code)
	}
	b.exec(t, "UPDATE posts SET status = 'draft'")
	for _, target := range []string{"/series/birds", "/series/waders", "/series/gulls", "/tags/golang"} {
		if w, _ := b.get(t, target); w.Code != 404 {
			t.Errorf("%s without a post that readers see: got %d, want 404", target, w.Code)
		}
	}
}
