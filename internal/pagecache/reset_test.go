package pagecache_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"broadsheet/internal/pagecache"
)

// A page that was being made when everything may have changed is one of those
// from before: not for who can have a newer one, and for who cannot.
func TestPageBeingMadeAtAReset(t *testing.T) {
	t.Parallel()
	b := newBlog(t, pagecache.Options{})
	during := func(f func()) {
		b.page = func(w http.ResponseWriter, r *http.Request) {
			f()
			b.ordinary(w, r)
		}
	}
	away := func(w http.ResponseWriter, _ *http.Request) { send(w, 503, "away") }

	during(b.cache.Reset)
	b.get("/posts/a").want(t, 200, "miss")
	b.page = away
	if got := b.get("/posts/a").want(t, 200, "stale").number(t); got != "1" {
		t.Errorf("got number %s", got)
	}
	b.page = nil
	b.get("/posts/a").want(t, 200, "miss")
	b.get("/posts/a").want(t, 200, "hit")

	for name, change := range map[string]func(){
		"/posts/b": func() { b.cache.Reset(); b.cache.Changed([]string{"*"}) },
		"/posts/c": func() { b.cache.Changed([]string{"*"}); b.cache.Reset() },
		"/posts/d": func() { b.cache.Reset(); b.cache.Changed([]string{"page:/posts/d"}) },
		"/posts/e": func() { b.cache.Changed([]string{"page:/posts/e"}); b.cache.Reset() },
	} {
		during(change)
		b.get(name).want(t, 200, "miss")
		b.page = away
		b.get(name).want(t, 503, "miss")
	}

	// A newer one that is ready before it stays.
	during(func() {
		b.cache.Reset()
		b.page = nil
		b.get("/posts/f").want(t, 200, "miss")
	})
	b.get("/posts/f").want(t, 200, "miss")
	b.get("/posts/f").want(t, 200, "hit")
}

// A page of which nobody knows whether it has changed is shown for a day.
func TestOldPagesEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBlog(t, pagecache.Options{})
		b.get("/posts/a").want(t, 200, "miss")
		b.get("/posts/b").want(t, 200, "miss")
		b.cache.Reset()
		b.get("/posts/b").want(t, 200, "miss")
		b.page = func(w http.ResponseWriter, _ *http.Request) { send(w, 503, "away") }
		time.Sleep(24*time.Hour - time.Second)
		b.get("/posts/a").want(t, 200, "stale")
		time.Sleep(2 * time.Second)
		b.get("/posts/a").want(t, 503, "miss")
		b.get("/posts/b").want(t, 200, "hit") // was made since
	})
}
