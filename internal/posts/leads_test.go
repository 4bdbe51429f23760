package posts_test

import (
	"fmt"
	"testing"

	"broadsheet/internal/postgres/explain"
	"broadsheet/internal/posts"
)

// Following links costs a look at each, however many posts there are; a title
// that is being typed, a few rows of an index.
func TestFollowingLinksIsBounded(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.makeTags("all", "none")
	b.many(20_000, "'{1}'")
	var targets []posts.Target
	for n := range 40 {
		targets = append(targets, posts.Target{Kind: posts.TargetPost, Slug: fmt.Sprintf("post-%d", n*900)})
	}
	for _, kind := range []posts.TargetKind{posts.TargetTag, posts.TargetAuthor, posts.TargetSeries, posts.TargetPage} {
		for _, slug := range []string{"all", "none", "ada", "post-7"} {
			targets = append(targets, posts.Target{Kind: kind, Slug: slug})
		}
	}
	ctx, recorder := explain.Record(t.Context())
	found, err := b.LeadTo(ctx, targets)
	if err != nil || len(found) != len(targets) || found[0].Lead != posts.LeadNone || found[1].Lead != posts.LeadHere || found[39].Lead != posts.LeadNone {
		t.Fatalf("got %+v, %v", found, err)
	}
	titles, err := b.TitlesBeginning(ctx, "POST 1999")
	if err != nil || len(titles) != 8 || titles[0].Title != "post 1999" || titles[7].Title != "post 19996" {
		t.Fatalf("got %+v, %v", titles, err)
	}
	for _, mode := range []explain.PlanMode{explain.Custom, explain.Generic} {
		plans, err := explain.Run(t.Context(), b.pool, mode, recorder.Queries())
		if err != nil {
			t.Fatal(err)
		}
		for i, most := range []int64{10 * int64(len(targets)), 40} {
			if plans[i].Buffers > most {
				t.Errorf("%s: got %d buffers, want at most %d\n%s", mode, plans[i].Buffers, most, plans[i].Text)
			}
		}
	}
}
