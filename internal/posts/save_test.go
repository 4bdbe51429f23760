package posts_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"broadsheet/internal/posts"
)

func TestSaveKeepsAllThatAnAuthorSays(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	d := posts.Draft{
		Title: "Größe  matters", Summary: "With *care*.", Markdown: "# One\r\n\r\ntext", Language: "de",
		Cover: "/media/1/cover.jpg", Tags: []string{" C# ", "c#", "Web  API", ""}, AuthorID: b.author,
		Status: posts.StatusPublished, PublishedAt: time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC),
	}
	stored := b.save(0, 0, d)
	got, err := b.Get(t.Context(), stored.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got.Title != "Größe matters" || got.Slug != "grosse-matters" || got.Markdown != "# One\n\ntext" ||
		got.Language != "de" || got.Cover != d.Cover || !got.PublishedAt.Equal(d.PublishedAt) ||
		got.Version != 1 || !got.Visible || got.AuthorName != "Ada Lovelace" {
		t.Errorf("got %+v", got)
	}
	if diff := cmp.Diff([]string{"C#", "Web API"}, got.Tags); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
	p, err := b.Post(t.Context(), "grosse-matters")
	if err != nil {
		t.Fatal(err)
	}
	if p.Excerpt != "<p>With <em>care</em>.</p>" || p.Description != "With care." {
		t.Errorf("got excerpt %q, description %q", p.Excerpt, p.Description)
	}
}

func TestInvalidDraftsSayWhatToDo(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	many := make([]string, 200)
	for i := range many {
		many[i] = fmt.Sprint("tag ", i)
	}
	tests := []struct {
		name   string
		change func(*posts.Draft)
		field  string
	}{
		{"no title when published", func(d *posts.Draft) { d.Title, d.Status = " ", posts.StatusPublished }, "title"},
		{"long title", func(d *posts.Draft) { d.Title = strings.Repeat("é", 300) }, "title"},
		{"title with NUL", func(d *posts.Draft) { d.Title = "a\x00b" }, "title"},
		{"text with invalid UTF-8", func(d *posts.Draft) { d.Markdown = "a\xffb" }, "markdown"},
		{"text of 5 MB", func(d *posts.Draft) { d.Markdown = strings.Repeat("x", 5<<20) }, "markdown"},
		{"200 tags", func(d *posts.Draft) { d.Tags = many }, "tags"},
		{"long tag", func(d *posts.Draft) { d.Tags = []string{strings.Repeat("x", 51)} }, "tags"},
		{"tag with NUL", func(d *posts.Draft) { d.Tags = []string{"a\x00"} }, "tags"},
		{"slug without letters", func(d *posts.Draft) { d.Slug = "!!!" }, "slug"},
		{"slug that is long when it is spelled out", func(d *posts.Draft) { d.Slug = strings.Repeat("ß", 150) }, "slug"},
		{"long slug", func(d *posts.Draft) { d.Slug = strings.Repeat("x", 201) }, "slug"},
		{"language", func(d *posts.Draft) { d.Language = "klingonese please" }, "language"},
		{"script as cover", func(d *posts.Draft) { d.Cover = "javascript:alert(1)" }, "cover"},
		{"other host as cover", func(d *posts.Draft) { d.Cover = "https://other.example/x.png" }, "cover"},
		{"other host without a scheme as cover", func(d *posts.Draft) { d.Cover = "//other.example/x.png" }, "cover"},
		{"other host behind a backslash as cover", func(d *posts.Draft) { d.Cover = "/\\other.example/x.png" }, "cover"},
		{"relative cover", func(d *posts.Draft) { d.Cover = "x.png" }, "cover"},
		{"year 12345", func(d *posts.Draft) { d.PublishedAt = time.Date(12345, 1, 1, 0, 0, 0, 0, time.UTC) }, "published_at"},
	}
	for _, tt := range tests {
		d := b.draft("valid")
		tt.change(&d)
		_, err := b.Save(t.Context(), 0, 0, d)
		var invalid posts.Invalid
		if !errors.As(err, &invalid) || invalid[tt.field].Key == "" {
			t.Errorf("%s: got %v, want a message for %s", tt.name, err, tt.field)
		}
	}
	if empty, err := b.Empty(t.Context()); err != nil || !empty {
		t.Errorf("got empty %t, %v: something invalid was stored", empty, err)
	}
}

