package reader_test

import (
	"net/url"
	"strings"
	"testing"
)

func TestSearch(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.fill(t, 12)
	for _, tt := range []struct {
		name, query string
		status      int
		want        []string
	}{
		{"none", "", 200, []string{"<h1>Search</h1>", `value=""`}},
		{"blank", "q=+%09+", 200, []string{"<h1>Search</h1>"}},
		{"found", "q=Story", 200, []string{"Story 12", `value="Story"`, "Older posts", `q=Story"`}},
		{"a phrase", "q=%22Text+7%22", 200, []string{"Story 7"}},
		{"nothing found", "q=tabloid", 200, []string{"No post mentions this", `value="tabloid"`}},
		{"hostile", "q=%22%3E%3Cscript%3E", 200, []string{"&#34;&gt;&lt;script&gt;"}},
		{"operators alone", "q=-+or+%22", 200, nil},
		{"SQL", "q='+or+1%3D1+--", 200, nil},
		{"NUL", "q=a%00b", 400, []string{"bytes that are not text"}},
		{"invalid UTF-8", "q=%ff", 400, []string{"bytes that are not text"}},
		{"10,000 characters", "q=" + strings.Repeat("x", 10_000), 400, []string{"may have 200 characters; this one has 10,000"}},
		{"10,000 characters of another script", "q=" + url.QueryEscape(strings.Repeat("ع", 10_000)), 400, []string{"may have 200 characters"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w, body := b.get(t, "/search?"+tt.query)
			if w.Code != tt.status {
				t.Fatalf("got %d, want %d", w.Code, tt.status)
			}
			mustContain(t, body, `role="search"`, `content="noindex"`)
			mustContain(t, body, tt.want...)
		})
	}
}

func TestSearchPages(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.fill(t, 12)
	_, first := b.get(t, "/search?q=story")
	_, second := b.get(t, link(t, first, "next"))
	if got := titles(second); len(got) != 2 || got[1] != "Story 1" {
		t.Errorf("got second page %v, want Story 2 and Story 1", got)
	}
}
