package pagecache_test

import (
	"bufio"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"broadsheet/internal/pagecache"
	"broadsheet/internal/reader"
)

// However an address is written, its page is made once.
func TestOnePageOneEntry(t *testing.T) {
	t.Parallel()
	for _, spellings := range [][]string{
		{
			"/posts/a", "/posts/a?", "/posts/a?utm_source=x", "/posts/a?x=1&y=2&x=3", "/posts/a?tag=go&q=a&after=b",
			"/posts/%61", "/posts%2Fa", "/%70osts/a", "/posts/a?" + strings.Repeat("x", 8<<10), "/posts/a?" + strings.Repeat("x=1&", 2<<10),
			"http://blog.example/posts/a", "HTTP://BLOG.EXAMPLE:80/posts/a?x", "http://evil.example/posts/a", "https://u:p@evil.example/posts/%61?#",
		},
		{
			"/?tag=go&tag=web", "/?tag=web&tag=go", "/?tag=go&tag=web&tag=go", "/?%74ag=w%65b&tag=go", "/?&&tag=web&x=y&tag=go&",
			"/?tag=&tag=web&tag=go&after=", "http://blog.example/?tag=web&tag=go",
		},
		{"/search?q=go+web", "/search?q=go%20web", "/search?q=++go++web+", "/search?q=go%09web%0A&page=2", "/search?tag=x&q=go+web&before=&after="},
		{"/", "/?", "/?x", "/?tag=&after=", "http://blog.example/", "http://blog.example/?x=1"},
		{"/posts/a;b", "/posts/a%3Bb", "/posts/%61;b?c=d"},
		{"/posts/%3F", "/posts/%3f?x"},
		{"/posts/a#b", "/posts/a%23b"},
		{"/posts/%2B%20+%25", "/posts/+%20%2b%25"},
		{"/posts/ü", "/posts/%C3%BC", "/posts/%c3%bc"},
		{"/tags?after=x", "/tags?after=x&before=y&tag=z"},
		{"/tags/go?after=x", "/tags/go?%61fter=%78&q=1", "/tags/g%6F?after=x&after="},
	} {
		b := newBlog(t, pagecache.Options{})
		var first string
		for i, target := range spellings {
			outcome := "hit"
			if i == 0 {
				outcome = "miss"
			}
			a := b.get(target).want(t, 200, outcome)
			if text := a.text(t); i == 0 {
				first = text
			} else if text != first {
				t.Errorf("%.80s: got %.80q, want %.80q", target, text, first)
			}
			if n := b.get(target, "Cookie: a=b", "Accept-Language: de").outcome; n != "hit" {
				t.Errorf("%.80s: got outcome %q again", target, n)
			}
		}
	}
}

// What is no page, or what no page can be for, is answered by the handler each
// time and is told nothing of what was kept.
func TestAddressesThatAreNotKept(t *testing.T) {
	t.Parallel()
	b := newBlog(t, pagecache.Options{})
	b.get("/posts/a")
	b.get("/tags")
	b.get("/")
	for _, target := range []string{
		"//posts/a", "/posts//a", "/./posts/a", "/posts/./a", "/posts/%2e%2e/tags", "/tags/../posts/a", "/posts/a/", "/posts/a/b", "/posts/a%2Fb",
		"/posts/", "/tags/", "/posts/a%00", "/posts/%ff", "/posts/a?x=%zz", "/posts/a?x;y", "/?after=a&after=b", "/?tag=%00", "/?tag=%ff",
		"/search?q=a&q=b", "/admin", "/admin/posts", "/feed.xml", "/robots.txt", "/livez", "http://blog.example//posts/a",
		"http://blog.example", "http://blog.example?x=1", "/%3Ftag=x/..?tag=go",
		"//blog.example/posts/a", "/search?q=" + strings.Repeat("x", 8<<10), "/posts/" + strings.Repeat("%C3%BC", 1<<10), "/POSTS/a",
	} {
		for n := 1; n <= 2; n++ {
			a := b.get(target).want(t, 200, "")
			r := request(t, "GET", target)
			if want := fmt.Sprintf("%s number %d\n%s", r.URL, n, filling); a.body.String() != want {
				t.Errorf("%.80s: got %.80q, want %.80q", target, a.body.String(), want)
			}
		}
	}
	if got := b.get("/posts/a").want(t, 200, "hit").text(t); !strings.HasPrefix(got, "/posts/a number 1\n") {
		t.Errorf("got %.40q", got)
	}
}

