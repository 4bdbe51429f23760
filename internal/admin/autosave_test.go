package admin_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"broadsheet/internal/posts"
)

// told is what an autosave is answered with.
type told struct {
	ID, Edit, Version int64
	State             string
	SavedAt           time.Time `json:"saved_at"`
	Changed           bool
	Merged            *text
	Need, Error, By   string
	Theirs            text
	Fields            map[string]string
	Conflicts         []struct{ Field, Base, Mine, Theirs string }
	Text              []map[string]string
	Markdown          string
}

type text struct {
	Fields   map[string]string `json:"fields"`
	Markdown string            `json:"markdown"`
}

func (a answer) told() told {
	a.t.Helper()
	if kind := a.header.Get("Content-Type"); kind != "application/json" {
		a.t.Fatalf("got status %d, %s, want JSON:\n%.1000s", a.status, kind, a.body)
	}
	if cache := a.header.Get("Cache-Control"); cache != "no-store" {
		a.t.Errorf("Cache-Control: got %q, want no-store", cache)
	}
	var v told
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		a.t.Fatalf("%v in %s", err, a.body)
	}
	return v
}

// autosave sends a form as the editor does.
func (b *browser) autosave(f form, changes ...string) answer {
	b.t.Helper()
	return b.post(f.action+"/autosave", f.with(changes...).values)
}

func TestAutosave(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	d := published("Herons", time.Date(2024, 7, 1, 10, 0, 15, 0, time.UTC))
	d.Tags = []string{"birds"}
	post := b.save(t, d)
	f := br.get(edit(post)).want(200).wantNot("with changes", "Discard").form("markdown")
	first := br.autosave(f, "markdown", "One.\r\nTwo.", "slug", "!!").want(200).told()
	if first.ID != post.ID || first.Edit != 2 || first.Version != 1 || first.State != "published" || !first.Changed || first.Merged != nil || first.SavedAt.IsZero() {
		t.Errorf("got %+v", first)
	}
	br.get("/posts/herons").want(200).wantNot("Two.")
	br.get("/admin/posts").want(200, "with changes")
	again := br.get(edit(post)).want(200, "with changes", "readers do not see yet", "Discard the changes").form("markdown")
	if again.values.Get("markdown") != "One.\nTwo." || again.values.Get("slug") != "!!" || again.values.Get("edit") != "2" || again.values.Get("published_at") != "2024-07-01T10:00" {
		t.Errorf("got %v in the form, want what was typed", again.values)
	}
	working := br.get(edit(post) + "/working").want(200).told()
	if working.Edit != 2 || working.By != "Jane Doe" || working.Markdown != "One.\nTwo." || working.Fields["published_at"] != "2024-07-01T10:00" || working.Fields["shown"] != "2024-07-01T10:00:15Z" {
		t.Errorf("got %+v", working)
	}
	br.send(again, "slug", "").leadsTo(edit(post))
	br.get("/posts/herons").want(200, "Two.")
	if got := b.stored(t, post.ID).PublishedAt; !got.Equal(d.PublishedAt) {
		t.Errorf("got date %s, want %s", got, d.PublishedAt)
	}
	saved := br.get(edit(post)).want(200, "Updated.").wantNot("with changes").form("markdown")

	// What is discarded is in the history, and so is what was typed last.
	br.post(edit(post)+"/discard", saved.with("markdown", "Typed and given up.").values).leadsTo(edit(post))
	br.get(edit(post)).want(200, "The changes are discarded.", "One. Two.").wantNot("given up")
	history := br.get(edit(post)+"/history").want(200, "Changes discarded", "Typed", "Updated")
	br.get(history.link("Typed")).want(200, "Typed and given up.")
}

func TestAutosaveOfANewPost(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	f := br.get("/admin/posts/new").form("markdown")
	if f.values.Get("edit") != "" || !f.values.Has("edit") {
		t.Errorf("got edit %q in the form, want an empty one", f.values["edit"])
	}
	first := br.autosave(f, "title", "Her", "markdown", "They", "language", "!!").want(200).told()
	again := br.autosave(f, "title", "Herons", "markdown", "They st", "language", "!!").want(200).told()
	if first.ID != again.ID || first.Edit == 0 || again.Edit <= first.Edit || again.State != "draft" {
		t.Errorf("got %+v and %+v, want one draft", first, again)
	}
	br.get("/admin/posts").want(200, "Herons")
	shown := br.get(fmt.Sprintf("/admin/posts/%d", first.ID)).want(200, "are kept and not saved yet").form("markdown")
	br.send(shown, "action", "publish").want(422, `id="language-problem"`)
	br.send(shown, "action", "publish", "language", "en").want(303)
	br.get("/posts/herons").want(200, "They st")
	// The form of before, sent once more as if nothing had been answered.
	br.send(f, "title", "Herons", "markdown", "They st. And more", "language", "en", "action", "save").want(409, "Somebody published this meanwhile", "They st. And more")
	if got := b.only(t); got.Markdown != "They st" || got.State != posts.StatePublished {
		t.Errorf("got %q, %s, want what was published", got.Markdown, got.State)
	}
	br.get(fmt.Sprintf("/admin/posts/%d", first.ID)).want(200, "They st. And more", "with changes")
}

