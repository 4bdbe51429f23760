package posts_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"broadsheet/internal/posts"
)

// pages returns the pages of a listing, from the newest on and all the way
// back, and for each the question it answers.
func (b blog) pages(f posts.Filter) (asked []posts.Filter, pages []posts.Listing) {
	b.t.Helper()
	for {
		l := b.list(f)
		asked, pages = append(asked, f), append(pages, l)
		switch {
		case f.Before == "" && l.Older != "":
			f.After = l.Older
		case l.Newer != "":
			f.After, f.Before = "", l.Newer
		default:
			return asked, pages
		}
	}
}

// A post that comes or goes changes no page whose span it lies outside of.
func TestPagesChangeOnlyWithinTheirSpan(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.makeTags("a", "b", "c")
	const n = 18
	// In threes of one moment, of which the first, or the first two, have fewer tags.
	b.many(n, `CASE n % 3 WHEN 0 THEN '{1,2,3}' WHEN 1 THEN '{2,1}' ELSE '{1}' END::bigint[]`)
	b.exec("UPDATE posts SET published_at = to_timestamp(1000000 - (id / 3) * 60)")
	tags := []posts.Tag{b.tag("a"), b.tag("b"), b.tag("c")}

	var asked []posts.Filter
	var before []posts.Listing
	for _, f := range []posts.Filter{
		{}, {Tags: tags[:1]}, {Tags: tags[:2]}, {Tags: tags[1:]}, {Tags: tags},
	} {
		f.Limit = 2
		questions, pages := b.pages(f)
		asked, before = append(asked, questions...), append(before, pages...)
	}
	untouched := 0
	check := func(what string, at time.Time) {
		t.Helper()
		for i, f := range asked {
			was := before[i]
			newer := !was.Newest.IsZero() && at.After(was.Newest)
			older := !was.Oldest.IsZero() && at.Before(was.Oldest)
			if !newer && !older {
				continue
			}
			untouched++
			if diff := cmp.Diff(was, b.list(f)); diff != "" {
				t.Fatalf("%s at %v, outside of %v to %v: page of %+v (-before +after):\n%s", what, at, was.Newest, was.Oldest, f, diff)
			}
		}
	}
	for id := 1; id <= n; id++ {
		var at time.Time
		err := b.pool.QueryRow(t.Context(), "UPDATE posts SET status = 'draft' WHERE id = $1 RETURNING published_at", id).Scan(&at)
		if err != nil {
			t.Fatal(err)
		}
		check(fmt.Sprintf("post %d gone", id), at)
		b.exec("UPDATE posts SET status = 'published' WHERE id = $1", id)
	}
	for seconds := 1000030; seconds > 1000000-n/3*60-60; seconds -= 30 {
		at := time.Unix(int64(seconds), 0)
		b.exec(`
			INSERT INTO posts (slug, title, status, published_at, author_id, tag_ids, markdown, html, excerpt, render_version)
			VALUES ('new', 'new post', 'published', $1, $2, '{3,1,2}', '', '', '', 1)`, at, b.author)
		check("another post", at)
		b.exec("DELETE FROM posts WHERE slug = 'new'")
	}
	if untouched < 100 {
		t.Errorf("got %d pages that did not have to be asked for again, want many", untouched)
	}
}

func TestSpanOfAPage(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.many(5, "'{}'")
	_, pages := b.pages(posts.Filter{Limit: 2}) // 1 2, 3 4, 5 and back: 3 4, 1 2
	at := func(page, post int) time.Time { return pages[page].Posts[post].PublishedAt }
	var open time.Time
	for i, want := range [][2]time.Time{
		{open, at(1, 0)},
		{at(0, 1), at(2, 0)},
		{at(1, 1), open},
		{at(0, 1), at(2, 0)}, // before 5
		{open, at(1, 0)},     // before 3
	} {
		if got := pages[i]; !got.Newest.Equal(want[0]) || !got.Oldest.Equal(want[1]) {
			t.Errorf("page %d: got %v to %v, want %v to %v", i, got.Newest, got.Oldest, want[0], want[1])
		}
	}
}

func TestNeighbours(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	oldest, middle, newest := b.publish("Oldest", 3*time.Hour), b.publish("Middle", 2*time.Hour), b.publish("Newest", time.Hour)
	b.save(0, 0, b.draft("Draft"))
	var none posts.Stored
	for _, tt := range []struct{ older, post, newer posts.Stored }{
		{none, oldest, middle}, {oldest, middle, newest}, {middle, newest, none},
	} {
		got, err := b.Post(t.Context(), tt.post.Slug)
		if err != nil {
			t.Fatal(err)
		}
		if got.NewerID != tt.newer.ID || got.NewerSlug != tt.newer.Slug || got.NewerTitle != tt.newer.Title ||
			!got.NewerAt.Equal(tt.newer.PublishedAt) || got.NewerAt.IsZero() != (tt.newer.ID == 0) {
			t.Errorf("%s: got newer post %d %q %q %v, want %+v", got.Title, got.NewerID, got.NewerSlug, got.NewerTitle, got.NewerAt, tt.newer)
		}
		if got.OlderID != tt.older.ID || got.OlderSlug != tt.older.Slug || got.OlderTitle != tt.older.Title ||
			!got.OlderAt.Equal(tt.older.PublishedAt) || got.OlderAt.IsZero() != (tt.older.ID == 0) {
			t.Errorf("%s: got older post %d %q %q %v, want %+v", got.Title, got.OlderID, got.OlderSlug, got.OlderTitle, got.OlderAt, tt.older)
		}
		if got.ID != tt.post.ID || got.Version != tt.post.Version || got.AuthorID != b.author || got.RenderVersion == 0 {
			t.Errorf("%s: got post %d, version %d, author %d, renderer %d", got.Title, got.ID, got.Version, got.AuthorID, got.RenderVersion)
		}
	}
}
