package posts_test

import (
	"context"
	"testing"

	"broadsheet/internal/postgres/explain"
	"broadsheet/internal/posts"
)

// Every page of every listing reads about as many buffers as it shows posts,
// whatever the depth, the tag, and the plan that PostgreSQL chooses.
func TestPagesCostTheSameEverywhere(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.makeTags("common", "half", "rare", "old", "even", "odd")
	b.many(30_000, `ARRAY[1::bigint] ||
		CASE WHEN n % 2 = 0 THEN '{2}'::bigint[] ELSE '{}' END ||
		CASE WHEN n % 3000 = 0 THEN '{3}'::bigint[] ELSE '{}' END ||
		CASE WHEN n > 29000 THEN '{4}'::bigint[] ELSE '{}' END ||
		CASE WHEN n < 20000 THEN ARRAY[5 + n % 2] ELSE '{}' END`)
	common, half, rare, old, even, odd := b.tag("common"), b.tag("half"), b.tag("rare"), b.tag("old"), b.tag("even"), b.tag("odd")

	deep := func(f posts.Filter) posts.Filter {
		at := f
		for range 3 {
			at.After = b.list(posts.Filter{Tags: f.Tags, After: at.After, Limit: 4000}).Older
		}
		return at
	}
	tests := []struct {
		name   string
		filter posts.Filter
		posts  int
		most   int64
	}{
		{"first page", posts.Filter{}, 10, 15},
		{"12,000 posts deep", deep(posts.Filter{}), 10, 15},
		{"common tag", posts.Filter{Tags: []posts.Tag{common}}, 10, 48},
		{"common tag, deep", deep(posts.Filter{Tags: []posts.Tag{common}}), 10, 48},
		{"rare tag", posts.Filter{Tags: []posts.Tag{rare}}, 10, 48},
		{"tag used long ago", posts.Filter{Tags: []posts.Tag{old}}, 10, 48},
		{"two common tags", posts.Filter{Tags: []posts.Tag{common, half}}, 10, 48},
		{"common and rare", posts.Filter{Tags: []posts.Tag{common, rare}}, 10, 48},
		{"two tags that never meet", posts.Filter{Tags: []posts.Tag{even, odd}}, 0, 8},
	}
	for _, tt := range tests {
		for _, mode := range []explain.PlanMode{explain.Custom, explain.Generic} {
			plan := b.plan(func(ctx context.Context) error {
				l, err := b.Listing(ctx, tt.filter)
				if len(l.Posts) != tt.posts {
					t.Errorf("%s: got %d posts, want %d", tt.name, len(l.Posts), tt.posts)
				}
				return err
			}, mode)
			if plan.Buffers > tt.most {
				t.Errorf("%s, %s: got %d buffers, want at most %d\n%s", tt.name, mode, plan.Buffers, tt.most, plan.Text)
			}
		}
	}
}

func TestOnePostCostsOneQuery(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.makeTags("a", "b")
	b.many(20_000, "'{1,2}'")
	plan := b.plan(func(ctx context.Context) error {
		p, err := b.Post(ctx, "post-15000")
		if err == nil && (p.NewerSlug != "post-14999" || p.OlderSlug != "post-15001" || len(p.TagSlugs) != 2) {
			t.Errorf("got neighbours %q, %q and tags %v", p.NewerSlug, p.OlderSlug, p.TagSlugs)
		}
		return err
	}, explain.Generic)
	if plan.Buffers > 15 {
		t.Errorf("got %d buffers, want at most 15\n%s", plan.Buffers, plan.Text)
	}
}

// The names of a page that are not remembered are read each once, however
// many authors, tags and posts there are.
func TestNamesCostOneLookEach(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.exec("INSERT INTO users (handle, name) SELECT 'user' || n, 'x' FROM generate_series(2, 20000) n")
	b.exec("INSERT INTO tags (key, slug, name) SELECT n, n, n FROM generate_series(1, 20000) n")
	b.many(1000, "ARRAY[1, 2, 3 + n % 2, 5 + n]")
	b.exec("UPDATE posts SET author_id = 1 + id % 3")
	b.exec("VACUUM ANALYZE")
	const names = 3 + 4 + posts.PageSize // authors, tags of many posts, tags of one
	for _, mode := range []explain.PlanMode{explain.Custom, explain.Generic} {
		ctx, recorder := explain.Record(t.Context())
		if _, err := b.Listing(ctx, posts.Filter{}); err != nil {
			t.Fatal(err)
		}
		plans, err := explain.Run(t.Context(), b.pool, mode, recorder.Queries())
		if err != nil {
			t.Fatal(err)
		}
		if len(plans) != 2 || plans[1].Rows != names || plans[1].Buffers > 4*names {
			t.Errorf("%s: got %d queries, %d names, %d buffers, want 2, %d and at most %d\n%s",
				mode, len(plans), plans[1].Rows, plans[1].Buffers, names, 4*names, plans[1].Text)
		}
	}
}

// plan returns the plan of the one query that do runs when it runs again, with
// the names it shows remembered.
func (b blog) plan(do func(context.Context) error, mode explain.PlanMode) explain.Plan {
	b.t.Helper()
	b.Reset()
	if err := do(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	ctx, recorder := explain.Record(b.t.Context())
	if err := do(ctx); err != nil {
		b.t.Fatal(err)
	}
	plans, err := explain.Run(b.t.Context(), b.pool, mode, recorder.Queries())
	if err != nil {
		b.t.Fatal(err)
	}
	if len(plans) != 1 {
		b.t.Fatalf("got %d queries, want 1", len(plans))
	}
	return plans[0]
}