// Nothing but the address reaches who makes a page.
func TestNothingElseOfARequestReachesThePage(t *testing.T) {
	t.Parallel()
	b := newBlog(t, pagecache.Options{})
	var got *http.Request
	b.page = func(w http.ResponseWriter, r *http.Request) {
		got = r
		b.ordinary(w, r)
	}
	fields := []string{
		"Cookie: broadsheet_session=secret", "Authorization: Basic x", "X-Forwarded-Host: evil.example", "X-Forwarded-Proto: http",
		"X-Original-URL: /admin", "X-HTTP-Method-Override: POST", "Forwarded: host=evil.example", "Range: bytes=0-1",
		"If-None-Match: *", "If-Modified-Since: Mon, 02 Jan 2006 15:04:05 GMT", "Accept: application/json", "Accept-Language: de",
		"Accept-Encoding: gzip", "Cache-Control: no-cache", "Pragma: no-cache", "Content-Length: 4", "Expect: 100-continue", "X-Unknown: x",
	}
	r := request(t, "HEAD", "http://evil.example/posts/a?utm=x", fields...)
	r.Host, r.RemoteAddr = "evil.example", "192.0.2.1:1234"
	r.Form, r.PostForm = url.Values{"q": {"x"}}, url.Values{"q": {"x"}}
	r.SetPathValue("slug", "other")
	if a := b.ask(r); a.outcome != "miss" {
		t.Fatalf("got outcome %q", a.outcome)
	}
	if got.Method != "GET" || got.URL.String() != "/posts/a" || got.RequestURI != "/posts/a" || len(got.Header) != 0 {
		t.Errorf("got %s %s (%s) with %v", got.Method, got.URL, got.RequestURI, got.Header)
	}
	if got.Host != "" || got.RemoteAddr != "" || got.TLS != nil || got.PathValue("slug") != "" || got.Form != nil {
		t.Errorf("got host %q, client %q, %v, %q, %v", got.Host, got.RemoteAddr, got.TLS, got.PathValue("slug"), got.Form)
	}
	if n, err := got.Body.Read(make([]byte, 1)); n != 0 || err == nil || got.ContentLength != 0 {
		t.Errorf("got a body")
	}
}

// FuzzKeys asks a cache for two addresses, and for the first by the address
// that its page is kept under. Each must be answered as if there were none.
func FuzzKeys(f *testing.F) {
	for _, seed := range [][2]string{
		{"/posts/a?x=1", "/posts/%61"}, {"/?tag=b&tag=a&after=", "/?tag=a&tag=b"}, {"/search?q=+a++b", "/search?q=a%20b&q="},
		{"/posts/a;b", "/posts/a%3Bb"}, {"//posts/a", "/posts/a"}, {"http://h/posts/a?b", "/posts/a?c#d"}, {"/posts/a%3Fb", "/posts/a?b"},
		{"/posts/%2e%2e", "/posts/.."}, {"/tags/a%2Fb", "/tags/a/b"}, {"/posts/a%20b", "/posts/a+b"}, {"*", "mailto:x"}, {"/posts/%25", "/posts/%"},
		{"/posts/a:b", "/posts/a%3ab"}, {"/search?q=%26tag%3Da", "/search?q=&tag=a"}, {"/posts/%E2%80%AE", "/tags?after=%2B&before=+"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		b := newBlog(t, pagecache.Options{})
		b.page = func(w http.ResponseWriter, r *http.Request) {
			pagecache.Show(r.Context(), pagecache.On("x"))
			fmt.Fprint(w, page(r.URL))
		}
		kept := map[string]bool{}
		for _, target := range []string{first, second, first} {
			if strings.ContainsAny(target, "\r\n") {
				return
			}
			r, err := http.ReadRequest(bufio.NewReader(strings.NewReader("GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n")))
			if err != nil {
				return
			}
			want := page(r.URL)
			a := b.ask(r)
			if a.body.String() != want {
				t.Fatalf("%q: got %q, want %q", target, a.body.String(), want)
			}
			if a.outcome == "" { // not kept; the handler may have had to make it
				continue
			}
			if outcome := map[bool]string{false: "miss", true: "hit"}[kept[want]]; a.outcome != outcome {
				t.Fatalf("%q: got outcome %q, want %q", target, a.outcome, outcome)
			}
			kept[want] = true

			// The address of an address is itself.
			route, query, _ := reader.Address(r.URL)
			key := (&url.URL{Path: r.URL.Path, RawQuery: query}).String()
			again, err := url.ParseRequestURI(key)
			if err != nil {
				t.Fatalf("%q: %v", key, err)
			}
			if route2, query2, ok := reader.Address(again); !ok || route2 != route || query2 != query || again.Path != r.URL.Path {
				t.Fatalf("%q: got %q, %q, %q, want %q, %q, %q", key, route2, again.Path, query2, route, r.URL.Path, query)
			}
			if byKey := b.get(key); byKey.outcome != "hit" || byKey.body.String() != want {
				t.Fatalf("%q: got %q, %q", key, byKey.outcome, byKey.body.String())
			}
		}
	})
}

// page is all that an address says about its page.
func page(u *url.URL) string {
	route, query, ok := reader.Address(u)
	if !ok {
		return fmt.Sprintf("no page: %q", u)
	}
	return fmt.Sprintf("%q %q %q", route, u.Path, query)
}
