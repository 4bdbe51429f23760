package posts_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"broadsheet/internal/postgres/explain"
	"broadsheet/internal/posts"
)

func (b blog) trashed() []string {
	b.t.Helper()
	page, err := b.TrashRows(b.t.Context(), "", "")
	if err != nil {
		b.t.Fatal(err)
	}
	var titles []string
	for _, r := range page.Rows {
		titles = append(titles, r.Title)
	}
	return titles
}

func TestTrash(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	at := time.Now().Add(-time.Hour).Truncate(time.Microsecond)
	d := b.draft("Herons", "birds")
	d.Status, d.PublishedAt = posts.StatusPublished, at
	p := b.save(0, 0, d)
	d.Slug = "grey-herons"
	p = b.save(p.ID, p.Version, d)
	b.save(0, 0, b.draft("Ibis"))
	w := b.autosave(b.open(p.ID), b.author, "markdown", "Staged.")

	gone, err := b.Trash(t.Context(), p.ID, p.Version, b.author)
	if err != nil || !gone.Trashed() || gone.Status != posts.StatusDraft {
		t.Fatalf("got %+v, %v", gone, err)
	}
	for _, slug := range []string{"herons", "grey-herons"} {
		if _, err := b.Post(t.Context(), slug); !errors.Is(err, posts.ErrGone) {
			t.Errorf("%s: got %v, want ErrGone", slug, err)
		}
	}
	for _, f := range []posts.RowFilter{{}, {State: posts.StateDraft}, {Query: "herons"}, {State: posts.StatePublished}} {
		for _, title := range rowTitles(b.rows(f)) {
			if title == "Herons" {
				t.Errorf("%+v lists what is in the trash", f)
			}
		}
	}
	if diff := cmp.Diff([]string{"Herons"}, b.trashed()); diff != "" {
		t.Errorf("trash (-want +got):\n%s", diff)
	}
	var conflict *posts.ConflictError
	for name, err := range map[string]error{
		"again":    second(b.Trash(t.Context(), p.ID, gone.Version, b.author)),
		"autosave": third(b.Autosave(t.Context(), p.ID, b.typed(w, b.author, "markdown", "More."))),
		"open":     third(b.Open(t.Context(), p.ID)),
		"save":     second(b.SaveText(t.Context(), p.ID, posts.Saving{Edit: w.Edit, Publishes: true, Moves: true}, p.Draft)),
		"restore":  b.Restore(t.Context(), p.ID, 1, "", b.author),
	} {
		if !errors.Is(err, posts.ErrTrashed) {
			t.Errorf("%s: got %v, want ErrTrashed", name, err)
		}
	}
	if _, err := b.Undo(t.Context(), p.ID, p.Version, b.author); !errors.As(err, &conflict) {
		t.Errorf("undoing at another version: got %v, want a conflict", err)
	}

	back, err := b.Undo(t.Context(), p.ID, gone.Version, b.author)
	if err != nil || !back.Visible || !back.PublishedAt.Equal(at) || back.Trashed() {
		t.Fatalf("undone: got %+v, %v", back, err)
	}
	if _, err := b.Post(t.Context(), "grey-herons"); err != nil {
		t.Errorf("undone: %v", err)
	}
	if got := b.open(p.ID); got.Markdown != "Staged." || !got.Changed {
		t.Errorf("undone: got %+v, want the text with its changes", got)
	}
	if _, err := b.Undo(t.Context(), p.ID, back.Version, b.author); !errors.Is(err, posts.ErrNotFound) {
		t.Errorf("undoing what was undone: got %v, want ErrNotFound", err)
	}

	if gone, err = b.Trash(t.Context(), p.ID, back.Version, b.author); err != nil {
		t.Fatal(err)
	}
	if back, err = b.Untrash(t.Context(), p.ID, gone.Version, b.author); err != nil || back.Status != posts.StatusDraft || back.Trashed() {
		t.Fatalf("taken out: got %+v, %v", back, err)
	}
	if _, err := b.Post(t.Context(), "grey-herons"); !errors.Is(err, posts.ErrNotFound) {
		t.Errorf("a draft that was taken out: got %v, want ErrNotFound", err)
	}
	if _, err := b.Untrash(t.Context(), p.ID, back.Version, b.author); !errors.Is(err, posts.ErrNotFound) {
		t.Errorf("taken out twice: got %v, want ErrNotFound", err)
	}
}

func second[T any](_ T, err error) error        { return err }
func third[T, U any](_ T, _ U, err error) error { return err }

