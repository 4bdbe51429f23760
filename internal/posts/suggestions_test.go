package posts_test

import (
	"context"
	"slices"
	"testing"

	"broadsheet/internal/postgres/explain"
)

func TestSuggestions(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	d := b.draft("First", "go", "web")
	d.Series = "Old"
	b.save(0, 0, d)
	d = b.draft("Second", "web")
	d.Series = "New"
	b.save(0, 0, d)
	got, err := b.Suggestions(t.Context())
	if err != nil || !slices.Equal(got.Series, []string{"New", "Old"}) || !slices.Equal(got.Tags, []string{"web", "go"}) {
		t.Errorf("got %+v and error %v", got, err)
	}
}

func TestSuggestionsCostTheSameOnAnyBlog(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.exec("INSERT INTO tags (key, slug, name) SELECT n, n, n FROM generate_series(1, 10000) n")
	b.exec("INSERT INTO series (key, slug, title) SELECT n, n, n FROM generate_series(1, 10000) n")
	b.many(20_000, "ARRAY[1, 2, 3 + n % 9000]")
	b.exec("VACUUM ANALYZE")
	plan := b.plan(func(ctx context.Context) error { _, err := b.Suggestions(ctx); return err }, explain.Generic)
	if plan.Buffers > 160 {
		t.Errorf("got %d buffers, want at most 160\n%s", plan.Buffers, plan.Text)
	}
}
