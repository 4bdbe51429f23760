package reader_test

import (
	"bytes"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/pagecache"
	"broadsheet/internal/posts"
	"broadsheet/internal/reader"
	"broadsheet/internal/site"
)

// picture asks for a card and checks that it is one.
func (b *blog) picture(t *testing.T, target string) []byte {
	t.Helper()
	w, body := b.get(t, target)
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "image/png" {
		t.Fatalf("%s: got %d, %s", target, w.Code, w.Header().Get("Content-Type"))
	}
	config, err := png.DecodeConfig(strings.NewReader(body))
	if err != nil || config.Width != 1200 || config.Height != 630 {
		t.Fatalf("%s: got %dx%d, %v, want 1200x630", target, config.Width, config.Height, err)
	}
	return []byte(body)
}

func TestCardAddresses(t *testing.T) {
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
	b.publish(t, posts.Draft{Title: "About", Kind: posts.KindPage, Markdown: "x", PublishedAt: at})
	for _, tt := range []struct {
		name, target string
		status       int
		location     string
	}{
		{"there", "/posts/after/card.png", 200, ""},
		{"the site's", "/card.png", 200, ""},
		{"moved", "/posts/before/card.png", 301, "/posts/after/card.png"},
		{"deleted", "/posts/gone/card.png", 410, ""},
		{"scheduled", "/posts/later/card.png", 404, ""},
		{"a static page", "/posts/about/card.png", 404, ""},
		{"unknown", "/posts/nope/card.png", 404, ""},
		{"another picture", "/posts/after/card.jpg", 404, ""},
		{"NUL", "/posts/%00/card.png", 404, ""},
		{"invalid UTF-8", "/posts/%ff/card.png", 404, ""},
		{"long", "/posts/" + strings.Repeat("x", 10_000) + "/card.png", 404, ""},
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

func TestPagesNameTheirPicture(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	at := time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC)
	b.publish(t, posts.Draft{Title: "A < B", Markdown: "x", PublishedAt: at})
	b.publish(t, posts.Draft{Title: "Covered", Cover: "/media/1/a.jpg", CoverAlt: "A hill", Markdown: "x", PublishedAt: at})
	_, body := b.get(t, "/posts/a-b")
	mustContain(t, body, `<meta property="og:image" content="https://blog.example/posts/a-b/card.png">`,
		`<meta property="og:image:width" content="1200">`, `<meta property="og:image:height" content="630">`,
		`<meta property="og:image:alt" content="A &lt; B · The Daily Compile">`,
		`<meta name="twitter:card" content="summary_large_image">`)
	_, body = b.get(t, "/posts/covered")
	mustContain(t, body, `<meta property="og:image" content="https://blog.example/media/1/a.jpg">`,
		`<meta property="og:image:alt" content="A hill">`, `<meta name="twitter:card" content="summary_large_image">`)
	if strings.Contains(body, "card.png") || strings.Contains(body, "og:image:width") {
		t.Error("a post with a cover names the card, too")
	}
	_, body = b.get(t, "/")
	mustContain(t, body, `<meta property="og:image" content="https://blog.example/card.png">`, `<meta property="og:image:width" content="1200">`)
}

func TestCardsShowThePost(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	at := time.Date(2024, 3, 1, 23, 30, 0, 0, time.UTC)
	b.publish(t, posts.Draft{Title: "First", Slug: "first", Markdown: "x", PublishedAt: at})
	b.publish(t, posts.Draft{Title: "First", Slug: "same", Markdown: "y", PublishedAt: at.Add(20 * time.Minute)})
	b.publish(t, posts.Draft{Title: "Second", Slug: "second", Markdown: "x", PublishedAt: at})
	b.publish(t, posts.Draft{Title: "First", Slug: "erstens", Language: "de", Markdown: "x", PublishedAt: at})
	first := b.picture(t, "/posts/first/card.png")
	if !bytes.Equal(first, b.picture(t, "/posts/same/card.png")) {
		t.Error("the same title, author and day: got different pictures")
	}
	for _, other := range []string{"second", "erstens"} { // another title; a date in another language
		if bytes.Equal(first, b.picture(t, "/posts/"+other+"/card.png")) {
			t.Errorf("%s: got the picture of first", other)
		}
	}
	whole := b.picture(t, "/card.png")
	b.settings(t, site.Settings{Title: "Another name", Language: "en", TimeZone: "UTC"})
	if bytes.Equal(whole, b.picture(t, "/card.png")) || bytes.Equal(first, b.picture(t, "/posts/first/card.png")) {
		t.Error("the site has another name: got the same pictures")
	}
}

func TestCardsAreKeptLikePages(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	stored := b.publish(t, posts.Draft{Title: "Hello", Markdown: "x", PublishedAt: time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC)})
	var outcomes []string
	cache := pagecache.New(pagecache.Options{
		Size: 1 << 20, Address: reader.Address,
		Served: func(_ http.ResponseWriter, route, outcome string) { outcomes = append(outcomes, route+" "+outcome) },
	})
	handler := cache.Handler(b.Handler)
	ask := func(method, target string, header http.Header) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, target, nil)
		r.Header = header
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w
	}
	zip := http.Header{"Accept-Encoding": {"gzip, br, zstd"}}
	const card = "/posts/hello/card.png"
	w := ask("GET", card, zip)
	etag := w.Header().Get("ETag")
	if w.Code != 200 || w.Header().Get("Content-Encoding") != "" || !strings.HasPrefix(etag, `"`) {
		t.Errorf("got %d, Content-Encoding %q, ETag %s", w.Code, w.Header().Get("Content-Encoding"), etag)
	}
	if control := w.Header().Get("Cache-Control"); !strings.HasPrefix(control, "public") {
		t.Errorf("got Cache-Control %q, want a public one", control)
	}
	size := w.Body.Len()
	for range 8 { // pages that are asked for often are compressed better
		if w := ask("GET", card, zip); w.Header().Get("Content-Encoding") != "" || w.Body.Len() != size {
			t.Fatalf("from memory: got Content-Encoding %q and %d bytes, want none and %d", w.Header().Get("Content-Encoding"), w.Body.Len(), size)
		}
	}
	if w := ask("HEAD", card, zip); w.Code != 200 || w.Body.Len() != 0 || w.Header().Get("Content-Type") != "image/png" {
		t.Errorf("HEAD: got %d with %d bytes of %s", w.Code, w.Body.Len(), w.Header().Get("Content-Type"))
	}
	if w := ask("GET", card+"?utm=1", http.Header{"If-None-Match": {etag}}); w.Code != 304 || w.Body.Len() != 0 {
		t.Errorf("If-None-Match: got %d with %d bytes, want 304 with none", w.Code, w.Body.Len())
	}
	want := slices.Concat([]string{"/posts/{slug}/card.png miss"}, slices.Repeat([]string{"/posts/{slug}/card.png hit"}, 10))
	if !slices.Equal(outcomes, want) {
		t.Errorf("got %q, want one miss and then hits", outcomes)
	}

	outcomes = nil
	cache.Changed([]string{"post:12345", "posts@0", "slug:other", "tags"})
	ask("GET", card, nil)
	draft := stored.Draft
	draft.Title = "Hello again"
	if _, err := b.posts.Save(t.Context(), stored.ID, stored.Version, draft); err != nil {
		t.Fatal(err)
	}
	cache.Changed([]string{"post:" + strconv.FormatInt(stored.ID, 10)})
	if w := ask("GET", card, nil); w.Header().Get("ETag") == etag {
		t.Error("the title changed: got the same picture")
	}
	ask("GET", "/card.png", nil)
	ask("GET", "/card.png", nil)
	want = []string{"/posts/{slug}/card.png hit", "/posts/{slug}/card.png miss", "/card.png miss", "/card.png hit"}
	if !slices.Equal(outcomes, want) {
		t.Errorf("got %q, want %q", outcomes, want)
	}
}

func TestAddressesOfCards(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]string{
		"/card.png": "/card.png", "/posts/a/card.png": "/posts/{slug}/card.png", "/posts/a/card.png?x=1": "/posts/{slug}/card.png",
		"/posts/card.png": "/posts/{slug}", "/posts//card.png": "", "/posts/a/b/card.png": "", "/tags/a/card.png": "", "/posts/a/card.png/card.png": "",
	} {
		u, err := url.Parse(target)
		if err != nil {
			t.Fatal(err)
		}
		if route, query, ok := reader.Address(u); route != want || query != "" || ok != (want != "") {
			t.Errorf("%s: got %q, %q, %v, want %q", target, route, query, ok, want)
		}
	}
}
