package posts_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"broadsheet/internal/posts"
)

func (b blog) user(name string) int64 {
	b.t.Helper()
	var id int64
	err := b.pool.QueryRow(b.t.Context(), "INSERT INTO users (handle, name) VALUES ($1, $1) RETURNING id", name).Scan(&id)
	if err != nil {
		b.t.Fatal(err)
	}
	return id
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
