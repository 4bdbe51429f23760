package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"broadsheet/internal/postgrestest"
)

// oldAtMost is how old a page may be when all that can fail does.
const oldAtMost = 2 * time.Second

// A change that comes while nobody listens is found all the same.
func TestPublishingWhileNobodyListens(t *testing.T) {
	t.Parallel()
	b := newTestBlog(t, postgrestest.NewEmptyURL(t))
	servers := []*serving{b.serve(), b.serve()}
	pool := b.pool()
	t.Cleanup(pool.Close)
	var slowest time.Duration
	for n := range 25 {
		for _, s := range servers {
			s.wants(map[string]int{"/": 200, "/tags/go": 200})
		}
		title := fmt.Sprintf("Unheard %d", n)
		var both sync.WaitGroup
		both.Go(func() {
			if n := cut(t, pool); n != len(servers) {
				t.Logf("%d of %d were listening", n, len(servers))
			}
		})
		both.Go(func() { b.save(pool, b.draft(title, time.Now())) })
		both.Wait()
		for _, s := range servers {
			slowest = max(slowest, within(t, oldAtMost, s, "/", title))
			within(t, oldAtMost, s, "/tags/go", title)
		}
	}
	t.Logf("the slowest was seen after %v", slowest)
}

// cut ends every connection that listens to a database, and returns how many
// there were.
func cut(t *testing.T, db interface {
	QueryRow(context.Context, string, ...any) pgx.Row
}) (n int) {
	t.Helper()
	err := db.QueryRow(t.Context(), `
		SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE datname = current_database() AND application_name LIKE '%changes'`).Scan(&n)
	if err != nil {
		t.Error(err)
	}
	return n
}

// A change that nobody is woken for is found by looking.
func TestPublishingWithoutNotification(t *testing.T) {
	t.Parallel()
	b := newTestBlog(t, postgrestest.NewEmptyURL(t))
	s := b.serve()
	pool := b.pool()
	t.Cleanup(pool.Close)
	if _, err := pool.Exec(t.Context(), `
		CREATE OR REPLACE FUNCTION note_changes(keys text[]) RETURNS void LANGUAGE sql AS
		$$ INSERT INTO changes (keys) SELECT note_changes.keys WHERE note_changes.keys <> '{}' $$`); err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		b.read(s)
		title := fmt.Sprintf("Silent %d", n)
		b.save(pool, b.draft(title, time.Now()))
		t.Logf("seen after %v", within(t, oldAtMost, s, "/", title))
	}
}

// A scheduled post appears when its time comes, without any request before.
func TestScheduledPostAppears(t *testing.T) {
	t.Parallel()
	b := newTestBlog(t, postgrestest.NewEmptyURL(t))
	servers := []*serving{b.serve(), b.serve()}
	pool := b.pool()
	t.Cleanup(pool.Close)
	for n := range 2 {
		title := fmt.Sprintf("Scheduled %d", n)
		at := databaseTime(t, pool).Add(1500 * time.Millisecond)
		p := b.save(pool, b.draft(title, at))
		for _, s := range servers {
			for _, page := range b.pages() {
				_, body, _ := s.get(page)
				if strings.Contains(body, title) && databaseTime(t, pool).Before(at) {
					t.Errorf("%s shows %q before its time", page, title)
				}
			}
		}
		if !databaseTime(t, pool).Before(at) {
			t.Log("the time came before all pages were in memory")
		}
		eventually(t, "its time comes", func() bool { return !databaseTime(t, pool).Before(at) })
		for _, s := range servers {
			for _, page := range []string{"/", "/tags/go", "/posts/" + p.Slug} {
				if status, body, _ := s.get(page); status != http.StatusOK || !strings.Contains(body, title) {
					t.Errorf("%s: got %d, does not show %q in time\n%s", page, status, title, body)
				}
			}
		}
	}
}

func databaseTime(t *testing.T, pool *pgxpool.Pool) (now time.Time) {
	t.Helper()
	if err := pool.QueryRow(t.Context(), "SELECT now()").Scan(&now); err != nil {
		t.Fatal(err)
	}
	return now
}

// Others may take every connection that the database has.
func TestNoConnectionsLeft(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "16")
	b := newTestBlog(t, c.url)
	s := b.serve("BROADSHEET_DB_MAX_CONNS=3")
	before := b.read(s)
	taken := c.fill()

	check := func() {
		t.Helper()
		for page := range before {
			if status, body, _ := s.get(page); status != http.StatusOK || body != before[page] {
				t.Errorf("%s: got %d, want it from memory\n%s", page, status, body)
			}
		}
		var asking sync.WaitGroup
		for n := range 6 {
			asking.Go(func() {
				client := http.Client{Timeout: 20 * time.Second}
				status, body, retry := s.answer(client.Get(fmt.Sprintf("http://%s/search?q=post+%d", s.address, n)))
				if status != http.StatusOK && (status != http.StatusServiceUnavailable || retry == "") {
					t.Errorf("a page not in memory: got %d, Retry-After %q\n%s", status, retry, body)
				}
			})
		}
		asking.Wait()
	}
	check()
	publish := func(title string) {
		t.Helper()
		if _, err := taken[0].Exec(t.Context(),
			"UPDATE posts SET title = $1, version = version + 1 WHERE id = $2", title, b.posts[13].ID); err != nil {
			t.Fatal(err)
		}
	}
	publish("Changed while it listens")
	within(t, oldAtMost, s, "/", "Changed while it listens")
	before = b.read(s)

	// Then the connection that listens is taken as well.
	eventually(t, "nobody listens", func() bool {
		cut(t, taken[0])
		taken = append(taken, c.fill()...)
		var listening int
		if err := taken[0].QueryRow(t.Context(), `
			SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE '%changes'`).Scan(&listening); err != nil {
			t.Fatal(err)
		}
		return listening == 0
	})
	check()
	publish("Changed while it cannot listen")
	for _, conn := range taken {
		conn.Close(t.Context())
	}
	within(t, oldAtMost, s, "/", "Changed while it cannot listen")
	within(t, oldAtMost, s, "/posts/"+b.posts[13].Slug, "Changed while it cannot listen")
	s.wants(map[string]int{"/posts/never-read": 200, "/readyz": 200})
}
