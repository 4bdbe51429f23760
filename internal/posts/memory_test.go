package posts_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"broadsheet/internal/postgres"
	"broadsheet/internal/postgres/explain"
	"broadsheet/internal/posts"
)

// queries counts what do asks PostgreSQL.
func (b blog) queries(do func(context.Context) error) int {
	b.t.Helper()
	ctx, recorder := explain.Record(b.t.Context())
	if err := do(ctx); err != nil {
		b.t.Fatal(err)
	}
	return len(recorder.Queries())
}

func (b blog) exec(sql string, args ...any) {
	b.t.Helper()
	if _, err := b.pool.Exec(b.t.Context(), sql, args...); err != nil {
		b.t.Fatalf("%s: %v", sql, err)
	}
}

func TestNamesAreReadOnceAndForgottenWhenChanged(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.publish("One", time.Hour, "Go", "Testing")
	b.publish("Two", 2*time.Hour, "Go")
	b.publish("Untagged", 3*time.Hour)

	listing := func(ctx context.Context) error { _, err := b.Listing(ctx, posts.Filter{}); return err }
	post := func(ctx context.Context) error { _, err := b.Post(ctx, "one"); return err }
	untagged := func(ctx context.Context) error { _, err := b.Post(ctx, "untagged"); return err }
	search := func(ctx context.Context) error {
		_, err := b.Search(ctx, posts.Search{Words: "text", Limit: 2})
		return err
	}
	golang := func(ctx context.Context) error { _, err := b.Tag(ctx, "go"); return err }
	both := func(ctx context.Context) error { _, err := b.TagsBySlug(ctx, []string{"go", "testing"}); return err }
	costs := func(when string, want map[string]int) {
		t.Helper()
		got := map[string]int{}
		for name, do := range map[string]func(context.Context) error{
			"listing": listing, "post": post, "untagged": untagged, "search": search, "tag": golang, "both tags": both,
		} {
			if _, ok := want[name]; ok {
				got[name] = b.queries(do)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: queries (-want +got):\n%s", when, diff)
		}
	}
	each := map[string]int{"listing": 2, "post": 2, "untagged": 2, "search": 2, "tag": 1, "both tags": 1}
	none := map[string]int{"listing": 1, "post": 1, "untagged": 1, "search": 1, "tag": 0, "both tags": 0}

	costs("before the first Reset", each)
	costs("before the first Reset, again", each)
	b.Changed([]string{"*", "tag:1"})
	costs("changed before the first Reset", each)

	b.Reset()
	costs("after Reset", map[string]int{"listing": 2})
	costs("after Reset", map[string]int{"both tags": 1})
	costs("remembered", none)
	b.Changed([]string{"post:1", "tag:1@1000", "tags", "search", "posts@5", "slug:go", "tag:x", ""})
	costs("other changes", none)
	b.Changed([]string{"search", "tag:1"})
	costs("a tag's row changed", map[string]int{"listing": 1, "post": 1, "tag": 1})
	costs("and was read", none)
	b.Changed([]string{"*"})
	costs("everything changed", map[string]int{"post": 2})
	costs("everything changed", map[string]int{"listing": 1, "both tags": 1})
	b.Reset()
	costs("after another Reset", map[string]int{"untagged": 2})
	costs("after another Reset: the author is remembered, the tags are not", map[string]int{"listing": 2})
}

func TestChangedNamesShow(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.publish("One", time.Hour, "Go", "Testing")
	show := func() string {
		t.Helper()
		card := b.list(posts.Filter{}).Posts[0]
		post, err := b.Post(t.Context(), "one")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(card, post.Card); diff != "" {
			t.Errorf("the post's card (-listed +alone):\n%s", diff)
		}
		tags, err := b.TagsBySlug(t.Context(), []string{"testing", "unknown", "go", "testing"})
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(card.AuthorName, card.AuthorHandle, card.Tags(), tags)
	}
	const before = "Ada Lovelaceada[{go Go} {testing Testing}] [{2 testing Testing   1} {1 go Go   1}]"
	const after = "Countesslady[{go Golang} {testing Testing}] [{2 testing Testing Proof.  2} {1 go Golang   1}]"
	change := func() {
		b.exec("UPDATE users SET name = 'Countess', handle = 'lady'")
		b.exec("UPDATE tags SET name = 'Golang' WHERE id = 1")
		b.exec("UPDATE tags SET description = 'Proof.' WHERE id = 2")
		b.publish("Two", 2*time.Hour, "Testing")
	}

	b.Reset()
	for range 2 { // read, remembered
		if got := show(); got != before {
			t.Errorf("before: got %s, want %s", got, before)
		}
	}
	change()
	if got := show(); got != before {
		t.Errorf("changed, not told: got %s, want %s: nothing was remembered", got, before)
	}
	b.Changed([]string{"tag:2"})
	if got := show(); !strings.Contains(got, "{2 testing Testing Proof.  2} {1 go Go   1}") {
		t.Errorf("told of one tag: got %s, want it alone changed", got)
	}
	b.Changed([]string{"*"})
	if got := show(); got != after {
		t.Errorf("told of everything: got %s, want %s", got, after)
	}
}

// A tag that no visible post carries is not there, however often it is asked for.
func TestUnknownTagsAreNotRemembered(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.Reset()
	for range 2 {
		_, err := b.Tag(t.Context(), "go")
		wantErr(t, err, posts.ErrNotFound)
	}
	b.publish("One", time.Hour, "Go")
	if tag := b.tag("go"); tag.Posts != 1 {
		t.Errorf("got %+v, want one post", tag)
	}
}

// interrupter does something after each query, before its answer is used.
type interrupter struct {
	explain.Tracer
	then func(sql string)
}

func (i *interrupter) TraceQueryEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryEndData) {
	if i.then != nil {
		i.then(data.CommandTag.String())
	}
}

