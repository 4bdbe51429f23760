package pagecache_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"broadsheet/internal/pagecache"
)

// What goes over the line is the same to the byte whether the page was made
// for this request or not.
func TestMissAndHitAreTheSameBytes(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1023, 1024, 100_000} {
		for _, method := range []string{"GET", "HEAD"} {
			for _, fields := range []string{
				"", "Accept-Encoding: gzip", "Accept-Encoding: gzip, deflate, br, zstd", "Accept-Encoding: identity",
				"If-None-Match: *", "If-None-Match: \"tag\"", "Accept-Encoding: gzip\r\nIf-None-Match: \"tag-gzip\"",
				"Range: bytes=0-99", "Range: bytes=0-99\r\nIf-Range: \"tag\"",
			} {
				b := newBlog(t, pagecache.Options{CDN: size == 100_000})
				b.page = func(w http.ResponseWriter, r *http.Request) {
					pagecache.Show(r.Context(), pagecache.On("post:1"))
					w.Header().Set("ETag", `"tag"`)
					w.Header()["Vary"] = []string{"Accept-Encoding", "Cookie"}
					w.Header().Set("Content-Type", "text/plain")
					w.Header().Set("Content-Language", "en")
					w.Header().Set("Cache-Control", "public")
					io.WriteString(w, strings.Repeat("0123456789ABCDEF", size/16)+strings.Repeat("x", size%16))
				}
				server := httptest.NewServer(b)
				miss, hit := overLine(t, server, method, fields), overLine(t, server, method, fields)
				server.Close()
				if miss != hit {
					t.Errorf("%d bytes, %s, %q: got\n%.900q\nfrom memory, want\n%.900q", size, method, fields, hit, miss)
				}
				if b.allMakings() != 1 {
					t.Errorf("%d bytes, %s, %q: made %d times", size, method, fields, b.allMakings())
				}
			}
		}
	}
}

// overLine returns the bytes of an answer without the date.
func overLine(t *testing.T, server *httptest.Server, method, fields string) string {
	t.Helper()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if fields != "" {
		fields += "\r\n"
	}
	fmt.Fprintf(conn, "%s /posts/a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n%s\r\n", method, fields)
	all, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	before, after, found := bytes.Cut(all, []byte("Date: "))
	_, after, ended := bytes.Cut(after, []byte("\r\n"))
	if !found || !ended {
		t.Fatalf("got %q", all)
	}
	return string(before) + string(after)
}
