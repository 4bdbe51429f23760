package admin_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestFormSentTwice(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	f := br.get("/admin/posts/new").form("markdown").with("title", "Once", "markdown", "One\r\ntext", "tags", "a", "action", "save")
	done := make(chan answer, 8)
	for range cap(done) {
		go func() { done <- br.send(f) }()
	}
	for range cap(done) {
		(<-done).want(303)
	}
	post := b.only(t)
	if post.Version != 1 {
		t.Errorf("got version %d, want 1: the same form says nothing new", post.Version)
	}
	// Gone back and written on: it is the same post.
	br.send(f, "markdown", "More text").leadsTo(edit(post))
	if got := b.only(t); got.Markdown != "More text" || got.Version != 2 {
		t.Errorf("got %q in version %d, want the second text in version 2", got.Markdown, got.Version)
	}
	// And once more: what was saved meanwhile is not overwritten unseen.
	conflict := br.send(f, "markdown", "Other text").want(409, ">Other <", ">More <").form("parts")
	if got := b.only(t); got.Markdown != "More text" || got.Version != 2 {
		t.Errorf("got %q in version %d, want nothing saved", got.Markdown, got.Version)
	}
	br.send(conflict).leadsTo(edit(post))
	if got := b.only(t); got.Markdown != "Other More text" {
		t.Errorf("got %q, want both", got.Markdown)
	}
}

func TestFormSentTwiceAsNobodyWouldStoreIt(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	f := br.get("/admin/posts/new").form("markdown").with("title", "  On   Herons ", "markdown", "One\r\ntext", "summary", " Short \r\n lines ",
		"language", "pt_BR", "tags", "Go, go,  web   design", "slug", "On Herons!", "published_at", "2024-05-06T07:08", "action", "publish")
	for range 3 {
		br.send(f).want(303)
	}
	if post := b.only(t); post.Version != 1 {
		t.Errorf("got version %d, want 1: the same form says nothing new", post.Version)
	}
}

func TestTwoTabs(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	d := published("Herons", time.Date(2024, 7, 1, 10, 0, 0, 0, time.UTC))
	d.Markdown, d.Tags = "One.\n\nTwo stands.\n\nThree.\n", []string{"birds"}
	post := b.save(t, d)
	mine, theirs := br.get(edit(post)).form("markdown"), br.get(edit(post)).form("markdown")

	br.send(theirs, "markdown", "One.\n\nTwo stands still.\n\nThree.\n", "title", "Grey herons").leadsTo(edit(post))
	conflict := br.send(mine, "markdown", "One, mine.\r\n\r\nTwo flies.\r\n\r\nThree.\r\n", "tags", "birds, water").want(409,
		"changed while you were writing", "One choice is yours", "Jane Doe", ">flies<", ">stands still<", "Save with these choices").wantNot("Updated.")
	f := conflict.form("parts")
	if f.action != edit(post) || f.values.Get("title") != "Grey herons" || f.values.Get("tags") != "birds, water" {
		t.Errorf("got a form to %s with %v, want what both changed", f.action, f.values)
	}
	if got := b.stored(t, post.ID); got.Title != "Grey herons" || got.Version != 2 || strings.Contains(got.Markdown, "flies") {
		t.Errorf("got title %q, text %q in version %d, want the other tab's", got.Title, got.Markdown, got.Version)
	}
	history := br.get(edit(post)+"/history").want(200, "Kept aside", "could not be merged")
	br.get(history.link("Kept aside")).want(200, "One, mine.", "flies")

	br.send(f, "take-1", "mine").leadsTo(edit(post))
	if got := b.stored(t, post.ID); got.Title != "Grey herons" || got.Markdown != "One, mine.\n\nTwo flies.\n\nThree.\n" || strings.Join(got.Tags, ",") != "birds,water" || got.Version != 3 {
		t.Errorf("got title %q, text %q, tags %q, version %d, want what was chosen", got.Title, got.Markdown, got.Tags, got.Version)
	}
	// The choices of before, against what was chosen since.
	br.send(f, "take-1", "mine", "mine-1", "swims").want(409, "changed while you were writing", ">swims<", ">flies<")
	// Without a conflict there is nothing to choose.
	br.send(mine, "markdown", "One.\n\nTwo stands.\n\nThree and four.\n").leadsTo(edit(post))
	br.get(edit(post)).want(200, "Updated. What was written meanwhile is in it, too.")
	if got := b.stored(t, post.ID); got.Markdown != "One, mine.\n\nTwo flies.\n\nThree and four.\n" || got.Title != "Grey herons" {
		t.Errorf("got %q, %q, want both", got.Title, got.Markdown)
	}
	confirm := br.get(edit(post) + "/delete").form("version")
	br.send(confirm, "version", "2").want(409, "was not deleted")
	br.send(confirm, "version", "x").want(400)
	// A form that says nothing of what it was made of: all that differs is to be chosen.
	br.send(mine, "edit", "x", "markdown", "All anew").want(409, "All anew", "Grey herons")
	br.send(mine, "edit", "", "version", "1").want(409)
}