// What was read before a change and arrives after it is shown once more, for
// the page is thrown away by whoever knows of the change, and not remembered.
func TestWhatArrivesAfterAChangeIsNotRemembered(t *testing.T) {
	t.Parallel()
	for name, forget := range map[string]func(*posts.Store){
		"changed": func(s *posts.Store) { s.Changed([]string{"*"}) },
		"a tag":   func(s *posts.Store) { s.Changed([]string{"tag:1"}) },
		"reset":   func(s *posts.Store) { s.Reset() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBlog(t)
			b.publish("One", time.Hour, "Go")
			between := &interrupter{}
			pool, err := postgres.Open(t.Context(), postgres.Config{URL: b.pool.Config().ConnString(), Tracer: between})
			if err != nil {
				t.Fatal(err)
			}
			defer pool.Close()
			quiet := b // writes without interruption
			b.Store = posts.NewStore(pool)
			b.Reset()
			interrupt := func(sql string) {
				between.then = func(string) {
					quiet.exec(sql)
					forget(b.Store)
				}
			}
			interrupt("UPDATE users SET name = 'Countess'; UPDATE tags SET name = 'Golang'")
			if card := b.list(posts.Filter{}).Posts[0]; card.AuthorName == "" || len(card.TagNames) != 1 {
				t.Errorf("while it changed: got %+v, want names", card)
			}
			interrupt("UPDATE tags SET description = 'A language.'")
			if tag := b.tag("go"); tag.Description != "" {
				t.Fatalf("got %+v, want what was there before the change", tag)
			}
			between.then = nil
			card, tag := b.list(posts.Filter{}).Posts[0], b.tag("go")
			if card.AuthorName != "Countess" || card.TagNames[0] != "Golang" || tag.Description != "A language." {
				t.Errorf("afterwards: got %s, %s, %+v, want what is there now", card.AuthorName, card.TagNames[0], tag)
			}
		})
	}
}

