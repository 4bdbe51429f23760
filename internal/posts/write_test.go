package posts_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"broadsheet/internal/posts"
)

// Authors who move posts between the same tags in opposite directions lock
// the tags' counters in one order.
func TestMovingPostsBetweenTagsNeverDeadlocks(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.makeTags("one", "two", "three", "four")
	b.many(4, "'{1}'")
	var wg sync.WaitGroup
	for author := range 4 {
		wg.Go(func() {
			for turn := range 100 {
				n := (turn + author) % 4
				tags := []int{n + 1, 4 - n}
				_, err := b.pool.Exec(t.Context(), "UPDATE posts SET tag_ids = $1 WHERE slug = $2", tags[:1+turn%2], fmt.Sprint("post-", author+1))
				if err != nil {
					t.Errorf("author %d: %v", author, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// Tags are made in the order of what makes them unique, however they are typed.
func TestMakingTheSameTagsNeverDeadlocks(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for round := range 50 {
		var wg sync.WaitGroup
		for _, names := range [][]string{{"B%d", "a%d"}, {"A%d", "b%d"}} {
			wg.Go(func() {
				typed := []string{fmt.Sprintf(names[0], round), fmt.Sprintf(names[1], round)}
				err := pgx.BeginFunc(t.Context(), b.pool, func(tx pgx.Tx) error {
					_, err := posts.EnsureTags(t.Context(), tx, typed)
					return err
				})
				if err != nil {
					t.Errorf("making %q: %v", typed, err)
				}
			})
		}
		wg.Wait()
	}
}

// Retitled at once, drafts get different addresses like new ones do.
func TestParallelRetitlingNumbersSlugs(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	var wg sync.WaitGroup
	for n := range 3 { // as many as are tried again without fail
		p := b.save(0, 0, b.draft(fmt.Sprint("Draft ", n)))
		wg.Go(func() {
			d := p.Draft
			d.Title, d.Slug = "Same", ""
			if _, err := b.Save(t.Context(), p.ID, p.Version, d); err != nil {
				t.Errorf("retitling: %v", err)
			}
		})
	}
	wg.Wait()
}

// A write that collides with another is tried three times.
func TestWritesThatCollideAreTriedAgain(t *testing.T) {
	t.Parallel()
	writes := []struct {
		name  string
		write func(blog, posts.Stored) error
	}{
		{"save a new post", func(b blog, _ posts.Stored) error {
			_, err := b.Save(t.Context(), 0, 0, b.draft("New"))
			return err
		}},
		{"save", func(b blog, p posts.Stored) error {
			_, err := b.Save(t.Context(), p.ID, p.Version, p.Draft)
			return err
		}},
		{"delete", func(b blog, p posts.Stored) error { return b.Delete(t.Context(), p.ID, p.Version) }},
		{"import", func(b blog, _ posts.Stored) error {
			_, _, err := b.Import(t.Context(), source("a.md", "1"), b.draft("Imported"), false)
			return err
		}},
	}
	for _, tt := range writes {
		for _, code := range []string{"40P01", "40001"} {
			t.Run(tt.name+" "+code, func(t *testing.T) {
				t.Parallel()
				b := newBlog(t)
				p := b.publish("Stored", time.Hour, "tag")
				// The sequence counts on when a transaction is undone.
				_, err := b.pool.Exec(t.Context(), fmt.Sprintf(`
					CREATE SEQUENCE collisions;
					CREATE FUNCTION collide() RETURNS trigger LANGUAGE plpgsql AS $$
					BEGIN
						IF nextval('collisions') NOT IN (3, 7) THEN RAISE 'collided' USING ERRCODE = '%s'; END IF;
						RETURN NULL;
					END $$;
					CREATE TRIGGER collide AFTER INSERT OR UPDATE OR DELETE ON posts EXECUTE FUNCTION collide()`, code))
				if err != nil {
					t.Fatal(err)
				}
				if err := tt.write(b, p); err != nil {
					t.Fatalf("two collisions: got %v", err)
				}
				if _, err := b.pool.Exec(t.Context(), "ALTER SEQUENCE collisions RESTART 4"); err != nil {
					t.Fatal(err)
				}
				var pg *pgconn.PgError
				if _, err := b.Save(t.Context(), 0, 0, b.draft("Another")); !errors.As(err, &pg) || pg.Code != code {
					t.Errorf("three collisions: got %v, want %s", err, code)
				}
			})
		}
	}
}
