package server_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"github.com/prometheus/client_golang/prometheus"

	"broadsheet/internal/postgrestest"
)

// mark stands in everything odd that a request brings, and in no page.
const mark = "zqxmark"

const (
	plainGet = "GET /posts/post-1 HTTP/1.1\r\nHost: blog.example\r\n"
	end      = "Connection: close\r\n\r\n"
)

// oddRequests are requests as they go over the line, with the statuses that
// are right. After none of them anybody else sees another page.
func oddRequests() (requests []oddRequest) {
	add := func(raw string, statuses ...int) { requests = append(requests, oddRequest{raw, statuses}) }
	field := func(lines string, statuses ...int) { add(plainGet+lines+"\r\n"+end, statuses...) }
	target := func(target string, statuses ...int) {
		add("GET "+target+" HTTP/1.1\r\nHost: blog.example\r\n"+end, statuses...)
	}
	for _, line := range []string{
		"X-Forwarded-Host: " + mark + ".example", "X-Forwarded-Proto: " + mark, "X-Forwarded-Prefix: /" + mark, "X-Forwarded-For: " + mark,
		"X-Forwarded-Port: 1", "X-Host: " + mark, "X-Original-URL: /" + mark, "X-Rewrite-URL: /" + mark, "X-Original-Host: " + mark,
		"Forwarded: for=1.2.3.4;host=" + mark + ".example;proto=https", "X-HTTP-Method-Override: DELETE", "X-Method-Override: POST", "X-HTTP-Method: PUT",
		"X-Request-Id: " + mark, "Accept: application/json", "Accept: " + mark, "Accept: ;;;,", "Accept-Language: de, " + mark + ";q=1", "Accept-Charset: utf-16",
		"Range: bytes=0-9", "Range: bytes=" + mark, "Range: bytes=0-1,3-4\r\nIf-Range: \"" + mark + "\"", "If-Modified-Since: Fri, 31 Dec 2999 23:59:59 GMT",
		"If-Modified-Since: " + mark, "If-None-Match: \"" + mark + "\"", "If-None-Match: " + mark + ", W/\"" + mark + "\", ,", "If-None-Match: \"",
		"Cache-Control: no-cache", "Cache-Control: no-store, max-age=0, " + mark, "Cache-Control: only-if-cached", "Pragma: no-cache",
		"TE: trailers", "TE: gzip, " + mark, "Expect: 100-continue", "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__", "Connection: X-Forwarded-Host, " + mark,
		"Cookie: broadsheet_session=" + mark, "Cookie: broadsheet_saved=1", "Cookie: __Host-broadsheet_session=" + mark + "; broadsheet_saved=" + mark,
		"Cookie: ;;=;" + mark, "Cookie: a=b\r\nCookie: " + mark, "Authorization: Bearer " + mark, "Proxy-Authorization: Basic " + mark, "Origin: null",
		"Origin: http://" + mark, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Referer: http://" + mark, "User-Agent: " + mark, "From: \xff\xfe",
		"Content-Type: application/x-www-form-urlencoded", "X-Empty:", "x-forwarded-host:" + mark + "\r\nX-Forwarded-Host: " + mark, "Transfer-Encoding: chunked\r\n\r\n0",
		"Save-Data: on", "Purpose: prefetch", "DNT: 1", "Max-Forwards: 0", "Via: 1.1 " + mark, "X-Padding: " + strings.Repeat(mark, 3000),
	} {
		field(line, 200)
	}
	field("If-None-Match: *", 304)
	field("Expect: "+mark, 417)
	field("X-Padding: "+strings.Repeat("a", 40<<10), 431)
	field("Transfer-Encoding: "+mark, 501)
	field("Content-Length: -1", 400)
	field("Content-Length: 1\r\nContent-Length: 2", 400)
	field("Host: "+mark, 400)
	field("bad field: x", 400)
	field("X-Folded: a\r\n "+mark, 200, 400)
	add("GET /posts/post-1 HTTP/1.1\r\n"+end, 400) // RFC 9112, section 3.2
	add("GET /posts/post-1 HTTP/1.0\r\n\r\n", 200)
	add("GET /posts/post-1 HTTP/1.1\r\nHost: "+mark+".example\r\n"+end, 200)
	add("GET /posts/post-1 HTTP/1.1\r\nHost: "+mark+".example:8080\r\n"+end, 200)
	add("GET /posts/post-1 HTTP/1.1\r\nHost: \r\n"+end, 200)
	add("GET /posts/post-1 HTTP/1.1\r\nHost: "+mark+"/<b>\r\n"+end, 400)
	add("GET http://"+mark+".example/posts/post-1 HTTP/1.1\r\nHost: blog.example\r\n"+end, 200)
	add("GET https://"+mark+"@blog.example:1/posts/post-1?"+mark+"=1 HTTP/1.1\r\nHost: blog.example\r\n"+end, 200)
	add("GET http://"+mark+".example HTTP/1.1\r\nHost: blog.example\r\n"+end, 200, 301)
	add(plainGet+"Content-Length: 5\r\n"+end+"hello", 200)
	add("GET /posts/post-1 HTTP/9.9\r\nHost: x\r\n"+end, 505)

	for _, method := range []string{"OPTIONS", "TRACE", "PURGE", "BAN", "DELETE", "PUT", "PATCH", "get", mark} {
		add(method+" /posts/post-1 HTTP/1.1\r\nHost: blog.example\r\n"+end, 405)
	}
	add("HEAD /posts/post-1 HTTP/1.1\r\nHost: blog.example\r\n"+end, 200)
	add("POST /posts/post-1 HTTP/1.1\r\nHost: blog.example\r\nContent-Length: 12\r\n"+end+mark+"=abcd", 405)
	add("POST / HTTP/1.1\r\nHost: blog.example\r\nContent-Length: 12\r\n"+end+mark+"=abcd", 405)
	add("OPTIONS * HTTP/1.1\r\nHost: blog.example\r\n"+end, 200)
	add("CONNECT "+mark+":80 HTTP/1.1\r\nHost: "+mark+"\r\n"+end, 404, 405)

	for _, query := range []string{
		"?", "?" + mark, "?" + mark + "=" + mark, "?utm_source=" + mark + "&utm_source=" + mark, "?after=" + mark, "?tag=" + mark, "?q=" + mark,
		"?%ff", "?&&&", "?=" + mark, "?page=2&format=json&callback=" + mark, "?" + strings.Repeat(mark, 1200), "?a;b=" + mark, "?%zz" + mark, "??" + mark,
		"?" + strings.Repeat("a=1&", 2000),
	} {
		target("/posts/post-1"+query, 200)
	}
	for _, path := range []string{
		"/posts/post%2D1", "/%70osts/post-1", "/posts/%70%6f%73%74%2d%31", "/posts%2fpost-1", "/posts%2Fpost-1",
	} {
		target(path, 200)
	}
	for _, path := range []string{
		"//posts/post-1", "/posts//post-1", "/posts/./post-1", "/posts/" + mark + "/../post-1", "/posts/%2e/post-1", "/posts/" + mark + "/%2E%2e/post-1", "/posts/post-1/",
		"/posts/post-1%2f", "/./posts/post-1", "/../posts/post-1", "/posts/post-1/.", "//" + mark + ".example/", "/?tag=go&tag=go", "/?tag=" + mark,
	} {
		target(path, 301)
	}
	for _, path := range []string{
		"/posts/post-1;" + mark, "/posts/post-1%3b" + mark, "/posts/post-1%00", "/posts/post-1%00" + mark, "/posts/%ff" + mark, "/posts/%C0%AE%C0%AE/", "/posts/post-1#" + mark,
		"/posts/" + mark, "/posts/POST-1" + mark, "/tags/" + mark, "/" + mark, "/posts/post-1%0d%0aSet-Cookie:" + mark, "/posts/post-1%23" + mark, "/posts/post-1%3f" + mark,
		"/posts/" + strings.Repeat(mark, 1200), "/posts/post-1%5c" + mark, "/posts/%252e%252e/" + mark, "/static/" + mark, "/static/../posts/" + mark,
		"/posts/post-1.html?" + mark,
	} {
		target(path, 404, 301)
	}
	for _, path := range []string{
		"posts/post-1", "/posts/%zz", "/posts/post-1%", "/?after=" + mark, "/?after=a&after=b", "/tags/go?before=" + mark, "/?%zz", "/search?q=%ff" + mark,
		"/?tag=%ff&tag=" + mark, "/tags?after=%ff", "/search?q=" + strings.Repeat(mark, 1200), "/post s", "/?" + strings.Repeat("tag="+mark+"1&tag="+mark+"2&tag=a&tag=b&tag=c&tag=d&", 80),
	} {
		target(path, 400)
	}
	target("/?tag="+mark+"&tag=go", 200)
	target("/?tag=go&tag="+mark+"2&tag="+mark, 200)
	target("/?"+mark+"=1", 200)
	target("/tags?"+mark, 200)
	return requests
}

