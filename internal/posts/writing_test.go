package posts_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
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

func (b blog) user(name string) int64 {
	b.t.Helper()
	var id int64
	err := b.pool.QueryRow(b.t.Context(), "INSERT INTO users (handle, name) VALUES ($1, $1) RETURNING id", name).Scan(&id)
	if err != nil {
		b.t.Fatal(err)
	}
	return id
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

func (b blog) get(id int64) posts.Stored {
	b.t.Helper()
	s, err := b.Get(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return s
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

func TestWritersAreMerged(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	grace := b.user("grace")
	d := b.draft("Herons", "birds", "water")
	d.Markdown = "One.\n\nTwo stands.\n\nThree.\n"
	p := b.save(0, 0, d)
	ada, gra := b.open(p.ID), b.open(p.ID)
	b.autosave(ada, b.author, "markdown", "One, and more.\n\nTwo stands.\n\nThree.\n", "tags", "birds, grey", "title", "Grey herons")
	typed := b.typed(gra, grace, "markdown", "One.\n\nTwo stands.\n\nThree and four.\n", "tags", "birds, water, Fish", "summary", "In short")
	kept, merged, err := b.Autosave(t.Context(), p.ID, typed)
	if err != nil || !merged {
		t.Fatalf("got merged %t, %v", merged, err)
	}
	if want := "One, and more.\n\nTwo stands.\n\nThree and four.\n"; kept.Markdown != want {
		t.Errorf("got %q, want %q", kept.Markdown, want)
	}
	if f := kept.Fields; f["tags"] != "birds, grey, Fish" || f["title"] != "Grey herons" || f["summary"] != "In short" {
		t.Errorf("got %v", f)
	}

	// The same place, and the same field.
	_, _, err = b.Autosave(t.Context(), p.ID, b.typed(gra, grace, "markdown", "One is mine.\n\nTwo stands.\n\nThree.\n", "title", "My herons", "language", "de"))
	var conflict *posts.TextConflictError
	if !errors.As(err, &conflict) {
		t.Fatalf("got %v, want a conflict", err)
	}
	if diff := cmp.Diff([]posts.FieldConflict{{Field: "title", Base: "Herons", Mine: "My herons", Theirs: "Grey herons"}}, conflict.Conflict); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	if conflict.Working.Edit != kept.Edit || conflict.Working.Markdown != kept.Markdown || conflict.Fields["language"] != "de" || len(conflict.Markdown) != 2 {
		t.Errorf("got %+v", conflict)
	}
	if got := b.open(p.ID); got.Edit != kept.Edit || got.Markdown != kept.Markdown {
		t.Errorf("got edit %d, %q, want nothing overwritten", got.Edit, got.Markdown)
	}
	aside, err := b.Aside(t.Context(), p.ID, grace)
	if err != nil || aside.Markdown != "One is mine.\n\nTwo stands.\n\nThree.\n" || aside.Content.Fields["title"] != "My herons" {
		t.Errorf("kept aside: got %+v, %v", aside, err)
	}
	// Writing on while the conflict is there is still one text aside. One from
	// which something of that is gone stands beside it: nothing else has its words.
	for _, typed := range []struct {
		markdown string
		kinds    []string
	}{
		{"One is mine.\n\nTwo stands.\n\nThree.\n\nFour.\n", []string{"1 aside", "3 autosave", "2 autosave", "1 save"}},
		{"One is hers.\n\nTwo stands.\n\nThree.\n", []string{"1 aside", "1 aside", "3 autosave", "2 autosave", "1 save"}},
	} {
		_, _, err = b.Autosave(t.Context(), p.ID, b.typed(gra, grace, "markdown", typed.markdown, "title", "My herons", "language", "de"))
		if !errors.As(err, &conflict) {
			t.Fatalf("got %v, want a conflict", err)
		}
		b.wantKinds(p.ID, typed.kinds...)
	}
	b.autosave(kept, grace, "title", "My herons")
	if _, err := b.Aside(t.Context(), p.ID, grace); !errors.Is(err, posts.ErrNotFound) {
		t.Errorf("after the author kept another text: got %v, want nothing aside", err)
	}
}

func TestTextsWhoseBaseIsGone(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	p := b.save(0, 0, b.draft("Herons"))
	base := b.autosave(b.open(p.ID), b.author, "markdown", "a b")
	b.autosave(base, b.author, "markdown", "a b c") // in place of it
	typed := b.typed(base, b.author, "markdown", "x a b")
	if _, _, err := b.Autosave(t.Context(), p.ID, typed); !errors.Is(err, posts.ErrNeedBase) {
		t.Fatalf("got %v, want ErrNeedBase", err)
	}
	typed.Base = &base.Content
	if kept, _, err := b.Autosave(t.Context(), p.ID, typed); err != nil || kept.Markdown != "x a b c" {
		t.Errorf("with the base: got %q, %v", kept.Markdown, err)
	}
	typed.Base, typed.NoBase = nil, true
	var conflict *posts.TextConflictError
	if _, _, err := b.Autosave(t.Context(), p.ID, typed); !errors.As(err, &conflict) || len(conflict.Markdown) != 2 {
		t.Errorf("without it: got %v, want all that differs as a conflict", err)
	}
	// A form of before there were numbers.
	old := b.save(0, 0, b.draft("Ibis"))
	typed = b.typed(b.open(old.ID), b.author, "markdown", "x")
	typed.Edit = 0
	if kept, _, err := b.Autosave(t.Context(), old.ID, typed); err != nil || kept.Markdown != "x" {
		t.Errorf("a form without a number: got %q, %v", kept.Markdown, err)
	}
	typed.NoBase = true
	if _, _, err := b.Autosave(t.Context(), old.ID, b.with(typed, "y")); !errors.As(err, &conflict) {
		t.Errorf("the same after somebody wrote: got %v, want a conflict", err)
	}
}

func (b blog) with(w posts.Writing, markdown string) posts.Writing {
	w.Markdown = markdown
	return w
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

// A post is also changed by imports, by renaming a tag, and by copies of the
// server that know nothing of working copies.
func TestWhatWasChangedElsewhereIsMerged(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	d := b.draft("Herons", "birds")
	d.Markdown = "One.\n\nTwo.\n"
	p, untouched := b.save(0, 0, d), b.save(0, 0, b.draft("Ibis", "birds"))
	w, before := b.autosave(b.open(p.ID), b.author, "markdown", "One, typed.\n\nTwo.\n", "tags", "birds, grey"), b.open(untouched.ID)
	tag := b.tagRow("birds")
	if _, err := b.SaveTag(t.Context(), tag.ID, posts.TagDraft{Name: "Vögel"}); err != nil {
		t.Fatal(err)
	}
	if got := b.open(untouched.ID); got.Fields["tags"] != "Vögel" || got.Changed || got.Edit != before.Edit+1 {
		t.Errorf("a renamed tag in a text that nobody changed: got %+v", got)
	}
	if got := b.open(p.ID); got.Fields["tags"] != "Vögel, grey" || !got.Changed || got.Markdown != w.Markdown {
		t.Errorf("a renamed tag in a text with changes: got %+v", got)
	}
	b.exec("UPDATE posts SET markdown = 'One.' || repeat(chr(10), 2) || 'Two, by hand.' || chr(10), title = 'Grey herons', version = version + 1 WHERE id = 1")
	got := b.autosave(w, b.author, "markdown", "One, typed.\n\nTwo.\n", "summary", "Short")
	if got.Markdown != "One, typed.\n\nTwo, by hand.\n" || got.Fields["title"] != "Grey herons" || got.Fields["summary"] != "Short" {
		t.Errorf("an update by an older copy: got %+v", got)
	}
	// What cannot be merged stays in the text, and what the post says in its history.
	b.exec("UPDATE posts SET markdown = 'One, otherwise.' || repeat(chr(10), 2) || 'Two.' || chr(10), version = version + 1 WHERE id = 1")
	now := b.open(p.ID)
	if now.Markdown != got.Markdown || !now.Changed {
		t.Errorf("got %q, want what was typed", now.Markdown)
	}
	last, err := b.RevisionBefore(t.Context(), p.ID, 1<<60)
	if err != nil {
		t.Fatal(err)
	}
	other, err := b.RevisionBefore(t.Context(), p.ID, last.ID)
	if err != nil || other.Kind != posts.KindOther || !strings.HasPrefix(other.Markdown, "One, otherwise.") || !other.Applied {
		t.Errorf("in the history: got %+v, %v", other, err)
	}
	// An import leaves alone what somebody is writing on.
	src := posts.Source{Site: "a", Path: "heron.md"}
	_, imported, err := b.Import(t.Context(), src, b.draft("Imported"), false)
	if err != nil {
		t.Fatal(err)
	}
	b.autosave(b.open(imported.ID), b.author, "markdown", "typed")
	src.Digest[0] = 1
	if outcome, _, err := b.Import(t.Context(), src, b.draft("Imported anew"), false); err != nil || outcome != posts.EditedHere {
		t.Errorf("got %s, %v, want that it was edited here", outcome, err)
	}
}

// Authors write at once into one post, each words of their own, on texts that
// grow older: each word is in the text in the end, or kept aside.
func TestManyWritersLoseNoWord(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	seed := rand.Uint64()
	d := b.draft("Herons")
	var paragraphs []string
	for i := range 12 {
		paragraphs = append(paragraphs, fmt.Sprintf("start%d.", i))
	}
	d.Markdown = strings.Join(paragraphs, "\n\n")
	p := b.save(0, 0, d)
	const writers, rounds = 4, 25
	var mu sync.Mutex
	var wrote []string
	var group sync.WaitGroup
	for n := range writers {
		author := b.user(fmt.Sprintf("writer%d", n))
		random := rand.New(rand.NewPCG(seed, uint64(n)))
		group.Go(func() {
			w, _, err := b.Open(t.Context(), p.ID)
			for round := 0; err == nil && round < rounds; round++ {
				word := fmt.Sprintf("w%dx%d", n, round)
				parts := strings.Split(w.Markdown, "\n\n")
				at := random.IntN(len(parts))
				parts[at] = parts[at] + " " + word + "."
				mu.Lock()
				wrote = append(wrote, word)
				mu.Unlock()
				var conflict *posts.TextConflictError
				if round%10 == 9 { // the form's button
					err = saveAll(t, b, w, author, strings.Join(parts, "\n\n"))
					if err == nil || errors.As(err, &conflict) {
						w, _, err = b.Open(t.Context(), p.ID)
					}
					continue
				}
				base := w.Content
				typed := b.typed(w, author, "markdown", strings.Join(parts, "\n\n"))
				var kept posts.Working
				kept, _, err = b.Autosave(t.Context(), p.ID, typed)
				if errors.Is(err, posts.ErrNeedBase) {
					typed.Base = &base
					kept, _, err = b.Autosave(t.Context(), p.ID, typed)
				}
				switch {
				case errors.As(err, &conflict):
					w, _, err = b.Open(t.Context(), p.ID)
				case err == nil && random.IntN(3) > 0: // else the answer never arrived
					w = kept
				case err == nil:
					w.Markdown = typed.Markdown // and the next is still made of the old text
				}
			}
			if err != nil {
				t.Errorf("seed %d, writer %d: %v", seed, n, err)
			}
		})
	}
	group.Wait()
	all := b.open(p.ID).Markdown
	for _, text := range b.allAside(p.ID) {
		all += "\n" + text
	}
	there := strings.FieldsFunc(all, func(r rune) bool { return strings.ContainsRune(" .\n", r) })
	for _, word := range wrote {
		if !slices.Contains(there, word) {
			t.Errorf("seed %d: %s is lost", seed, word)
		}
	}
}

// saveAll saves a text as the form's button does.
func saveAll(t *testing.T, b blog, w posts.Working, author int64, markdown string) error {
	for {
		typed := b.typed(w, author, "markdown", markdown)
		typed.Base = &w.Content
		merged, _, err := b.Merge(t.Context(), w.PostID, typed)
		if err != nil {
			return err
		}
		d := b.draft(merged.Fields["title"])
		d.Markdown, d.AuthorID = merged.Markdown, author
		if _, err = b.SaveText(t.Context(), w.PostID, posts.Saving{Edit: merged.Edit, Publishes: true, Moves: true}, d); !errors.Is(err, posts.ErrEdited) {
			return err
		}
	}
}

func (b blog) allAside(id int64) []string {
	b.t.Helper()
	rows, err := b.pool.Query(b.t.Context(), "SELECT markdown FROM revisions WHERE post_id = $1 AND kind = 'aside'", id)
	if err != nil {
		b.t.Fatal(err)
	}
	var texts []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			b.t.Fatal(err)
		}
		texts = append(texts, text)
	}
	return texts
}
