package server_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"broadsheet/internal/accounts"
	"broadsheet/internal/admin"
	"broadsheet/internal/page"
	"broadsheet/internal/postgrestest"
	"broadsheet/internal/posts"
	"broadsheet/internal/reader"
	"broadsheet/internal/server"
	"broadsheet/internal/site"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// blog is a whole server on a database of its own.
type blog struct {
	t        *testing.T
	pool     *pgxpool.Pool
	posts    *posts.Store
	accounts *accounts.Store
	health   *server.Health
	handler  http.Handler
	routes   chi.Routes
	log      *syncBuffer
}

func newBlog(t *testing.T, change ...func(*server.Options)) *blog {
	t.Helper()
	b := &blog{t: t, pool: postgrestest.New(t), log: &syncBuffer{}}
	b.posts, b.accounts, b.health = posts.NewStore(b.pool), accounts.NewStore(b.pool), server.NewHealth(b.pool.Ping)
	settings := site.NewStore(b.pool)
	base := &url.URL{Scheme: "http", Host: "blog.example"}
	log := slog.New(slog.NewJSONHandler(b.log, nil))
	pages := page.New(settings, b.posts, base, log)
	o := server.Options{
		Log: log, BaseURL: base, Pages: pages, Reader: reader.New(pages, b.posts),
		Admin: admin.New(pages, b.posts, b.accounts, settings, base), Health: b.health,
	}
	for _, c := range change {
		c(&o)
	}
	b.handler, b.routes = server.New(o), server.Routes(o)
	b.health.Started()
	return b
}

// syncBuffer is a log that several requests may write to.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func (b *blog) do(method, target string, header ...string) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequest(method, "http://blog.example/", nil)
	var err error
	if r.URL, err = url.ParseRequestURI(target); err != nil {
		b.t.Fatal(err)
	}
	r.RequestURI = target
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
			continue
		}
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	return w
}

func (b *blog) publish(title string, tags ...string) posts.Stored {
	b.t.Helper()
	author, err := b.accounts.EnsureAuthor(b.t.Context(), "Ada Lovelace")
	if err != nil {
		b.t.Fatal(err)
	}
	stored, err := b.posts.Save(b.t.Context(), 0, 0, posts.Draft{
		Title: title, Markdown: "Text of " + title, Language: "en", Tags: tags, AuthorID: author,
		Status: posts.StatusPublished, PublishedAt: time.Now().Add(-time.Hour),
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return stored
}

// Every route answers a plain visitor: none fails, none sets a cookie on a
// page for readers, and all carry the security headers.
func TestEveryRouteAnswers(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.publish("Hello", "go")
	fill := strings.NewReplacer("{slug}", "hello", "{tag}", "go", "{handle}", "ada-lovelace", "{form}", "atom", "{part}", "1", "{id}", "1", "{revision}", "1", "{link}", "1", "{token}", "none", "/*", "/none")
	visited := 0
	err := chi.Walk(b.routes, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		visited++
		target := fill.Replace(route)
		w := b.do(method, target)
		if w.Code >= 500 {
			t.Errorf("%s %s: got %d", method, target, w.Code)
		}
		if !strings.HasPrefix(target, "/admin") && w.Header().Get("Set-Cookie") != "" {
			t.Errorf("%s %s: sets a cookie", method, target)
		}
		for _, name := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "X-Request-Id"} {
			if w.Header().Get(name) == "" {
				t.Errorf("%s %s: got no %s", method, target, name)
			}
		}
		if csp := w.Header().Get("Content-Security-Policy"); strings.Contains(csp, "unsafe") {
			t.Errorf("%s %s: got policy %q", method, target, csp)
		}
		return nil
	})
	if err != nil || visited < 20 {
		t.Errorf("visited %d routes, %v", visited, err)
	}
}

func TestHostileRequestsGetAnAnswer(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.publish("Hello", "go")
	long := strings.Repeat("a", 10_000)
	for _, target := range []string{
		"/?after=x", "/?before=%00", "/?after=" + long, "/?tag=%00", "/?tag=%ff", "/?tag=go&tag=" + long,
		"/?after=a&before=b", "/?" + strings.Repeat("tag=go&", 3000), "/?%zz=1", "/?after=%zz", "/?a;b=c",
		"/tags/%00", "/tags/%ff", "/tags/..%2f..%2fetc", "/tags/" + long, "/tags/go%2Fx",
		"/posts/%00", "/posts/%ff", "/posts/%2e%2e/%2e%2e/etc/passwd", "/posts/'%20OR%201=1--", "/posts/hello%00",
		"/search?q=%00", "/search?q=%ff", "/search?q=" + long, "/search?q=%22", "/search?q=%25_%5C%27", "/search?q=OR%20-",
		"/search?q=hello&after=zzz", "/tags?after=%00", "/tags?after=%ff", "/feed.atom?after=%00", "/search/feed.rss?q=%ff", "/series/%00/feed.json", "/tags/%ff/feed.atom", "/authors/..%2f/feed.rss", "/feed.%00", "/static/%00", "/static/../web.go", "/static/site.css",
		"//evil.example", "/%5cevil.example", "/./posts/hello", "/admin/posts/99999999999999999999", "/admin/posts/-1", "/nope",
	} {
		w := b.do(http.MethodGet, target)
		if w.Code >= 500 || w.Code < 200 {
			t.Errorf("%.80s: got %d\n%s", target, w.Code, b.log)
		}
		if location := w.Header().Get("Location"); location != "" && (!strings.HasPrefix(location, "/") || strings.HasPrefix(location, "//") || strings.HasPrefix(location, "/\\")) {
			t.Errorf("%.80s: leads to %q", target, location)
		}
	}
}

