package reader_test

import (
	"strings"
	"testing"
	"time"

	"broadsheet/internal/posts"
)

func TestPostAddresses(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	at := time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC)
	kept := b.publish(t, posts.Draft{Title: "Before", Markdown: "x", PublishedAt: at})
	draft := kept.Draft
	draft.Slug, draft.Title = "after", "After"
	if _, err := b.posts.Save(t.Context(), kept.ID, kept.Version, draft); err != nil {
		t.Fatal(err)
	}
	gone := b.publish(t, posts.Draft{Title: "Gone", Markdown: "x", PublishedAt: at})
	if err := b.posts.Delete(t.Context(), gone.ID, gone.Version); err != nil {
		t.Fatal(err)
	}
	b.publish(t, posts.Draft{Title: "Later", Markdown: "x", PublishedAt: time.Now().Add(time.Hour)})
	for _, tt := range []struct {
		name, target string
		status       int
		location     string
	}{
		{"there", "/posts/after", 200, ""},
		{"moved", "/posts/before", 301, "/posts/after"},
		{"deleted", "/posts/gone", 410, ""},
		{"scheduled", "/posts/later", 404, ""},
		{"unknown", "/posts/nope", 404, ""},
		{"in capitals", "/posts/After", 301, "/posts/after"},
		{"moved, in capitals", "/posts/Before", 301, "/posts/after"},
		{"deleted, in capitals", "/posts/Gone", 410, ""},
		{"NUL", "/posts/%00", 404, ""},
		{"invalid UTF-8", "/posts/%ff", 404, ""},
		{"long", "/posts/" + strings.Repeat("x", 10_000), 404, ""},
		{"slash", "/posts/%2Fafter", 301, "/posts/after"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w, _ := b.get(t, tt.target)
			if w.Code != tt.status || w.Header().Get("Location") != tt.location {
				t.Errorf("got %d %q, want %d %q", w.Code, w.Header().Get("Location"), tt.status, tt.location)
			}
		})
	}
}

func TestPostNeighbours(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.fill(t, 3)
	_, body := b.get(t, "/posts/story-2")
	if newer, older := link(t, body, "prev"), link(t, body, "next"); newer != "/posts/story-3" || older != "/posts/story-1" {
		t.Errorf("got newer %q and older %q, want stories 3 and 1", newer, older)
	}
	_, body = b.get(t, "/posts/story-3")
	if newer := link(t, body, "prev"); newer != "" {
		t.Errorf("the newest post: got newer %q, want none", newer)
	}
}

func TestPostUpdated(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	at := time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC)
	b.publish(t, posts.Draft{Title: "Soon", Markdown: "x", PublishedAt: at, UpdatedAt: at.Add(23 * time.Hour)})
	b.publish(t, posts.Draft{Title: "Days", Markdown: "x", PublishedAt: at, UpdatedAt: at.Add(48 * time.Hour)})
	if _, body := b.get(t, "/posts/soon"); strings.Contains(body, "Updated") {
		t.Error("corrected the same day: got an update, want none")
	}
	_, body := b.get(t, "/posts/days")
	mustContain(t, body, `Updated <time class="dt-updated" datetime="2024-03-03T13:00:00&#43;01:00">March 3, 2024</time>`)
}
