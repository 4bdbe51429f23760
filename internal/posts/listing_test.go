package posts_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"broadsheet/internal/posts"
)

func TestListingPagesBothWays(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.many(25, "'{}'")

	var pages []posts.Listing
	var all []string
	for f := (posts.Filter{}); ; {
		l := b.list(f)
		pages, all = append(pages, l), append(all, titles(l)...)
		if l.Older == "" {
			break
		}
		f.After = l.Older
	}
	var want []string
	for n := 1; n <= 25; n++ {
		want = append(want, fmt.Sprintf("post %d", n))
	}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("older (-want +got):\n%s", diff)
	}
	if pages[0].Newer != "" {
		t.Errorf("first page: got a newer cursor")
	}

	middle := b.list(posts.Filter{Before: pages[2].Newer})
	if diff := cmp.Diff(titles(pages[1]), titles(middle)); diff != "" {
		t.Errorf("newer from the last page (-want +got):\n%s", diff)
	}
	if middle.Newer == "" || middle.Older == "" || middle.AtTop {
		t.Errorf("middle page: got %+v, want both cursors", middle)
	}
	first := b.list(posts.Filter{Before: middle.Newer})
	if diff := cmp.Diff(titles(pages[0]), titles(first)); diff != "" {
		t.Errorf("newer from the middle (-want +got):\n%s", diff)
	}
	if !first.AtTop {
		t.Errorf("first page reached with before: got AtTop false")
	}
}

func TestPagesStayWhilePostsAreInserted(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.many(25, "'{}'")
	second := posts.Filter{After: b.list(posts.Filter{}).Older}
	want := titles(b.list(second))

	for n := range 5 {
		b.publish(fmt.Sprintf("news %d", n), 0)
	}
	if diff := cmp.Diff(want, titles(b.list(second))); diff != "" {
		t.Errorf("second page after five new posts (-want +got):\n%s", diff)
	}
	// Going back from there passes the posts that came since.
	newer := b.list(posts.Filter{Before: b.list(second).Newer})
	if got := titles(newer); got[0] != "post 1" || newer.Newer == "" {
		t.Errorf("newer page: got %v, want it to begin with post 1 and lead on", got)
	}
}

func TestPostsOfOneMomentAreListedOnce(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	at := time.Now().Add(-time.Hour)
	for n := range 25 {
		d := b.draft(fmt.Sprintf("same %d", n))
		d.Status, d.PublishedAt = posts.StatusPublished, at
		b.save(0, 0, d)
	}
	seen := map[string]int{}
	for f := (posts.Filter{}); ; {
		l := b.list(f)
		for _, title := range titles(l) {
			seen[title]++
		}
		if f.After = l.Older; f.After == "" {
			break
		}
	}
	for n := range 25 {
		if title := fmt.Sprintf("same %d", n); seen[title] != 1 {
			t.Errorf("%s: got it %d times, want once", title, seen[title])
		}
	}
}