type oddRequest struct {
	raw      string
	statuses []int // that are right
}

// exchange sends a request as it stands and returns the answer as it came.
func exchange(t *testing.T, address, raw string) (response *http.Response, body []byte) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	go io.WriteString(conn, raw) // the server may answer and hang up before all is said
	method, _, _ := strings.Cut(raw, " ")
	in := bufio.NewReader(conn)
	for {
		if response, err = http.ReadResponse(in, &http.Request{Method: method}); err != nil {
			t.Fatalf("%.200q: %v", raw, err)
		}
		if response.StatusCode >= 200 {
			break
		}
	}
	defer response.Body.Close()
	if body, err = io.ReadAll(response.Body); err != nil {
		t.Fatalf("%.200q: %v", raw, err)
	}
	return response, body
}

// seen is a page as a plain reader sees it: all of it but what each answer has
// of its own.
func seen(t *testing.T, address, target, fields string) string {
	t.Helper()
	response, body := exchange(t, address, "GET "+target+" HTTP/1.1\r\nHost: blog.example\r\n"+fields+end)
	response.Header.Del("Date")
	response.Header.Del("X-Request-Id")
	var text strings.Builder
	fmt.Fprintln(&text, response.StatusCode)
	_ = response.Header.Write(&text)
	text.WriteString("\n")
	text.Write(body)
	return text.String()
}

