package admin_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/posts"
)

// contributor returns the browser of somebody who may not publish.
func (b *blog) contributor(t *testing.T, name string) *browser {
	t.Helper()
	br := b.signedIn(t, name)
	if _, err := b.pool.Exec(t.Context(), "UPDATE users SET role = 'contributor' WHERE name = $1", name); err != nil {
		t.Fatal(err)
	}
	return br
}

// A contributor writes and asks for review; somebody else publishes.
func TestReview(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	carl, jane := b.contributor(t, "Carl"), b.signedIn(t, "Jane Doe")
	form := carl.get("/admin/posts/new").want(200, "Ask for review").wantNot(`value="publish"`, "Should somebody else").form("markdown")
	at := carl.send(form, "title", "Geese", "markdown", "They graze.", "action", "review").header.Get("Location")
	carl.get(at).want(200, "Asked for review.", "In review", "Take it back").wantNot(`value="publish"`, `name="action" value="review"`)
	jane.get("/admin").want(200, "Geese", "Carl")
	jane.get("/admin/posts?state=review").want(200, "Geese", "In review")
	jane.get("/admin/posts?state=draft").want(200).wantNot("Geese")

	// It stays in review when it is written on, and is taken back by its author.
	carl.send(carl.get(at).form("markdown"), "markdown", "They graze a lot.", "action", "save").leadsTo(at)
	if got := b.only(t); got.State != posts.StateReview || got.Markdown != "They graze a lot." {
		t.Errorf("got %s saying %q, want it in review", got.State, got.Markdown)
	}
	carl.send(carl.get(at).form("markdown"), "action", "take-back").leadsTo(at)
	if got := b.only(t); got.State != posts.StateDraft {
		t.Errorf("got %s, want a draft again", got.State)
	}
	// Whoever sends the button that is not there asks for review.
	carl.send(carl.get(at).form("markdown"), "action", "publish").leadsTo(at)
	if got := b.only(t); got.State != posts.StateReview {
		t.Errorf("got %s, want it in review", got.State)
	}
	jane.send(jane.get(at).want(200, "It waits for somebody").form("markdown"), "action", "publish").leadsTo(at)
	if got := b.only(t); got.State != posts.StatePublished || got.Review {
		t.Errorf("got %s, want it published", got.State)
	}
	jane.get("/admin").want(200).wantNot("Geese")

	// From then on the contributor's changes wait, and nothing is taken away.
	live := carl.get(at).want(200, "Keep the changes").wantNot("Unpublish</button>").form("markdown")
	carl.send(live, "markdown", "They graze all day.", "action", "save").leadsTo(at)
	carl.get(at).want(200, "Kept. Readers see your changes", "They graze all day.")
	carl.send(carl.get(at).form("markdown"), "markdown", "Nothing.", "action", "unpublish").leadsTo(at)
	carl.get(strings.TrimSuffix(at, "/")+"/delete").want(403, "who may publish")
	carl.post("/admin/posts/bulk", map[string][]string{"action": {"unpublish"}, "post": picked(b.only(t)), "back": {"/admin/posts"}}).want(409, "Only who may publish")
	b.browser(t).get("/posts/geese").want(200, "They graze a lot.").wantNot("all day")
	jane.send(jane.get(at).want(200, "Nothing.", "with changes").form("markdown"), "action", "save").leadsTo(at)
	b.browser(t).get("/posts/geese").want(200, "Nothing.")
}

// A post may be published until a time, which is after its date and to come.
func TestUntil(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	f := br.get("/admin/posts/new").form("markdown").with("title", "Fair", "markdown", "Come.", "action", "publish")
	for until, want := range map[string]string{
		"2020-01-01T10:00": "This time has passed.",
		"yesterday":        "Write the date and time like",
		"2999-01-01T10:00": "Choose a time after the date",
	} {
		date := ""
		if strings.HasPrefix(until, "2999") {
			date = "3000-01-01T10:00"
		}
		again := br.send(f, "unpublish_at", until, "published_at", date).want(422, want).form("markdown")
		if got := again.values.Get("unpublish_at"); got != until {
			t.Errorf("got %q in the form, want %q", got, until)
		}
	}
	at := br.send(f, "unpublish_at", "2999-01-01T10:00").header.Get("Location")
	got := b.only(t)
	if want := time.Date(2999, 1, 1, 10, 0, 0, 0, time.UTC); !got.UnpublishAt.Equal(want) || got.State != posts.StatePublished {
		t.Errorf("got %s until %s, want it published until %s", got.State, got.UnpublishAt, want)
	}
	if again := br.get(at).form("markdown"); again.values.Get("unpublish_at") != "2999-01-01T10:00" {
		t.Errorf("got %q in the form", again.values.Get("unpublish_at"))
	}
	if _, err := b.pool.Exec(t.Context(), "UPDATE posts SET unpublish_at = now()"); err != nil {
		t.Fatal(err)
	}
	b.browser(t).get("/posts/fair").want(404)
	br.get("/admin/posts").want(200, "Unpublished")
	// Who goes on writing makes it a draft; to publish it again takes another time, or none.
	f = br.get(at).want(200, "Unpublished", `value="publish"`).form("markdown")
	br.send(f, "action", "publish").want(422, "This time has passed.")
	br.send(f, "action", "publish", "unpublish_at", "").leadsTo(at)
	b.browser(t).get("/posts/fair").want(200)
}

