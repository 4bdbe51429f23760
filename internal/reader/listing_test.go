package reader_test

import (
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/posts"
	"broadsheet/internal/site"
)

// titles returns which of the stories a page lists, in its order.
func titles(body string) []string {
	var found []string
	for _, part := range strings.Split(body, `<h2 class="card-title"`)[1:] {
		_, part, _ = strings.Cut(part, `<a `)
		_, rest, _ := strings.Cut(part, `">`)
		title, _, _ := strings.Cut(rest, "<")
		found = append(found, title)
	}
	return found
}

func TestPagingBackAndForth(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.fill(t, 25, "Go")
	for _, start := range []string{"/", "/tags/go"} {
		_, first := b.get(t, start)
		_, second := b.get(t, link(t, first, "next"))
		_, third := b.get(t, link(t, second, "next"))
		if got := titles(first); len(got) != 10 || got[0] != "Story 25" {
			t.Errorf("%s: got %v, want ten from Story 25 on", start, got)
		}
		if got := titles(third); len(got) != 5 || got[4] != "Story 1" {
			t.Errorf("%s: got third page %v, want five up to Story 1", start, got)
		}
		if link(t, first, "prev") != "" || link(t, third, "next") != "" {
			t.Errorf("%s: got links beyond the ends", start)
		}
		_, again := b.get(t, link(t, third, "prev"))
		if got, want := titles(again), titles(second); !slices.Equal(got, want) {
			t.Errorf("%s: going back got %v, want %v", start, got, want)
		}
		w, _ := b.get(t, link(t, again, "prev"))
		if w.Code != 302 || w.Header().Get("Location") != start {
			t.Errorf("%s: going back to the top got %d %q, want 302 to the first page", start, w.Code, w.Header().Get("Location"))
		}
		// Story 15 came out on 15 March 23:30 UTC, which is the 16th in Berlin.
		mustContain(t, second, "Newer posts", "Older posts", "up to March 16, 2024 · The Daily Compile</title>",
			`<time datetime="2024-03-16T00:30:00&#43;01:00">March 16, 2024</time>`)
	}
}

func TestPastTheEnd(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.fill(t, 11)
	_, first := b.get(t, "/")
	older := link(t, first, "next")
	oldest, err := b.posts.Post(t.Context(), "story-1")
	if err != nil {
		t.Fatal(err)
	}
	stored, err := b.posts.Get(t.Context(), oldest.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.posts.Delete(t.Context(), stored.ID, stored.Version); err != nil {
		t.Fatal(err)
	}
	w, body := b.get(t, older)
	if w.Code != 200 {
		t.Errorf("got %d, want 200", w.Code)
	}
	mustContain(t, body, "no posts beyond this point", `class="go" href="/"`, `content="noindex"`)
}

func TestBadCursors(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.fill(t, 25, "Go", "C#")
	_, first := b.get(t, "/")
	next, err := url.Parse(link(t, first, "next"))
	if err != nil {
		t.Fatal(err)
	}
	cursor := next.Query().Get("after")
	for _, tt := range []struct{ name, target, first string }{
		{"malformed", "/?after=x", "/"},
		{"truncated", "/?after=" + cursor[:20], "/"},
		{"longer", "/?after=" + cursor + "A", "/"},
		{"huge", "/?before=" + strings.Repeat("A", 100_000), "/"},
		{"of another listing", "/tags/go?after=" + cursor, "/tags/go"},
		{"of a search", "/search?q=text&after=" + cursor, "/search?q=text"},
		{"not base64", "/tags/go?before=%00%ff", "/tags/go"},
		{"several tags", "/?tag=c-sharp&tag=go&after=x", "/?tag=c-sharp&amp;tag=go"},
		{"after and before", "/?after=" + cursor + "&before=" + cursor, "/"},
		{"after twice", "/?after=" + cursor + "&after=" + cursor, "/"},
		{"bad percent encoding", "/?after=" + cursor + "&x=%zz", "/"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w, body := b.get(t, tt.target)
			if w.Code != 400 {
				t.Fatalf("got %d, want 400", w.Code)
			}
			mustContain(t, body, `class="go" href="`+tt.first+`"`)
		})
	}
}