func TestOnePageHasOneAddress(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.publish("Hello", "go")
	tests := []struct{ name, target, want string }{
		{"slash at the end", "/posts/hello/", "/posts/hello"},
		{"doubled slashes", "//posts//hello", "/posts/hello"},
		{"dots", "/tags/../posts/./hello", "/posts/hello"},
		{"query is kept", "/tags/go/?after=x", "/tags/go?after=x"},
		{"another host as path", "//evil.example/", "/evil.example"},
		{"backslash", "/%5Cevil.example/", "/%5Cevil.example"},
		{"several slashes and a host", "////evil.example/..//x/", "/x"},
		{"one tag as a query", "/?tag=go", "/tags/go"},
	}
	for _, tt := range tests {
		w := b.do(http.MethodGet, tt.target, "Host", "evil.example")
		if got := w.Header().Get("Location"); w.Code != http.StatusMovedPermanently || got != tt.want {
			t.Errorf("%s: got %d to %q, want 301 to %q", tt.name, w.Code, got, tt.want)
		}
	}
	body := b.do(http.MethodGet, "/posts/hello", "Host", "evil.example").Body.String()
	if strings.Contains(body, "evil.example") || !strings.Contains(body, "http://blog.example/posts/hello") {
		t.Error("the Host header found its way into a page")
	}
	if got, want := b.do(http.MethodGet, "/posts/h%65llo"), 200; got.Code != want {
		t.Errorf("letters that need not be escaped: got %d, want %d", got.Code, want)
	}
}