func TestAutosavesThatCannotBe(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	post, gone := b.save(t, draft("Herons")), b.save(t, draft("Gone"))
	f, lost := br.get(edit(post)).form("markdown"), br.get(edit(gone)).form("markdown")
	if err := b.posts.Delete(t.Context(), gone.ID, 1); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		got  answer
		want int
		says string
	}{
		{"2 MB", br.autosave(f, "markdown", strings.Repeat("a", 2<<20)), 413, "1 MB"},
		{"NUL", br.autosave(f, "markdown", "a\x00b"), 422, "NUL"},
		{"not UTF-8", br.autosave(f, "title", "a\xffb"), 422, "UTF-8"},
		{"17 MB", br.autosave(f, "markdown", strings.Repeat("a", 17<<20)), 413, "Nothing was changed"},
		{"deleted", br.autosave(lost, "markdown", "x"), 404, "deleted"},
		{"no such post", br.post("/admin/posts/0/autosave", f.values), 404, "no such post"},
		{"signed out", b.browser(t).autosave(f, "markdown", "x"), 401, "signed out"},
		{"signed out, new", b.browser(t).post("/admin/posts/autosave", f.values), 401, "signed out"},
	} {
		if got := test.got.told(); test.got.status != test.want || !strings.Contains(got.Error, test.says) {
			t.Errorf("%s: got status %d, %q, want %d and %q", test.name, test.got.status, got.Error, test.want, test.says)
		}
	}
	if _, err := b.posts.Trash(t.Context(), post.ID, 1, b.stored(t, post.ID).AuthorID); err != nil {
		t.Fatal(err)
	}
	if got := br.autosave(f, "markdown", "x").want(410).told(); !strings.Contains(got.Error, "trash") {
		t.Errorf("got %q", got.Error)
	}
	br.get(edit(post)).want(410, "in the trash")
	br.get(edit(post) + "/delete").want(410)
	kept := br.send(f, "markdown", "All that I wrote").want(409, "was deleted while you were writing", "trash").form("markdown")
	br.send(kept).want(303)
	if got := b.only(t); got.Markdown != "All that I wrote" {
		t.Errorf("got %q", got.Markdown)
	}
}

func TestAutosaveWithoutTheDatabase(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	post := b.save(t, draft("Herons"))
	f := br.get(edit(post)).form("markdown")
	tx, err := b.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "LOCK TABLE working_copies IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	got := br.autosave(f, "markdown", "Typed")
	form := br.send(f, "markdown", "Typed").want(503, "Your text is not saved yet").form("markdown")
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got.want(503).told().Error == "" || got.header.Get("Retry-After") == "" {
		t.Errorf("got %v, %s", got.header, got.body)
	}
	br.send(form).leadsTo(edit(post))
	if got := b.stored(t, post.ID); got.Markdown != "Typed" {
		t.Errorf("got %q", got.Markdown)
	}
}

// Names of tags and series that are half typed become none.
func TestAutosaveMakesNoTags(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	f := br.get("/admin/posts/new").form("markdown").with("title", "Herons", "tags", "Bir", "series", "Wat")
	first := br.autosave(f).want(200).told()
	at := fmt.Sprintf("/admin/posts/%d", first.ID)
	br.autosave(br.get(at).form("markdown"), "tags", "Birds", "series", "Water").want(200)
	names := func() (names []string) {
		t.Helper()
		rows, err := b.pool.Query(t.Context(), "SELECT name FROM tags UNION ALL SELECT title FROM series ORDER BY 1")
		if err == nil {
			names, err = pgx.CollectRows(rows, pgx.RowTo[string])
		}
		if err != nil {
			t.Fatal(err)
		}
		return names
	}
	if got := names(); len(got) > 0 {
		t.Errorf("got %q of what was typed, want nothing", got)
	}
	br.send(br.get(at).form("markdown"), "action", "save").leadsTo(at)
	if got := names(); !slices.Equal(got, []string{"Birds", "Water"}) {
		t.Errorf("got %q after saving, want Birds and Water", got)
	}
}