func TestTheTrashIsEmptied(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	p, young := b.publish("Herons", time.Hour), b.publish("Ibis", time.Hour)
	for _, p := range []posts.Stored{p, young} {
		if _, err := b.Trash(t.Context(), p.ID, p.Version, b.author); err != nil {
			t.Fatal(err)
		}
	}
	b.exec(fmt.Sprintf("UPDATE posts SET trashed_at = trashed_at - interval '30 days' WHERE id = %d", p.ID))
	if diff := cmp.Diff([]string{"Ibis"}, b.trashed()); diff != "" {
		t.Errorf("the trash before it is emptied (-want +got):\n%s", diff)
	}
	if n, err := b.EmptyTrash(t.Context(), 10); err != nil || n != 1 {
		t.Errorf("got %d, %v, want 1", n, err)
	}
	if _, err := b.Get(t.Context(), p.ID); !errors.Is(err, posts.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	for _, slug := range []string{"herons", "ibis"} {
		if _, err := b.Post(t.Context(), slug); !errors.Is(err, posts.ErrGone) {
			t.Errorf("%s: got %v, want ErrGone", slug, err)
		}
	}
	// A copy of the server that knows no trash publishes a draft.
	b.exec(fmt.Sprintf("UPDATE posts SET status = 'published', version = version + 1 WHERE id = %d", young.ID))
	if got := b.get(young.ID); got.Trashed() || !got.Visible {
		t.Errorf("published by another: got %+v", got)
	}
}

func TestImportsLeaveTheTrashAlone(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	src := posts.Source{Site: "a", Path: "heron.md"}
	_, p, err := b.Import(t.Context(), src, b.draft("Herons"), false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Trash(t.Context(), p.ID, p.Version, b.author); err != nil {
		t.Fatal(err)
	}
	src.Digest[0] = 1
	if outcome, _, err := b.Import(t.Context(), src, b.draft("Herons anew"), false); err != nil || outcome != posts.DeletedHere {
		t.Errorf("got %s, %v, want that it was deleted here", outcome, err)
	}
}

func TestUndo(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	p := b.save(0, 0, b.draft("Herons"))
	d := p.Draft
	d.Status, d.Markdown = posts.StatusPublished, "Changed while publishing."
	p = b.save(p.ID, p.Version, d)
	undone, err := b.Undo(t.Context(), p.ID, p.Version, b.author)
	if err != nil || undone.Status != posts.StatusDraft || !undone.PublishedAt.IsZero() || undone.Markdown != d.Markdown {
		t.Fatalf("published and undone: got %+v, %v, want a draft without a date and with the text", undone, err)
	}
	if _, err := b.Undo(t.Context(), p.ID, p.Version, b.author); err == nil {
		t.Error("undone twice")
	}
	d.PublishedAt = time.Now().Add(time.Hour).Truncate(time.Microsecond)
	p = b.save(p.ID, undone.Version, d)
	d.Status = posts.StatusDraft
	p = b.save(p.ID, p.Version, d)
	if undone, err = b.Undo(t.Context(), p.ID, p.Version, b.author); err != nil || !undone.Scheduled || !undone.PublishedAt.Equal(d.PublishedAt) {
		t.Errorf("unpublished and undone: got %+v, %v, want it scheduled", undone, err)
	}
	d.Status, d.Title = posts.StatusPublished, "Grey herons"
	p = b.save(p.ID, undone.Version, d)
	if _, err := b.Undo(t.Context(), p.ID, p.Version, b.author); !errors.Is(err, posts.ErrNotFound) {
		t.Errorf("undoing an update: got %v, want ErrNotFound", err)
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	p := b.publish("Herons", time.Hour, "birds")
	w := b.autosave(b.open(p.ID), b.author, "markdown", "Second.", "title", "Grey herons")
	rows, older, err := b.Revisions(t.Context(), p.ID, 0)
	if err != nil || older != 0 || len(rows) != 2 || !rows[0].Current || rows[0].Applied || !rows[1].Applied || rows[0].Title != "Grey herons" || rows[0].Bytes != 7 {
		t.Fatalf("got %+v, %d, %v", rows, older, err)
	}
	if err := b.Restore(t.Context(), p.ID, rows[1].ID, "title", b.author); err != nil {
		t.Fatal(err)
	}
	if got := b.open(p.ID); got.Fields["title"] != "Herons" || got.Markdown != "Second." || !got.Changed {
		t.Errorf("a field: got %+v", got)
	}
	if err := b.Restore(t.Context(), p.ID, rows[1].ID, "", b.author); err != nil {
		t.Fatal(err)
	}
	if got := b.open(p.ID); got.Markdown != p.Markdown || got.Changed {
		t.Errorf("all: got %+v", got)
	}
	if got := b.get(p.ID); got.Version != p.Version {
		t.Errorf("got version %d, want the post left alone", got.Version)
	}
	w = b.autosave(b.open(p.ID), b.author, "markdown", "Third.")
	if err := b.Discard(t.Context(), p.ID, w.Edit-1, b.author); !errors.Is(err, posts.ErrEdited) {
		t.Errorf("got %v, want ErrEdited", err)
	}
	if err := b.Discard(t.Context(), p.ID, w.Edit, b.author); err != nil {
		t.Fatal(err)
	}
	if got := b.open(p.ID); got.Markdown != p.Markdown || got.Changed {
		t.Errorf("discarded: got %+v", got)
	}
	b.wantKinds(p.ID, "6 discard", "5 autosave", "4 restore", "3 restore", "2 autosave", "1 publish")
	if err := b.Restore(t.Context(), p.ID, rows[1].ID, "nothing", b.author); !errors.Is(err, posts.ErrNotFound) {
		t.Errorf("a field that is none: got %v", err)
	}
	other := b.publish("Ibis", time.Hour)
	for name, err := range map[string]error{
		"restore":  b.Restore(t.Context(), other.ID, rows[1].ID, "", b.author),
		"name":     b.NameRevision(t.Context(), other.ID, rows[1].ID, "x"),
		"revision": second(b.Revision(t.Context(), other.ID, rows[1].ID)),
		"before":   second(b.RevisionBefore(t.Context(), p.ID, rows[1].ID)),
	} {
		if !errors.Is(err, posts.ErrNotFound) {
			t.Errorf("%s, of another post: got %v, want ErrNotFound", name, err)
		}
	}
	if err := b.NameRevision(t.Context(), p.ID, rows[0].ID, strings.Repeat("n", 201)); !errors.As(err, &posts.Invalid{}) {
		t.Errorf("a long name: got %v", err)
	}
	if err := b.NameRevision(t.Context(), p.ID, rows[0].ID, "  As  sent "); err != nil {
		t.Fatal(err)
	}
	if r, err := b.Revision(t.Context(), p.ID, rows[0].ID); err != nil || r.Name != "As sent" {
		t.Errorf("got %q, %v", r.Name, err)
	}
}

func TestHistoryIsPaged(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	p := b.save(0, 0, b.draft("Herons"))
	b.exec(`INSERT INTO revisions (post_id, edit, author_id, kind, fields, markdown)
		SELECT 1, n, 1, 'autosave', '{}', '' FROM generate_series(2, 120) n`)
	seen, before := 0, int64(0)
	for pages := 0; pages < 3; pages++ {
		rows, older, err := b.Revisions(t.Context(), p.ID, before)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			if want := int64(120 - seen); r.Edit != want {
				t.Fatalf("got edit %d, want %d", r.Edit, want)
			}
			seen++
		}
		before = older
	}
	if seen != 120 || before != 0 {
		t.Errorf("got %d revisions and more before %d, want 120", seen, before)
	}
}

func TestAutosavesAreThinnedOut(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	p := b.save(0, 0, b.draft("Herons"))
	add := func(edit int, kind, at, more string) {
		b.exec(fmt.Sprintf(`INSERT INTO revisions (post_id, edit, author_id, kind, fields, markdown, created_at, kept)
			VALUES (%d, %d, 1, '%s', '{}', '', date_trunc('day', now()) - interval '3 days' + interval '%s', %s)`, p.ID, edit, kind, at, more))
	}
	add(2, "autosave", "1:10", "false")
	add(3, "autosave", "1:30", "false")
	add(4, "autosave", "1:50", "false") // the last of its hour
	add(5, "autosave", "2:10", "true")  // named
	add(6, "autosave", "2:20", "false")
	add(7, "save", "2:30", "false")
	add(8, "autosave", "3:10", "false") // what was discarded
	add(9, "discard", "3:11", "false")
	b.exec(`INSERT INTO revisions (post_id, edit, author_id, kind, fields, markdown) SELECT 1, n, 1, 'autosave', '{}', '' FROM generate_series(10, 12) n`)
	done := 0
	for {
		n, err := b.ThinRevisions(t.Context(), 2)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			break
		}
		done += n
	}
	if done != 5 {
		t.Errorf("looked at %d, want each of 5 once", done)
	}
	b.wantKinds(p.ID, "12 autosave", "11 autosave", "10 autosave", "9 discard", "8 autosave", "7 save", "5 autosave", "4 autosave", "1 save")
}

// The lists of authors read about as much as they show, however many posts are
// in the trash, and however much somebody wrote.
func TestTheTrashCostsListsNothing(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.exec(`INSERT INTO posts (slug, title, status, author_id, markdown, html, excerpt, render_version, updated_at, trashed_at)
		SELECT 'post-' || n, n, 'draft', 1, 'x', 'x', 'x', 1, now() - n * interval '1 second',
			CASE WHEN n < 5000 THEN now() - n * interval '1 second' END FROM generate_series(1, 6000) n`)
	for id := int64(5_000); id < 5_020; id++ {
		b.autosave(b.open(id), b.author, "markdown", "typed")
	}
	b.exec("VACUUM ANALYZE posts, revisions, working_copies")
	trash, err := b.TrashRows(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	for name, list := range map[string]func(context.Context) error{
		"all":       func(ctx context.Context) error { return second(b.Rows(ctx, posts.RowFilter{})) },
		"drafts":    func(ctx context.Context) error { return second(b.Rows(ctx, posts.RowFilter{State: posts.StateDraft})) },
		"trash":     func(ctx context.Context) error { return second(b.TrashRows(ctx, "", "")) },
		"trash, on": func(ctx context.Context) error { return second(b.TrashRows(ctx, trash.Older, "")) },
		"history":   func(ctx context.Context) error { return third(b.Revisions(ctx, 5_000, 0)) },
	} {
		if plan := b.plan(list, explain.Generic); plan.Buffers > 200 {
			t.Errorf("%s: got %d buffers, want at most 200\n%s", name, plan.Buffers, plan.Text)
		}
	}
}
