package jobs_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"broadsheet/internal/accounts"
	"broadsheet/internal/jobs"
	"broadsheet/internal/postgrestest"
	"broadsheet/internal/posts"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// hub counts what it is told of.
type hub struct {
	*httptest.Server
	mu     sync.Mutex
	told   map[string]int
	broken bool
}

func newHub(t *testing.T) *hub {
	h := &hub{told: map[string]int{}}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.broken {
			http.Error(w, "out of order", http.StatusInternalServerError)
			return
		}
		if r.Method != http.MethodPost || r.FormValue("hub.mode") != "publish" {
			http.Error(w, "what?", http.StatusBadRequest)
			return
		}
		h.told[strings.TrimPrefix(r.FormValue("hub.url"), "https://blog.example")]++
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *hub) counts() map[string]int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return maps.Clone(h.told)
}

func (h *hub) breaks(broken bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.broken = broken
}

// blog is a database on which copies of the server do jobs.
type blog struct {
	*posts.Store
	t      *testing.T
	pool   *pgxpool.Pool
	author int64
	jobs   *jobs.Jobs
}

func newBlog(t *testing.T, hub string, copies int) *blog {
	b := &blog{t: t, pool: postgrestest.New(t)}
	b.Store = posts.NewStore(b.pool)
	var err error
	if b.author, err = accounts.NewStore(b.pool).EnsureAuthor(t.Context(), "Ada"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for range copies {
		pool, err := pgxpool.NewWithConfig(t.Context(), b.pool.Config())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(pool.Close)
		j, err := jobs.New(pool, jobs.Options{BaseURL: "https://blog.example", Hub: hub, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
		if err != nil {
			t.Fatal(err)
		}
		running.Go(func() { j.Run(ctx) })
		b.jobs = j
	}
	t.Cleanup(func() { cancel(); running.Wait() })
	b.Saved = b.jobs.Saved
	return b
}

func (b *blog) save(was posts.Stored, d posts.Draft) posts.Stored {
	b.t.Helper()
	stored, err := b.Save(b.t.Context(), was.ID, was.Version, d)
	if err != nil {
		b.t.Fatal(err)
	}
	return stored
}

func (b *blog) draft(title string) posts.Draft {
	return posts.Draft{
		Title: title, Markdown: "Text.", Language: "en", AuthorID: b.author, Status: posts.StatusPublished, Tags: []string{"Go", "C#"},
	}
}

// wait returns when no job is left to do now.
func (b *blog) wait() {
	b.t.Helper()
	for end := time.Now().Add(time.Minute); ; {
		var left int
		err := b.pool.QueryRow(b.t.Context(), `
			SELECT count(*) FROM river_job WHERE state IN ('available', 'running', 'pending') OR state = 'scheduled' AND scheduled_at < now()`).Scan(&left)
		if err != nil {
			b.t.Fatal(err)
		}
		if left == 0 {
			return
		}
		if time.Now().After(end) {
			b.t.Fatalf("%d jobs are left after a minute", left)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func feeds(n int, lists ...string) map[string]int {
	all := map[string]int{}
	for _, list := range lists {
		for _, form := range []string{"atom", "rss", "json"} {
			all[list+"/feed."+form] = n
		}
	}
	return all
}

// Each version that readers see is told of once, whichever copies run.
func TestHubIsToldOnce(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	b := newBlog(t, h.URL, 3)
	d := b.draft("Hello")
	d.Series = "On greetings"
	p := b.save(posts.Stored{}, d)
	b.wait()
	lists := []string{"", "/authors/ada", "/tags/go", "/tags/c-sharp", "/series/on-greetings"}
	if diff := cmp.Diff(feeds(1, lists...), h.counts()); diff != "" {
		t.Fatalf("told of a new post (-want +got):\n%s", diff)
	}
	d.Title = "Hello again"
	p = b.save(p, d)
	b.wait()
	if diff := cmp.Diff(feeds(2, lists...), h.counts()); diff != "" {
		t.Fatalf("told of a change (-want +got):\n%s", diff)
	}
	d.Status = posts.StatusDraft
	b.save(p, d)
	b.save(posts.Stored{}, posts.Draft{Title: "About", Kind: posts.KindPage, Markdown: "Us.", Language: "en", AuthorID: b.author, Status: posts.StatusPublished})
	b.wait()
	if diff := cmp.Diff(feeds(2, lists...), h.counts()); diff != "" {
		t.Errorf("told of a draft or a page (-want +got):\n%s", diff)
	}
}

// A post that is scheduled is told of when its time has come, and not for a
// time that it had before.
func TestHubIsToldInTime(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	b := newBlog(t, h.URL, 2)
	d := b.draft("Later")
	d.Tags = nil
	d.PublishedAt = time.Now().Add(time.Second)
	p := b.save(posts.Stored{}, d)
	d.PublishedAt = time.Now().Add(4 * time.Second)
	p = b.save(p, d)
	for {
		told := len(h.counts())
		var seen bool
		if err := b.pool.QueryRow(t.Context(), "SELECT published_at <= now() FROM posts WHERE id = $1", p.ID).Scan(&seen); err != nil {
			t.Fatal(err)
		}
		if told > 0 && !seen {
			t.Fatal("told before its time")
		}
		if seen {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.wait()
	if diff := cmp.Diff(feeds(1, "", "/authors/ada"), h.counts()); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

// What follows a save that fails does not happen.
func TestNothingFollowsAFailedSave(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	b := newBlog(t, h.URL, 1)
	p := b.save(posts.Stored{}, b.draft("Hello"))
	b.wait()
	was := h.counts()
	if _, err := b.Save(t.Context(), p.ID, p.Version+1, b.draft("Hello")); err == nil {
		t.Fatal("got no error for a wrong version")
	}
	b.wait()
	if diff := cmp.Diff(was, h.counts()); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

// A hub that is away is asked again, the authors see why, and can have it asked
// now or not at all.
func TestHubThatIsAway(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	h.breaks(true)
	b := newBlog(t, h.URL, 1)
	d := b.draft("Hello")
	d.Tags = nil
	b.save(posts.Stored{}, d)
	b.wait()
	late := b.late()
	var told []string
	for _, l := range late {
		told = append(told, strings.TrimPrefix(l.Feed, "https://blog.example"))
		if l.Kind != "push_feed" || l.Tries < 1 || !strings.Contains(l.Problem, "the hub answered 500") || l.Next.IsZero() || l.Due.IsZero() {
			t.Errorf("got %+v, want what is known of the last try", l)
		}
	}
	slices.Sort(told)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(feeds(1, "", "/authors/ada"))), told); diff != "" {
		t.Fatalf("late (-want +got):\n%s", diff)
	}
	h.breaks(false)
	dropped := late[0]
	if err := b.jobs.Drop(t.Context(), dropped.ID); err != nil {
		t.Error(err)
	}
	for _, l := range late[1:] {
		if err := b.jobs.Retry(t.Context(), l.ID); err != nil {
			t.Error(err)
		}
	}
	b.wait()
	want := feeds(1, "", "/authors/ada")
	delete(want, strings.TrimPrefix(dropped.Feed, "https://blog.example"))
	if diff := cmp.Diff(want, h.counts()); diff != "" {
		t.Errorf("told in the end (-want +got):\n%s", diff)
	}
	if late := b.late(); len(late) != 0 {
		t.Errorf("got %+v, want nothing late", late)
	}
	if err := b.jobs.Retry(t.Context(), dropped.ID); err != jobs.ErrNotFound {
		t.Errorf("got %v for a job that was dropped, want ErrNotFound", err)
	}
}

func (b *blog) late() []jobs.Late {
	b.t.Helper()
	late, err := b.jobs.Late(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return late
}

// The tables are those that River makes.
func TestSchemaIsRivers(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	if _, err := pool.Exec(t.Context(), "CREATE SCHEMA theirs"); err != nil {
		t.Fatal(err)
	}
	m, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Schema: "theirs"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Migrate(t.Context(), rivermigrate.DirectionUp, nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(describe(t, pool, "theirs"), describe(t, pool, "public")); diff != "" {
		t.Errorf("River's tables and ours (-want +got):\n%s", diff)
	}
}

// describe lists what stands in a schema about River but the table of its own
// migrations.
func describe(t *testing.T, pool *pgxpool.Pool, schema string) []string {
	t.Helper()
	rows, err := pool.Query(t.Context(), `
		WITH river AS (
			SELECT c.oid, c.relname, c.relpersistence FROM pg_class c
			WHERE c.relnamespace = $1::regnamespace AND c.relkind = 'r' AND c.relname LIKE 'river\_%' AND c.relname <> 'river_migration'
		)
		SELECT replace(line, $1 || '.', '') FROM (
			SELECT format('table %s %s', relname, relpersistence) AS line FROM river
			UNION ALL
			SELECT format('column %s %s %s %s %s', r.relname, attname, format_type(atttypid, atttypmod), attnotnull,
				replace(pg_get_expr(adbin, adrelid), 'CURRENT_TIMESTAMP', 'now()'))
			FROM river r JOIN pg_attribute a ON a.attrelid = r.oid AND attnum > 0 AND NOT attisdropped
			LEFT JOIN pg_attrdef d ON d.adrelid = r.oid AND d.adnum = attnum
			UNION ALL
			SELECT format('constraint %s %s %s', r.relname, conname, pg_get_constraintdef(c.oid))
			FROM river r JOIN pg_constraint c ON c.conrelid = r.oid
			UNION ALL
			SELECT pg_get_indexdef(indexrelid) FROM river r JOIN pg_index i ON i.indrelid = r.oid
			UNION ALL
			SELECT format('function %s %s', proname, regexp_replace(prosrc, '\s+', ' ', 'g')) FROM pg_proc
			WHERE pronamespace = $1::regnamespace AND proname LIKE 'river\_%'
			UNION ALL
			SELECT format('state %s', enumlabel) FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid
			WHERE t.typnamespace = $1::regnamespace AND t.typname = 'river_job_state'
		) lines ORDER BY 1`, schema)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var lines []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	if err := rows.Err(); err != nil || len(lines) < 40 {
		t.Fatal(fmt.Errorf("got %d lines and error %w", len(lines), err))
	}
	return lines
}