func TestNoConflictOverTheSameText(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	post := b.save(t, draft("Herons"))
	f := br.get(edit(post)).form("markdown")
	br.send(f, "markdown", "The same.").leadsTo(edit(post))
	br.send(f, "markdown", "The same.").leadsTo(edit(post))
	if got := b.stored(t, post.ID); got.Markdown != "The same." {
		t.Errorf("got %q, want the text that both sent", got.Markdown)
	}
}

func TestPostDeletedMeanwhile(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	post := b.save(t, draft("Herons"))
	f := br.get(edit(post)).form("markdown")
	if err := b.posts.Delete(t.Context(), post.ID, 1); err != nil {
		t.Fatal(err)
	}
	for _, change := range []string{"My long text", strings.Repeat("a", 2<<20)} {
		kept := br.send(f, "markdown", change).want(409, "was deleted while you were writing").form("markdown")
		if kept.action != "/admin/posts" || kept.values.Get("markdown") != change || kept.values.Get("title") != "Herons" {
			t.Errorf("got a form to %s with %.50q, want a new post with the same text", kept.action, kept.values.Get("markdown"))
		}
	}
	kept := br.send(f, "markdown", "My long text").form("markdown")
	br.send(kept)
	if got := b.only(t); got.Markdown != "My long text" || got.ID == post.ID {
		t.Errorf("got %q as post %d, want the text in a new post", got.Markdown, got.ID)
	}
}

func TestSessionEndedWhileWriting(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.addJane(t)
	br := b.signedIn(t, "John Roe")
	secret := published("A secret title", time.Now().Add(time.Hour))
	secret.Summary = "A secret summary"
	post := b.save(t, secret)
	for _, test := range []struct{ path, action string }{
		{edit(post), edit(post)}, {"/admin/posts/new", "/admin/posts"},
	} {
		f := br.get(test.path).form("markdown").with("title", "Mine", "summary", "Mine", "markdown", "All that I wrote", "slug", "mine"+strings.ReplaceAll(test.action, "/", "-"), "published_at", "")
		stranger := b.browser(t)
		kept := stranger.send(f).want(401, "You are signed out, and nothing was saved yet", `target="_blank"`).
			wantNot("A secret", "Delete this post", "Sign out").form("markdown")
		if kept.action != test.action || kept.values.Get("markdown") != "All that I wrote" {
			t.Errorf("got a form to %s with %q, want one to %s with all that was typed", kept.action, kept.values.Get("markdown"), test.action)
		}
		for name, want := range f.values {
			if got := kept.values[name]; fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s: got %q in the form, want %q", name, got, want)
			}
		}
		stranger.post("/admin/login", credentials("jane@example.com", password)).leadsTo("/admin/posts")
		if got := stranger.send(kept); got.status != 303 {
			t.Errorf("saved after signing in: got status %d, want 303:\n%.2000s", got.status, got.body)
		}
	}
	preview := b.browser(t).post("/admin/posts/preview", url.Values{"markdown": {"All that I wrote"}, "title": {"x"}}).want(401)
	if kept := preview.form("markdown"); kept.action != "/admin/posts" {
		t.Errorf("a preview without a session: got a form to %s, want /admin/posts", kept.action)
	}
	stranger := b.browser(t).post("/admin/posts/999999", url.Values{"markdown": {"x"}}).want(401)
	other := b.browser(t).post(edit(post), url.Values{"markdown": {"x"}}).want(401)
	if got, want := strings.ReplaceAll(other.body, edit(post), "/admin/posts/999999"), stranger.body; got != want {
		t.Error("the answer tells a stranger whether a post exists")
	}
}
