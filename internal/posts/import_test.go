package posts_test

import (
	"crypto/sha256"
	"errors"
	"sync"
	"testing"
	"time"

	"broadsheet/internal/posts"
)

func source(path, content string) posts.Source {
	return posts.Source{Site: "blog", Path: path, Digest: sha256.Sum256([]byte(content))}
}

func (b blog) bring(src posts.Source, d posts.Draft, dryRun bool, want posts.Outcome) posts.Stored {
	b.t.Helper()
	outcome, stored, err := b.Import(b.t.Context(), src, d, dryRun)
	if err != nil || outcome != want {
		b.t.Fatalf("importing %s: got %q, %v, want %q", src.Path, outcome, err, want)
	}
	return stored
}

func TestImportCanBeRunAgain(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	d := b.draft("Imported")
	d.Status, d.PublishedAt, d.UpdatedAt = posts.StatusPublished, time.Now().Add(-time.Hour), time.Now().Add(-time.Minute)

	b.bring(source("blog/a.md", "1"), d, true, posts.Created)
	if empty, err := b.Empty(t.Context()); err != nil || !empty {
		t.Fatalf("after a dry run: got empty %t, %v", empty, err)
	}
	first := b.bring(source("blog/a.md", "1"), d, false, posts.Created)
	if !first.UpdatedAt.Equal(d.UpdatedAt.Truncate(time.Microsecond)) {
		t.Errorf("got updated %v, want %v", first.UpdatedAt, d.UpdatedAt)
	}
	b.bring(source("blog/a.md", "1"), d, false, posts.Unchanged)
	b.bring(source("a.md", "1"), d, false, posts.Unchanged)
	b.bring(source("site/blog/a.md", "1"), d, false, posts.Unchanged)
	if twin := b.bring(source("blog/b.md", "1"), d, false, posts.Created); twin.Slug != "imported-2" {
		t.Errorf("another file of the same text: got slug %q, want imported-2", twin.Slug)
	}

	d.Title = "Imported, changed"
	b.bring(source("site/blog/a.md", "1a"), d, false, posts.Updated)
	b.bring(source("blog/a.md", "2"), d, true, posts.Updated)
	second := b.bring(source("blog/a.md", "2"), d, false, posts.Updated)
	if second.ID != first.ID || second.Title != "Imported, changed" || second.Slug != "imported" {
		t.Errorf("got post %d %q at %q, want %d changed at its address", second.ID, second.Title, second.Slug, first.ID)
	}

	edited := second.Draft
	edited.Title = "Edited here"
	b.save(second.ID, second.Version, edited)
	b.bring(source("blog/a.md", "3"), d, false, posts.EditedHere)
	if got, err := b.Get(t.Context(), second.ID); err != nil || got.Title != "Edited here" {
		t.Errorf("got %q, %v: the edit was lost", got.Title, err)
	}
}

func TestImportOfSeveralSites(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	at := func(site, content string) posts.Source {
		src := source("posts/hello.md", content)
		src.Site = site
		return src
	}
	d := b.draft("Hello")
	d.Status, d.PublishedAt = posts.StatusPublished, time.Now().Add(-time.Hour)
	first := b.bring(at("/garden", "1"), d, false, posts.Created)
	second := b.bring(at("/harbour", "2"), d, false, posts.Created)
	if first.ID == second.ID || second.Slug != "hello-2" {
		t.Errorf("got post %d and %d at %q, want one of each site", first.ID, second.ID, second.Slug)
	}
	b.bring(at("/garden", "1"), d, false, posts.Unchanged)
	b.bring(at("/harbour", "2"), d, false, posts.Unchanged)

	// A folder that moved is the same site as long as nothing changed on the way.
	b.bring(at("/moved/garden", "1"), d, false, posts.Unchanged)
	if got := b.bring(at("/moved/garden", "1a"), d, false, posts.Updated); got.ID != first.ID {
		t.Errorf("got post %d, want %d", got.ID, first.ID)
	}
	b.bring(at("/harbour", "2"), d, false, posts.Unchanged)
}

func TestImportLeavesDeletedPostsAlone(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	d := b.draft("Imported")
	d.Status, d.PublishedAt = posts.StatusPublished, time.Now().Add(-time.Hour)
	p := b.bring(source("blog/a.md", "1"), d, false, posts.Created)
	if err := b.Delete(t.Context(), p.ID, p.Version); err != nil {
		t.Fatal(err)
	}
	for _, src := range []posts.Source{source("blog/a.md", "1"), source("a.md", "1"), source("blog/a.md", "2"), source("a.md", "3")} {
		b.bring(src, d, true, posts.DeletedHere)
		b.bring(src, d, false, posts.DeletedHere)
	}
	if empty, err := b.Empty(t.Context()); err != nil || !empty {
		t.Errorf("got empty %t, %v: the deleted post came back", empty, err)
	}
	b.bring(source("blog/b.md", "1"), d, false, posts.Created)
}

func TestImportFollowsTheSlugOfTheFile(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	other := b.publish("Taken", time.Hour)
	d := b.draft("Imported")
	d.Slug, d.Status, d.PublishedAt = "taken", posts.StatusPublished, time.Now().Add(-time.Hour)
	for _, tt := range []struct{ name, slug, content, want string }{
		{"a slug that is taken", "taken", "1", "taken-2"},
		{"the same slug again", "taken", "2", "taken-2"},
		{"another slug", "moved", "3", "moved"},
		{"one that is taken again", "taken", "4", "taken-2"},
		{"and one more", "final", "5", "final"},
	} {
		outcome := posts.Updated
		if tt.content == "1" {
			outcome = posts.Created
		}
		d.Slug = tt.slug
		if got := b.bring(source("a.md", tt.content), d, false, outcome); got.Slug != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got.Slug, tt.want)
		}
	}
	for _, old := range []string{"taken-2", "moved"} {
		var moved *posts.MovedError
		if _, err := b.Post(t.Context(), old); !errors.As(err, &moved) || moved.Slug != "final" {
			t.Errorf("/posts/%s: got %v, want it to lead to final", old, err)
		}
	}
	if got, err := b.Get(t.Context(), other.ID); err != nil || got.Slug != "taken" {
		t.Errorf("got %q, %v: the other post lost its address", got.Slug, err)
	}
}

func TestTwoImportsAtOnce(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	d := b.draft("Imported")
	d.Status, d.PublishedAt = posts.StatusPublished, time.Now().Add(-time.Hour)
	var imports sync.WaitGroup
	for range 4 {
		imports.Go(func() {
			if _, _, err := b.Import(t.Context(), source("a.md", "1"), d, false); err != nil {
				t.Errorf("importing: %v", err)
			}
		})
	}
	imports.Wait()
	var n int
	if err := b.pool.QueryRow(t.Context(), "SELECT count(*) FROM posts").Scan(&n); err != nil || n != 1 {
		t.Errorf("got %d posts of one file, %v, want 1", n, err)
	}
}
