package posts_test

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"broadsheet/internal/posts"
)

// open returns the text that the form of a post begins with.
func (b blog) open(id int64) posts.Working {
	b.t.Helper()
	w, _, err := b.Open(b.t.Context(), id)
	if err != nil {
		b.t.Fatalf("opening post %d: %v", id, err)
	}
	return w
}

// typed is what an author makes of a text: name, value, name, value … of fields,
// and "markdown".
func (b blog) typed(from posts.Working, author int64, changes ...string) posts.Writing {
	w := posts.Writing{Edit: from.Edit, Version: from.Version, AuthorID: author}
	w.Markdown, w.Fields = from.Markdown, maps.Clone(from.Fields)
	for i := 0; i < len(changes); i += 2 {
		if changes[i] == "markdown" {
			w.Markdown = changes[i+1]
		} else {
			w.Fields[changes[i]] = changes[i+1]
		}
	}
	return w
}

func (b blog) autosave(from posts.Working, author int64, changes ...string) posts.Working {
	b.t.Helper()
	kept, _, err := b.Autosave(b.t.Context(), from.PostID, b.typed(from, author, changes...))
	if err != nil {
		b.t.Fatalf("autosaving %v: %v", changes, err)
	}
	return kept
}

func (b blog) kinds(id int64) []string {
	b.t.Helper()
	rows, _, err := b.Revisions(b.t.Context(), id, 0)
	if err != nil {
		b.t.Fatal(err)
	}
	var kinds []string
	for _, r := range rows {
		kinds = append(kinds, fmt.Sprintf("%d %s", r.Edit, r.Kind))
	}
	return kinds
}

func (b blog) wantKinds(id int64, want ...string) {
	b.t.Helper()
	if diff := cmp.Diff(want, b.kinds(id)); diff != "" {
		b.t.Errorf("history (-want +got):\n%s", diff)
	}
}

func TestAutosavesLeaveThePostAlone(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	p := b.publish("Herons", time.Hour, "birds")
	var before, after string
	row := "SELECT xmin || ' ' || ctid || ' ' || (SELECT count(*) FROM changes) FROM posts"
	first := b.open(p.ID)
	if first.Edit != 1 || first.Changed || first.Markdown != p.Markdown || first.Fields["tags"] != "birds" || first.State != posts.StatePublished {
		t.Errorf("got %+v, want what the post says as edit 1", first)
	}
	if err := b.pool.QueryRow(t.Context(), row).Scan(&before); err != nil {
		t.Fatal(err)
	}
	kept := b.autosave(first, b.author, "markdown", "One.\r\n", "title", strings.Repeat("t", 300), "slug", "!!", "published_at", "soon")
	if kept.Edit != 2 || !kept.Changed || kept.Markdown != "One.\n" {
		t.Errorf("got edit %d, changed %t, %q", kept.Edit, kept.Changed, kept.Markdown)
	}
	if again := b.autosave(first, b.author, "markdown", "One.\r\n", "title", strings.Repeat("t", 300), "slug", "!!", "published_at", "soon"); again.Edit != 2 {
		t.Errorf("sent again: got edit %d, want 2", again.Edit)
	}
	kept = b.autosave(kept, b.author, "markdown", "One. Two.\n")
	if err := b.pool.QueryRow(t.Context(), row).Scan(&after); err != nil {
		t.Fatal(err)
	}
	if before != after {
		t.Errorf("the post's row and what is known of changes: got %s, want %s", after, before)
	}
	if got := b.open(p.ID); got.Edit != kept.Edit || got.Markdown != "One. Two.\n" || got.Fields["published_at"] != "soon" || got.AuthorName != "Ada Lovelace" {
		t.Errorf("opened again: got %+v", got)
	}
	b.wantKinds(p.ID, "3 autosave", "1 publish")
	// Back to what the post says: there is nothing to be saved.
	if kept = b.autosave(b.open(p.ID), b.author, "markdown", p.Markdown, "title", "Herons", "slug", "herons", "published_at", posts.Moment(p.PublishedAt)); kept.Changed {
		t.Error("got a text with changes that says what the post does")
	}
}

func TestAutosavesOfOneAuthorAreOne(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	grace := b.user("grace")
	p := b.save(0, 0, b.draft("Herons"))
	w := b.open(p.ID)
	for _, text := range []string{"a", "ab", "abc"} {
		w = b.autosave(w, b.author, "markdown", text)
	}
	b.wantKinds(p.ID, "4 autosave", "1 save")
	seen := b.open(p.ID) // somebody begins with it: it stays
	w = b.autosave(w, b.author, "markdown", "abcd")
	w = b.autosave(w, b.author, "markdown", "abcde")
	b.wantKinds(p.ID, "6 autosave", "4 autosave", "1 save")
	w = b.autosave(w, grace, "markdown", "abcde f")
	b.wantKinds(p.ID, "7 autosave", "6 autosave", "4 autosave", "1 save")
	b.exec("UPDATE revisions SET created_at = created_at - interval '6 minutes'")
	w = b.autosave(w, grace, "markdown", "abcde f g")
	b.wantKinds(p.ID, "8 autosave", "7 autosave", "6 autosave", "4 autosave", "1 save")
	merged := b.autosave(seen, b.author, "title", "Grey herons")
	if merged.Fields["title"] != "Grey herons" || merged.Markdown != "abcde f g" {
		t.Errorf("got %q, %q, want what both wrote", merged.Fields["title"], merged.Markdown)
	}
	// Whoever wrote the text that was merged goes on with that.
	if again := b.autosave(w, grace, "summary", "Short"); again.Fields["title"] != "Grey herons" || again.Fields["summary"] != "Short" {
		t.Errorf("got %+v", again.Fields)
	}
}

