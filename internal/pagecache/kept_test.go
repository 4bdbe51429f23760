package pagecache_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"broadsheet/internal/pagecache"
)

func TestWhatIsKept(t *testing.T) {
	t.Parallel()
	field := func(name, value string) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, r *http.Request) {
			pagecache.Show(r.Context(), pagecache.On("post:1"))
			w.Header().Set(name, value)
			io.WriteString(w, filling)
		}
	}
	status := func(status int) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, r *http.Request) {
			pagecache.Show(r.Context(), pagecache.On("post:1"))
			w.Header().Set("Location", "/posts/b")
			send(w, status, filling)
		}
	}
	for _, tt := range []struct {
		name string
		page http.HandlerFunc
		kept bool
	}{
		{"ok", status(200), true},
		{"moved permanently", status(301), true},
		{"permanent redirect", status(308), true},
		{"found", status(302), false},
		{"see other", status(303), false},
		{"temporary redirect", status(307), false},
		{"bad request", status(400), false},
		{"not found", status(404), false},
		{"gone", status(410), false},
		{"error", status(500), false},
		{"unavailable", status(503), false},
		{"no-store", field("Cache-Control", "no-store"), false},
		{"no-store among others", field("Cache-Control", "max-age=0, no-store"), false},
		{"private", field("Cache-Control", "private, max-age=60"), false},
		{"no-cache", field("Cache-Control", "no-cache"), true},
		{"a cookie", field("Set-Cookie", "a=b"), false},
		{"shows nothing", func(w http.ResponseWriter, _ *http.Request) { send(w, 200, filling) }, false},
		{"shows nothing in particular", func(w http.ResponseWriter, r *http.Request) {
			pagecache.Show(r.Context())
			send(w, 200, filling)
		}, false},
		{"an answer before the answer", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusProcessing)
			status(404)(w, r)
		}, false},
		{"too large", func(w http.ResponseWriter, r *http.Request) {
			pagecache.Show(r.Context(), pagecache.On("post:1"))
			send(w, 200, strings.Repeat(filling, 300))
		}, false},
		{"empty", func(_ http.ResponseWriter, r *http.Request) {
			pagecache.Show(r.Context(), pagecache.On("post:1"))
		}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBlog(t, pagecache.Options{})
			b.page = tt.page
			first := b.get("/posts/a", "Accept-Encoding: gzip")
			again := b.get("/posts/a", "Accept-Encoding: gzip")
			if kept := b.allMakings() == 1; kept != tt.kept || first.outcome != "miss" || (again.outcome == "hit") != tt.kept {
				t.Errorf("got made %d times, outcomes %q and %q, want kept %v", b.allMakings(), first.outcome, again.outcome, tt.kept)
			}
			if again.status != first.status || again.text(t) != first.text(t) {
				t.Errorf("got status %d and another text, want %d", again.status, first.status)
			}
			if first.status != 200 && first.sent.Get("Location") != again.sent.Get("Location") {
				t.Errorf("got Location %q, want %q", again.sent.Get("Location"), first.sent.Get("Location"))
			}
		})
	}
}

// Fields that stand around an answer belong to the request, not to the page.
func TestFieldsOfOneRequest(t *testing.T) {
	t.Parallel()
	b := newBlog(t, pagecache.Options{})
	b.page = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", "of the first")
		w.Header().Set("Date", "of the first")
		w.Header().Set("Connection", "close")
		w.Header()["X-Page"] = append(make([]string, 0, 8), "own")
		b.ordinary(w, r)
	}
	var answers []*answer
	for _, id := range []string{"1", "2", "3"} {
		w := newAnswer()
		w.header.Set("X-Request-Id", id)
		b.ServeHTTP(w, request(t, "GET", "/posts/a"))
		if w.sent.Get("X-Request-Id") != id || len(w.sent["X-Page"]) != 1 || w.sent.Get("Date")+w.sent.Get("Connection") != "" {
			t.Errorf("%s: got %v", w.outcome, w.sent)
		}
		// What stands around may add to its answer, and not to others.
		w.header.Add("X-Page", id)
		answers = append(answers, w)
	}
	for i, id := range []string{"1", "2", "3"} {
		if got := answers[i].header["X-Page"]; len(got) != 2 || got[1] != id {
			t.Errorf("got %q, want what was added to it, %q", got, id)
		}
	}
}

func TestFieldsForACDN(t *testing.T) {
	t.Parallel()
	for _, cdn := range []bool{false, true} {
		b := newBlog(t, pagecache.Options{CDN: cdn})
		b.page = func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/posts/a":
				pagecache.Show(r.Context(), pagecache.On("post:1"), pagecache.Between("posts", 1, 2), pagecache.On("post:1"))
				pagecache.Show(r.Context(), pagecache.Between("posts", 5, 6))
				send(w, 200, filling)
			case "/posts/gone":
				pagecache.Show(r.Context(), pagecache.On("post:1"))
				send(w, 410, filling)
			case "/posts/own":
				send(w, 200, filling)
			}
		}
		for _, path := range []string{"/posts/a", "/posts/gone", "/posts/own"} {
			for range 2 {
				page := b.get(path)
				notModified := b.get(path, "If-None-Match: "+page.sent.Get("ETag"))
				for _, a := range []*answer{page, notModified} {
					control, keys := a.sent.Get("Cdn-Cache-Control"), a.sent.Get("Surrogate-Key")
					if cdn && path == "/posts/a" {
						if !strings.Contains(control, "max-age=") || !strings.Contains(control, "stale-if-error=") || keys != "post:1 posts" {
							t.Errorf("%s, %d: got %q, %q", path, a.status, control, keys)
						}
					} else if control+keys != "" {
						t.Errorf("CDN %v, %s, %d: got %q, %q", cdn, path, a.status, control, keys)
					}
				}
				if path == "/posts/a" && notModified.status != 304 {
					t.Errorf("got status %d", notModified.status)
				}
			}
		}
	}
}

type requestKey struct{}

// Who makes a page can be told for whom, for the log; who leaves tells nothing more.
func TestContextIsOfWhoAskedFirst(t *testing.T) {
	t.Parallel()
	b := newBlog(t, pagecache.Options{Context: func(ctx context.Context, w http.ResponseWriter) context.Context {
		return context.WithValue(ctx, requestKey{}, w.Header().Get("X-Request-Id"))
	}})
	var told []any
	b.page = func(w http.ResponseWriter, r *http.Request) {
		told = append(told, r.Context().Value(requestKey{}))
		b.ordinary(w, r)
	}
	for _, id := range []string{"first", "second"} {
		w := newAnswer()
		w.header.Set("X-Request-Id", id)
		b.ServeHTTP(w, request(t, "GET", "/posts/a"))
	}
	if len(told) != 1 || told[0] != "first" {
		t.Errorf("got %v, want the first", told)
	}
}

// Outside of a cache there is nothing to note.
func TestShowOutsideOfACache(t *testing.T) {
	t.Parallel()
	pagecache.Show(t.Context(), pagecache.On("post:1"))
}
