package admin_test

import (
	"fmt"
	"testing"
)

func TestCoauthorsAreChosen(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	jane := b.signedIn(t, "Jane Doe")
	jane.get("/admin/posts/new").want(200).wantNot(`type="checkbox" id="coauthors`)
	grace := b.signedIn(t, "Grace Hopper")
	b.signedIn(t, "Ada Lovelace")

	f := grace.get("/admin/posts/new").want(200, "Written together with", `value="ada-lovelace"><label`).form("markdown")
	f.values["coauthors"] = []string{"", "jane-doe", "ada-lovelace"}
	grace.post("/admin/posts/preview", f.values).want(200, "Grace Hopper", "Jane Doe", "Ada Lovelace", " and ")
	grace.send(f, "title", "Herons", "markdown", "They stand.", "action", "publish")
	post := b.only(t)
	if fmt.Sprint(post.Coauthors) != "[jane-doe ada-lovelace]" {
		t.Fatalf("got %v, want those who were chosen, in their order", post.Coauthors)
	}
	jane.get("/authors/jane-doe").want(200, "Herons", "By <span")
	jane.get("/admin/posts?author=jane-doe").want(200, "Herons", `<span dir="auto">Grace Hopper</span>`, `<span dir="auto">Jane Doe</span>`)

	// Who is named stands first in the form; what is typed is the form's until it is saved.
	f = jane.get(edit(post)).want(200, `value="jane-doe" checked><label for="coauthors-0"`, `value="ada-lovelace" checked><label for="coauthors-1"`).form("markdown")
	f.values["coauthors"] = []string{"", "ada-lovelace"}
	if kept := jane.autosave(f).want(200).told(); !kept.Changed {
		t.Error("another co-author is no change of the form")
	}
	if got := b.stored(t, post.ID).Coauthors; len(got) != 2 {
		t.Errorf("got %v before it is saved", got)
	}
	f = jane.get(edit(post)).want(200, "with changes", `value="ada-lovelace" checked><label for="coauthors-0"`).form("markdown")
	f.values["coauthors"] = []string{"", "ada-lovelace"}
	jane.send(f, "action", "save").leadsTo(edit(post))
	if got := fmt.Sprint(b.stored(t, post.ID).Coauthors); got != "[ada-lovelace]" {
		t.Errorf("got %v, want whom the form says", got)
	}
	jane.get("/authors/jane-doe").want(404)

	f = jane.get(edit(post)).want(200).form("markdown")
	f.values["coauthors"] = []string{"", "ada-lovelace", "somebody"}
	jane.send(f, "action", "save").want(422, "somebody", `href="#coauthors"`, `value="somebody" checked`)
	f.values["coauthors"] = []string{""}
	jane.send(f, "action", "save").leadsTo(edit(post))
	if got := b.stored(t, post.ID).Coauthors; len(got) != 0 {
		t.Errorf("got %v, want nobody", got)
	}
}
