package pagecache_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"broadsheet/internal/pagecache"
)

// saved returns a file with some pages of a blog.
func saved(t testing.TB, targets ...string) string {
	t.Helper()
	b := newBlog(t, pagecache.Options{CDN: true})
	b.page = variousPages(b)
	for _, target := range targets {
		b.get(target)
	}
	path := filepath.Join(t.TempDir(), "pages")
	if err := b.cache.Save(path, "v1"); err != nil {
		t.Fatal(err)
	}
	return path
}

// variousPages are large, small, empty, moved, and without an entity tag.
func variousPages(b *blog) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		pagecache.Show(r.Context(), pagecache.On("post:1"), pagecache.Between("posts", -5, 5), pagecache.On("slug:ü@\x00"))
		switch r.URL.Path {
		case "/posts/small":
			send(w, http.StatusOK, "small")
		case "/posts/empty":
			send(w, http.StatusOK, "")
		case "/posts/moved":
			w.Header().Set("Location", "/posts/new")
			send(w, http.StatusMovedPermanently, filling)
		case "/posts/tagless":
			w.Header()["Link"] = []string{"</a>; rel=next", "</b>; rel=prev"}
			io.WriteString(w, filling)
		default:
			b.ordinary(w, r)
		}
	}
}

var various = []string{"/posts/a", "/posts/small", "/posts/empty", "/posts/moved", "/posts/tagless", "/?tag=go&tag=web", "/posts/%C3%BC%3F"}

// away is a blog whose database is away.
func away(t testing.TB, o pagecache.Options) *blog {
	t.Helper()
	b := newBlog(t, o)
	b.page = func(w http.ResponseWriter, _ *http.Request) { send(w, http.StatusServiceUnavailable, "away") }
	return b
}

func TestPagesSurviveARestart(t *testing.T) {
	t.Parallel()
	path := saved(t, various...)
	before := newBlog(t, pagecache.Options{CDN: true})
	before.page = variousPages(before)
	b := away(t, pagecache.Options{CDN: true})
	if err := b.cache.Load(path, "v1"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		for _, target := range various {
			for _, fields := range []string{"Accept-Encoding: gzip", "Accept-Encoding: identity"} {
				want := before.get(target, fields)
				got := b.get(target, fields).want(t, want.status, "stale")
				if diff := cmp.Diff(want.sent, got.sent); diff != "" || want.route != got.route || want.body.String() != got.body.String() {
					t.Errorf("%s: got route %s, %d bytes, want %s, %d; header (-want +got):\n%s",
						target, got.route, got.body.Len(), want.route, want.body.Len(), diff)
				}
				if tag := want.sent.Get("ETag"); tag != "" && want.status == 200 {
					b.get(target, fields, "If-None-Match: "+tag).want(t, http.StatusNotModified, "stale")
				}
			}
		}
		b.cache.Reset() // the database was there for a moment
	}
	b.get("/posts/b").want(t, http.StatusServiceUnavailable, "miss")

	// They can be saved again although they are old.
	if err := b.cache.Save(path, "v1"); err != nil {
		t.Fatal(err)
	}
	again := away(t, pagecache.Options{})
	if err := again.cache.Load(path, "v1"); err != nil {
		t.Fatal(err)
	}
	again.get("/posts/a").want(t, 200, "stale")
}

// What changed while nobody looked is not known: pages are made anew.
func TestLoadedPagesAreMadeAnew(t *testing.T) {
	t.Parallel()
	path := saved(t, various...)
	for _, reset := range []bool{false, true} {
		b := newBlog(t, pagecache.Options{})
		if err := b.cache.Load(path, "v1"); err != nil {
			t.Fatal(err)
		}
		if reset {
			b.cache.Reset()
		}
		for _, target := range various {
			b.get(target).want(t, 200, "miss")
			b.get(target).want(t, 200, "hit")
		}
	}
}

func TestLoadedPagesEnd(t *testing.T) {
	t.Parallel()
	path := saved(t, "/posts/a")
	for _, key := range []string{"post:1", "posts@-5", "posts@5", "posts", "slug:ü@\x00", "page:/posts/a", "*"} {
		b := away(t, pagecache.Options{})
		if err := b.cache.Load(path, "v1"); err != nil {
			t.Fatal(err)
		}
		b.cache.Changed([]string{"post:2", "posts@-6", "posts@6", "slug:ü"})
		b.get("/posts/a").want(t, 200, "stale")
		b.cache.Changed([]string{key})
		b.get("/posts/a").want(t, http.StatusServiceUnavailable, "miss")
	}
}

