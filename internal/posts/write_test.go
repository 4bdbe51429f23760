package posts_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

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
