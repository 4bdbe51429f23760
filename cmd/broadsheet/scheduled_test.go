package main

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"broadsheet/internal/jobs"
	"broadsheet/internal/postgrestest"
	"broadsheet/internal/posts"
)

// What follows a scheduled post is done once, also when every server was killed
// at the very second, and the post is there as soon as one runs again.
func TestScheduledWhileEveryServerIsKilled(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	told := map[string]int{}
	hub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		told[r.FormValue("hub.url")]++
	}))
	t.Cleanup(hub.Close)
	b := newTestBlog(t, postgrestest.NewEmptyURL(t))
	b.posts = nil
	pool := b.pool()
	t.Cleanup(pool.Close)
	settings := []string{"DATABASE_URL=" + b.url, "BROADSHEET_WEBSUB_HUB=" + hub.URL}

	// A save by a server stores what follows; this one does as a server.
	j, err := jobs.New(pool, jobs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	store := posts.NewStore(pool)
	store.Saved = j.Saved

	for _, title := range []string{"First", "Second"} {
		clear(told)
		first, one := serveProcess(t, t.TempDir(), settings...)
		second, other := serveProcess(t, t.TempDir(), settings...)
		first.greets()
		second.greets()
		d := b.draft(title, databaseTime(t, pool).Add(3*time.Second))
		p, err := store.Save(t.Context(), 0, 0, d)
		if err != nil {
			t.Fatal(err)
		}
		eventually(t, "its time comes", func() bool {
			if status, body, _ := first.get("/posts/" + p.Slug); status != http.StatusNotFound && databaseTime(t, pool).Before(p.PublishedAt) {
				t.Errorf("the post answers %d before its time\n%s", status, body)
			}
			return !databaseTime(t, pool).Before(p.PublishedAt)
		})
		kill(t, one.Process.Pid)
		kill(t, other.Process.Pid)
		eventually(t, "both servers are gone", func() bool { return first.ended() && second.ended() })

		again, _ := serveProcess(t, t.TempDir(), settings...)
		too, _ := serveProcess(t, t.TempDir(), settings...)
		for _, s := range []*serving{again, too} {
			s.greets()
			if status, body, _ := s.get("/posts/" + p.Slug); status != http.StatusOK {
				t.Errorf("the post answers %d after its time\n%s", status, body)
			}
		}
		// A job that a killed server had begun waits until it counts as lost.
		for end := time.Now().Add(2 * time.Minute); count(t, env{"DATABASE_URL": b.url}, "SELECT count(*) FROM river_job WHERE state <> 'completed'") > 0; {
			if time.Now().After(end) {
				t.Fatal("jobs are left after two minutes")
			}
			time.Sleep(100 * time.Millisecond)
		}
		mu.Lock()
		if len(told) != 12 {
			t.Errorf("got told of %d feeds, want 12: all posts', the author's and two tags', in three forms", len(told))
		}
		for feed, n := range told {
			if n != 1 {
				t.Errorf("got told of %s %d times, want once", feed, n)
			}
		}
		mu.Unlock()
		again.stop()
		too.stop()
	}
}