// entries returns how many pages the cache keeps.
func (c *copyOf) entries(t *testing.T) int {
	t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(c.cache)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == "broadsheet_cache_entries" {
			return int(f.GetMetric()[0].GetGauge().GetValue())
		}
	}
	t.Fatal("the cache does not say how much it keeps")
	return 0
}

var plainPages = []string{"/", "/posts/post-1", "/tags/go", "/tags", "/?tag=go&tag=tag-1"}

// No request changes what anybody else sees or makes the cache keep anything
// but pages that there are, whether it finds the page in memory or has it made.
func TestNobodyPoisonsAPage(t *testing.T) {
	t.Parallel()
	c := newCopy(t, postgrestest.NewURL(t), 64<<20)
	fillBlog(t, c, 3)
	address := c.listening(t)
	before := map[string]string{}
	for _, target := range plainPages {
		for range 2 {
			for _, fields := range []string{"", "Accept-Encoding: gzip\r\n"} {
				before[target+fields] = seen(t, address, target, fields)
			}
		}
		if text := before[target]; !strings.HasPrefix(text, "200") || !strings.Contains(text, "\nEtag: ") || strings.Contains(text, mark) {
			t.Fatalf("%s: got %s", target, text)
		}
	}
	if got := c.entries(t); got != len(plainPages) {
		t.Fatalf("%d pages are kept, want %d", got, len(plainPages))
	}
	same := func(when string, targets ...string) {
		t.Helper()
		for _, target := range targets {
			for _, fields := range []string{"", "Accept-Encoding: gzip\r\n"} {
				if diff := cmp.Diff(before[target+fields], seen(t, address, target, fields)); diff != "" {
					t.Fatalf("%s: %s is another page now (-before +after):\n%s", when, target, diff)
				}
			}
		}
		if got := c.entries(t); got != len(plainPages) {
			t.Errorf("%s: %d pages are kept, want %d", when, got, len(plainPages))
		}
	}
	for i, odd := range oddRequests() {
		for _, where := range []string{"in memory", "to be made"} {
			if where == "to be made" {
				c.cache.Reset()
			}
			when := fmt.Sprintf("%s: %.120q", where, odd.raw)
			response, body := exchange(t, address, odd.raw)
			if !slices.Contains(odd.statuses, response.StatusCode) {
				t.Errorf("%s: got %d, want one of %v", when, response.StatusCode, odd.statuses)
			}
			checkOddAnswer(t, when, odd.raw, response, body, before)
			if i%10 == 9 {
				same(when, plainPages...)
			} else {
				same(when, "/posts/post-1")
			}
		}
		if t.Failed() {
			break
		}
	}
	c.cache.Reset()
	same("at the end", plainPages...)
}

