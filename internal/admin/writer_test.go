package admin_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/posts"
)

func TestAuthorIsChosen(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	jane := b.signedIn(t, "Jane Doe")
	if f := jane.get("/admin/posts/new").want(200).wantNot("<select id=\"written_by\"").form("markdown"); f.values.Get("written_by") != "jane-doe" {
		t.Errorf("got author %q of a blog of one, want her", f.values.Get("written_by"))
	}
	grace := b.signedIn(t, "Grace Hopper")

	f := grace.get("/admin/posts/new").want(200, "Author").form("markdown")
	if got := f.values.Get("written_by"); got != "grace-hopper" {
		t.Errorf("got author %q of a new post, want who writes it", got)
	}
	grace.send(f, "title", "Herons", "markdown", "They stand.", "written_by", "jane-doe", "action", "publish")
	post := b.only(t)
	if post.AuthorName != "Jane Doe" || post.WrittenBy != "jane-doe" {
		t.Fatalf("got a post by %q, want by whom was chosen", post.AuthorName)
	}
	jane.get("/authors/jane-doe").want(200, "Herons")

	// What is typed is the form's until it is saved, as all is.
	f = jane.get(edit(post)).want(200).form("markdown")
	if got := f.values.Get("written_by"); got != "jane-doe" {
		t.Fatalf("got author %q in the form", got)
	}
	if kept := jane.autosave(f, "written_by", "grace-hopper").want(200).told(); !kept.Changed {
		t.Error("another author is no change of the form")
	}
	if got := b.stored(t, post.ID).AuthorName; got != "Jane Doe" {
		t.Errorf("got a post by %q before it is saved", got)
	}
	f = jane.get(edit(post)).want(200, "with changes").form("markdown")
	jane.post("/admin/posts/preview", f.values).want(200, "Grace Hopper").wantNot("Jane Doe</a>")
	jane.send(f, "action", "save").leadsTo(edit(post))
	jane.get("/authors/grace-hopper").want(200, "Herons")
	jane.get("/authors/jane-doe").want(404)
	jane.get(edit(post)+"/history").want(200, "Published", "Updated")

	// A form that does not ask for the author leaves it.
	f = jane.get(edit(post)).want(200).wantNot("with changes").form("markdown")
	delete(f.values, "written_by")
	if kept := jane.autosave(f).want(200).told(); kept.Changed {
		t.Error("a form without an author changes it")
	}
	jane.send(f, "title", "Grey herons", "action", "save").leadsTo(edit(post))
	if got := b.stored(t, post.ID); got.AuthorName != "Grace Hopper" || got.Title != "Grey herons" {
		t.Errorf("got %q by %q", got.Title, got.AuthorName)
	}
}

func TestAuthorWhoIsNone(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	b.signedIn(t, "Grace Hopper")
	post := b.save(t, published("Herons", time.Now().Add(-time.Hour)))
	f := br.get(edit(post)).form("markdown")
	for _, name := range []string{"nobody", "Jane Doe", "a\x00b", "\xff", strings.Repeat("x", 1000)} {
		shown := br.send(f, "written_by", name, "action", "save").want(422, "Author")
		if clean := strings.ToValidUTF8(strings.ReplaceAll(name, "\x00", "\uFFFD"), "\uFFFD"); shown.form("markdown").values.Get("written_by") != clean {
			t.Errorf("%q: got %q in the form", name, shown.form("markdown").values.Get("written_by"))
		}
		if status := br.post("/admin/posts/preview", f.with("written_by", name).values).status; status >= 500 {
			t.Errorf("%q: got status %d of the preview", name, status)
		}
	}
	// What cannot be stored yet is kept as it was typed.
	f = br.get("/admin/posts/new").form("markdown").with("title", "Other", "slug", "herons", "written_by", "nobody", "translation_of", "nothing")
	kept := br.post("/admin/posts/autosave", f.values).want(200).told()
	f = br.get(fmt.Sprintf("/admin/posts/%d", kept.ID)).want(200).form("markdown")
	for name, want := range map[string]string{"slug": "herons", "written_by": "nobody", "translation_of": "nothing"} {
		if got := f.values.Get(name); got != want {
			t.Errorf("%s: got %q in the form, want %q as it was typed", name, got, want)
		}
	}
}

// Both authors change it: there is a choice.
func TestAuthorMerges(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	b.signedIn(t, "Grace Hopper")
	b.signedIn(t, "Ada Lovelace")
	post := b.save(t, posts.Draft{Title: "Herons", Markdown: "One.", Status: posts.StatusDraft})
	f := br.get(edit(post)).form("markdown")
	br.send(f, "written_by", "grace-hopper", "action", "save").leadsTo(edit(post))
	if merged := br.autosave(f, "markdown", "Two.").want(200).told(); merged.Merged == nil || merged.Merged.Fields["written_by"] != "grace-hopper" {
		t.Errorf("got %+v, want the other's author merged", merged)
	}
	br.autosave(f, "written_by", "ada-lovelace").want(409, "written_by")
	br.send(f, "written_by", "ada-lovelace", "action", "save").want(409, "Author", "ada-lovelace", "grace-hopper")
}
