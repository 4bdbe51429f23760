package posts_test

import (
	"context"
	"slices"
	"testing"

	"broadsheet/internal/postgres/explain"
	"broadsheet/internal/posts"
)

// The index of the sitemap looks at a place or two for each of its parts, and
// at no post; texts are read by their keys.
func TestSitemapAndTextsCostNoMoreThanTheyShow(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.many(30_000, "'{}'")
	ids := make([]int64, 20)
	for i := range ids {
		ids[i] = int64(1000*i + 1)
	}
	for _, tt := range []struct {
		name string
		do   func(context.Context) error
		most int64
	}{
		{"parts", func(ctx context.Context) error {
			parts, err := b.SitemapParts(ctx)
			if len(parts) != 4 {
				t.Errorf("got %d parts of 30,000 posts, want 4", len(parts))
			}
			return err
		}, 4 * 12},
		{"a batch", func(ctx context.Context) error {
			entries, err := b.SitemapEntries(ctx, 1, 14_000, 1000)
			if len(entries) != 1000 || entries[0].ID != 14_001 {
				t.Errorf("got %d entries, want 1000 from 14001 on", len(entries))
			}
			return err
		}, 600},
		{"texts", func(ctx context.Context) error {
			texts, err := b.Texts(ctx, ids)
			if len(texts) != 20 || len(texts[1].HTML) != 1000 {
				t.Errorf("got %d texts, want 20", len(texts))
			}
			return err
		}, 20 * 5},
	} {
		for _, mode := range []explain.PlanMode{explain.Custom, explain.Generic} {
			if plan := b.plan(tt.do, mode); plan.Buffers > tt.most {
				t.Errorf("%s, %s: got %d buffers, want at most %d\n%s", tt.name, mode, plan.Buffers, tt.most, plan.Text)
			}
		}
	}
}

// A part changes when a post in it does, and when one of it appears.
func TestSitemapPartsChangeWithTheirPosts(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.many(3, "'{}'")
	b.exec("UPDATE posts SET updated_at = '2024-05-01' WHERE id = 2")
	b.exec("UPDATE posts SET published_at = '2024-01-01', updated_at = '2024-01-01' WHERE id <> 2")
	b.exec("UPDATE posts SET published_at = '2024-02-01' WHERE id = 2")
	changed := func() string {
		parts, err := b.SitemapParts(t.Context())
		if err != nil || len(parts) != 1 || parts[0].Part != 0 {
			t.Fatalf("got %v, %v, want part 0", parts, err)
		}
		return parts[0].Changed.UTC().Format("2006-01-02")
	}
	if got := changed(); got != "2024-05-01" {
		t.Errorf("got %s, want the newest change", got)
	}
	b.exec("UPDATE posts SET published_at = now() + interval '1 hour' WHERE id = 2")
	if got := changed(); got != "2024-01-01" {
		t.Errorf("got %s, want that of the posts which readers see", got)
	}
	for _, hide := range []string{"noindex = true", "noindex = false, canonical = 'https://other.example/'", "canonical = '', status = 'draft'"} {
		b.exec("UPDATE posts SET published_at = '2024-01-01', updated_at = '2024-06-01', " + hide + " WHERE id = 2")
		entries, err := b.SitemapEntries(t.Context(), 0, 0, 10)
		if err != nil || changed() != "2024-01-01" || slices.ContainsFunc(entries, func(e posts.SitemapEntry) bool { return e.ID == 2 }) {
			t.Errorf("%s: got %v, %v", hide, entries, err)
		}
	}
}
