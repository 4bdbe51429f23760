package pagecache_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"broadsheet/internal/pagecache"
)

// gate has the pages of a blog wait, each making at a gate of its own.
type gate struct {
	mu      sync.Mutex
	waiting []chan struct{}
}

// handler shows what ordinary pages show before it waits.
func (g *gate) handler(b *blog) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		pagecache.Show(r.Context(), pagecache.On("early:"+r.URL.Path))
		number := b.makings(r.URL.String())
		open := make(chan struct{})
		g.mu.Lock()
		g.waiting = append(g.waiting, open)
		g.mu.Unlock()
		<-open
		pagecache.Show(r.Context(), pagecache.On("page:"+r.URL.Path))
		send(w, 200, r.URL.String()+" number "+string(rune('0'+number))+"\n")
	}
}

// open lets the making with that number go on.
func (g *gate) open(i int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	close(g.waiting[i])
}

// later asks for a page in the background and returns the answer when it is there.
func (b *blog) later(r *http.Request) func() *answer {
	got := make(chan *answer, 1)
	go func() {
		defer close(got)
		defer func() {
			if p := recover(); p != nil && p != http.ErrAbortHandler {
				panic(p)
			}
		}()
		got <- b.ask(r)
	}()
	synctest.Wait()
	return func() *answer { return <-got }
}

func TestChangedWhileMade(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*pagecache.Cache)
		kept   bool // the page that was being made
	}{
		"what it shows":      {func(c *pagecache.Cache) { c.Changed([]string{"early:/posts/a"}) }, false},
		"what it will show":  {func(c *pagecache.Cache) { c.Changed([]string{"page:/posts/a"}) }, false},
		"several":            {func(c *pagecache.Cache) { c.Changed([]string{"x"}); c.Changed([]string{"y", "page:/posts/a"}) }, false},
		"everything":         {func(c *pagecache.Cache) { c.Changed([]string{"*"}) }, false},
		"anything":           {func(c *pagecache.Cache) { c.Reset() }, false},
		"something else":     {func(c *pagecache.Cache) { c.Changed([]string{"x", "page:/posts/b"}) }, true},
		"nothing":            {func(c *pagecache.Cache) { c.Changed(nil) }, true},
		"part of other list": {func(c *pagecache.Cache) { c.Changed([]string{"posts@7"}) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b, g := newBlog(t, pagecache.Options{}), &gate{}
				b.page = g.handler(b)
				first := b.later(request(t, "GET", "/posts/a"))
				tt.change(b.cache)
				after := b.later(request(t, "GET", "/posts/a")) // must not get what the first gets
				if !tt.kept && b.makings("/posts/a") != 2 {
					t.Fatalf("made %d times: who came after the change joined", b.makings("/posts/a"))
				}
				g.open(0)
				if got := first().want(t, 200, "miss").number(t); got != "1" {
					t.Errorf("got number %s", got)
				}
				synctest.Wait()
				third := b.later(request(t, "GET", "/posts/a"))
				outcome := map[bool]string{false: "miss", true: "hit"}[tt.kept]
				for i := 1; i < b.makings("/posts/a"); i++ {
					g.open(i)
				}
				if got := third().want(t, 200, outcome).number(t); !tt.kept && got != "2" {
					t.Errorf("got number %s after the change", got)
				}
				if got := after().number(t); !tt.kept && got != "2" {
					t.Errorf("got number %s after the change", got)
				}
				b.get("/posts/a").want(t, 200, "hit")
			})
		})
	}
}

func TestManyReadersOneMaking(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, g := newBlog(t, pagecache.Options{}), &gate{}
		b.page = g.handler(b)
		var readers []func() *answer
		for i := range 100 {
			readers = append(readers, b.later(request(t, []string{"GET", "HEAD"}[i%2], []string{"/posts/a", "/posts/%61?x"}[i/2%2])))
		}
		g.open(0)
		for i, reader := range readers {
			a := reader().want(t, 200, "miss")
			if i%2 == 0 && a.number(t) != "1" || i%2 == 1 && a.body.Len() > 0 {
				t.Errorf("reader %d: got %d bytes", i, a.body.Len())
			}
		}
		if b.allMakings() != 1 {
			t.Errorf("made %d times", b.allMakings())
		}
	})
}

