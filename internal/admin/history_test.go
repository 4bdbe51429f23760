package admin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/posts"
)

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

// The history shows fields as the form does: names instead of handles, moments
// and choices in the author's language.
func TestHistoryShowsFieldsAsTheFormDoes(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.signedIn(t, "Ada Lovelace")
	br := b.signedIn(t, "Jane Doe")
	post := b.save(t, draft("Herons"))
	f := br.get(edit(post)).form("markdown")
	f.values["coauthors"] = []string{"", "ada-lovelace"}
	br.send(f, "action", "publish", "published_at", "2024-05-06T07:08", "featured", "yes").leadsTo(edit(post))
	published := br.get(edit(post) + "/history").link("Published")
	br.get(published).want(200, "Ada Lovelace", "6 May 2024, 07:08", "<ins>Yes</ins>", "Post").wantNot("ada-lovelace", "2024-05-06")

	if _, err := b.pool.Exec(t.Context(), `UPDATE users SET name = 'Jane Doe'`); err != nil {
		t.Fatal(err)
	}
	br.get(published).want(200, "ada-lovelace") // whose name says nothing any more
}