func TestCoverMessages(t *testing.T) {
	t.Parallel()
	for cover, want := range map[string]string{
		"/a b.png":                  "",
		"/media/1/größe.png?w=1#x":  "",
		"https://other.example/a":   "Use an address on this site that begins with a single /.",
		"/\t/other.example/a.png":   "This contains control characters, such as a tab or a line's end. Remove them.",
		"/a.png\nhttps://x.example": "This contains control characters, such as a tab or a line's end. Remove them.",
		"/100%.png":                 "",
	} {
		d := posts.Draft{Title: "T", Language: "en", Status: posts.StatusDraft, Cover: cover}
		var invalid posts.Invalid
		errors.As(d.Validate(), &invalid)
		if invalid["cover"].String() != want {
			t.Errorf("%q: got %q, want %q", cover, invalid["cover"].String(), want)
		}
	}
}

func TestSlugs(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	first := b.publish("Hello", time.Hour)
	second := b.publish("Hello", time.Minute)
	if first.Slug != "hello" || second.Slug != "hello-2" {
		t.Errorf("got %q and %q, want hello and hello-2", first.Slug, second.Slug)
	}

	d := b.draft("Other")
	d.Slug = "Hello"
	_, err := b.Save(t.Context(), 0, 0, d)
	var invalid posts.Invalid
	if !errors.As(err, &invalid) || invalid["slug"].Key == "" {
		t.Errorf("a typed slug that is taken: got %v, want a message", err)
	}
	d = second.Draft
	d.Slug = "hello"
	if _, err = b.Save(t.Context(), second.ID, second.Version, d); !errors.As(err, &invalid) {
		t.Errorf("changing to a slug that is taken: got %v, want a message", err)
	}

	d = b.draft("Long")
	d.Slug = strings.Repeat("word-", 30) + "end"
	if got := b.save(0, 0, d); got.Slug != d.Slug {
		t.Errorf("a long slug that the author chose: got %q, want %q", got.Slug, d.Slug)
	}

	d = first.Draft
	d.Title, d.Slug = "Hello again", ""
	if got := b.save(first.ID, first.Version, d); got.Slug != "hello" {
		t.Errorf("a published post under a new title: got slug %q, want hello still", got.Slug)
	}
	untitled := b.save(0, 0, b.draft(""))
	d = untitled.Draft
	d.Title, d.Slug = "Named now", ""
	if got := b.save(untitled.ID, untitled.Version, d); got.Slug != "named-now" {
		t.Errorf("a draft under a new title: got slug %q, want named-now", got.Slug)
	}
}

func TestParallelPostsOfOneTitleAllComeIn(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			d := b.draft("Same", "new tag", "other new tag", "C", "C#")
			slices.Reverse(d.Tags)
			d.Status = posts.StatusPublished
			if _, err := b.Save(t.Context(), 0, 0, d); err != nil {
				t.Errorf("saving: %v", err)
			}
		})
	}
	wg.Wait()
	var count, slugs int
	err := b.pool.QueryRow(t.Context(), "SELECT count(*), count(DISTINCT slug) FROM posts").Scan(&count, &slugs)
	if err != nil || count != 20 || slugs != 20 {
		t.Errorf("got %d posts with %d slugs, %v, want 20", count, slugs, err)
	}
	if got := b.tag("c-sharp").Posts; got != 20 {
		t.Errorf("count of C#: got %d, want 20", got)
	}
}

func TestFormSentTwiceMakesOnePost(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	d := b.draft("Once", "Go", "go", "Data  base")
	d.Language, d.Summary, d.Markdown = "pt_BR", " Short.\r\nStill. ", "one\r\ntwo"
	d.Key = rand.Text()
	ids := make([]int64, 10)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			stored, err := b.Save(t.Context(), 0, 0, d)
			if err != nil {
				t.Errorf("saving: %v", err)
			}
			ids[i] = stored.ID
			if stored.Version != 1 {
				t.Errorf("got version %d, want 1: nothing was changed", stored.Version)
			}
		})
	}
	wg.Wait()
	if slices.Min(ids) != slices.Max(ids) {
		t.Errorf("got posts %v, want one", ids)
	}
}

