package changes_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"broadsheet/internal/accounts"
	"broadsheet/internal/changes"
	"broadsheet/internal/postgres"
	"broadsheet/internal/postgres/explain"
	"broadsheet/internal/postgrestest"
	"broadsheet/internal/posts"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// listener notes what it is told.
type listener struct {
	mu   sync.Mutex
	told []string // keys in their order; "reset" for a reset
}

func (l *listener) Reset() { l.Changed([]string{"reset"}) }

func (l *listener) Changed(keys []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.told = append(l.told, keys...)
}

func (l *listener) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.told)
}

// count returns how often a key was told.
func (l *listener) count(key string) (n int) {
	for _, k := range l.all() {
		if k == key {
			n++
		}
	}
	return n
}

// following is a follower that runs, and what it tells.
type following struct {
	*changes.Follower
	*listener
	t       *testing.T
	pool    *pgxpool.Pool
	queries *explain.Recorder // of the follower
}

// follow runs a follower of the database on a pool of its own until the test ends.
func follow(t *testing.T, databaseURL string) *following {
	t.Helper()
	pool, err := postgres.Open(t.Context(), postgres.Config{URL: databaseURL, MaxConns: 4, Tracer: explain.Tracer{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	ctx, queries := explain.Record(context.WithoutCancel(t.Context()))
	f := &following{changes.NewFollower(pool, slog.New(slog.DiscardHandler)), &listener{}, t, pool, queries}
	f.Tell(f.listener)
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { defer close(ended); f.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-ended })
	return f
}

// sync waits until all is told.
func (f *following) sync() {
	f.t.Helper()
	if err := f.Sync(f.t.Context()); err != nil {
		f.t.Fatal(err)
	}
}

func (f *following) exec(sql string, args ...any) {
	f.t.Helper()
	if _, err := f.pool.Exec(f.t.Context(), sql, args...); err != nil {
		f.t.Fatalf("%s: %v", sql, err)
	}
}

// note writes to the log of changes as the triggers do.
func (f *following) note(keys ...string) {
	f.t.Helper()
	f.exec("SELECT note_changes($1)", keys)
}

// eventually waits for a condition, far longer than it should take.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for !holds() {
		select {
		case <-ctx.Done():
			t.Fatalf("%s: did not happen", what)
		case <-time.After(2 * time.Millisecond):
		}
	}
}

func TestSyncTellsWhatWasCommittedBefore(t *testing.T) {
	t.Parallel()
	f := follow(t, postgrestest.NewURL(t))
	f.note("before")
	f.sync()
	if got := f.all(); len(got) == 0 || got[0] != "reset" {
		t.Fatalf("got %q, want a reset first", got)
	}
	for n := range 200 {
		key := fmt.Sprint("post:", n)
		f.note(key)
		f.sync()
		if got := f.all(); got[len(got)-1] != key {
			t.Fatalf("got %q at the end after commit %d", got[len(got)-1], n)
		}
	}
	if n := f.count("reset"); n != 1 {
		t.Errorf("got %d resets, want the first alone", n)
	}
}

// Many commit at once and wait at once; what is committed is told once, in
// whatever order the transactions began and ended.
func TestSyncInParallel(t *testing.T) {
	t.Parallel()
	databaseURL := postgrestest.NewURL(t)
	f, other := follow(t, databaseURL), follow(t, databaseURL)
	f.sync()
	other.sync()
	const writers, each = 6, 60
	var all sync.WaitGroup
	for w := range writers {
		writer, err := pgxpool.New(t.Context(), databaseURL)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(writer.Close)
		all.Go(func() {
			for n := range each {
				key := fmt.Sprintf("post:%d-%d", w, n)
				tx, err := writer.Begin(t.Context())
				if err == nil {
					_, err = tx.Exec(t.Context(), "SELECT note_changes($1)", []string{key})
				}
				if err == nil && rand.IntN(3) == 0 {
					// Others with later numbers end first.
					_, err = tx.Exec(t.Context(), "SELECT pg_sleep($1)", rand.Float64()/100)
				}
				if err == nil {
					err = tx.Commit(t.Context())
				}
				if err != nil {
					t.Error(err)
					return
				}
				follower := []*following{f, other}[rand.IntN(2)]
				if err := follower.Sync(t.Context()); err != nil {
					t.Error(err)
				}
				if got := follower.count(key); got != 1 {
					t.Errorf("%s was told %d times, want once", key, got)
				}
			}
		})
	}
	all.Wait()
	for i, follower := range []*following{f, other} {
		follower.sync()
		got := follower.all()
		slices.Sort(got)
		if n := len(slices.Compact(got)); len(got) != writers*each+1 || n != len(got) {
			t.Errorf("follower %d was told %d keys, %d different, want %d", i, len(got), n, writers*each+1)
		}
	}
}