// While many read, whoever makes a change and tells of it sees it, always.
func TestNoOldNameStays(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.publish("One", time.Hour, "Go")
	b.Reset()
	var done atomic.Bool
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			for !done.Load() {
				if _, err := b.Listing(t.Context(), posts.Filter{}); err != nil {
					t.Errorf("listing: %v", err)
				}
				if _, err := b.Tag(t.Context(), "go"); err != nil {
					t.Errorf("tag: %v", err)
				}
			}
		})
	}
	for n := range 200 {
		name := fmt.Sprintf("name %d", n)
		b.exec("UPDATE users SET name = $1", name)
		b.exec("UPDATE tags SET name = $1", name)
		if n%20 == 0 {
			b.Reset()
		} else {
			b.Changed([]string{"*"})
		}
		card, tag := b.list(posts.Filter{}).Posts[0], b.tag("go")
		if card.AuthorName != name || card.TagNames[0] != name || tag.Name != name {
			t.Fatalf("got %q, %q and %q, want %q", card.AuthorName, card.TagNames[0], tag.Name, name)
		}
	}
	done.Store(true)
	readers.Wait()
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	s := posts.NewStore(nil) // what it remembers it does not ask for
	s.Reset()
	most, next := 0, int64(1)
	for range 100 {
		tags := make([]posts.Tag, 700)
		for i := range tags {
			tags[i] = posts.Tag{ID: next, Slug: fmt.Sprint(next), Posts: 1}
			next++
		}
		s.RememberTags(tags)
		most = max(most, s.Remembered())
		if tag, err := s.Tag(t.Context(), tags[0].Slug); err != nil || tag != tags[0] {
			t.Fatalf("got %+v, error %v, want the tag read last", tag, err)
		}
	}
	if most > posts.MemoryMost || most < posts.MemoryMost/2 {
		t.Errorf("got %d remembered, want at most %d and not much less", most, posts.MemoryMost)
	}
	s.RememberTags(make([]posts.Tag, posts.MemoryMost))
	if n := s.Remembered(); n > 0 {
		t.Errorf("more at once than the bound: got %d remembered, want none", n)
	}
}

func TestTheArchiveAndTheFeaturedPostAreReadOnce(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	d := b.draft("One")
	d.Status, d.PublishedAt, d.Featured, d.Tags = posts.StatusPublished, time.Now().Add(-time.Hour), true, []string{"Go"}
	one := b.save(0, 0, d)
	costs := func(when string, archive, featured int) {
		t.Helper()
		got := b.queries(func(ctx context.Context) error { _, err := b.Archive(ctx); return err })
		if got != archive {
			t.Errorf("%s: the archive took %d queries, want %d", when, got, archive)
		}
		got = b.queries(func(ctx context.Context) error { _, err := b.Featured(ctx); return err })
		if got != featured {
			t.Errorf("%s: the featured post took %d queries, want %d", when, got, featured)
		}
	}
	costs("before the first Reset", 1, 2)
	b.Reset()
	costs("after Reset", 1, 2)
	costs("remembered", 0, 0)
	b.Changed([]string{"post:99", "posts@5", "tags"})
	costs("other changes", 0, 0)
	b.Changed([]string{"archive"})
	costs("months changed", 1, 0)
	b.Changed([]string{"featured"})
	costs("another is featured", 0, 1)
	b.Changed([]string{fmt.Sprintf("post:%d", one.ID)})
	costs("the featured post changed", 0, 1)
	b.Changed([]string{"*"})
	costs("everything changed", 1, 2)
}

// A post that joins translations is on the pages of all of them.
func TestTranslationsAreToldOfANewOne(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	save := func(title, of string) posts.Stored {
		t.Helper()
		d := b.draft(title)
		d.Status, d.PublishedAt, d.TranslationOf = posts.StatusPublished, time.Now().Add(-time.Hour), of
		return b.save(0, 0, d)
	}
	one, two := save("One", ""), save("Two", "one")
	var before int64
	last := func(n *int64) {
		t.Helper()
		if err := b.pool.QueryRow(t.Context(), "SELECT max(id) FROM changes").Scan(n); err != nil {
			t.Fatal(err)
		}
	}
	last(&before)
	three := save("Three", "two")
	var keys []string
	if err := b.pool.QueryRow(t.Context(), "SELECT array_agg(k) FROM changes, unnest(keys) k WHERE id > $1", before).Scan(&keys); err != nil {
		t.Fatal(err)
	}
	for _, p := range []posts.Stored{one, two, three} {
		if !slices.Contains(keys, fmt.Sprintf("post:%d", p.ID)) {
			t.Errorf("got changes %v, want post %d among them", keys, p.ID)
		}
	}
	last(&before)
	b.save(three.ID, three.Version, three.Draft)
	if err := b.pool.QueryRow(t.Context(), "SELECT array_agg(k) FROM changes, unnest(keys) k WHERE id > $1", before).Scan(&keys); err != nil {
		t.Fatal(err)
	}
	if slices.Contains(keys, fmt.Sprintf("post:%d", one.ID)) {
		t.Errorf("saved again: got changes %v, want none of the others", keys)
	}
}