// An author who goes back from a new post finds its form as it was sent, and
// may send it again with another text.
func TestFormSentAgainChangesItsPost(t *testing.T) {
	t.Parallel()
	changes := []struct {
		name   string
		change func(*posts.Draft)
	}{
		{"title", func(d *posts.Draft) { d.Title = "Changed" }},
		{"text", func(d *posts.Draft) { d.Markdown = "Changed." }},
		{"summary", func(d *posts.Draft) { d.Summary = "Changed." }},
		{"language", func(d *posts.Draft) { d.Language = "de" }},
		{"cover", func(d *posts.Draft) { d.Cover = "/changed.png" }},
		{"tags", func(d *posts.Draft) { d.Tags = []string{"b", "a"} }},
		{"slug", func(d *posts.Draft) { d.Slug = "changed" }},
		{"status", func(d *posts.Draft) { d.Status = posts.StatusPublished }},
		{"date", func(d *posts.Draft) { d.PublishedAt = time.Date(2024, 5, 6, 7, 8, 0, 0, time.UTC) }},
	}
	for _, tt := range changes {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBlog(t)
			d := b.draft("First", "a", "b")
			d.Key = rand.Text()
			first := b.save(0, 0, d)
			tt.change(&d)
			for range 2 { // a double click is one change
				if again := b.save(0, 0, d); again.ID != first.ID || again.Version != 2 {
					t.Errorf("got post %d at version %d, want %d at 2", again.ID, again.Version, first.ID)
				}
			}
			edited := d
			edited.Title = "Edited elsewhere"
			b.save(first.ID, 2, edited)
			_, err := b.Save(t.Context(), 0, 0, d)
			var conflict *posts.ConflictError
			if !errors.As(err, &conflict) || conflict.Stored.Title != "Edited elsewhere" {
				t.Errorf("after a change elsewhere: got %v, want a conflict", err)
			}
		})
	}
}

func TestMalformedKeysAreNone(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for _, key := range []string{"k1", "a\x00b", "\xff", strings.Repeat("A", 9<<10), strings.ToLower(rand.Text()), rand.Text() + "\n"} {
		d := b.draft("Key")
		d.Key = key
		if first, second := b.save(0, 0, d), b.save(0, 0, d); first.ID == second.ID {
			t.Errorf("%.10q: got one post, want two", key)
		}
	}
}

func TestChangeOnAnOlderVersionIsRefused(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	began := b.save(0, 0, b.draft("Mine"))
	d := began.Draft
	d.Title = "Theirs"
	b.save(began.ID, began.Version, d)

	d.Title = "Mine again"
	_, err := b.Save(t.Context(), began.ID, began.Version, d)
	var conflict *posts.ConflictError
	if !errors.As(err, &conflict) || conflict.Stored.Title != "Theirs" || conflict.Stored.Version != 2 {
		t.Fatalf("got %v, want a conflict with what is stored", err)
	}
	if err := b.Delete(t.Context(), began.ID, began.Version); !errors.As(err, &conflict) {
		t.Errorf("deleting an older version: got %v, want a conflict", err)
	}
	if got := b.save(began.ID, conflict.Stored.Version, d); got.Title != "Mine again" || got.Version != 3 {
		t.Errorf("got %q at version %d, want the new title at 3", got.Title, got.Version)
	}
	_, err = b.Save(t.Context(), 999, 1, d)
	wantErr(t, err, posts.ErrNotFound)
}

func TestAddressesLeadOn(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	p := b.publish("First name", time.Hour)
	for _, slug := range []string{"second-name", "third-name"} {
		d := p.Draft
		d.Slug = slug
		p = b.save(p.ID, p.Version, d)
	}
	for _, old := range []string{"first-name", "second-name"} {
		_, err := b.Post(t.Context(), old)
		var moved *posts.MovedError
		if !errors.As(err, &moved) || moved.Slug != "third-name" {
			t.Errorf("%s: got %v, want moved to third-name", old, err)
		}
	}

	d := p.Draft
	d.Status = posts.StatusDraft
	p = b.save(p.ID, p.Version, d)
	for _, slug := range []string{"third-name", "first-name"} {
		_, err := b.Post(t.Context(), slug)
		wantErr(t, err, posts.ErrNotFound)
	}
	d.Status = posts.StatusPublished
	p = b.save(p.ID, p.Version, d)
	if err := b.Delete(t.Context(), p.ID, p.Version); err != nil {
		t.Fatal(err)
	}
	for _, slug := range []string{"third-name", "first-name"} {
		_, err := b.Post(t.Context(), slug)
		wantErr(t, err, posts.ErrGone)
	}
	draft := b.save(0, 0, b.draft("Never seen"))
	if err := b.Delete(t.Context(), draft.ID, draft.Version); err != nil {
		t.Fatal(err)
	}
	_, err := b.Post(t.Context(), "never-seen")
	wantErr(t, err, posts.ErrNotFound)
}