// A reading serves all who wait for it.
func TestSyncSharesReadings(t *testing.T) {
	t.Parallel()
	f := follow(t, postgrestest.NewURL(t))
	f.sync()
	before := len(f.queries.Queries())
	const callers = 300
	begin := make(chan struct{})
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			<-begin
			if err := f.Sync(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	close(begin)
	all.Wait()
	if n := len(f.queries.Queries()) - before; n == 0 || n > callers/2 {
		t.Errorf("%d callers at once made %d queries", callers, n)
	}
}

// What a dump brought from another server, where there were more transactions,
// is not told, now or later.
func TestChangesOfAnotherServer(t *testing.T) {
	t.Parallel()
	f := follow(t, postgrestest.NewURL(t))
	f.sync()
	f.exec("INSERT INTO changes (xid, keys) VALUES ('999999999999', '{foreign}'), ('3', '{ancient}')")
	for n := range 20 {
		f.note(fmt.Sprint("post:", n))
		f.sync()
	}
	if got := f.all(); len(got) != 21 || f.count("foreign")+f.count("ancient") != 0 {
		t.Errorf("got %q, want what was written here, each once", got)
	}
}

func TestLostNotification(t *testing.T) {
	t.Parallel()
	f := follow(t, postgrestest.NewURL(t))
	f.sync()
	f.exec("INSERT INTO changes (keys) VALUES ('{silent}')")
	eventually(t, "it is found", func() bool { return f.count("silent") == 1 })
	if f.count("reset") != 1 {
		t.Errorf("got %q, want no reset", f.all())
	}
}

// When the connection is lost, what may have been missed is everything.
func TestLostConnection(t *testing.T) {
	t.Parallel()
	f := follow(t, postgrestest.NewURL(t))
	f.sync()
	for n := range 10 {
		resets, key := f.count("reset"), fmt.Sprint("post:", n)
		f.exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '%changes'")
		f.note(key)
		// One that fails is answered by the connection that is lost.
		eventually(t, "it knows again", func() bool { return f.Sync(t.Context()) == nil && f.count("reset") > resets })
	}
	if f.Down() {
		t.Error("the database is taken for down")
	}
}

func TestScheduledPostIsDue(t *testing.T) {
	t.Parallel()
	f := follow(t, postgrestest.NewURL(t))
	f.sync()
	if f.Due(time.Now().Add(1000 * time.Hour)) {
		t.Error("a post is due where there is none")
	}
	store := posts.NewStore(f.pool)
	author, err := accounts.NewStore(f.pool).EnsureAuthor(t.Context(), "Ada")
	if err != nil {
		t.Fatal(err)
	}
	insert := func(slug string, in time.Duration) (id int64, at time.Time) {
		t.Helper()
		p, err := store.Save(t.Context(), 0, 0, posts.Draft{
			Title: "Later", Slug: slug, Language: "en", AuthorID: author,
			Status: posts.StatusPublished, PublishedAt: time.Now().Add(in),
		})
		if err != nil {
			t.Fatal(err)
		}
		return p.ID, p.PublishedAt
	}
	_, at := insert("in-an-hour", time.Hour)
	f.sync()
	// The clock of this machine is that of the database.
	if f.Due(at.Add(-time.Minute)) || !f.Due(at) {
		t.Errorf("a post in an hour: got due %v, %v a minute before and then, want false, true", f.Due(at.Add(-time.Minute)), f.Due(at))
	}
	id, at := insert("soon", 700*time.Millisecond)
	f.sync()
	if !f.Due(at) {
		t.Error("the next post is not due at its time")
	}
	told := fmt.Sprint("post:", id)
	before := f.count(told) // when it was written: readers might have seen it by then
	eventually(t, "it is told when its time comes, though nobody asks", func() bool { return f.count(told) == before+1 })
	f.sync()
	if f.count(told) != before+1 || f.count("slug:soon") != before+1 || f.Due(time.Now().Add(time.Minute)) { // the next is due in an hour
		t.Errorf("got %q, want it told once more and nothing due", f.all())
	}
	// Nobody is told of one that will not appear after all.
	f.exec("UPDATE posts SET status = 'draft' WHERE slug = 'in-an-hour'")
	f.sync()
	if f.Due(at.Add(1000 * time.Hour)) {
		t.Error("a draft is due")
	}

	// One that disappears is told of, too.
	if _, err := f.pool.Exec(t.Context(), "UPDATE posts SET unpublish_at = now() + interval '700 milliseconds' WHERE id = $1", id); err != nil {
		t.Fatal(err)
	}
	f.sync()
	if before = f.count(told); !f.Due(time.Now().Add(time.Second)) || f.Due(time.Now().Add(-time.Second)) {
		t.Error("the end of a post is not due at its time")
	}
	eventually(t, "it is told when its time is over, though nobody asks", func() bool { return f.count(told) == before+1 })
}

func TestDatabaseThatIsAway(t *testing.T) {
	t.Parallel()
	databaseURL := postgrestest.NewURL(t)
	admin, err := postgres.Open(t.Context(), postgres.Config{URL: postgrestest.NewURL(t), MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(admin.Close)
	f := follow(t, databaseURL)
	f.sync()
	name := f.pool.Config().ConnConfig.Database
	allow := func(connections bool) {
		t.Helper()
		if _, err := admin.Exec(t.Context(), fmt.Sprintf("ALTER DATABASE %q ALLOW_CONNECTIONS %v", name, connections)); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		well, resets := f.Well(), f.count("reset")
		if well.Err() != nil || f.Down() {
			t.Fatal("the database is taken for down")
		}
		allow(false)
		if _, err := admin.Exec(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name); err != nil {
			t.Fatal(err)
		}
		eventually(t, "it is seen", func() bool { return well.Err() != nil })
		eventually(t, "it is down", f.Down)
		if err := f.Sync(t.Context()); !errors.Is(err, postgres.ErrDown) {
			t.Errorf("got %v, want it to fail at once", err)
		}
		if f.count("reset") != resets {
			t.Error("a database that is away made everything be forgotten")
		}
		allow(true)
		eventually(t, "it is back", func() bool { return !f.Down() })
		if f.count("reset") == resets || f.Well().Err() != nil {
			t.Errorf("got %d resets, %v, want another and that it is well", f.count("reset"), f.Well().Err())
		}
	}
}

func TestSyncEndsWithItsContext(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	f := changes.NewFollower(pool, slog.New(slog.DiscardHandler)) // and nobody runs it
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := f.Sync(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want it to end", err)
	}
	began := make(chan struct{})
	waits := make(chan error)
	go func() { close(began); waits <- f.Sync(t.Context()) }()
	<-began
	f.Run(ctx)
	for _, err := range []error{<-waits, f.Sync(t.Context())} {
		if !errors.Is(err, postgres.ErrDown) {
			t.Errorf("got %v, want it to fail: nobody follows", err)
		}
	}
}

// Rows of the log do not stay for ever: after a long time without reading, or
// when the database's clock jumps, everything may have changed.
func TestLongTimeWithoutReading(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	f := changes.NewFollower(pool, slog.New(slog.DiscardHandler))
	l := &listener{}
	f.Tell(l)
	want := []string{"reset"}
	for _, tt := range []struct {
		since time.Duration
		reset bool
	}{{0, false}, {7 * time.Minute, false}, {9 * time.Minute, true}, {0, false}, {-time.Minute, false}, {-9 * time.Minute, true}, {0, false}} {
		if err := f.Read(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.Backdate(tt.since)
		if tt.reset {
			want = append(want, "reset")
		} else {
			want = append(want, "key")
		}
		if _, err := pool.Exec(t.Context(), "SELECT note_changes('{key}')"); err != nil {
			t.Fatal(err)
		}
		if err := f.Read(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := l.all(); !slices.Equal(got, want) {
			t.Fatalf("%v after a reading: got %q, want %q", tt.since, got, want)
		}
	}
}