// checkOddAnswer checks what holds for every answer.
func checkOddAnswer(t *testing.T, when, raw string, response *http.Response, body []byte, before map[string]string) {
	t.Helper()
	h := response.Header
	if len(h["Set-Cookie"]) > 0 {
		t.Errorf("%s: sets a cookie", when)
	}
	isPost := strings.Contains(raw, "post-1") || strings.Contains(raw, "/posts/%70")
	switch status := response.StatusCode; {
	case status == http.StatusOK && isPost && !strings.HasPrefix(raw, "HEAD"):
		if !strings.HasSuffix(before["/posts/post-1"], "\n"+string(body)) || len(body) == 0 {
			t.Errorf("%s: got another page:\n%s", when, body)
		}
	case status == http.StatusMovedPermanently:
		if location := h.Get("Location"); !strings.HasPrefix(location, "/") || strings.HasPrefix(location, "//") || strings.HasPrefix(location, "/\\") {
			t.Errorf("%s: leads to %q", when, location)
		}
	case status == http.StatusMethodNotAllowed && h.Get("Allow") == "":
		t.Errorf("%s: does not say what is allowed", when)
	case status == http.StatusNotModified && (len(body) > 0 || h.Get("Etag") == "" || h.Get("Vary") == ""):
		t.Errorf("%s: got %v and %d bytes with a 304", when, h, len(body))
	case status >= 400 && h.Get("Cache-Control") != "no-store" && strings.HasPrefix(h.Get("Content-Type"), "text/html"):
		t.Errorf("%s: got a %d that may be kept: %q", when, status, h.Get("Cache-Control"))
	}
	for name, values := range h {
		if name != "Location" && strings.Contains(strings.Join(values, " "), mark) {
			t.Errorf("%s: %s says what the request said: %q", when, name, values)
		}
	}
}

var allowedCodings = regexp.MustCompile(`^(|gzip|br|zstd)$`)