func TestTagParameters(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	at := time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC)
	b.publish(t, posts.Draft{Title: "Both", Markdown: "x", Tags: []string{"Go", "C#"}, PublishedAt: at})
	b.publish(t, posts.Draft{Title: "One", Markdown: "x", Tags: []string{"Go"}, PublishedAt: at})
	b.publish(t, posts.Draft{Title: "Other", Markdown: "x", Tags: []string{"Zig"}, PublishedAt: at})
	const canonical = `<link rel="canonical" href="https://blog.example/?tag=c-sharp&amp;tag=go">`
	for _, tt := range []struct {
		name, target string
		status       int
		location     string
		want         []string
	}{
		{"two", "/?tag=c-sharp&tag=go", 200, "", []string{"Both", canonical, "Posts tagged C# and Go · ", `href="/tags/go"`}},
		{"in another order", "/?tag=go&tag=c-sharp", 200, "", []string{"Both", canonical}},
		{"repeated", "/?tag=go&tag=c-sharp&tag=go&tag=", 200, "", []string{"Both", canonical}},
		{"never together", "/?tag=go&tag=zig", 200, "", []string{"No post carries all these tags", "noindex"}},
		{"one unknown", "/?tag=go&tag=nope", 200, "", []string{"No post is tagged <strong dir=\"auto\">nope</strong>", "noindex"}},
		{"one", "/?tag=go", 301, "/tags/go", nil},
		{"one, twice", "/?tag=go&tag=go&after=abc", 301, "/tags/go?after=abc", nil},
		{"one with a slash", "/?tag=%2F%2Fevil.example", 301, "/tags/%2F%2Fevil.example", nil},
		{"empty", "/?tag=", 200, "", []string{"Both", "One", "Other"}},
		{"five", "/?tag=a&tag=b&tag=c&tag=d&tag=e", 200, "", nil},
		{"six", "/?tag=a&tag=b&tag=c&tag=d&tag=e&tag=f", 400, "", []string{"can combine 5 tags; the address asks for 6"}},
		{"NUL", "/?tag=go&tag=%00", 400, "", []string{"bytes that are not text"}},
		{"invalid UTF-8", "/?tag=%ff", 400, "", []string{"bytes that are not text"}},
		{"hostile", "/?tag=go&tag=%3Cscript%3E", 200, "", []string{"&lt;script&gt;"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w, body := b.get(t, tt.target)
			if w.Code != tt.status || w.Header().Get("Location") != tt.location {
				t.Fatalf("got %d %q, want %d %q", w.Code, w.Header().Get("Location"), tt.status, tt.location)
			}
			mustContain(t, body, tt.want...)
		})
	}
}

func TestTagAddresses(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	at := time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC)
	b.publish(t, posts.Draft{Title: "P", Markdown: "x", Tags: []string{"C#", "العربية"}, PublishedAt: at})
	for _, tt := range []struct {
		name, target string
		status       int
		location     string
	}{
		{"slug", "/tags/c-sharp", 200, ""},
		{"name", "/tags/C%23", 301, "/tags/c-sharp"},
		{"capitals, with a cursor", "/tags/C-Sharp?after=abc", 301, "/tags/c-sharp?after=abc"},
		{"letters of another script", "/tags/" + url.PathEscape(posts.TagSlug("العربية")), 200, ""},
		{"the same, escaped in small letters", "/tags/" + strings.ToLower(url.PathEscape(posts.TagSlug("العربية"))), 200, ""},
		{"unknown", "/tags/nope", 404, ""},
		{"unknown name", "/tags/No%20Such", 404, ""},
		{"NUL", "/tags/%00", 404, ""},
		{"invalid UTF-8", "/tags/%ff", 404, ""},
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

func TestTagCount(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.fill(t, 1, "Go")
	_, body := b.get(t, "/tags/go")
	mustContain(t, body, "1 post tagged</span>", "<title>Posts tagged Go · The Daily Compile</title>")
	b.publish(t, posts.Draft{Title: "Second", Markdown: "x", Tags: []string{"Go"}, PublishedAt: time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)})
	_, body = b.get(t, "/tags/go")
	mustContain(t, body, "2 posts tagged</span>")
}

// TestFrontPage checks what says which page this is, and in which language.
func TestFrontPage(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	_, body := b.get(t, "/")
	mustContain(t, body, "Nothing has been published yet", "<title>The Daily Compile</title>",
		`<meta name="description" content="News from the build">`, `<link rel="canonical" href="https://blog.example/">`)
	b.settings(t, site.Settings{Title: "صحيفة", Language: "ar", TimeZone: "UTC"})
	b.fill(t, 1)
	_, body = b.get(t, "/?utm_source=x")
	mustContain(t, body, `<html lang="ar" dir="rtl">`, `<h2 class="card-title" lang="en" dir="ltr">`,
		`<link rel="canonical" href="https://blog.example/">`)
}

func TestPagesAreCacheable(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.fill(t, 1, "Go")
	for _, target := range []string{"/", "/tags", "/tags/go", "/posts/story-1", "/search", "/robots.txt"} {
		w, _ := b.get(t, target)
		etag := w.Header().Get("ETag")
		if w.Code != 200 || etag == "" || w.Header().Get("Set-Cookie") != "" {
			t.Errorf("%s: got %d, ETag %q, cookie %q", target, w.Code, etag, w.Header().Get("Set-Cookie"))
		}
		r := httptest.NewRequest("GET", target, nil)
		r.Header.Set("If-None-Match", etag)
		again := httptest.NewRecorder()
		b.ServeHTTP(again, r)
		if again.Code != 304 {
			t.Errorf("%s: got %d with If-None-Match, want 304", target, again.Code)
		}
	}
}
