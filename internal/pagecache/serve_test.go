package pagecache_test

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"broadsheet/internal/pagecache"
)

func TestPageIsMadeOnce(t *testing.T) {
	t.Parallel()
	b := newBlog(t, pagecache.Options{})
	first := b.get("/posts/a").want(t, 200, "miss")
	if first.route != "/posts/{slug}" {
		t.Errorf("got route %q", first.route)
	}
	for _, method := range []string{"GET", "HEAD", "GET"} {
		again := b.ask(request(t, method, "/posts/a")).want(t, 200, "hit")
		if again.route != first.route {
			t.Errorf("%s: got route %q", method, again.route)
		}
		if want := first.body.String(); method == "GET" && again.body.String() != want {
			t.Errorf("%s: got %q, want %q", method, again.body.String(), want)
		} else if method == "HEAD" && again.body.Len() > 0 {
			t.Errorf("HEAD: got a body of %d bytes", again.body.Len())
		}
	}
	b.get("/posts/b").want(t, 200, "miss")
	if b.makings("/posts/a") != 1 || b.allMakings() != 2 {
		t.Errorf("got %v made", b.made)
	}
}

func TestHeadAloneKeepsThePage(t *testing.T) {
	t.Parallel()
	b := newBlog(t, pagecache.Options{})
	if head := b.ask(request(t, "HEAD", "/posts/a")).want(t, 200, "miss"); head.body.Len() > 0 {
		t.Errorf("HEAD: got a body of %d bytes", head.body.Len())
	}
	if got := b.get("/posts/a").want(t, 200, "hit").text(t); !strings.HasPrefix(got, "/posts/a number 1\n") {
		t.Errorf("got %.40q", got)
	}
}

// better returns a blog whose page /posts/a is there in every coding, having
// been asked for often. It must be called in a bubble of synctest.
func better(t *testing.T) *blog {
	t.Helper()
	b := newBlog(t, pagecache.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	go b.cache.Run(ctx)
	b.get("/posts/b")
	for range 4 {
		if got := b.get("/posts/a", "Accept-Encoding: br, zstd").sent.Get("Content-Encoding"); got != "" {
			t.Errorf("got %s before the page was asked for often", got)
		}
	}
	synctest.Wait()
	return b
}

func TestPagesAskedForOftenAreCompressedBetter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := better(t)
		plain := b.get("/posts/a").want(t, 200, "hit").text(t)
		sizes := map[string]int{}
		tags := map[string]bool{}
		for _, coding := range []string{"identity", "gzip", "br", "zstd"} {
			a := b.get("/posts/a", "Accept-Encoding: "+coding).want(t, 200, "hit")
			if got := a.sent.Get("Content-Encoding"); got != coding && coding != "identity" {
				t.Errorf("got %q, want %s", got, coding)
			}
			if a.sent.Get("Content-Length") != strconv.Itoa(a.body.Len()) {
				t.Errorf("%s: got length %s of %d", coding, a.sent.Get("Content-Length"), a.body.Len())
			}
			sizes[coding], tags[a.sent.Get("ETag")] = a.body.Len(), true
			if a.text(t) != plain {
				t.Errorf("%s: another text", coding)
			}
		}
		if len(tags) != 4 {
			t.Errorf("got tags %v, want 4", tags)
		}
		if sizes["br"] >= sizes["gzip"] || sizes["zstd"] >= sizes["gzip"] || sizes["gzip"] >= sizes["identity"] {
			t.Errorf("got sizes %v", sizes)
		}
		if got := b.get("/posts/a", "Accept-Encoding: gzip, deflate, br, zstd").sent.Get("Content-Encoding"); got != "br" && got != "zstd" {
			t.Errorf("got %q for a browser", got)
		}
		if got := b.get("/posts/b", "Accept-Encoding: br, gzip;q=0.5").sent.Get("Content-Encoding"); got != "gzip" {
			t.Errorf("got %q of a page that few ask for, want gzip", got)
		}
	})
}

