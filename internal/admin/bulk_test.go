package admin_test

import (
	"net/url"
	"strconv"
	"testing"
	"time"

	"broadsheet/internal/posts"
)

func picked(stored ...posts.Stored) []string {
	var values []string
	for _, s := range stored {
		values = append(values, strconv.FormatInt(s.ID, 10)+"-"+strconv.FormatInt(s.Version, 10))
	}
	return values
}

func TestSeveralPosts(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	one, two, out := b.save(t, draft("One")), b.save(t, draft("Two")), b.save(t, published("Out", time.Now().Add(-time.Hour)))
	br.get("/admin/posts").want(200, `value="`+picked(one)[0]+`"`, "With the chosen posts")
	do := func(action, tag string, posts ...string) answer {
		t.Helper()
		return br.post("/admin/posts/bulk", url.Values{"action": {action}, "tag": {tag}, "post": posts, "back": {"/admin/posts?state=draft"}})
	}
	read := func(id int64) posts.Stored {
		t.Helper()
		stored, err := b.posts.Get(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return stored
	}

	do("publish", "", picked(one, two)...).leadsTo("/admin/posts?state=draft")
	br.get("/admin/posts").want(200, "2 posts published.").wantNot("Undo")
	b.browser(t).get("/posts/one").want(200)
	b.browser(t).get("/search?q=two").want(200, "/posts/two")

	do("publish", "", picked(one, out)...).want(409, "Nothing was changed", "2 were left", "It was changed since the list was shown.", "It was published, or scheduled, already.")
	do("unpublish", "", append(picked(read(one.ID)), picked(two)...)...).want(409, "1 post unpublished", "1 was left")
	b.browser(t).get("/posts/one").want(404)

	do("tag", "Birds", picked(read(two.ID), out)...).leadsTo("/admin/posts?state=draft")
	br.get("/admin/posts").want(200, "2 posts tagged.")
	b.browser(t).get("/tags/birds").want(200, "/posts/two", "/posts/out")
	do("untag", "BIRDS", picked(read(two.ID))...).leadsTo("/admin/posts?state=draft")
	if got := read(two.ID).Tags; len(got) != 0 {
		t.Errorf("got tags %v, want none", got)
	}
	do("trash", "", picked(read(two.ID), read(out.ID))...).leadsTo("/admin/posts?state=draft")
	b.browser(t).get("/posts/out").want(410)
	br.get("/admin/trash").want(200, "Two", "Out")

	working, _, err := b.posts.Open(t.Context(), one.ID)
	if err != nil {
		t.Fatal(err)
	}
	working.Markdown = "Not finished."
	if _, _, err := b.posts.Autosave(t.Context(), one.ID, posts.Writing{Edit: working.Edit, Content: working.Content, AuthorID: read(one.ID).AuthorID}); err != nil {
		t.Fatal(err)
	}
	do("publish", "", picked(read(one.ID))...).want(409, "It has changes that are not saved.")
	b.browser(t).get("/posts/one").want(404)

	for name, answer := range map[string]answer{
		"no post":         do("publish", ""),
		"no button":       do("", "", picked(one)...),
		"no tag":          do("tag", " ", picked(one)...),
		"two tags":        do("tag", "a, b", picked(one)...),
		"NUL":             do("tag", "\x00", picked(one)...),
		"no id":           do("trash", "", "x"),
		"too many to do":  do("trash", "", make([]string, 101)...),
		"without version": do("trash", "", "1"),
	} {
		if answer.status != 400 {
			t.Errorf("%s: got status %d, want 400", name, answer.status)
		}
	}
	br.post("/admin/posts/bulk", url.Values{"action": {"unpublish"}, "post": picked(read(one.ID)), "back": {"//evil.example"}}).
		want(409, "It is a draft already.", `href="/admin/posts"`)
	do("trash", "", "99-1").want(409, "It was deleted meanwhile.")
	b.browser(t).post("/admin/posts/bulk", url.Values{"action": {"trash"}, "post": picked(read(one.ID))}).want(401)
}

func TestFiltersAreKept(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	tagged := draft("A heron")
	tagged.Tags = []string{"Birds"}
	b.save(t, tagged)
	b.save(t, draft("A draft"))
	br.get("/admin/posts?tag=birds&author=jane-doe&sort=title").want(200, "A heron", `value="birds"`, `<option value="jane-doe" selected>`,
		`<option value="title" selected>`, `href="/admin/posts?author=jane-doe&sort=title&state=draft&tag=birds"`, `href="/admin/posts">Clear`).wantNot("A draft")
	br.get("/admin/posts?tag=nothing").want(200, "No post matches", "Show the list without filters")
	br.get("/admin/posts?author=nobody").want(200, "No post matches")
	br.get("/admin/posts?state=changed").want(200, "No changes wait")
	for _, path := range []string{"?sort=x", "?tag=%00", "?author=%ff", "?sort=title&after=x", "?sort=title&after=AAAAAAAAAAAAAAAAAAAAAA"} {
		br.get("/admin/posts" + path).want(400)
	}
}