func TestTextsThatCannotBeKept(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	p := b.save(0, 0, b.draft("Herons"))
	w := b.open(p.ID)
	for name, test := range map[string]struct {
		field, value string
		want         error
	}{
		"2 MB":                 {"markdown", strings.Repeat("a", 2<<20), posts.ErrTextTooLarge},
		"a title of 100 kB":    {"title", strings.Repeat("a", 100<<10), posts.ErrTextTooLarge},
		"NUL":                  {"markdown", "a\x00b", posts.ErrTextInvalid},
		"NUL in a field":       {"tags", "a\x00b", posts.ErrTextInvalid},
		"not UTF-8":            {"markdown", "a\xffb", posts.ErrTextInvalid},
		"not UTF-8 in a field": {"slug", "a\xffb", posts.ErrTextInvalid},
	} {
		if _, _, err := b.Autosave(t.Context(), p.ID, b.typed(w, b.author, test.field, test.value)); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, want %v", name, err, test.want)
		}
		if _, _, err := b.AutosaveNew(t.Context(), b.draft("x"), b.typed(w, b.author, test.field, test.value)); !errors.Is(err, test.want) {
			t.Errorf("%s, new: got %v, want %v", name, err, test.want)
		}
		typed := b.typed(w, b.author, "title", "x")
		typed.Edit, typed.Base = 99, &posts.Content{Markdown: test.value}
		if _, _, err := b.Autosave(t.Context(), p.ID, typed); test.field == "markdown" && !errors.Is(err, test.want) {
			t.Errorf("%s as the base: got %v, want %v", name, err, test.want)
		}
	}
	if kept := b.autosave(w, b.author, "markdown", strings.Repeat("é", posts.MaxMarkdown/2), "unknown", "x"); kept.Fields["unknown"] != "" {
		t.Errorf("got %v, want no field that is none", kept.Fields)
	}
	if _, _, err := b.Autosave(t.Context(), 999, b.typed(w, b.author)); !errors.Is(err, posts.ErrNotFound) {
		t.Errorf("a post that is not there: got %v", err)
	}
}

func TestNewTextsBecomeOneDraft(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	d := b.draft("Herons")
	d.Key, d.Slug, d.Title, d.Markdown = strings.Repeat("A", 26), "!!", "A heron", "They st"
	typed := posts.Writing{AuthorID: b.author, Content: posts.Content{Markdown: "They st", Fields: map[string]string{"title": "A heron", "slug": "!!", "language": "en"}}}
	first, _, err := b.AutosaveNew(t.Context(), d, typed)
	if err != nil || first.Fields["slug"] != "!!" || first.Markdown != "They st" || !first.Changed {
		t.Fatalf("got %+v, %v", first, err)
	}
	// Its answer was lost, and its author wrote on.
	typed.Markdown = "They stand."
	second, _, err := b.AutosaveNew(t.Context(), d, typed)
	if err != nil || second.PostID != first.PostID || second.Markdown != "They stand." {
		t.Errorf("got %+v, %v", second, err)
	}
	rows := b.rows(posts.RowFilter{})
	if len(rows.Rows) != 1 || rows.Rows[0].Title != "A heron" || rows.Rows[0].Slug != "a-heron" || !rows.Rows[0].Changed {
		t.Errorf("got %+v", rows.Rows)
	}
	// The form itself, sent as if there had been no autosave.
	d.Slug, d.Markdown = "", "They stand. Again."
	var conflict *posts.ConflictError
	if _, err := b.Save(t.Context(), 0, 0, d); !errors.As(err, &conflict) || conflict.Stored.ID != first.PostID {
		t.Errorf("got %v, want a conflict with what was typed", err)
	}
}

func TestSavingAText(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	p := b.publish("Herons", time.Hour)
	w := b.autosave(b.open(p.ID), b.author, "markdown", "New.")
	d := p.Draft
	d.Markdown = "New. And newer."
	if _, err := b.SaveText(t.Context(), p.ID, posts.Saving{Edit: 1, Publishes: true, Moves: true}, d); !errors.Is(err, posts.ErrEdited) {
		t.Errorf("over an older text: got %v, want ErrEdited", err)
	}
	stored, err := b.SaveText(t.Context(), p.ID, posts.Saving{Edit: w.Edit, Publishes: true, Moves: true}, d)
	if err != nil || stored.Version != 2 || stored.Markdown != d.Markdown {
		t.Fatalf("got %+v, %v", stored, err)
	}
	if got := b.open(p.ID); got.Changed || got.Edit != 3 || got.Markdown != d.Markdown {
		t.Errorf("got %+v, want no changes left", got)
	}
	d.Status = posts.StatusDraft
	if stored, err = b.SaveText(t.Context(), p.ID, posts.Saving{Edit: 3, Publishes: true, Moves: true}, d); err != nil {
		t.Fatal(err)
	}
	d.Status, d.PublishedAt = posts.StatusPublished, time.Now().Add(time.Hour)
	if stored, err = b.SaveText(t.Context(), p.ID, posts.Saving{Edit: 4, Publishes: true, Moves: true}, d); err != nil || !stored.Scheduled {
		t.Fatalf("got %+v, %v", stored, err)
	}
	b.wantKinds(p.ID, "5 schedule", "4 unpublish", "3 update", "2 autosave", "1 publish")
	d.Language = "!!"
	if _, err := b.SaveText(t.Context(), p.ID, posts.Saving{Edit: 5, Publishes: true, Moves: true}, d); !errors.As(err, &posts.Invalid{}) {
		t.Errorf("got %v, want Invalid", err)
	}
	if _, err := b.SaveText(t.Context(), 999, posts.Saving{Edit: 5, Publishes: true, Moves: true}, p.Draft); !errors.Is(err, posts.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}