// Whoever leaves, the others get their page, and who comes later.
func TestReadersWhoLeave(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, g := newBlog(t, pagecache.Options{}), &gate{}
		made := g.handler(b)
		b.page = func(w http.ResponseWriter, r *http.Request) {
			made(w, r)
			if err := r.Context().Err(); err != nil {
				t.Errorf("the making sees a reader leave: %v", err)
			}
			if at, ok := r.Context().Deadline(); ok {
				t.Errorf("the making ends with a reader's patience: %v", at)
			}
		}
		ctx, leave := context.WithTimeout(t.Context(), time.Hour)
		first := b.later(request(t, "GET", "/posts/a").WithContext(ctx))
		second := b.later(request(t, "GET", "/posts/a").WithContext(ctx))
		third := b.later(request(t, "GET", "/posts/a"))
		alone := b.later(request(t, "GET", "/posts/b").WithContext(ctx))
		leave()
		for _, left := range []*answer{first(), second(), alone()} {
			if left.status != 499 || left.outcome != "" || left.body.Len() > 0 {
				t.Errorf("got status %d, outcome %q, %d bytes", left.status, left.outcome, left.body.Len())
			}
		}
		g.open(0)
		g.open(1)
		third().want(t, 200, "miss")
		synctest.Wait()
		b.get("/posts/a").want(t, 200, "hit")
		b.get("/posts/b").want(t, 200, "hit")
		if b.allMakings() != 2 {
			t.Errorf("made %d times", b.allMakings())
		}
	})
}

// A making that breaks off cuts the connections of those who wait, and is
// tried again for the next.
func TestMakingThatBreaksOff(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]any{"aborts": http.ErrAbortHandler, "panics": "oh no"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b, open := newBlog(t, pagecache.Options{}), make(chan struct{})
				b.page = func(w http.ResponseWriter, _ *http.Request) {
					w.Write([]byte("half a page"))
					<-open
					panic(how)
				}
				first, second := b.later(request(t, "GET", "/posts/a")), b.later(request(t, "GET", "/posts/a"))
				close(open)
				if got := first(); got != nil {
					t.Errorf("got status %d, %q", got.status, got.body.String())
				}
				if got := second(); got != nil {
					t.Errorf("got status %d, %q", got.status, got.body.String())
				}
				b.page = nil
				b.get("/posts/a").want(t, 200, "miss")
				b.get("/posts/a").want(t, 200, "hit")
			})
		})
	}
}

// Only who waits for a page to look at, and can take an answer before the
// answer, is told what it will need.
func TestEarlyHints(t *testing.T) {
	t.Parallel()
	const navigate = "Sec-Fetch-Mode: navigate"
	for _, tt := range []struct {
		name, style, target string
		fields              []string
		protocol            int // minor version
		takes               time.Duration
		hints               int
	}{
		{"a reader who waits", "/s.css", "/posts/a", []string{navigate}, 1, time.Second, 1},
		{"a reader who waits no time", "/s.css", "/posts/a", []string{navigate}, 1, 50 * time.Millisecond, 0},
		{"a script", "/s.css", "/posts/a", []string{"Sec-Fetch-Mode: cors"}, 1, time.Second, 0},
		{"a feed reader", "/s.css", "/posts/a", nil, 1, time.Second, 0},
		{"HTTP/1.0", "/s.css", "/posts/a", []string{navigate}, 0, time.Second, 0},
		{"no style", "", "/posts/a", []string{navigate}, 1, time.Second, 0},
		{"no page that is kept", "/s.css", "/admin", []string{navigate}, 1, time.Second, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBlog(t, pagecache.Options{Style: tt.style})
				b.page = func(w http.ResponseWriter, r *http.Request) {
					time.Sleep(tt.takes)
					b.ordinary(w, r)
				}
				for _, hints := range []int{tt.hints, 0} { // the second time it is at hand
					r := request(t, "GET", tt.target, tt.fields...)
					r.ProtoMinor = tt.protocol
					a := b.ask(r)
					if len(a.hints) != hints {
						t.Fatalf("%s: got %d hints, want %d", a.outcome, len(a.hints), hints)
					}
					for _, h := range a.hints {
						if got := h.Get("Link"); got != "</s.css>; rel=preload; as=style" {
							t.Errorf("got Link %q", got)
						}
					}
					if got := a.sent.Get("Link"); a.status != 200 || got != "" {
						t.Errorf("got status %d, Link %q", a.status, got)
					}
				}
			})
		})
	}
}
