package page_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"broadsheet/internal/page"
)

const cached = "public, max-age=0, must-revalidate"

// send answers a request with a text and returns what a client would see.
func send(t *testing.T, method string, header http.Header, status int, cache, text string) (*http.Response, string) {
	t.Helper()
	r := httptest.NewRequest(method, "/", nil)
	r.Header = header
	w := httptest.NewRecorder()
	page.Send(w, r, status, "text/html; charset=utf-8", cache, []byte(text))
	b, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Result(), string(b)
}

var long = strings.Repeat("All the news that fits. ", 100)

func TestSendEncoding(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, accept, text, want string }{
		{"long, gzip", "gzip, deflate, br", long, "gzip"},
		{"long, no gzip", "br", long, ""},
		{"long, gzip refused", "gzip;q=0", long, ""},
		{"short, gzip", "gzip", "short", ""},
		{"short, identity refused", "gzip, identity;q=0", "short", "gzip"},
		{"empty, gzip", "gzip", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			res, got := send(t, "GET", http.Header{"Accept-Encoding": {tt.accept}}, 200, cached, tt.text)
			if coding := res.Header.Get("Content-Encoding"); coding != tt.want {
				t.Fatalf("got Content-Encoding %q, want %q", coding, tt.want)
			}
			if res.Header.Get("Content-Length") != strconv.Itoa(len(got)) {
				t.Errorf("got Content-Length %s, want %d", res.Header.Get("Content-Length"), len(got))
			}
			if tt.want == "gzip" {
				r, err := gzip.NewReader(strings.NewReader(got))
				if err != nil {
					t.Fatal(err)
				}
				plain, err := io.ReadAll(r)
				if err != nil {
					t.Fatal(err)
				}
				got = string(plain)
			}
			if got != tt.text {
				t.Errorf("got %q, want %q", got, tt.text)
			}
			if res.Header.Get("Vary") != "Accept-Encoding" {
				t.Errorf("got Vary %q, want Accept-Encoding", res.Header.Get("Vary"))
			}
		})
	}
}

func TestSendConditional(t *testing.T) {
	t.Parallel()
	plain, _ := send(t, "GET", nil, 200, cached, long)
	etag := plain.Header.Get("ETag")
	zipped, _ := send(t, "GET", http.Header{"Accept-Encoding": {"gzip"}}, 200, cached, long)
	if etag == "" || strings.HasPrefix(etag, "W/") || etag == zipped.Header.Get("ETag") {
		t.Fatalf("got ETags %s and, with gzip, %s, want two different strong ones", etag, zipped.Header.Get("ETag"))
	}
	for _, tt := range []struct {
		name   string
		header http.Header
		text   string
		want   int
	}{
		{"same", http.Header{"If-None-Match": {etag}}, long, 304},
		{"same in a list", http.Header{"If-None-Match": {`"a", W/` + etag}}, long, 304},
		{"star", http.Header{"If-None-Match": {"*"}}, long, 304},
		{"same, gzip", http.Header{"If-None-Match": {zipped.Header.Get("ETag")}, "Accept-Encoding": {"gzip"}}, long, 304},
		{"other encoding", http.Header{"If-None-Match": {etag}, "Accept-Encoding": {"gzip"}}, long, 200},
		{"changed", http.Header{"If-None-Match": {etag}}, long + ".", 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, method := range []string{"GET", "HEAD"} {
				res, body := send(t, method, tt.header, 200, cached, tt.text)
				if res.StatusCode != tt.want {
					t.Errorf("%s: got %d, want %d", method, res.StatusCode, tt.want)
				}
				if tt.want != 304 {
					continue
				}
				if body != "" || res.Header.Get("Content-Length") != "" || res.Header.Get("Content-Type") != "" {
					t.Errorf("%s: got a 304 with body %q and headers %v, want neither body nor its headers", method, body, res.Header)
				}
				for _, name := range []string{"ETag", "Cache-Control", "Vary"} {
					if res.Header.Get(name) == "" {
						t.Errorf("%s: got a 304 without %s", method, name)
					}
				}
			}
		})
	}
}

func TestSendHead(t *testing.T) {
	t.Parallel()
	for _, accept := range []string{"", "gzip"} {
		h := http.Header{"Accept-Encoding": {accept}}
		get, _ := send(t, "GET", h, 200, cached, long)
		head, body := send(t, "HEAD", h, 200, cached, long)
		if body != "" {
			t.Errorf("%q: HEAD got a body of %d bytes", accept, len(body))
		}
		for name := range get.Header {
			if get.Header.Get(name) != head.Header.Get(name) {
				t.Errorf("%q: HEAD got %s %q, want %q", accept, name, head.Header.Get(name), get.Header.Get(name))
			}
		}
	}
}

func TestSendWithoutETag(t *testing.T) {
	t.Parallel()
	any := http.Header{"If-None-Match": {"*"}}
	if res, body := send(t, "GET", any, 404, "no-store", long); res.StatusCode != 404 || res.Header.Get("ETag") != "" || body != long {
		t.Errorf("an error page: got %d and ETag %q, want 404 and none", res.StatusCode, res.Header.Get("ETag"))
	}
	if res, body := send(t, "GET", any, 200, "no-store", long); res.StatusCode != 200 || res.Header.Get("ETag") != "" || body != long {
		t.Errorf("a page that nobody keeps: got %d and ETag %q, want 200 and none", res.StatusCode, res.Header.Get("ETag"))
	}
}

func TestWriteOnlyWholePages(t *testing.T) {
	t.Parallel()
	// The layout can be filled in, the page within it cannot.
	type wrong struct{ page.Base }
	w := httptest.NewRecorder()
	err := page.Parse[wrong]("pages/error.html").Write(w, httptest.NewRequest("GET", "/", nil), 200, wrong{})
	if err == nil || w.Body.Len() > 0 || len(w.Header()) > 0 {
		t.Errorf("got error %v and %d bytes, want an error and nothing written", err, w.Body.Len())
	}
}