func TestAddressesInOtherScripts(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.publish("日本語", "テスト")
	for _, target := range []string{
		"/posts/%E6%97%A5%E6%9C%AC%E8%AA%9E", "/posts/%e6%97%a5%e6%9c%ac%e8%aa%9e", "/tags/%E3%83%86%E3%82%B9%E3%83%88", "/tags/%e3%83%86%e3%82%b9%e3%83%88",
	} {
		if w := b.do(http.MethodGet, target); w.Code != http.StatusOK {
			t.Errorf("%s: got %d, want 200", target, w.Code)
		}
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.publish("Hello")
	w := b.do(http.MethodPost, "/posts/hello")
	if allow := w.Header().Get("Allow"); w.Code != http.StatusMethodNotAllowed || allow != "GET, HEAD" {
		t.Errorf("POST: got %d, Allow %q, want 405 with GET, HEAD", w.Code, allow)
	}
	for _, target := range []string{"/", "/posts/hello", "/tags", "/nope", "/robots.txt", "/static/none.css"} {
		get, head := b.do(http.MethodGet, target), b.do(http.MethodHead, target)
		if get.Code != head.Code || head.Body.Len() != 0 {
			t.Errorf("HEAD %s: got %d and %d bytes, want %d and none", target, head.Code, head.Body.Len(), get.Code)
		}
		for _, name := range []string{"Content-Length", "Content-Type", "Etag"} {
			if get.Header().Get(name) != head.Header().Get(name) {
				t.Errorf("HEAD %s: got %s %q, want %q", target, name, head.Header().Get(name), get.Header().Get(name))
			}
		}
	}
}

// With every connection in use and nobody to give one back, as when the
// database is frozen, a visitor gets an answer in bounded time.
func TestNobodyWaitsForEver(t *testing.T) {
	t.Parallel()
	b := newBlog(t, func(o *server.Options) { o.PageTime = 300 * time.Millisecond })
	for range b.pool.Config().MaxConns {
		c, err := b.pool.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Release()
	}
	for _, target := range []string{"/", "/nope", "/admin/login"} {
		if w := b.do(http.MethodGet, target); w.Code != http.StatusServiceUnavailable && w.Code != http.StatusNotFound {
			t.Errorf("%s: got %d, want 503", target, w.Code)
		}
	}
	// A form, too, is answered before the listener would cut the connection.
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "http://blog.example/admin/login",
		strings.NewReader("email=ada@example.org&password=difference+engine"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	if ctx.Err() != nil || w.Code != http.StatusServiceUnavailable {
		t.Errorf("signing in: got %d, want 503 in time", w.Code)
	}
}

func TestUnknownFilesGetThePage(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	w := b.do(http.MethodGet, "/static/none.css")
	if w.Code != http.StatusNotFound || w.Header().Get("Cache-Control") != "no-store" || !strings.Contains(w.Body.String(), "<main") {
		t.Errorf("got %d, Cache-Control %q, want a whole 404 page that nobody keeps", w.Code, w.Header().Get("Cache-Control"))
	}
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	tests := []struct {
		name   string
		header []string
		want   int
	}{
		{"cross-site", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"same-site is another origin", []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"origin of another host", []string{"Origin", "http://evil.example"}, 403},
		{"origin null", []string{"Origin", "null"}, 403},
		{"origin with a look-alike", []string{"Origin", "http://blog.example.evil.example"}, 403},
		{"same origin", []string{"Sec-Fetch-Site", "same-origin"}, 422},
		{"origin of ours", []string{"Origin", "http://blog.example"}, 422},
		{"no browser", nil, 422},
	}
	_, err := b.accounts.Add(t.Context(), accounts.NewUser{Email: "ada@example.org", Name: "Ada", Password: "difference engine", Role: accounts.RoleOwner}, "Broadsheet")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		w := b.do(http.MethodPost, "/admin/login", tt.header...)
		refused := w.Code == http.StatusForbidden
		if refused != (tt.want == 403) {
			t.Errorf("%s: got %d, want %d", tt.name, w.Code, tt.want)
		}
	}
}

func TestVisitorsAddress(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, peer, forwarded, want string
	}{
		{"no proxy", "203.0.113.9:1234", "", "203.0.113.9:1234"},
		{"not believed", "203.0.113.9:1234", "198.51.100.1", "203.0.113.9:1234"},
		{"one proxy", "10.0.0.1:1234", "198.51.100.1", "198.51.100.1:1234"},
		{"forged on the left", "10.0.0.1:1234", "1.2.3.4, 198.51.100.1", "198.51.100.1:1234"},
		{"two proxies", "10.0.0.1:1234", "198.51.100.1, 10.9.9.9", "198.51.100.1:1234"},
		{"nonsense", "10.0.0.1:1234", "unknown", "10.0.0.1:1234"},
		{"IPv6", "10.0.0.1:1234", "2001:db8::1", "[2001:db8::1]:1234"},
		{"mapped", "[::ffff:10.0.0.1]:1234", "::ffff:198.51.100.1", "198.51.100.1:1234"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := server.VisitorAddress([]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, tt.peer, tt.forwarded)
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestEachRequestIsOneLineInTheLog(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.publish("Hello")
	w := b.do(http.MethodGet, "/posts/hello?secret=1")
	lines := strings.Split(strings.TrimSpace(b.log.String()), "\n")
	if len(lines) != 1 {
		t.Fatalf("got %d lines, want 1:\n%s", len(lines), b.log)
	}
	for _, want := range []string{
		`"route":"/posts/{slug}"`, `"status":200`, `"method":"GET"`, `"path":"/posts/hello"`, `"duration_ms":`, `"bytes":`,
		`"request_id":"` + w.Header().Get("X-Request-Id") + `"`,
	} {
		if !strings.Contains(lines[0], want) {
			t.Errorf("got %s, want it to hold %s", lines[0], want)
		}
	}
	if strings.Contains(lines[0], "secret") {
		t.Errorf("the query stands in the log: %s", lines[0])
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	want := func(target string, status int) {
		t.Helper()
		if w := b.do(http.MethodGet, target); w.Code != status {
			t.Errorf("%s: got %d (%s), want %d", target, w.Code, strings.TrimSpace(w.Body.String()), status)
		}
	}
	want("/livez", 200)
	want("/readyz", 200)
	b.health.Stopping()
	want("/readyz", 503)
	want("/livez", 200)
	want("/", 200)
}

func TestLargeBodiesAreRefused(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	r := httptest.NewRequest(http.MethodPost, "http://blog.example/admin/login", io.LimitReader(endless{}, 20<<20))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	if w.Code != http.StatusRequestEntityTooLarge || !strings.Contains(w.Body.String(), "larger") {
		t.Errorf("got %d, want 413 with a page", w.Code)
	}
}

// endless is a body of the letter a.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}

// Pages tell nobody about the inside, whatever breaks.
func TestFailuresTellNothing(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	if _, err := b.pool.Exec(t.Context(), "DROP TABLE post_tags CASCADE; ALTER TABLE posts RENAME TO lost"); err != nil {
		t.Fatal(err)
	}
	w := b.do(http.MethodGet, "/")
	body := w.Body.String()
	if w.Code != http.StatusInternalServerError || strings.Contains(body, "posts\"") || strings.Contains(body, "SQLSTATE") || strings.Contains(body, "relation") {
		t.Errorf("got %d:\n%s", w.Code, body)
	}
	if id := w.Header().Get("X-Request-Id"); !strings.Contains(body, id) || !strings.Contains(b.log.String(), id) {
		t.Errorf("the request's id %s does not lead from the page to the log", id)
	}
	if !strings.Contains(b.log.String(), "SQLSTATE 42P01") {
		t.Errorf("the log does not say what happened:\n%s", b.log)
	}
}
