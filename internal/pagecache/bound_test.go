package pagecache_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"broadsheet/internal/pagecache"
)

func TestCacheStaysWithinItsSize(t *testing.T) {
	t.Parallel()
	const size = 1 << 20
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	noise := make([]byte, 1<<17)
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	bodies := []string{string(noise), strings.Repeat("news ", 1<<17/5+1)}
	synctest.Test(t, func(t *testing.T) {
		b := newBlog(t, pagecache.Options{Size: size})
		b.page = func(w http.ResponseWriter, r *http.Request) {
			for i := range random.IntN(20) + 1 {
				pagecache.Show(r.Context(), pagecache.On(fmt.Sprint("post:", i)))
			}
			// Most are small, few larger than is kept; some can be compressed.
			length := int(math.Exp2(random.Float64() * 17))
			send(w, 200, bodies[random.IntN(2)][:length])
		}
		for i := range 1200 {
			b.get(fmt.Sprintf("/posts/%d", random.IntN(1000)))
			if i%100 == 0 {
				synctest.Wait()
				if got := metrics(t, b.cache)["broadsheet_cache_bytes"]; got > size {
					t.Fatalf("after %d pages: got %v bytes", i, got)
				}
			}
		}
		got := metrics(t, b.cache)
		if got["broadsheet_cache_bytes"] < size/2 || got["broadsheet_cache_ended_total/evicted"] == 0 {
			t.Errorf("got %v: the pages were to be more than have room", got)
		}
	})
}

// What an entry is said to take is what it takes, for pages of every size, those
// included that are compressed better.
func TestSizeIsMemory(t *testing.T) {
	const size = 4 << 20
	for _, body := range []int{0, 1000, 30_000} {
		synctest.Test(t, func(t *testing.T) {
			before := heap()
			b := newBlog(t, pagecache.Options{Size: size})
			b.made = nil // would be memory, too
			go b.cache.Run(t.Context())
			random := rand.New(rand.NewPCG(1, uint64(body)))
			h := b.cache.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				for range 12 { // the posts of a listing, shown nowhere else
					pagecache.Show(r.Context(), pagecache.On(fmt.Sprint("post:", random.IntN(1e9))))
				}
				text := make([]byte, body)
				for i := range text {
					text[i] = "etaoin shrdlu"[random.IntN(13)]
				}
				send(w, 200, string(text))
			}))
			pages := size / (3000 + body)
			for i := range 4 * pages {
				h.ServeHTTP(newAnswer(), request(t, "GET", fmt.Sprintf("/posts/%d", i/4)))
				synctest.Wait()
			}
			counted := int(metrics(t, b.cache)["broadsheet_cache_bytes"])
			used := heap() - before
			t.Logf("pages of %d bytes: %d bytes are used, %d counted", body, used, counted)
			if counted < size*9/10 || used > size*11/10 {
				t.Errorf("pages of %d bytes: %d bytes are used and %d counted, want %d", body, used, counted, size)
			}
			runtime.KeepAlive(h)
		})
	}
}

// heap returns how much memory is in use.
func heap() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what pools hold goes with the second
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// A crawler that reads every page there is does not push out what people read.
func TestCrawl(t *testing.T) {
	t.Parallel()
	b := newBlog(t, pagecache.Options{Size: 1 << 20})
	b.page = func(w http.ResponseWriter, r *http.Request) {
		pagecache.Show(r.Context(), pagecache.On("posts"))
		send(w, 200, strings.Repeat("x", 1000))
	}
	for range 20 {
		b.get("/")
	}
	const crawled, between = 100_000, 500
	crawler, w := request(t, "GET", "/posts/0"), &sink{header: http.Header{}}
	for i := range crawled {
		crawler.RequestURI = fmt.Sprint("/posts/", i)
		crawler.URL.Path = crawler.RequestURI
		clear(w.header)
		b.ServeHTTP(w, crawler)
		if i%between == 0 {
			b.get("/")
		}
	}
	room := metrics(t, b.cache)["broadsheet_cache_entries"]
	if room >= between {
		t.Fatalf("%v pages have room: the crawl proves nothing", room)
	}
	// What keeps the newest alone would make it each time.
	if got := b.makings("/"); got > crawled/between/10 {
		t.Errorf("the front page was made %d times of the %d that it was asked for", got, crawled/between)
	}
}

func TestNoSize(t *testing.T) {
	t.Parallel()
	for _, size := range []int64{0, -1, math.MinInt64} {
		c := pagecache.New(pagecache.Options{Size: size})
		made := 0
		h := c.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			made++
			pagecache.Show(r.Context(), pagecache.On("x"))
			send(w, 200, r.Header.Get("Accept"))
		}))
		for range 2 {
			a := newAnswer()
			h.ServeHTTP(a, request(t, "GET", "/posts/a", "Accept: own"))
			if a.status != 200 || a.body.String() != "own" {
				t.Errorf("got status %d, %q", a.status, a.body.String())
			}
		}
		if made != 2 {
			t.Errorf("made %d times", made)
		}
		c.Reset()
		c.Changed([]string{"x", "*"})
		c.Run(t.Context()) // has nothing to do
	}
	var none *pagecache.Cache
	if a := newAnswer(); true {
		none.Handler(http.NotFoundHandler()).ServeHTTP(a, request(t, "GET", "/"))
		if a.status != 404 {
			t.Errorf("no cache: got status %d", a.status)
		}
	}
}

func TestAbsurdSizes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		size int64
		kept bool
	}{{1, false}, {2, false}, {1000, false}, {1 << 50, true}, {math.MaxInt64, true}} {
		b := newBlog(t, pagecache.Options{Size: tt.size})
		first := b.get("/posts/a").want(t, 200, "miss").text(t)
		again := b.get("/posts/a")
		if kept := again.outcome == "hit"; kept != tt.kept {
			t.Errorf("%d: got outcome %q", tt.size, again.outcome)
		}
		if tt.kept && again.text(t) != first {
			t.Errorf("%d: got another text", tt.size)
		}
		b.cache.Changed([]string{"*"})
		b.cache.Reset()
		b.get("/posts/a").want(t, 200, "miss")
	}
}
