package pagecache_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"broadsheet/internal/pagecache"
	"broadsheet/internal/reader"
)

// blog is a handler behind a cache, which makes up the pages of a blog.
type blog struct {
	http.Handler
	t     testing.TB
	cache *pagecache.Cache
	page  http.HandlerFunc // what answers; nil for [blog.ordinary]

	mu   sync.Mutex
	made map[string]int // how often the page of an address was made
}

// newBlog returns a blog whose cache keeps 4 MiB unless the options say more.
func newBlog(t testing.TB, o pagecache.Options) *blog {
	t.Helper()
	b := &blog{t: t, made: map[string]int{}}
	if o.Size == 0 {
		o.Size = 4 << 20
	}
	if o.Address == nil {
		o.Address = reader.Address
	}
	o.Served = func(w http.ResponseWriter, route, outcome string) {
		if a, ok := w.(*answer); ok {
			a.route, a.outcome = route, outcome
		}
	}
	b.cache = pagecache.New(o)
	b.Handler = b.cache.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		b.made[r.URL.String()]++
		b.mu.Unlock()
		if b.page != nil {
			b.page(w, r)
			return
		}
		b.ordinary(w, r)
	}))
	return b
}

// ordinary is a page that can be kept and shows what its address names.
func (b *blog) ordinary(w http.ResponseWriter, r *http.Request) {
	pagecache.Show(r.Context(), pagecache.On("page:"+r.URL.Path))
	send(w, http.StatusOK, fmt.Sprintf("%s number %d\n%s", r.URL, b.makings(r.URL.String()), filling))
}

// filling makes a page large enough to be compressed.
var filling = strings.Repeat("All the news that fits, and some that does not. ", 60)

// send answers as the program's pages do.
func send(w http.ResponseWriter, status int, body string) {
	h := w.Header()
	h.Add("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "public, max-age=0, must-revalidate")
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("ETag", fmt.Sprintf(`"%d"`, len(body)))
	h.Set("Content-Length", fmt.Sprint(len(body)))
	w.WriteHeader(status)
	io.WriteString(w, body)
}

// makings returns how often the page of an address was made.
func (b *blog) makings(address string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.made[address]
}

// allMakings returns how often any page was made.
func (b *blog) allMakings() (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, times := range b.made {
		n += times
	}
	return n
}

// get asks for a page as a client of HTTP/1.1 does, with header fields like
// "Accept-Encoding: gzip".
func (b *blog) get(target string, fields ...string) *answer {
	b.t.Helper()
	return b.ask(request(b.t, http.MethodGet, target, fields...))
}

func (b *blog) ask(r *http.Request) *answer {
	w := newAnswer()
	b.ServeHTTP(w, r)
	return w
}

// request reads a request from its bytes, so that it is what net/http makes of
// a target that no well-behaved client would send.
func request(t testing.TB, method, target string, fields ...string) *http.Request {
	t.Helper()
	text := method + " " + target + " HTTP/1.1\r\nHost: blog.example\r\n" + strings.Join(append(fields, "", ""), "\r\n")
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
	if err != nil {
		t.Fatal(err)
	}
	return r.WithContext(t.Context())
}

// answer is what a client got.
type answer struct {
	header         http.Header
	status         int
	sent           http.Header   // what the header was when it went out
	hints          []http.Header // of answers before the answer
	body           bytes.Buffer
	route, outcome string
}

func newAnswer() *answer { return &answer{header: http.Header{}} }

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	switch {
	case a.status != 0:
		panic("the header was sent before")
	case status < 200:
		a.hints = append(a.hints, a.header.Clone())
	default:
		a.status, a.sent = status, a.header.Clone()
	}
}

func (a *answer) Write(p []byte) (int, error) {
	if a.status == 0 {
		a.WriteHeader(http.StatusOK)
	}
	return a.body.Write(p)
}

// text returns the body without its content coding.
func (a *answer) text(t testing.TB) string {
	t.Helper()
	var plain io.Reader = &a.body
	var err error
	switch coding := a.sent.Get("Content-Encoding"); coding {
	case "gzip":
		plain, err = gzip.NewReader(&a.body)
	case "br":
		plain = brotli.NewReader(&a.body)
	case "zstd":
		var d *zstd.Decoder
		if d, err = zstd.NewReader(&a.body); err == nil {
			defer d.Close()
			plain = d
		}
	case "":
	default:
		t.Fatalf("got Content-Encoding %q", coding)
	}
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(plain)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// want fails the test unless the answer came about that way.
func (a *answer) want(t testing.TB, status int, outcome string) *answer {
	t.Helper()
	if a.status != status || a.outcome != outcome {
		t.Fatalf("got status %d, outcome %q, want %d, %q", a.status, a.outcome, status, outcome)
	}
	return a
}
