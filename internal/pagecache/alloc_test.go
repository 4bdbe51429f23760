package pagecache_test

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"testing"

	"broadsheet/internal/pagecache"
	"broadsheet/internal/reader"
)

// sink is a connection whose answers are made in the same header each time.
type sink struct {
	header http.Header
	status int
	bytes  int
}

func (s *sink) Header() http.Header { return s.header }

func (s *sink) WriteHeader(status int) { s.status = status }

func (s *sink) Write(p []byte) (int, error) {
	s.bytes += len(p)
	return len(p), nil
}

// answers are the ways in which a page that is kept is asked for.
var answers = []struct {
	name, method, target string
	fields               []string
	status               int
}{
	{"Hit", "GET", "/posts/a", nil, 200},
	{"HitGzip", "GET", "/posts/a", []string{"Accept-Encoding: gzip"}, 200},
	{"HitBrowser", "GET", "/posts/a", []string{
		"Accept-Encoding: gzip, deflate, br, zstd", "Accept-Language: de", "Cookie: theme=dark; broadsheet_session=x", "Sec-Fetch-Mode: navigate",
	}, 200},
	{"HitQuery", "GET", "/?tag=go&tag=web", []string{"Accept-Encoding: gzip"}, 200},
	{"Head", "HEAD", "/posts/a", nil, 200},
	{"NotModified", "GET", "/posts/a", []string{"Accept-Encoding: gzip", `If-None-Match: "own", W/"2800-gzip"`}, 304},
	{"Modified", "GET", "/posts/a", []string{"Accept-Encoding: gzip", `If-None-Match: "own"`}, 200},
	{"Moved", "GET", "/posts/moved", nil, 301},
}

// warm returns the handler of a cache in which the answers are.
func warm(tb testing.TB) http.Handler {
	tb.Helper()
	c := pagecache.New(pagecache.Options{Size: 4 << 20, Address: reader.Address, CDN: true})
	h := c.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		pagecache.Show(r.Context(), pagecache.On("post:1"))
		if r.URL.Path == "/posts/moved" {
			w.Header().Set("Location", "/posts/a")
			send(w, http.StatusMovedPermanently, "")
			return
		}
		send(w, http.StatusOK, filling[:2800])
	}))
	ctx, cancel := context.WithCancel(tb.Context())
	tb.Cleanup(cancel)
	go c.Run(ctx)
	for _, a := range answers {
		for range 10 {
			h.ServeHTTP(newAnswer(), request(tb, a.method, a.target, a.fields...))
		}
	}
	for _, target := range []string{"/posts/a", "/?tag=go&tag=web"} {
		for coding := ""; coding != "zstd"; { // the last to be made
			a := newAnswer()
			h.ServeHTTP(a, request(tb, "GET", target, "Accept-Encoding: zstd"))
			coding = a.sent.Get("Content-Encoding")
			runtime.Gosched()
		}
	}
	return h
}

// An answer from memory costs no memory.
func TestAnAnswerFromMemoryAllocatesNothing(t *testing.T) {
	h := warm(t)
	for _, tt := range answers {
		r := request(t, tt.method, tt.target, tt.fields...)
		w := &sink{header: http.Header{}}
		allocated := testing.AllocsPerRun(1000, func() {
			clear(w.header)
			h.ServeHTTP(w, r)
		})
		if allocated != 0 || w.status != tt.status || (w.bytes == 0) != (tt.method == "HEAD" || tt.status != 200) {
			t.Errorf("%s: got %v allocations, status %d, %d bytes, want none, %d", tt.name, allocated, w.status, w.bytes, tt.status)
		}
	}
}

func BenchmarkServe(b *testing.B) {
	h := warm(b)
	for _, tt := range answers {
		b.Run(tt.name, func(b *testing.B) {
			r := request(b, tt.method, tt.target, tt.fields...)
			w := &sink{header: http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				clear(w.header)
				h.ServeHTTP(w, r)
			}
		})
	}
}

func BenchmarkServeParallel(b *testing.B) {
	h := warm(b)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		r := request(b, "GET", "/posts/a", "Accept-Encoding: gzip")
		w := &sink{header: http.Header{}}
		for pb.Next() {
			clear(w.header)
			h.ServeHTTP(w, r)
		}
	})
}

// BenchmarkMiss makes pages of 10 kB that show 12 things each.
func BenchmarkMiss(b *testing.B) {
	var body string
	for i := range 200 {
		body += fmt.Sprintf("<p>Paragraph %d says %x and no more.</p>\n", i, i*i*i)
	}
	c := pagecache.New(pagecache.Options{Size: 16 << 20, Address: reader.Address})
	h := c.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for i := range 12 {
			pagecache.Show(r.Context(), pagecache.On(fmt.Sprint("post:", i)))
		}
		send(w, http.StatusOK, body)
	}))
	r := request(b, "GET", "/posts/a", "Accept-Encoding: gzip")
	w := &sink{header: http.Header{}}
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		clear(w.header)
		r.RequestURI = fmt.Sprint("/posts/", n)
		r.URL.Path = r.RequestURI
		h.ServeHTTP(w, r)
	}
}

// BenchmarkChanged ends one of 1,000 pages that show the same list, and makes it again.
func BenchmarkChanged(b *testing.B) {
	c := pagecache.New(pagecache.Options{Size: 16 << 20, Address: reader.Address})
	h := c.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var n int64
		fmt.Sscanf(r.URL.Path, "/posts/%d", &n)
		pagecache.Show(r.Context(), pagecache.On("posts:"+r.URL.Path), pagecache.Between("posts", n, n))
		send(w, http.StatusOK, "")
	}))
	for n := range 1000 {
		h.ServeHTTP(newAnswer(), request(b, "GET", fmt.Sprint("/posts/", n)))
	}
	r := request(b, "GET", "/posts/500")
	w := &sink{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clear(w.header)
		c.Changed([]string{"posts@500"})
		h.ServeHTTP(w, r)
	}
}
