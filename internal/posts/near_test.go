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
	b.publish("The quick fox", 4*time.Hour)
	b.publish("Zebra", 4*time.Hour)
	b.exec(`
		INSERT INTO posts (slug, title, status, published_at, author_id, markdown, html, excerpt, render_version)
		SELECT begin || n, 'x', 'published', now(), $1, '', '', '', 1
		FROM unnest('{a,h,q,te,tt,ez}'::text[]) begin, generate_series(10, 50) n`, b.author) // so that what is meant does not stand near
	for _, tt := range []struct {
		name, slug string
		want       []string
	}{
		{"mistyped", "why-lists-are-paged-by-cursr", []string{"why-lists-are-paged-by-cursor", "why-lists-are-long"}},
		{"cut", "why-lists-are-paged-by", []string{"why-lists-are-paged-by-cursor", "why-lists-are-long"}},
		{"as a title", "Why lists are paged by a cursor", []string{"why-lists-are-paged-by-cursor", "why-lists-are-long"}},
		{"nothing like it", "completely-different-words", nil},
		{"short", "why", nil},
		{"first letters swapped", "hte-quick-fox", []string{"the-quick-fox"}},
		{"and cut", "hte-quick-fo", []string{"the-quick-fox"}},
		{"first letter twice", "tthe-quick-fox", []string{"the-quick-fox"}},
		{"first letter missing", "he-quick-fox", []string{"the-quick-fox"}},
		{"first letter another one", "ahe-quick-fox", []string{"the-quick-fox"}},
		{"one short word", "ezbra", []string{"zebra"}},
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
	for slug, most := range map[string]int64{"opst-1500": 60 + 12*4, "xxxx-nothing-like-it": 60 + 12*4 + 6*26*4} {
		for _, mode := range []explain.PlanMode{explain.Custom, explain.Generic} {
			ctx, recorder := explain.Record(t.Context())
			if near, err := b.Near(ctx, slug); err != nil || (len(near) == 1) != (slug == "opst-1500") {
				t.Errorf("%s: got %v and error %v", slug, near, err)
			}
			plans, err := explain.Run(t.Context(), b.pool, mode, recorder.Queries())
			if err != nil {
				t.Fatal(err)
			}
			buffers, text := int64(0), ""
			for _, p := range plans {
				buffers, text = buffers+p.Buffers, text+p.Text
			}
			if buffers > most {
				t.Errorf("%s, %s: got %d buffers, want at most %d\n%s", slug, mode, buffers, most, text)
			}
		}
	}
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