// Pages that are there are newer than any file.
func TestLoadReplacesNothing(t *testing.T) {
	t.Parallel()
	path := saved(t, "/posts/a", "/posts/b")
	b := newBlog(t, pagecache.Options{})
	b.page = func(w http.ResponseWriter, r *http.Request) {
		pagecache.Show(r.Context(), pagecache.On("new"))
		send(w, 200, "new")
	}
	b.get("/posts/a")
	if err := b.cache.Load(path, "v1"); err != nil {
		t.Fatal(err)
	}
	b.page = func(w http.ResponseWriter, _ *http.Request) { send(w, http.StatusServiceUnavailable, "away") }
	b.cache.Changed([]string{"post:1"})
	if got := b.get("/posts/a").want(t, 200, "stale").text(t); got != "new" {
		t.Errorf("got %q", got)
	}
	b.get("/posts/b").want(t, http.StatusServiceUnavailable, "miss")
}

func TestWhatEndedIsNotSaved(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"page:/posts/a", "*"} {
		b := newBlog(t, pagecache.Options{})
		b.get("/posts/a")
		b.cache.Changed([]string{key})
		b.get("/posts/b")
		path := filepath.Join(t.TempDir(), "pages")
		if err := b.cache.Save(path, "v1"); err != nil {
			t.Fatal(err)
		}
		after := away(t, pagecache.Options{})
		if err := after.cache.Load(path, "v1"); err != nil {
			t.Fatal(err)
		}
		after.get("/posts/a").want(t, http.StatusServiceUnavailable, "miss")
		after.get("/posts/b").want(t, 200, "stale")
	}
}

// Where not all has room, what is asked for most comes first.
func TestSmallerCacheLoadsTheBest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBlog(t, pagecache.Options{Size: 1 << 20}) // as good as full: before, nobody counts
		for i := range 200 {
			b.get(fmt.Sprint("/posts/", i))
		}
		for range 20 {
			for i := range 10 {
				b.get(fmt.Sprint("/posts/", i*17))
			}
			synctest.Wait()
		}
		path := filepath.Join(t.TempDir(), "pages")
		if err := b.cache.Save(path, "v1"); err != nil {
			t.Fatal(err)
		}
		small := away(t, pagecache.Options{Size: 128 << 10})
		if err := small.cache.Load(path, "v1"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		m := metrics(t, small.cache)
		if m["broadsheet_cache_bytes"] > 128<<10 || m["broadsheet_cache_entries"] < 20 || m["broadsheet_cache_ended_total/evicted"] > 0 {
			t.Errorf("got %v", m)
		}
		for i := range 10 {
			small.get(fmt.Sprint("/posts/", i*17)).want(t, 200, "stale")
		}
	})
}

func TestNoSizeOnDisk(t *testing.T) {
	t.Parallel()
	path := saved(t, "/posts/a")
	c := pagecache.New(pagecache.Options{})
	if err := c.Load(path, "v2"); err != nil {
		t.Error(err)
	}
	if err := c.Save(path, "v2"); err != nil {
		t.Error(err)
	}
	b := away(t, pagecache.Options{}) // the file is as it was
	if err := b.cache.Load(path, "v1"); err != nil {
		t.Error(err)
	}
}

// Saving and loading go on beside everything else.
func TestSaveAndLoadMeanwhile(t *testing.T) {
	t.Parallel()
	b := newBlog(t, pagecache.Options{Size: 64 << 10})
	path := filepath.Join(t.TempDir(), "pages")
	var work sync.WaitGroup
	for _, do := range []func(int){
		func(int) {
			if err := b.cache.Save(path, "v1"); err != nil {
				t.Error(err)
			}
		},
		func(int) {
			if err := b.cache.Load(path, "v1"); err != nil {
				t.Error(err)
			}
		},
		func(i int) { b.cache.Changed([]string{fmt.Sprint("page:/posts/", i%7)}) },
		func(i int) {
			if a := b.get(fmt.Sprint("/posts/", i%30)); a.status != 200 {
				t.Errorf("got status %d", a.status)
			}
		},
	} {
		work.Go(func() {
			for i := range 100 {
				do(i)
			}
		})
	}
	work.Wait()
}

// A file is read to its own end when another takes its place meanwhile.
func TestLoadWhileReplaced(t *testing.T) {
	t.Parallel()
	files := []string{saved(t, "/posts/a"), saved(t, various...)}
	path := filepath.Join(t.TempDir(), "pages")
	var replacing sync.WaitGroup
	var loaded atomic.Bool
	replacing.Go(func() {
		for i := 0; !loaded.Load(); i++ {
			if err := errors.Join(os.Link(files[i%2], path+".new"), os.Rename(path+".new", path)); err != nil {
				t.Error(err)
				return
			}
		}
	})
	c := newBlog(t, pagecache.Options{CDN: true}).cache
	for range 1000 {
		if err := c.Load(path, "v1"); err != nil {
			t.Error(err)
			break
		}
	}
	loaded.Store(true)
	replacing.Wait()
}