// Whoever saves a form does not publish or unpublish what somebody else did
// the opposite of meanwhile.
func TestSaveDoesNotMove(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	jane, bob := b.signedIn(t, "Jane Doe"), b.signedIn(t, "Bob")
	post := b.save(t, published("Herons", time.Now().Add(-time.Hour)))
	at := edit(post)
	update := jane.get(at).form("markdown")
	bob.send(bob.get(at).form("markdown"), "action", "unpublish").leadsTo(at)
	again := jane.send(update, "markdown", "Jane’s words.", "action", "save").want(409, "Readers do not see this any more", "Jane’s words.", `value="publish"`)
	b.browser(t).get("/posts/herons").want(404)
	jane.send(again.form("markdown"), "action", "publish").leadsTo(at)
	b.browser(t).get("/posts/herons").want(200, "Jane’s words.")

	bob.send(bob.get(at).form("markdown"), "action", "unpublish").leadsTo(at)
	draft := jane.get(at).form("markdown")
	bob.send(bob.get(at).form("markdown"), "action", "publish").leadsTo(at)
	for _, action := range []string{"save", "review", "take-back"} {
		again = jane.send(draft, "markdown", "Not for readers yet.", "action", action).want(409, "Somebody published this meanwhile", "Not for readers yet.")
		b.browser(t).get("/posts/herons").want(200, "Jane’s words.").wantNot("Not for readers")
	}
	jane.send(again.form("markdown"), "action", "save").leadsTo(at)
	b.browser(t).get("/posts/herons").want(200, "Not for readers yet.")
	jane.send(jane.get(at).form("markdown"), "action", "unpublish").leadsTo(at)

	// A draft stays in review, though the form says that it is not.
	draft = jane.get(at).form("markdown")
	bob.send(bob.get(at).form("markdown"), "action", "review").leadsTo(at)
	jane.send(draft, "markdown", "More.", "action", "save").leadsTo(at)
	if got := b.stored(t, post.ID); got.State != posts.StateReview {
		t.Errorf("got %s, want it in review", got.State)
	}

	// Nobody publishes what they have not seen, though it was saved.
	seen := jane.get(at).form("markdown")
	bob.send(bob.get(at).form("markdown"), "title", "Bob’s title", "action", "save").leadsTo(at)
	again = jane.send(seen, "markdown", "Jane’s.", "action", "publish").want(409, "Look at this before readers see it", "Bob’s title", "Jane’s.")
	b.browser(t).get("/posts/herons").want(404)
	jane.send(again.form("markdown"), "action", "publish").leadsTo(at)
}

// A form of a new post that is sent again changes no more than its author may.
func TestNewPostSentAgainByAContributor(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	carl, jane := b.contributor(t, "Carl"), b.signedIn(t, "Jane Doe")
	form := carl.get("/admin/posts/new").form("markdown").with("title", "Geese", "markdown", "They graze.", "action", "review")
	at := carl.send(form).header.Get("Location")
	jane.send(jane.get(at).form("markdown"), "action", "publish").leadsTo(at)
	for _, action := range []string{"review", "save", "publish"} {
		carl.send(form, "markdown", "They bite.", "action", action)
		b.browser(t).get("/posts/geese").want(200, "They graze.").wantNot("They bite.")
	}
	jane.get(at).want(200, "They bite.") // as a change that waits
}

// What changes readers' pages is refused to contributors, route by route.
func TestWhatContributorsMayNot(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	carl := b.contributor(t, "Carl")
	d := published("Herons", time.Now().Add(-time.Hour))
	d.Tags, d.Series = []string{"Birds"}, "Water"
	post := b.save(t, d)
	shown := b.browser(t).get("/posts/herons").want(200).body
	version := strconv.FormatInt(post.Version, 10)
	for _, path := range []string{
		"/admin/tags/1", "/admin/tags/1/merge", "/admin/tags/1/delete", "/admin/series/1", "/admin/series/1/delete",
		edit(post) + "/delete", edit(post) + "/links", edit(post) + "/links/1", "/admin/settings", "/admin/jobs/1/drop",
	} {
		for _, v := range []string{version, "2"} {
			carl.post(path, map[string][]string{"version": {v}, "name": {"x"}, "slug": {"x"}, "title": {"x"}, "into": {"x"}, "days": {"7"}}).want(403)
		}
	}
	carl.post("/admin/trash/"+strconv.FormatInt(post.ID, 10), map[string][]string{"version": {version}, "action": {"purge"}}).want(403)
	for _, action := range []string{"save", "publish", "unpublish", "review", "take-back", ""} {
		f := carl.get(edit(post)).form("markdown")
		carl.send(f, "markdown", "Carl’s words.", "title", "Carl’s title", "action", action, "state", "draft")
	}
	if got := b.browser(t).get("/posts/herons").want(200).body; got != shown {
		t.Error("readers see another page than before")
	}
	if got := b.stored(t, post.ID); got.Version != post.Version {
		t.Errorf("got version %d, want %d still", got.Version, post.Version)
	}
}
