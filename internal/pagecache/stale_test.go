package pagecache_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"broadsheet/internal/changes"
	"broadsheet/internal/pagecache"
)

// number returns which making of its page an answer is.
func (a *answer) number(t testing.TB) string {
	t.Helper()
	line, _, _ := strings.Cut(a.text(t), "\n")
	_, number, found := strings.Cut(line, " number ")
	if !found {
		t.Fatalf("got %q", line)
	}
	return number
}

func TestResetHasPagesMadeAnew(t *testing.T) {
	t.Parallel()
	b := newBlog(t, pagecache.Options{})
	b.get("/posts/a").want(t, 200, "miss")
	for n := 2; n < 5; n++ {
		b.cache.Reset()
		if got := b.get("/posts/a").want(t, 200, "miss").number(t); got != string(rune('0'+n)) {
			t.Errorf("got number %s, want %d", got, n)
		}
		b.get("/posts/a").want(t, 200, "hit")
	}
}

func TestOldPageWhereItCannotBeMadeAnew(t *testing.T) {
	t.Parallel()
	broken := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	status := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			pagecache.Show(r.Context(), pagecache.On("page:"+r.URL.Path))
			send(w, status, "no")
		}
	}
	half := func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte("half"))
		panic(http.ErrAbortHandler)
	}
	slow := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(5 * time.Second)
			send(w, status, "slow")
		}
	}
	for _, tt := range []struct {
		name    string
		page    http.HandlerFunc
		status  int
		outcome string
		takes   time.Duration
	}{
		{"unavailable", status(503), 200, "stale", 0},
		{"breaks off", broken, 200, "stale", 0},
		{"breaks off half-way", half, 200, "stale", 0},
		{"takes long", slow(200), 200, "stale", time.Second},
		{"is unavailable after long", slow(503), 200, "stale", time.Second},
		{"error", status(500), 500, "miss", 0},
		{"not found", status(404), 404, "miss", 0},
		{"gone", status(410), 410, "miss", 0},
		{"moved", status(301), 301, "miss", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBlog(t, pagecache.Options{})
				first := b.get("/posts/a", "Accept-Encoding: gzip")
				b.cache.Reset()
				b.page = tt.page
				for _, fields := range []string{"Accept-Encoding: gzip", "If-None-Match: " + first.sent.Get("ETag") + "\r\nAccept-Encoding: gzip"} {
					began := time.Now()
					a := b.get("/posts/a", fields)
					if a.outcome == "hit" { // a redirect is kept
						break
					}
					status := tt.status
					if strings.HasPrefix(fields, "If-None-Match") && status == 200 {
						status = 304
					}
					a.want(t, status, tt.outcome)
					if status == 200 && a.number(t) != "1" {
						t.Errorf("got number %s", a.number(t))
					}
					if took := time.Since(began); took != tt.takes {
						t.Errorf("took %v, want %v", took, tt.takes)
					}
				}
				time.Sleep(time.Minute) // what takes long is done
			})
		})
	}
}

// When the page's making is late for the first, it is not for nothing.
func TestLatePageIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBlog(t, pagecache.Options{})
		b.get("/posts/a")
		b.cache.Reset()
		b.page = func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(1500 * time.Millisecond)
			b.ordinary(w, r)
		}
		if got := b.get("/posts/a").want(t, 200, "stale").number(t); got != "1" {
			t.Errorf("got number %s", got)
		}
		if got := b.get("/posts/a").want(t, 200, "miss").number(t); got != "2" { // joins it
			t.Errorf("got number %s", got)
		}
		if got := b.get("/posts/a").want(t, 200, "hit").number(t); got != "2" || b.allMakings() != 2 {
			t.Errorf("got number %s, made %d times", got, b.allMakings())
		}
		began := time.Now()
		b.get("/posts/b").want(t, 200, "miss") // nothing to show meanwhile
		if took := time.Since(began); took != 1500*time.Millisecond {
			t.Errorf("took %v", took)
		}
	})
}

// What ended is not shown again, whatever happens.
func TestPagesThatEndedAreNotShown(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*blog){
		"by name":                func(b *blog) { b.cache.Changed([]string{"page:/posts/a"}) },
		"all":                    func(b *blog) { b.cache.Changed([]string{"*"}) },
		"reset, then all":        func(b *blog) { b.cache.Reset(); b.cache.Changed([]string{"*"}) },
		"all, then reset":        func(b *blog) { b.cache.Changed([]string{"*"}); b.cache.Reset() },
		"reset, then by name":    func(b *blog) { b.cache.Reset(); b.cache.Changed([]string{"page:/posts/a"}) },
		"reset, then not found":  func(b *blog) { b.cache.Reset(); b.answerOnce(404) },
		"reset, then gone":       func(b *blog) { b.cache.Reset(); b.answerOnce(410) },
		"reset, then moved away": func(b *blog) { b.cache.Reset(); b.answerOnce(302) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBlog(t, pagecache.Options{})
			b.get("/posts/a")
			b.get("/posts/b")
			end(b)
			b.page = func(w http.ResponseWriter, _ *http.Request) { send(w, 503, "away") }
			b.get("/posts/a").want(t, 503, "miss")
			b.get("/posts/a").want(t, 503, "miss")
		})
	}
}

// answerOnce has /posts/a asked for and answered like that.
func (b *blog) answerOnce(status int) {
	b.t.Helper()
	b.page = func(w http.ResponseWriter, _ *http.Request) { send(w, status, "no") }
	b.get("/posts/a").want(b.t, status, "miss")
}

// While the database is away nobody waits for it.
func TestOldPagesWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	pool, err := pgxpool.New(t.Context(), "postgres://nobody@/none?host="+url.QueryEscape(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	follower := changes.NewFollower(pool, slog.New(slog.DiscardHandler))
	b := newBlog(t, pagecache.Options{Follower: follower})
	b.get("/posts/a")
	b.cache.Reset()
	b.get("/posts/b").want(t, 200, "miss")

	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan struct{})
	go func() { defer close(ran); follower.Run(ctx) }()
	defer func() { cancel(); <-ran }()
	<-follower.Well().Done()
	var asked atomic.Int32
	b.page = func(w http.ResponseWriter, _ *http.Request) { asked.Add(1); send(w, 503, "away") }
	b.get("/posts/a").want(t, 200, "stale")
	b.get("/posts/a", "Cookie: broadsheet_saved=1").want(t, 200, "stale")
	b.get("/posts/b").want(t, 200, "hit")
	if asked.Load() != 0 {
		t.Errorf("asked for %d pages that are at hand", asked.Load())
	}
	b.get("/posts/c").want(t, 503, "miss")

	// What is written then is answered at once, and once.
	saves := b.cache.Writes(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(422)
		w.Write([]byte("one, "))
		w.Write([]byte("two"))
	}))
	a := newAnswer()
	strict := strictWriter{answer: a, t: t}
	saves.ServeHTTP(&strict, request(t, "POST", "/admin/posts"))
	if a.status != 422 || a.body.String() != "one, two" || a.sent.Get("Set-Cookie") != "" {
		t.Errorf("got status %d, %q, %v", a.status, a.body.String(), a.sent)
	}
}

// strictWriter takes one header, as net/http does.
type strictWriter struct {
	*answer
	t *testing.T
}

func (w *strictWriter) WriteHeader(status int) {
	if w.status != 0 {
		w.t.Errorf("the header %d is sent after %d", status, w.status)
		return
	}
	w.answer.WriteHeader(status)
}
