package main

import (
	"strings"
	"testing"
	"time"

	"broadsheet/internal/postgrestest"
	"broadsheet/internal/posts"
)

// A server that has nothing to do for minutes hears of a renamed tag.
func TestRenamedTagIsFoundSoon(t *testing.T) {
	t.Parallel()
	b := newTestBlog(t, postgrestest.NewEmptyURL(t))
	s := b.serve()
	pool := b.pool()
	t.Cleanup(pool.Close)
	b.save(pool, b.draft("Written while it serves", time.Now()))
	eventually(t, "it waits for something to change", func() bool {
		_, body, _ := s.get("/search?q=sql")
		return strings.Contains(body, "Written while it serves")
	})
	store := posts.NewStore(pool)
	tag, err := store.TagNamed(t.Context(), "sql")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.SaveTag(t.Context(), tag.ID, posts.TagDraft{Name: "Databases"}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is found by its new name", func() bool {
		_, body, _ := s.get("/search?q=databases")
		return strings.Contains(body, "Written while it serves")
	})
	eventually(t, "all of its posts are", func() bool { return count(t, env{"DATABASE_URL": b.url}, "SELECT count(*) FROM renamed_tags") == 0 })
}
