package posts_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"broadsheet/internal/postgres/explain"
)

func TestNearAddresses(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.publish("Why lists are paged by cursor", time.Hour)
	b.publish("Why lists are long", 2*time.Hour)
	b.publish("Something else", 3*time.Hour)
	b.publish("Why lists are paged by cursors", -time.Hour) // to come
	b.save(0, 0, b.draft("Why lists are paged by cursor, a draft"))
	for _, tt := range []struct {
		name, slug string
		want       []string
	}{
		{"mistyped", "why-lists-are-paged-by-cursr", []string{"why-lists-are-paged-by-cursor", "why-lists-are-long"}},
		{"cut", "why-lists-are-paged-by", []string{"why-lists-are-paged-by-cursor", "why-lists-are-long"}},
		{"as a title", "Why lists are paged by a cursor", []string{"why-lists-are-paged-by-cursor", "why-lists-are-long"}},
		{"nothing like it", "completely-different-words", nil},
		{"short", "why", nil},
		{"no text", "%_\\'", nil},
	} {
		near, err := b.Near(t.Context(), tt.slug)
		var got []string
		for _, link := range near {
			got = append(got, link.Slug)
		}
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v and error %v, want %v", tt.name, got, err, tt.want)
		}
	}
}

func TestNearAddressesCostTheSameOnAnyBlog(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.makeTags("a", "b")
	b.many(20_000, "'{1}'")
	for _, mode := range []explain.PlanMode{explain.Custom, explain.Generic} {
		plan := b.plan(func(ctx context.Context) error {
			near, err := b.Near(ctx, "post-1500x")
			if len(near) != 3 {
				t.Errorf("got %v, want three posts", near)
			}
			return err
		}, mode)
		if plan.Buffers > 60 {
			t.Errorf("%s: got %d buffers, want at most 60\n%s", mode, plan.Buffers, plan.Text)
		}
	}
}
