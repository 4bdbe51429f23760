package posts_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// A transaction that began first and ends last neither hides what others
// commit nor is passed over, and none waits for another.
func TestChangesAreSeenOnceInWhateverOrderTheyCommit(t *testing.T) {
	t.Parallel()
	w := newBlog(t).watch()
	begin := func(key string) pgx.Tx {
		tx, err := w.pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), "SELECT note_changes(ARRAY[$1])", key); err != nil {
			t.Fatal(err)
		}
		return tx
	}
	looks := func(when string, want ...string) {
		t.Helper()
		if got := w.look(); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", when, got, want)
		}
	}
	first, second, third := begin("first"), begin("second"), begin("third")
	looks("all open")
	if err := second.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	looks("the second committed", "second")
	fourth := begin("fourth")
	if err := third.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	looks("the third rolled back")
	for _, tx := range []pgx.Tx{fourth, first} {
		if err := tx.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	looks("the rest committed", "first", "fourth")
	looks("nothing new")
}

// The same at random: writers that publish at once, some of which change their
// minds, and a reader that looks all the time.
func TestChangesOfManyWritersAreSeenOnce(t *testing.T) {
	t.Parallel()
	w := newBlog(t).watch()
	w.makeTags("a", "b", "c")
	const writers, each = 6, 25
	rollback := errors.New("rollback")
	var committed sync.Map
	var done atomic.Int64
	for n := range writers {
		random := rand.New(rand.NewPCG(1, uint64(n)))
		go func() {
			defer done.Add(1)
			for i := range each {
				slug := fmt.Sprintf("post-%d-%d", n, i)
				undo := random.IntN(4) == 0
				err := pgx.BeginFunc(t.Context(), w.pool, func(tx pgx.Tx) error {
					// The counter of one tag alone is waited for, so that no two deadlock.
					_, err := tx.Exec(t.Context(), `
						INSERT INTO posts (slug, title, status, published_at, author_id, tag_ids, markdown, html, excerpt, render_version)
						VALUES ($1, 'x', 'published', '2020-01-01', $2, ARRAY[$3::bigint], '', '', '', 1)`, slug, w.author, 1+random.IntN(3))
					if err == nil && undo {
						return rollback
					}
					return err
				})
				switch {
				case err == nil:
					committed.Store("slug:"+slug, true)
				case !undo || !errors.Is(err, rollback):
					t.Errorf("%s: %v", slug, err)
				}
			}
		}()
	}
	seen := map[string]int{}
	for last := false; !last; {
		last = done.Load() == writers
		for _, key := range w.look() {
			seen[key]++
		}
	}
	count := 0
	committed.Range(func(key, _ any) bool {
		count++
		if seen[key.(string)] != 1 {
			t.Errorf("%s was committed: got it %d times, want once", key, seen[key.(string)])
		}
		return true
	})
	if count == 0 || count == writers*each || seen["search"] != count {
		t.Errorf("got %d changes for %d of %d posts, want as many, and neither none nor all", seen["search"], count, writers*each)
	}
}

func TestListenersAreWokenByTheCommit(t *testing.T) {
	t.Parallel()
	w := newBlog(t).watch()
	tx, err := w.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = tx.Exec(t.Context(), `
		INSERT INTO posts (slug, title, status, published_at, author_id, markdown, html, excerpt, render_version)
		VALUES ('new', 'New', 'published', now(), $1, '', '', '', 1)`, w.author)
	if err != nil {
		t.Fatal(err)
	}
	if keys := w.look(); w.woken() || len(keys) > 0 {
		t.Errorf("before the commit: got listeners woken, or keys %v", keys)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	n, err := w.conn.WaitForNotification(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if keys := w.look(); n.Channel != "broadsheet_changes" || n.Payload != "" || !slices.Contains(keys, "slug:new") {
		t.Errorf("after the commit: got %q on %s and keys %v", n.Payload, n.Channel, keys)
	}
}

// What is old goes, a hundred rows with each change; a row that somebody holds
// is left for the next, and nobody waits for it.
func TestOldChangesGo(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	exec := func(sql string) {
		t.Helper()
		if _, err := b.pool.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	left := func() (old, recent int) {
		t.Helper()
		err := b.pool.QueryRow(t.Context(), `
			SELECT count(*) FILTER (WHERE 'old' = ANY (keys)), count(*) FILTER (WHERE 'recent' = ANY (keys)) FROM changes`).
			Scan(&old, &recent)
		if err != nil {
			t.Fatal(err)
		}
		return old, recent
	}
	exec("INSERT INTO changes (at, keys) SELECT now() - interval '11 minutes', '{old}' FROM generate_series(1, 150)")
	exec("INSERT INTO changes (at, keys) SELECT now() - interval '9 minutes', '{recent}' FROM generate_series(1, 150)")

	holder, err := b.connect().Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := holder.Exec(t.Context(), "SELECT FROM changes ORDER BY id LIMIT 1 FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for i, want := range []int{150 - 99, 1} {
		if _, err := b.pool.Exec(ctx, "SELECT note_changes('{new}')"); err != nil {
			t.Fatalf("while a row is held: %v", err)
		}
		if old, recent := left(); old != want || recent != 150 {
			t.Errorf("after %d changes: got %d old rows and %d recent ones, want %d, with the one that is held, and 150", i+1, old, recent, want)
		}
	}
	if err := holder.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	exec("SELECT note_changes('{new}')")
	exec("SELECT note_changes('{}')")
	if old, recent := left(); old != 0 || recent != 150 {
		t.Errorf("afterwards: got %d old rows and %d recent ones, want 0 and 150", old, recent)
	}
}