func TestDates(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	d := b.draft("Now")
	d.Status = posts.StatusPublished
	p := b.save(0, 0, d)
	if age := time.Since(p.PublishedAt); age < -time.Minute || age > time.Minute || !p.Visible {
		t.Errorf("published without a date: got %v, visible %t", p.PublishedAt, p.Visible)
	}
	at := p.PublishedAt

	d = p.Draft
	d.PublishedAt = at.Truncate(time.Minute) // as a form sends it back
	if p = b.save(p.ID, p.Version, d); !p.PublishedAt.Equal(at) {
		t.Errorf("saved again as shown: got %v, want %v", p.PublishedAt, at)
	}
	d.PublishedAt = time.Time{}
	if p = b.save(p.ID, p.Version, d); !p.PublishedAt.Equal(at) {
		t.Errorf("saved again without a date: got %v, want %v", p.PublishedAt, at)
	}
	d.Status = posts.StatusDraft
	if p = b.save(p.ID, p.Version, d); !p.PublishedAt.IsZero() || p.Visible {
		t.Errorf("back to a draft without a date: got %v, visible %t", p.PublishedAt, p.Visible)
	}
}

// The counters and the index of tags follow whatever is written, also by hand.
func TestTagsFollowEveryWrite(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	check := func(step string) {
		t.Helper()
		var wrong int
		err := b.pool.QueryRow(t.Context(), `
			WITH want AS (
				SELECT a, b, p.published_at, p.id FROM posts p, unnest(p.tag_ids) a, unnest(p.tag_ids) b
				WHERE p.status = 'published' AND a <= b
			), got AS (SELECT tag_id, with_id, published_at, post_id FROM post_tags)
			SELECT (SELECT count(*) FROM (TABLE want EXCEPT TABLE got) x)
			     + (SELECT count(*) FROM (TABLE got EXCEPT TABLE want) x)
			     + (SELECT count(*) FROM tags t WHERE t.post_count <>
			          (SELECT count(*) FROM posts p WHERE p.status = 'published' AND t.id = ANY(p.tag_ids)))`).Scan(&wrong)
		if err != nil || wrong != 0 {
			t.Errorf("%s: got %d rows wrong, %v", step, wrong, err)
		}
	}
	p := b.publish("A", time.Hour, "x", "y", "z")
	b.publish("B", time.Hour, "x", "y")
	check("two posts")
	d := p.Draft
	d.Tags = []string{"z", "w"}
	p = b.save(p.ID, p.Version, d)
	check("other tags")
	d.PublishedAt = d.PublishedAt.Add(-time.Hour)
	p = b.save(p.ID, p.Version, d)
	check("another date")
	d.Status = posts.StatusDraft
	p = b.save(p.ID, p.Version, d)
	check("unpublished")
	d.Status = posts.StatusPublished
	b.save(p.ID, p.Version, d)
	check("published again")
	for _, sql := range []string{
		"UPDATE posts SET tag_ids = '{1,2,3}'", "UPDATE posts SET published_at = published_at + interval '1 day'",
		"UPDATE posts SET status = 'draft' WHERE slug = 'a'", "DELETE FROM posts WHERE slug = 'b'",
		"UPDATE posts SET status = 'published'", "DELETE FROM posts",
	} {
		if _, err := b.pool.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		check(sql)
	}
}

func TestTagsEachGetASlugOfTheirOwn(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	names := []string{"C", "C#", "C sharp", "C/C++", "C++", ".NET", "dot net", "web api", "web-api", "日本", "Größe", "🚀", "😀"}
	b.publish("Tags", time.Hour, names...)
	tags, next, err := b.Tags(t.Context(), "")
	if err != nil || next != "" {
		t.Fatalf("got next %q, %v", next, err)
	}
	slugs := map[string]string{}
	for _, tag := range tags {
		slugs[tag.Slug] = tag.Name
		if tag.Posts != 1 {
			t.Errorf("%s: got %d posts, want 1", tag.Name, tag.Posts)
		}
	}
	if len(slugs) != len(names) {
		t.Errorf("got %d slugs for %d tags: %v", len(slugs), len(names), slugs)
	}
}

func TestTagsBySlugKeepsTheOrder(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.publish("P", time.Hour, "a", "b", "c")
	tags, err := b.TagsBySlug(t.Context(), []string{"c", "nope", "a"})
	if err != nil || len(tags) != 2 || tags[0].Slug != "c" || tags[1].Slug != "a" {
		t.Errorf("got %+v, %v, want c and a", tags, err)
	}
}