func TestNotModified(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := better(t)
		tags := map[string]string{}
		for _, coding := range []string{"identity", "gzip", "br", "zstd"} {
			tags[coding] = b.get("/posts/a", "Accept-Encoding: "+coding).sent.Get("ETag")
		}
		for _, tt := range []struct{ name, accept, match, want string }{ // want: the coding whose tag a 304 has
			{"its own", "gzip", tags["gzip"], "gzip"},
			{"brotli", "br", tags["br"], "br"},
			{"zstd", "zstd", tags["zstd"], "zstd"},
			{"identity", "identity", tags["identity"], "identity"},
			{"identity, and gzip would do", "gzip", tags["identity"], "identity"},
			{"gzip, and brotli would do", "gzip, br, zstd", tags["gzip"], "gzip"},
			{"a coding no longer taken", "identity", tags["gzip"], ""},
			{"a coding refused", "gzip, br;q=0", tags["br"], ""},
			{"no codings named", "", tags["gzip"], ""},
			{"weak", "gzip", "W/" + tags["gzip"], "gzip"},
			{"in a list", "gzip", `"x", W/"y,z" ,` + tags["gzip"], "gzip"},
			{"in a second line", "gzip", "\"x\"\r\nIf-None-Match: " + tags["gzip"], "gzip"},
			{"another", "gzip", `"x"`, ""},
			{"not quoted", "gzip", strings.Trim(tags["gzip"], `"`), ""},
			{"part", "gzip", strings.TrimSuffix(tags["gzip"], `-gzip"`), ""},
			{"empty", "gzip", "", ""},
		} {
			for _, method := range []string{"GET", "HEAD"} {
				a := b.ask(request(t, method, "/posts/a", "Accept-Encoding: "+tt.accept, "If-None-Match: "+tt.match))
				if want := 304; tt.want != "" && a.status != want || tt.want == "" && a.status != 200 {
					t.Errorf("%s, %s: got status %d", tt.name, method, a.status)
					continue
				}
				if tt.want == "" {
					continue
				}
				if got := a.sent.Get("ETag"); got != tags[tt.want] {
					t.Errorf("%s, %s: got tag %s, want %s", tt.name, method, got, tags[tt.want])
				}
				if a.body.Len() > 0 {
					t.Errorf("%s, %s: got a body", tt.name, method)
				}
				// RFC 9110, section 15.4.5: what a 200 would say about caching, and no more.
				for _, name := range []string{"Cache-Control", "Vary"} {
					if a.sent.Get(name) == "" {
						t.Errorf("%s, %s: got no %s", tt.name, method, name)
					}
				}
				for _, name := range []string{"Content-Type", "Content-Length", "Content-Encoding"} {
					if got, ok := a.sent[name]; ok {
						t.Errorf("%s, %s: got %s %q", tt.name, method, name, got)
					}
				}
			}
		}
		if a := b.get("/posts/a", "If-None-Match: *"); a.status != 304 {
			t.Errorf("any: got status %d", a.status)
		}
	})
}

func TestRangesAreIgnored(t *testing.T) {
	t.Parallel()
	b := newBlog(t, pagecache.Options{})
	whole := b.get("/posts/a").body.Len()
	for _, field := range []string{"Range: bytes=0-9", "Range: bytes=-5", "Range: bytes=9999999-", "Range: nonsense"} {
		a := b.get("/posts/a", field).want(t, 200, "hit")
		if a.body.Len() != whole || a.sent.Get("Content-Range")+a.sent.Get("Accept-Ranges") != "" {
			t.Errorf("%s: got %d bytes and %v", field, a.body.Len(), a.sent)
		}
	}
}

// A page without an entity tag is not one that a client has.
func TestPageWithoutTag(t *testing.T) {
	t.Parallel()
	b := newBlog(t, pagecache.Options{})
	b.page = func(w http.ResponseWriter, r *http.Request) {
		pagecache.Show(r.Context(), pagecache.On("post:1"))
		io.WriteString(w, filling)
	}
	for _, outcome := range []string{"miss", "hit"} {
		for _, match := range []string{`"x"`, `""`, ``, `"-gzip"`} {
			a := b.get("/posts/"+outcome, "Accept-Encoding: gzip", "If-None-Match: "+match)
			if _, has := a.sent["Etag"]; a.status != 200 || has {
				t.Errorf("%s, %q: got status %d, tag %q", outcome, match, a.status, a.sent["Etag"])
			}
		}
	}
}

func TestOtherMethodsPass(t *testing.T) {
	t.Parallel()
	b := newBlog(t, pagecache.Options{})
	b.get("/posts/a")
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "get"} {
		b.ask(request(t, method, "/posts/a", "X-Own: 1")).want(t, 200, "")
	}
	if got := b.makings("/posts/a"); got != 8 {
		t.Errorf("made %d times, want 8", got)
	}
}