// Whatever a client says of encodings, it gets the same page in one that it
// named, or as it is.
func TestEveryEncodingIsTheSamePage(t *testing.T) {
	t.Parallel()
	c := newCopy(t, postgrestest.NewURL(t), 64<<20)
	fillBlog(t, c, 3)
	address := c.listening(t)
	_, want := exchange(t, address, plainGet+end)
	etags := map[string]string{} // by coding
	for _, accept := range []string{
		"", "identity", "gzip", "GZip", "x-gzip", "br", "zstd", "deflate", "compress", "*", "*;q=0", "identity;q=0", "identity;q=0, *;q=0", "gzip;q=0", "gzip;q=0, *",
		"gzip;q=1.000", "gzip;q=0.001", "gzip;q=2", "gzip;q=-1", "gzip;q=" + mark, "gzip;q", "gzip;;", "gzip;q=1;q=0", "gzip;x=y", ";q=1", ",,,", ", gzip ,", "gzip\t;\tq=1", "gzip gzip",
		"gzip\r\nAccept-Encoding: br", "gzip;q=0.5, br;q=0.9, zstd;q=0.8", "br;q=0, gzip", "gzip, deflate, br, zstd", mark, mark + ", gzip", "gzip;q=0.0001", "\"gzip\"", "gzip/1",
		strings.Repeat("gzip, ", 2000), strings.Repeat(mark+";q=0.5,", 300) + "gzip", "\xff, gzip",
	} {
		for range 5 { // so often that it is compressed better, too
			response, body := exchange(t, address, plainGet+"Accept-Encoding: "+accept+"\r\n"+end)
			coding := response.Header.Get("Content-Encoding")
			if response.StatusCode != http.StatusOK || response.Header.Get("Vary") != "Accept-Encoding" || !allowedCodings.MatchString(coding) {
				t.Errorf("%.80q: got %d, %v", accept, response.StatusCode, response.Header)
			}
			if named := strings.Contains(strings.ToLower(accept), coding) || strings.Contains(accept, "*"); !named && !strings.Contains(accept, "identity;q=0") {
				t.Errorf("%.80q: got the coding %q", accept, coding)
			}
			if got := decoded(t, coding, body); !bytes.Equal(got, want) {
				t.Errorf("%.80q: got another page as %q: %d bytes, want %d", accept, coding, len(got), len(want))
			}
			etag := response.Header.Get("Etag")
			if known, ok := etags[coding]; ok && known != etag {
				t.Errorf("%.80q: got the tag %s, before it was %s", accept, etag, known)
			}
			etags[coding] = etag
		}
	}
	if c.entries(t) != 1 {
		t.Errorf("%d pages are kept, want 1", c.entries(t))
	}
	if etags["gzip"] == "" || etags["gzip"] == etags[""] {
		t.Errorf("got tags %v, want one for each coding", etags)
	}
	for coding, etag := range etags {
		for field, status := range map[string]int{
			etag: 304, "W/" + etag: 304, `"x", ` + etag: 304, `"x",,W/"y" , W/` + etag: 304, "*": 304, `"x"` + "\r\nIf-None-Match: " + etag: 304,
			`"` + mark + `"`: 200, strings.Trim(etag, `"`): 200, `"` + etag: 200, "w/" + etag: 200,
		} {
			for _, method := range []string{"GET", "HEAD"} {
				response, body := exchange(t, address, strings.Replace(plainGet, "GET", method, 1)+"Accept-Encoding: "+coding+"\r\nIf-None-Match: "+field+"\r\n"+end)
				if response.StatusCode != status || (status == 304 || method == "HEAD") && len(body) > 0 {
					t.Errorf("%s with %q for %q: got %d with %d bytes, want %d", method, field, coding, response.StatusCode, len(body), status)
				}
				if got := response.Header.Get("Etag"); got != etag && status == 304 {
					t.Errorf("%s with %q: got the tag %s, want %s", method, field, got, etag)
				}
			}
		}
	}
}

func decoded(t *testing.T, coding string, body []byte) []byte {
	t.Helper()
	var r io.Reader = bytes.NewReader(body)
	var err error
	switch coding {
	case "gzip":
		r, err = gzip.NewReader(r)
	case "br":
		r = brotli.NewReader(r)
	case "zstd":
		var d *zstd.Decoder
		if d, err = zstd.NewReader(r); err == nil {
			defer d.Close()
			r = d
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
