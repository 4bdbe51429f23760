package posts_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/posts"
)

const soon = time.Minute

func (b blog) tagRow(name string) posts.TagRow {
	b.t.Helper()
	tag, err := b.TagNamed(b.t.Context(), name)
	if err != nil {
		b.t.Fatalf("finding the tag %q: %v", name, err)
	}
	return tag
}

func (b blog) tagsOf(id int64) string {
	b.t.Helper()
	p, err := b.Get(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return strings.Join(p.Tags, ",")
}

func (b blog) wantTagMoved(from, to string) {
	b.t.Helper()
	got, err := b.TagMoved(b.t.Context(), from)
	if to == "" && !errors.Is(err, posts.ErrNotFound) || to != "" && (err != nil || got != to) {
		b.t.Errorf("%s: got moved to %q, error %v, want %q", from, got, err, to)
	}
}

func TestATagIsRenamed(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	p := b.publish("One", time.Hour, "golang")
	b.publish("Two", time.Hour, "rust")
	tag := b.tagRow(" GoLang ")
	saved, err := b.SaveTag(t.Context(), tag.ID, posts.TagDraft{Name: " Go  language ", Slug: "Go!", Description: " All\r\nof it. ", Image: "/media/go.png"})
	want := posts.TagRow{ID: tag.ID, Slug: "go", Name: "Go language", Description: "All\nof it.", Image: "/media/go.png", Posts: 1}
	if err != nil || saved != want {
		t.Errorf("got %+v and error %v, want %+v", saved, err, want)
	}
	b.wantTagMoved("golang", "go")
	if got := b.tagsOf(p.ID); got != "Go language" {
		t.Errorf("got tags %q", got)
	}
	// Back again: an address leads to no other while it is in use.
	if _, err := b.SaveTag(t.Context(), tag.ID, posts.TagDraft{Name: "golang"}); err != nil {
		t.Fatal(err)
	}
	b.wantTagMoved("golang", "")
	b.wantTagMoved("go", "golang")

	for _, tt := range []struct {
		name, field string
		draft       posts.TagDraft
	}{
		{"no name", "name", posts.TagDraft{Name: " "}},
		{"the name of another", "name", posts.TagDraft{Name: "RUST", Slug: "golang"}},
		{"the address of another", "slug", posts.TagDraft{Name: "Go", Slug: "rust"}},
		{"a comma", "name", posts.TagDraft{Name: "Go, Rust"}},
		{"a long name", "name", posts.TagDraft{Name: strings.Repeat("x", posts.MaxTagName+1)}},
		{"a NUL", "description", posts.TagDraft{Name: "Go", Description: "a\x00b"}},
		{"no UTF-8", "slug", posts.TagDraft{Name: "Go", Slug: "a\xffb"}},
		{"an address without letters", "slug", posts.TagDraft{Name: "Go", Slug: "!"}},
		{"a long address", "slug", posts.TagDraft{Name: "Go", Slug: strings.Repeat("ß", posts.MaxSlug)}},
		{"an image elsewhere", "image", posts.TagDraft{Name: "Go", Image: "https://example.com/x.png"}},
		{"a long description", "description", posts.TagDraft{Name: "Go", Description: strings.Repeat("x", posts.MaxDescription+1)}},
	} {
		_, err := b.SaveTag(t.Context(), tag.ID, tt.draft)
		var invalid posts.Invalid
		if !errors.As(err, &invalid) || len(invalid) != 1 || invalid[tt.field].Key == "" {
			t.Errorf("%s: got %v, want a message about %s alone", tt.name, err, tt.field)
		}
	}
	if _, err := b.SaveTag(t.Context(), 999, posts.TagDraft{Name: "Go"}); !errors.Is(err, posts.ErrNotFound) {
		t.Errorf("a tag that is not there: got %v, want ErrNotFound", err)
	}
}

func TestTagsAreMerged(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	both := b.publish("Both", time.Hour, "golang", "web", "Go")
	old := b.publish("Old", 2*time.Hour, "web", "golang")
	d := b.draft("Draft", "golang")
	drafted := b.save(0, 0, d)
	d = b.draft("Later", "golang")
	d.Status, d.PublishedAt = posts.StatusPublished, time.Now().Add(time.Hour)
	later := b.save(0, 0, d)
	from, into := b.tagRow("golang"), b.tagRow("go")

	if _, err := b.MergeTag(t.Context(), from.ID, from.ID, soon); err == nil {
		t.Error("a tag merged into itself: got no error")
	}
	var invalid posts.Invalid
	if _, err := b.MergeTag(t.Context(), from.ID, 999, soon); !errors.As(err, &invalid) || invalid["into"].Key == "" {
		t.Errorf("merged into none: got %v, want a message about into", err)
	}
	if _, err := b.MergeTag(t.Context(), 999, into.ID, soon); !errors.Is(err, posts.ErrNotFound) {
		t.Errorf("none merged: got %v, want ErrNotFound", err)
	}
	if got := b.tagsOf(old.ID); got != "web,golang" {
		t.Errorf("got tags %q after merges that failed, want them as they were", got)
	}

	left, err := b.MergeTag(t.Context(), from.ID, into.ID, soon)
	if err != nil || left != 0 {
		t.Fatalf("got %d left and error %v", left, err)
	}
	for id, want := range map[int64]string{both.ID: "web,Go", old.ID: "web,Go", drafted.ID: "Go", later.ID: "Go"} {
		if got := b.tagsOf(id); got != want {
			t.Errorf("post %d: got tags %q, want %q", id, got, want)
		}
	}
	if got := b.tagRow("go").Posts; got != 3 {
		t.Errorf("got %d posts counted, want 3", got)
	}
	if got := titles(b.list(posts.Filter{Tags: []posts.Tag{b.tag("go"), b.tag("web")}})); !slices.Equal(got, []string{"Both", "Old"}) {
		t.Errorf("got %v under both tags", got)
	}
	if _, err := b.TagNamed(t.Context(), "golang"); !errors.Is(err, posts.ErrNotFound) {
		t.Errorf("the merged tag: got %v, want ErrNotFound", err)
	}
	b.wantTagMoved("golang", "go")
	// A form that was opened before does not bring it back unseen.
	var conflict *posts.ConflictError
	if _, err := b.Save(t.Context(), old.ID, old.Version, old.Draft); !errors.As(err, &conflict) {
		t.Errorf("saving over the merge: got %v, want a conflict", err)
	}
	// Merged once more, all addresses lead to the last.
	if _, err := b.MergeTag(t.Context(), into.ID, b.tagRow("web").ID, soon); err != nil {
		t.Fatal(err)
	}
	b.wantTagMoved("golang", "web")
	b.wantTagMoved("go", "web")
}

func TestATagIsDeleted(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	p := b.publish("One", time.Hour, "go", "web")
	tag := b.tagRow("go")
	if left, err := b.DeleteTag(t.Context(), tag.ID, soon); err != nil || left != 0 {
		t.Fatalf("got %d left and error %v", left, err)
	}
	if got := b.tagsOf(p.ID); got != "web" {
		t.Errorf("got tags %q, want web", got)
	}
	if n := b.rowCount("SELECT count(*) FROM post_tags"); n != 1 {
		t.Errorf("got %d rows of post_tags, want that of the tag that stays", n)
	}
	if _, err := b.DeleteTag(t.Context(), tag.ID, soon); !errors.Is(err, posts.ErrNotFound) {
		t.Errorf("deleted twice: got %v, want ErrNotFound", err)
	}
}

func (b blog) rowCount(sql string) (n int) {
	b.t.Helper()
	if err := b.pool.QueryRow(b.t.Context(), sql).Scan(&n); err != nil {
		b.t.Fatal(err)
	}
	return n
}

func TestATagOfManyPostsIsMergedInSteps(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.makeTags("from", "into")
	b.many(2500, "ARRAY[1::bigint]")
	from, into := b.tagRow("from"), b.tagRow("into")
	var lefts []int64
	for {
		left, err := b.MergeTag(t.Context(), from.ID, into.ID, 0)
		if err != nil {
			t.Fatal(err)
		}
		lefts = append(lefts, left)
		if left == 0 {
			break
		}
		if n := b.rowCount("SELECT count(*) FROM posts WHERE tag_ids <> ARRAY[1::bigint] AND tag_ids <> ARRAY[2::bigint]"); n != 0 {
			t.Errorf("got %d posts with neither tag between two steps", n)
		}
	}
	if !slices.Equal(lefts, []int64{1500, 500, 0}) {
		t.Errorf("got %v left after each step, want 1500, 500 and none", lefts)
	}
	if got := b.tagRow("into").Posts; got != 2500 {
		t.Errorf("got %d posts, want 2500", got)
	}
}

// Authors who save posts with a tag while it is merged lose nothing: their
// posts have either tag, and each is a tag that there is.
func TestPostsAreSavedWhileTheirTagIsMerged(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.publish("First", time.Hour, "golang", "go")
	done := make(chan error)
	const writers = 4
	for n := range writers {
		go func() {
			for i := range 5 {
				d := b.draft("Post", "golang")
				if (n+i)%2 == 0 {
					d.Status, d.PublishedAt = posts.StatusPublished, time.Now().Add(-time.Hour)
				}
				if _, err := b.Save(t.Context(), 0, 0, d); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range 5 {
		if from, err := b.TagNamed(t.Context(), "golang"); err == nil {
			if _, err := b.MergeTag(t.Context(), from.ID, b.tagRow("go").ID, soon); err != nil && !errors.Is(err, posts.ErrNotFound) {
				t.Error(err)
			}
		}
	}
	for range writers {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if n := b.rowCount("SELECT count(*) FROM posts p WHERE EXISTS (SELECT FROM unnest(tag_ids) id WHERE id NOT IN (SELECT id FROM tags))"); n != 0 {
		t.Errorf("got %d posts with a tag that there is not", n)
	}
	if n := b.rowCount("SELECT count(*) FROM posts"); n != 1+writers*5 {
		t.Errorf("got %d posts, want every one", n)
	}
}

func TestTagRows(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.exec("INSERT INTO tags (key, slug, name) SELECT n, 'tag-' || lpad(n::text, 3, '0'), n FROM generate_series(1, 150) n")
	first, next, err := b.TagRows(t.Context(), "", false)
	if err != nil || len(first) != 100 || next != "tag-100" {
		t.Fatalf("got %d tags, next %q, error %v", len(first), next, err)
	}
	rest, next, err := b.TagRows(t.Context(), next, true)
	if err != nil || len(rest) != 50 || next != "" || rest[0].Slug != "tag-101" {
		t.Errorf("got %d tags, next %q, error %v", len(rest), next, err)
	}
	if from, _, err := b.TagRows(t.Context(), "tag-150", false); err != nil || len(from) != 1 {
		t.Errorf("from the last on: got %d tags, error %v, want it alone", len(from), err)
	}
}
