package admin_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
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

func TestAutosavesOfTwoAreMerged(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	jane, john := b.signedIn(t, "Jane Doe"), b.signedIn(t, "John Roe")
	d := draft("Herons")
	d.Markdown = "One.\n\nTwo stands.\n"
	post := b.save(t, d)
	mine, theirs := jane.get(edit(post)).form("markdown"), john.get(edit(post)).form("markdown")
	john.autosave(theirs, "markdown", "One.\n\nTwo stands still.\n", "published_at", "2030-05-06T07:08").want(200)
	got := jane.autosave(mine, "markdown", "One, mine.\n\nTwo stands.\n", "tags", "birds").want(200).told()
	if got.Merged == nil || got.Merged.Markdown != "One, mine.\n\nTwo stands still.\n" || got.Merged.Fields["tags"] != "birds" ||
		got.Merged.Fields["published_at"] != "2030-05-06T07:08" || got.Merged.Fields["shown"] != "2030-05-06T07:08:00Z" {
		t.Fatalf("got %+v, want both", got.Merged)
	}
	conflict := jane.autosave(mine, "markdown", "One.\n\nTwo flies.\n", "published_at", "2031-05-06T07:08", "language", "de").want(409).told()
	if conflict.By != "Jane Doe" || conflict.Edit != got.Edit || conflict.Theirs.Markdown != got.Merged.Markdown || conflict.Fields["language"] != "de" || conflict.Error == "" {
		t.Errorf("got %+v", conflict)
	}
	if len(conflict.Conflicts) != 1 || conflict.Conflicts[0].Field != "published_at" || conflict.Conflicts[0].Mine != "2031-05-06T07:08" || conflict.Conflicts[0].Theirs != "2030-05-06T07:08" {
		t.Errorf("got conflicts %+v", conflict.Conflicts)
	}
	if diff := cmp.Diff([]map[string]string{{"same": "One, mine.\n\nTwo "}, {"base": "stands", "mine": "flies", "theirs": "stands still"}, {"same": ".\n"}}, conflict.Text); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
	jane.get(edit(post)).want(200, "A text of yours is kept aside")

	// The base of a text that only its sender has.
	if _, err := b.pool.Exec(t.Context(), "DELETE FROM revisions WHERE edit = 1"); err != nil {
		t.Fatal(err)
	}
	if need := jane.autosave(mine, "summary", "Short").want(409).told(); need.Need != "base" {
		t.Fatalf("got %+v, want that it needs the base", need)
	}
	was := text{Fields: map[string]string{}, Markdown: mine.values.Get("markdown")}
	for name := range mine.values {
		was.Fields[name] = mine.values.Get(name)
	}
	base, err := json.Marshal(was)
	if err != nil {
		t.Fatal(err)
	}
	if with := jane.autosave(mine, "summary", "Short", "base", string(base)).want(200).told(); with.Merged == nil || with.Merged.Fields["summary"] != "Short" || with.Merged.Markdown != got.Merged.Markdown {
		t.Errorf("got %+v", with)
	}
	jane.autosave(mine, "summary", "Other", "base", "{").want(400)
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

// What another has typed and not saved is not published by somebody who has
// not seen it.
func TestNothingUnseenIsPublished(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	jane, john := b.signedIn(t, "Jane Doe"), b.signedIn(t, "John Roe")
	d := published("Herons", time.Now().Add(-time.Hour))
	d.Markdown = "One.\n\nTwo.\n"
	post := b.save(t, d)
	mine, theirs := jane.get(edit(post)).form("markdown"), john.get(edit(post)).form("markdown")
	john.autosave(theirs, "markdown", "One.\n\nTwo, half a senten\n").want(200)
	shown := jane.send(mine, "markdown", "One, mine.\n\nTwo.\n").want(409, "Look at this before readers see it").form("markdown")
	if got := shown.values.Get("markdown"); got != "One, mine.\n\nTwo, half a senten\n" {
		t.Errorf("got %q in the form, want both", got)
	}
	jane.get("/posts/herons").want(200).wantNot("senten", "mine")
	jane.send(shown, "markdown", "One, mine.\n\nTwo, half a sentence.\n").leadsTo(edit(post))
	jane.get("/posts/herons").want(200, "One, mine.", "half a sentence.")
}

func TestUndoInTheBrowser(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	post := b.save(t, draft("Herons"))
	f := br.get(edit(post)).form("markdown")
	br.send(f, "action", "publish").leadsTo(edit(post))
	br.get("/posts/herons").want(200)
	undo := br.get(edit(post)).want(200, "Published.", "Undo").form("undo")
	br.send(undo).leadsTo(edit(post))
	f = br.get(edit(post)).want(200, "Undone.", "Save draft").wantNot(">Undo<").form("markdown")
	br.get("/posts/herons").want(404)
	br.send(undo).want(409, "nothing was undone")

	br.send(f, "action", "publish", "published_at", "2024-05-06T07:08").leadsTo(edit(post))
	f = br.get(edit(post)).form("markdown")
	br.send(f, "action", "unpublish").leadsTo(edit(post))
	br.send(br.get(edit(post)).want(200, "Unpublished.").form("undo")).leadsTo(edit(post))
	br.get("/posts/herons").want(200)

	confirm := br.get(edit(post) + "/delete").form("version")
	br.send(confirm).leadsTo("/admin/posts")
	br.get("/posts/herons").want(410)
	br.send(br.get("/admin/posts").want(200, "in the trash").form("undo")).leadsTo(edit(post))
	if got := b.stored(t, post.ID); !got.Visible || !got.PublishedAt.Equal(time.Date(2024, 5, 6, 7, 8, 0, 0, time.UTC)) {
		t.Errorf("got %+v, want it published as before", got)
	}
	br.get("/posts/herons").want(200)
	br.send(br.get(edit(post)+"/delete").form("version"), "undo", "x").leadsTo("/admin/posts")
	br.post(edit(post)+"/undo", url.Values{}).want(400)

	// Nobody puts words into the message, nor another post behind the button.
	for _, value := range []string{"published/x/1", "published/1", "published/-1/1", "<b>/1/1", "merged/1/1/1", "nothing merged"} {
		r := br.request(http.MethodGet, "/admin/tags", "")
		r.AddCookie(&http.Cookie{Name: "broadsheet_flash", Value: value})
		br.do(r).want(200).wantNot(">Undo<", "<b>")
	}
}

func TestTrashInTheBrowser(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	br.get("/admin/trash").want(200, "The trash is empty")
	post, other := b.save(t, published("Herons", time.Now().Add(-time.Hour))), b.save(t, published("Ibis", time.Now().Add(-time.Hour)))
	for _, p := range []posts.Stored{other, post} {
		br.send(br.get(edit(p) + "/delete").form("version")).leadsTo("/admin/posts")
	}
	list := br.get("/admin/trash").want(200, "Herons", "Ibis", "gone for good on")
	f := list.form("version")
	br.get(edit(post)+"/history").want(200, "Put into the trash", "Published").wantNot("Back to the form")
	br.send(f, "action", "explode").want(400)
	br.send(f, "action", "restore", "version", "x").want(400)
	br.send(f, "action", "restore", "version", "1").want(409, "Nothing was changed")
	br.send(f, "action", "restore").leadsTo(edit(post))
	br.get(edit(post)).want(200, "out of the trash", "Save draft")
	br.send(f, "action", "restore").want(409)
	br.send(f, "action", "purge").want(409)
	br.send(br.get("/admin/trash").wantNot("Herons").form("version"), "action", "purge").leadsTo("/admin/trash")
	br.get("/admin/trash").want(200, "deleted for good", "The trash is empty")
	br.get("/posts/ibis").want(410)
	br.get("/admin/trash?after=x").want(400)
}

func TestHistoryInTheBrowser(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	d := published("Herons", time.Now().Add(-time.Hour))
	d.Markdown, d.Tags = "One.\n\nTwo stands.\n\nThree.\n", []string{"birds"}
	post := b.save(t, d)
	f := br.get(edit(post)).form("markdown")
	br.send(f, "markdown", "One.\n\nTwo stands still.\n\nThree.\n", "tags", "birds, water", "title", "Grey herons").leadsTo(edit(post))
	history := br.get(edit(post)+"/history").want(200, "Updated", "Published", "in the form", "the post itself")
	updated, first := history.link("Updated"), history.link("Published")
	br.get(updated).want(200, "<del>stands</del>", "<ins>stands still</ins>", "<ins>Grey herons</ins>", "<del>Herons</del>", "<ins>, water</ins>").wantNot("Bring back")
	id := func(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }
	compare := br.get(edit(post) + "/history/compare?old=" + id(updated) + "&new=" + id(first)).leadsTo(first + "?with=" + id(updated))
	br.get(compare.header.Get("Location")).want(200, "<del>stands still</del>", "<ins>stands</ins>", "Bring back")
	br.get(first).want(200, "The first text", "Two stands.")
	for _, bad := range []string{"/history/0", "/history/x", "/history/99", "/history/" + id(first) + "?with=99", "/history/" + id(first) + "?with=x"} {
		br.get(edit(post) + bad).want(404)
	}
	br.get(edit(post) + "/history/compare").want(400)
	br.get(edit(post) + "/history?before=x").want(400)
	br.get(edit(post)+"/history?before=1").want(200, "Nothing further back")
	br.get("/admin/posts/99/history").want(404)

	br.post(first, url.Values{"name": {strings.Repeat("n", 201)}}).want(422, "characters", strings.Repeat("n", 201))
	br.post(first, url.Values{"name": {" As sent "}}).leadsTo(first)
	br.get(edit(post)+"/history").want(200, "As sent")
	br.post(first, url.Values{}).want(400)
	br.post(first, url.Values{"restore": {"tags"}}).leadsTo(edit(post))
	form := br.get(edit(post)).want(200, "not saved yet", "with changes").form("markdown")
	if form.values.Get("tags") != "birds" || form.values.Get("title") != "Grey herons" {
		t.Errorf("got %v in the form, want the tags of before alone", form.values)
	}
	br.post(first, url.Values{"restore": {"all"}}).leadsTo(edit(post))
	br.get("/posts/herons").want(200, "stands still")
	br.send(br.get(edit(post)).form("markdown")).leadsTo(edit(post))
	br.get("/posts/herons").want(200, "Two stands.").wantNot("stands still")
}

// Two authors write at once, with and without JavaScript, and press buttons;
// now and then an answer is lost. Each word that either of them typed is in the
// post in the end, or in a text kept aside.
func TestTwoAuthorsLoseNoWord(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	seed := rand.Uint64()
	d := draft("Herons")
	d.Markdown = "start0.\n\nstart1.\n\nstart2.\n\nstart3.\n\nstart4.\n\nstart5.\n"
	post := b.save(t, d)
	const rounds = 25
	var group sync.WaitGroup
	typed := make([][]string, 2)
	for n := range typed {
		br := b.signedIn(t, fmt.Sprintf("Author %d", n))
		random := rand.New(rand.NewPCG(seed, uint64(n)))
		group.Go(func() {
			f := br.get(edit(post)).form("markdown")
			for round := range rounds {
				word := fmt.Sprintf("w%dx%d", n, round)
				typed[n] = append(typed[n], word)
				paragraphs := strings.Split(strings.TrimSpace(f.values.Get("markdown")), "\n\n")
				paragraphs[random.IntN(len(paragraphs))] += " " + word + "."
				before := f
				f = f.with("markdown", strings.Join(paragraphs, "\n\n")+"\n")
				if random.IntN(3) == 0 { // a form without JavaScript
					got := br.send(f, "action", []string{"save", "publish"}[random.IntN(2)])
					for got.status == 409 {
						page := "parts"
						if strings.Contains(got.body, "Look at this before") || strings.Contains(got.body, "Somebody published this") {
							page = "markdown"
						}
						got = br.send(got.form(page))
					}
					got.want(303)
					f = br.get(edit(post)).form("markdown")
					continue
				}
				got := br.autosave(f)
				if got.status == 409 && got.told().Need == "base" {
					was := text{Fields: map[string]string{}, Markdown: before.values.Get("markdown")}
					for name := range before.values {
						was.Fields[name] = before.values.Get(name)
					}
					base, _ := json.Marshal(was)
					got = br.autosave(f, "base", string(base))
				}
				switch now := got.told(); {
				case got.status == 409: // both are kept: begin with what is there
					f = br.get(edit(post)).form("markdown")
				case got.status != 200:
					t.Errorf("seed %d: got status %d: %s", seed, got.status, got.body)
				case now.Merged != nil:
					f = br.get(edit(post)).form("markdown")
				default:
					f = f.with("edit", fmt.Sprint(now.Edit), "version", fmt.Sprint(now.Version))
				}
			}
		})
	}
	group.Wait()
	w, _, err := b.posts.Open(t.Context(), post.ID)
	if err != nil {
		t.Fatal(err)
	}
	all := w.Markdown
	rows, err := b.pool.Query(t.Context(), "SELECT markdown FROM revisions WHERE kind = 'aside'")
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var aside string
		if err := rows.Scan(&aside); err != nil {
			t.Fatal(err)
		}
		all += "\n" + aside
	}
	there := map[string]bool{}
	for _, word := range strings.FieldsFunc(all, func(r rune) bool { return strings.ContainsRune(" .\n", r) }) {
		there[word] = true
	}
	for _, word := range slices.Concat(typed...) {
		if !there[word] {
			t.Errorf("seed %d: %s is lost", seed, word)
		}
	}
	if len(there) < 2*rounds || maps.Equal(there, map[string]bool{}) {
		t.Errorf("seed %d: got %d words", seed, len(there))
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
