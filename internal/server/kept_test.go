package server_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/postgrestest"
	"broadsheet/internal/posts"
)

// What is served besides pages comes from memory, too, until a post that it
// shows changes: then it says so at once.
func TestFilesAreKeptUntilTheyChange(t *testing.T) {
	t.Parallel()
	url := postgrestest.NewURL(t)
	c, oracle := newCopy(t, url, 64<<20), newCopy(t, url, 0)
	author, err := c.accounts.EnsureAuthor(t.Context(), "Ada")
	if err != nil {
		t.Fatal(err)
	}
	other, err := c.accounts.EnsureAuthor(t.Context(), "Bob")
	if err != nil {
		t.Fatal(err)
	}
	draft := posts.Draft{
		Title: "First title", Slug: "one", Summary: "First summary.", Markdown: "First text.", Language: "en", AuthorID: author, Status: posts.StatusPublished,
		Tags: []string{"Go"}, Series: "A series", PublishedAt: time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC),
	}
	store := func(was posts.Stored, d posts.Draft) posts.Stored {
		t.Helper()
		stored, err := oracle.posts.Save(t.Context(), was.ID, was.Version, d)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.follower.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
		return stored
	}
	post := store(posts.Stored{}, draft)
	elsewhere := draft
	elsewhere.Title, elsewhere.Slug, elsewhere.AuthorID, elsewhere.Tags, elsewhere.Series = "Elsewhere", "elsewhere", other, []string{"SQL"}, ""
	elsewhere.PublishedAt = time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC)

	files := []struct {
		path   string
		titled bool // whether it shows the title
		all    bool // whether it shows every post
	}{
		{"/feed.atom", true, true},
		{"/feed.rss", true, true},
		{"/feed.json", true, true},
		{"/tags/go/feed.atom", true, false},
		{"/authors/ada/feed.json", true, false},
		{"/series/a-series/feed.rss", true, false},
		{"/posts/one.md", true, false},
		{"/posts/one/card.png", false, false},
		{"/llms.txt", true, true},
		{"/sitemap.xml", false, true},
		{"/authors/ada", true, false},
		{"/series/a-series", true, false},
		{"/archive/2024", true, true}, // it counts the posts of months
		{"/archive", false, true},
	}
	get := func(c *copyOf, path string) (status int, body string, hit bool) {
		hits := c.hits.Load()
		w := httptest.NewRecorder()
		c.handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://blog.example"+path, nil))
		return w.Code, w.Body.String(), c.hits.Load() > hits
	}
	// check asks twice and returns whether the first answer was kept from before.
	check := func(when, path string) (body string, kept bool) {
		t.Helper()
		status, body, kept := get(c, path)
		wantStatus, want, _ := get(oracle, path)
		if status != wantStatus || body != want {
			t.Errorf("%s: %s: got %d\n%.600s\nwant as without a cache %d\n%.600s", when, path, status, body, wantStatus, want)
		}
		if _, _, hit := get(c, path); !hit && status == http.StatusOK {
			t.Errorf("%s: %s is not kept", when, path)
		}
		return body, kept
	}
	for _, f := range files {
		if body, _ := check("new", f.path); f.titled && !strings.Contains(body, "First title") {
			t.Errorf("%s does not show the post\n%.600s", f.path, body)
		}
	}
	draft.Title, draft.Summary, draft.Markdown = "Second title", "Second summary.", "Second text."
	post = store(post, draft)
	for _, f := range files {
		body, kept := check("changed", f.path)
		if f.titled && (kept || !strings.Contains(body, "Second title") || strings.Contains(body, "First")) {
			t.Errorf("%s: got an answer of before (kept: %t)\n%.600s", f.path, kept, body)
		}
	}
	store(posts.Stored{}, elsewhere)
	for _, f := range files {
		if _, kept := check("another post", f.path); kept == f.all {
			t.Errorf("%s: got kept %t after another post was published", f.path, kept)
		}
	}
	draft.Status = posts.StatusDraft
	store(post, draft)
	for _, f := range files {
		if body, _ := check("unpublished", f.path); strings.Contains(body, "Second") {
			t.Errorf("%s still shows the post\n%.600s", f.path, body)
		}
	}
}