func TestListingByTags(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.publish("go and testing", 1*time.Hour, "Go", "testing")
	b.publish("go", 2*time.Hour, "go")
	b.publish("testing", 3*time.Hour, "Testing")
	b.publish("all three", 4*time.Hour, "databases", "GO", "testing")
	b.publish("none", 5*time.Hour)
	draft := b.draft("draft", "go", "testing", "secret")
	b.save(0, 0, draft)

	golang, testing, databases := b.tag("go"), b.tag("testing"), b.tag("databases")
	if golang.Posts != 3 || testing.Posts != 3 || databases.Posts != 1 {
		t.Errorf("counts: got %d, %d, %d, want 3, 3, 1", golang.Posts, testing.Posts, databases.Posts)
	}
	if golang.Name != "Go" {
		t.Errorf("name: got %q, want the first one given", golang.Name)
	}
	tests := []struct {
		name string
		tags []posts.Tag
		want []string
	}{
		{"one", []posts.Tag{golang}, []string{"go and testing", "go", "all three"}},
		{"two", []posts.Tag{testing, golang}, []string{"go and testing", "all three"}},
		{"three", []posts.Tag{golang, databases, testing}, []string{"all three"}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, titles(b.list(posts.Filter{Tags: tt.tags}))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	if _, err := b.Tag(t.Context(), "secret"); err != posts.ErrNotFound {
		t.Errorf("tag of a draft alone: got %v, want ErrNotFound", err)
	}
	card := b.list(posts.Filter{Tags: []posts.Tag{databases}}).Posts[0]
	want := []posts.TagLink{{Slug: "databases", Name: "databases"}, {Slug: "go", Name: "Go"}, {Slug: "testing", Name: "testing"}}
	if diff := cmp.Diff(want, card.Tags()); diff != "" {
		t.Errorf("a card's tags, in the author's order (-want +got):\n%s", diff)
	}
}

// Three tags that meet only in the newest and in the oldest post, further apart
// than one page's search goes, are found from either end.
func TestThreeTagsAreFoundHoweverFar(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.makeTags("a", "b", "c")
	n := 2*posts.ScanLimit + 100
	b.many(n, fmt.Sprintf("CASE WHEN n IN (1, %d) THEN '{1,2,3}'::bigint[] ELSE '{1,2}' END", n))
	// c is listed last so that a and b are the two rarest that are walked.
	f := posts.Filter{Tags: []posts.Tag{{ID: 1, Posts: 1}, {ID: 2, Posts: 2}, {ID: 3, Posts: 3}}}

	down := []posts.Listing{b.list(f)}
	for last := down[0]; last.Older != ""; down = append(down, last) {
		f.After = last.Older
		last = b.list(f)
		if last.Newer == "" {
			t.Errorf("page %d: got no way back to newer posts", len(down)+1)
		}
	}
	want := [][]string{{"post 1"}, nil, {fmt.Sprintf("post %d", n)}}
	if diff := cmp.Diff(want, allTitles(down)); diff != "" {
		t.Errorf("from the newest on (-want +got):\n%s", diff)
	}
	stop, err := b.Post(t.Context(), fmt.Sprintf("post-%d", posts.ScanLimit))
	if err != nil {
		t.Fatal(err)
	}
	if first, last := down[0], down[2]; !first.Oldest.Equal(stop.PublishedAt) || !last.Oldest.IsZero() {
		t.Errorf("got spans down to %v and %v, want %v, where the first search stopped, and the end", first.Oldest, last.Oldest, stop.PublishedAt)
	}

	f.After = ""
	var up []posts.Listing
	for last := down[2]; last.Newer != ""; up = append(up, last) {
		f.Before = last.Newer
		last = b.list(f)
		if last.AtTop != (last.Newer == "") || last.Older == "" {
			t.Errorf("page %d back: got AtTop %t, newer %q, older %q", len(up)+1, last.AtTop, last.Newer, last.Older)
		}
	}
	if diff := cmp.Diff([][]string{nil, nil, {"post 1"}}, allTitles(up)); diff != "" {
		t.Errorf("back from the oldest (-want +got):\n%s", diff)
	}
	if up[0].Newest.IsZero() || !up[2].Newest.IsZero() || !up[1].Newest.After(up[0].Newest) {
		t.Errorf("back from the oldest: got spans up to %v, %v and %v, want ever newer ones", up[0].Newest, up[1].Newest, up[2].Newest)
	}

	f.After, f.Before = "", down[1].Newer // of a page without posts
	if back := b.list(f); !slices.Contains(titles(back), "post 1") && back.Newer == "" {
		t.Errorf("back from the empty page: got %v and no newer page", titles(back))
	}
}

func allTitles(pages []posts.Listing) (all [][]string) {
	for _, l := range pages {
		all = append(all, titles(l))
	}
	return all
}

// A page whose posts were all deleted still leads back, the post at its edge included.
func TestEmptyPageLeadsBack(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.many(11, "'{}'")
	second := posts.Filter{After: b.list(posts.Filter{}).Older}
	if _, err := b.pool.Exec(t.Context(), "DELETE FROM posts WHERE title = 'post 11'"); err != nil {
		t.Fatal(err)
	}
	empty := b.list(second)
	if len(empty.Posts) > 0 || empty.Older != "" || empty.Newer == "" {
		t.Fatalf("got %+v, want no posts and only a newer cursor", empty)
	}
	back := b.list(posts.Filter{Before: empty.Newer, Limit: 2})
	if diff := cmp.Diff([]string{"post 9", "post 10"}, titles(back)); diff != "" {
		t.Errorf("back (-want +got):\n%s", diff)
	}
}

func TestCursorOfAnotherListingIsRefused(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.makeTags("a")
	b.many(25, "'{1}'")
	cursor := b.list(posts.Filter{}).Older
	for name, f := range map[string]posts.Filter{
		"tag":  {Tags: []posts.Tag{b.tag("a")}, After: cursor},
		"both": {After: cursor, Before: cursor},
	} {
		if _, err := b.Listing(t.Context(), f); err != posts.ErrBadCursor {
			t.Errorf("%s: got %v, want ErrBadCursor", name, err)
		}
	}
	_, err := b.Rows(t.Context(), posts.RowFilter{After: cursor})
	wantErr(t, err, posts.ErrBadCursor)
}

// A scheduled post is seen in no way before its second, in every way from it on,
// and in none from the second on at which it disappears, though nothing happens
// but that time goes by.
func TestScheduledPostAppearsAndDisappearsByItself(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.publish("before", time.Hour, "go")
	d := b.draft("scheduled", "go", "future")
	d.Status, d.PublishedAt = posts.StatusPublished, time.Now().Add(3*time.Second)
	d.UnpublishAt = time.Now().Add(time.Hour)
	scheduled := b.save(0, 0, d)
	if !scheduled.Scheduled || scheduled.Visible {
		t.Errorf("got scheduled %t, visible %t, want true, false", scheduled.Scheduled, scheduled.Visible)
	}

	seen := func() []string {
		var where []string
		note := func(place string, yes bool) {
			if yes {
				where = append(where, place)
			}
		}
		ctx := t.Context()
		note("listing", slices.Contains(titles(b.list(posts.Filter{})), "scheduled"))
		note("tag listing", slices.Contains(titles(b.list(posts.Filter{Tags: []posts.Tag{{ID: 1}}})), "scheduled"))
		note("two tags", len(b.list(posts.Filter{Tags: []posts.Tag{{ID: 1}, {ID: 2}}}).Posts) > 0)
		note("search", len(b.search(posts.Search{Words: "scheduled"})) > 0)
		_, err := b.Post(ctx, "scheduled")
		note("page", err == nil)
		before, err := b.Post(ctx, "before")
		note("neighbour", err == nil && before.NewerSlug != "")
		tag, err := b.Tag(ctx, "go")
		note("count", err == nil && tag.Posts == 2)
		_, err = b.Tag(ctx, "future")
		note("tag", err == nil)
		tags, _, err := b.Tags(ctx, "")
		note("index of tags", err == nil && len(tags) == 2)
		recent, err := b.Recent(ctx, 5)
		note("recent", err == nil && len(recent) == 2)
		suggested, err := b.Suggest(ctx, "sched")
		note("suggestions", err == nil && len(suggested.Posts) > 0)
		entries, err := b.SitemapEntries(ctx, 0, 0, 10)
		note("sitemap", err == nil && len(entries) == 2)
		months, err := b.Archive(ctx)
		note("archive", err == nil && posted(months) == 2)
		return where
	}
	early := seen()
	if !b.due(t.Context(), d.PublishedAt) && len(early) > 0 {
		t.Errorf("before its second it is seen in %v", early)
	}
	eventually(t, "the second comes", func(ctx context.Context) bool { return b.due(ctx, d.PublishedAt) })
	want := []string{"listing", "tag listing", "two tags", "search", "page", "neighbour", "count", "tag", "index of tags", "recent", "suggestions", "sitemap", "archive"}
	if diff := cmp.Diff(want, seen()); diff != "" {
		t.Errorf("after its second it is seen in (-want +got):\n%s", diff)
	}

	b.exec("UPDATE posts SET unpublish_at = now() WHERE slug = 'scheduled'")
	if got := seen(); len(got) > 0 {
		t.Errorf("after its time it is seen in %v", got)
	}
	over := b.get(scheduled.ID)
	if over.State != posts.StateUnpublished || over.Status != posts.StatusPublished {
		t.Errorf("got %s, %s, want it published still, and unpublished", over.Status, over.State)
	}
	if err := b.Unpublish(t.Context(), over.ID); err != nil {
		t.Fatal(err)
	}
	if over = b.get(scheduled.ID); over.State != posts.StateUnpublished || over.Status != posts.StatusDraft {
		t.Errorf("got %s, %s, want an unpublished draft", over.Status, over.State)
	}
	if got := seen(); len(got) > 0 {
		t.Errorf("as a draft it is seen in %v", got)
	}
	if err := b.Unpublish(t.Context(), over.ID); !errors.Is(err, posts.ErrNotFound) {
		t.Errorf("got %v for a draft, want ErrNotFound", err)
	}
}

func posted(months []posts.Month) (n int64) {
	for _, m := range months {
		n += m.Posts
	}
	return n
}

// due tells whether a time has come by the database's clock.
func (b blog) due(ctx context.Context, at time.Time) bool {
	b.t.Helper()
	var due bool
	if err := b.pool.QueryRow(ctx, "SELECT now() >= $1", at).Scan(&due); err != nil {
		b.t.Fatal(err)
	}
	return due
}
