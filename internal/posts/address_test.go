package posts_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"broadsheet/internal/posts"
)

func (b blog) delete(p posts.Stored) {
	b.t.Helper()
	if err := b.Delete(b.t.Context(), p.ID, p.Version); err != nil {
		b.t.Fatalf("deleting %q: %v", p.Title, err)
	}
}

// change saves a post again after a change.
func (b blog) change(p posts.Stored, change func(*posts.Draft)) posts.Stored {
	b.t.Helper()
	d := p.Draft
	change(&d)
	return b.save(p.ID, p.Version, d)
}

func (b blog) wantMoved(from, to string) {
	b.t.Helper()
	_, err := b.Post(b.t.Context(), from)
	var moved *posts.MovedError
	if !errors.As(err, &moved) || moved.Slug != to {
		b.t.Errorf("%s: got %v, want moved to %s", from, err, to)
	}
}

func (b blog) wantPostErr(slug string, want error) {
	b.t.Helper()
	if _, err := b.Post(b.t.Context(), slug); !errors.Is(err, want) {
		b.t.Errorf("%s: got %v, want %v", slug, err, want)
	}
}

func TestOldAddressesOfOthersAreKept(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	p := b.change(b.publish("Hello World", time.Hour), func(d *posts.Draft) { d.Slug = "renamed" })

	if got := b.save(0, 0, b.draft("Hello World")).Slug; got != "hello-world-2" {
		t.Errorf("a draft of that title: got slug %q, want hello-world-2", got)
	}
	if got := b.publish("Hello World", time.Minute).Slug; got != "hello-world-3" {
		t.Errorf("a post of that title: got slug %q, want hello-world-3", got)
	}
	d := b.draft("Other")
	d.Slug = "hello-world"
	typed := b.save(0, 0, d)
	b.wantMoved("hello-world", "renamed") // while the other is a draft

	typed = b.change(typed, func(d *posts.Draft) { d.Status = posts.StatusPublished })
	if got, err := b.Post(t.Context(), "hello-world"); err != nil || got.ID != typed.ID {
		t.Errorf("a post whose author chose an old address: got %d, %v, want %d", got.ID, err, typed.ID)
	}
	if back := b.change(p, func(d *posts.Draft) { d.Slug = "renamed-again" }); back.Slug != "renamed-again" {
		t.Errorf("got slug %q, want renamed-again", back.Slug)
	}
	b.wantMoved("renamed", "renamed-again")
}

func TestAddressOutlivesUnpublishing(t *testing.T) {
	t.Parallel()
	unpublish := func(d *posts.Draft) { d.Status = posts.StatusDraft }
	publish := func(d *posts.Draft) { d.Status = posts.StatusPublished }
	retitle := func(d *posts.Draft) { d.Title, d.Slug = "New title", "" }

	t.Run("retitled meanwhile", func(t *testing.T) {
		t.Parallel()
		b := newBlog(t)
		p := b.change(b.publish("Old title", time.Hour), unpublish)
		p = b.change(p, retitle)
		b.wantPostErr("old-title", posts.ErrNotFound)
		b.change(p, publish)
		b.wantMoved("old-title", "new-title")
	})
	t.Run("retitled and put off at once", func(t *testing.T) {
		t.Parallel()
		b := newBlog(t)
		p := b.change(b.publish("Old title", time.Hour), func(d *posts.Draft) {
			d.Slug, d.PublishedAt = "put-off", time.Now().Add(time.Hour)
		})
		b.wantPostErr("old-title", posts.ErrNotFound)
		b.wantPostErr("put-off", posts.ErrNotFound)
		b.change(p, func(d *posts.Draft) { d.PublishedAt = time.Now().Add(-time.Minute) })
		b.wantMoved("old-title", "put-off")
	})
	t.Run("deleted as a draft", func(t *testing.T) {
		t.Parallel()
		b := newBlog(t)
		b.delete(b.change(b.publish("Old title", time.Hour), unpublish))
		b.wantPostErr("old-title", posts.ErrGone)
		if got := b.publish("Old title", time.Minute).Slug; got != "old-title" {
			t.Errorf("the address of a deleted post: got %q, want it free again", got)
		}
	})
}

func TestScheduledPostsLeaveNoTrace(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	p := b.publish("Secret", -time.Hour)
	p = b.change(p, func(d *posts.Draft) { d.Slug = "secret-too" })
	b.delete(p)
	for _, slug := range []string{"secret", "secret-too"} {
		b.wantPostErr(slug, posts.ErrNotFound)
	}
}

func TestNumberedSlugsFillGaps(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.publish("Review 2024", time.Hour)
	for n := 1; n <= 12; n++ {
		want := fmt.Sprint("review-", n)
		if n == 1 {
			want = "review"
		}
		if got := b.save(0, 0, b.draft("Review")).Slug; got != want {
			t.Errorf("got slug %q, want %q", got, want)
		}
	}
}
