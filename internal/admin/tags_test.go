package admin_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/posts"
)

func (b *blog) tagPath(t *testing.T, name string) string {
	t.Helper()
	tag, err := b.posts.TagNamed(t.Context(), name)
	if err != nil {
		t.Fatalf("finding the tag %q: %v", name, err)
	}
	return fmt.Sprintf("/admin/tags/%d", tag.ID)
}

func tagged(title string, tags ...string) posts.Draft {
	d := published(title, time.Date(2024, 7, 1, 10, 0, 0, 0, time.UTC))
	d.Tags = tags
	return d
}

func TestTags(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	br.get("/admin/tags").want(200, "No tags yet")
	b.save(t, tagged("One", "C++", "golang"))
	b.save(t, tagged("Two", "golang"))
	d := draft("Three")
	d.Tags = []string{"Zürich & more"}
	b.save(t, d)
	list := br.get("/admin/tags").want(200, "C++", "2 posts", `href="/tags/golang"`, "in no published post", "Zürich & more")
	if c, golang := strings.Index(list.body, "C&#43;&#43;"), strings.Index(list.body, "golang"); c > golang {
		t.Error("want the tags in the order of their addresses")
	}
	br.get("/admin/tags?from=Go").want(200, "golang", "From the beginning").wantNot("C++")
	br.get("/admin/tags?after=golang").want(200, "Zürich").wantNot(`href="/tags/golang"`)
	br.get("/admin/tags?from=zz").want(200, "No tags from here on")
	for _, bad := range []string{"?after=%00", "?from=%ff", "?from=" + strings.Repeat("x", 5000)} {
		br.get("/admin/tags" + bad).want(400)
	}
	for _, bad := range []string{"0", "x", "999", "99999999999999999999"} {
		br.get("/admin/tags/"+bad).want(404, "There is no such tag.")
	}
	b.browser(t).get("/admin/tags").want(303)
}

func TestTagForm(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	b.save(t, tagged("One", "golang", "rust"))
	path := b.tagPath(t, "golang")
	f := br.get(path).want(200, "1 post", `value="golang"`).form("name")
	br.send(f, "name", "Go", "slug", "Go!", "description", "A <language>.", "image", " /media/go.png").leadsTo(path)
	br.get(path).want(200, "Tag saved.", `value="go"`, "A <language>.", `value="/media/go.png"`)
	br.get("/tags/go").want(200, "A <language>.")
	for _, old := range []string{"/tags/golang", "/tags/golang?after=x"} {
		if got := br.get(old); got.status != 301 || got.header.Get("Location") != "/tags/go" {
			t.Errorf("%s: got status %d to %q, want 301 to /tags/go", old, got.status, got.header.Get("Location"))
		}
	}
	if got := br.get("/tags/golang/feed.atom"); got.status != 301 || got.header.Get("Location") != "/tags/go/feed.atom" {
		t.Errorf("the old feed: got status %d to %q, want 301 to the new", got.status, got.header.Get("Location"))
	}
	br.get("/tags/never").want(404)

	for _, test := range []struct{ field, value, shown string }{
		{"name", " ", ""},
		{"name", "Rust", ""},
		{"name", "a, b", ""},
		{"name", strings.Repeat("x", 60), ""},
		{"slug", "rust", ""},
		{"slug", "!!!", ""},
		{"description", strings.Repeat("d", 2001), ""},
		{"description", "a\x00b", "a\uFFFDb"},
		{"image", "javascript:alert(1)", ""},
	} {
		got := br.send(f, test.field, test.value, "description", "Kept", test.field, test.value).
			want(422, "One thing needs your attention", `href="#`+test.field+`"`, `id="`+test.field+`-problem"`)
		want := test.value
		if test.shown != "" {
			want = test.shown
		}
		again := got.form("name").values
		if again.Get(test.field) != want || test.field != "description" && again.Get("description") != "Kept" {
			t.Errorf("%s: got %v in the form, want what was typed", test.field, again)
		}
	}
}

func TestMergeTagsInTheBrowser(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	post := b.save(t, tagged("One", "golang", "web"))
	b.save(t, tagged("Two", "Go"))
	path, into := b.tagPath(t, "golang"), b.tagPath(t, "go")
	mine := br.get(edit(post)).form("markdown")
	f := br.get(path).form("into")
	for name, want := range map[string]string{
		"": "Name the tag that this one becomes a part of.", "nothing": "There is no tag of this name.",
		"GoLang": "A tag cannot be merged into itself.", "a\x00": "There is no tag of this name.",
	} {
		br.send(f, "into", name).want(422, want, `id="into-problem"`, `href="#into"`)
	}
	br.send(f, "into", " go ").leadsTo(into)
	br.get(into).want(200, "Merged.", "2 posts")
	if got := strings.Join(b.stored(t, post.ID).Tags, ","); got != "Go,web" {
		t.Errorf("got tags %q, want Go,web", got)
	}
	br.get(path).want(404, "It may have been merged or deleted.")
	br.send(f, "into", "go").want(404)
	if got := br.get("/tags/golang"); got.status != 301 || got.header.Get("Location") != "/tags/go" {
		t.Errorf("the old address: got status %d to %q, want 301 to /tags/go", got.status, got.header.Get("Location"))
	}
	// A form that was open meanwhile does not bring the old tag back.
	br.send(mine, "title", "One more").leadsTo(edit(post))
	if got := b.stored(t, post.ID); strings.Join(got.Tags, ",") != "Go,web" || got.Title != "One more" {
		t.Errorf("got %q with tags %q, want One more with Go,web", got.Title, got.Tags)
	}
}

func TestDeleteTagInTheBrowser(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	post := b.save(t, tagged("One", "golang"))
	path := b.tagPath(t, "golang")
	br.get(path+"/delete").want(200, `Delete the tag “<span dir="auto">golang</span>”?`, "1 post loses it")
	br.post(path+"/delete", nil).leadsTo("/admin/tags")
	br.get("/admin/tags").want(200, "The tag was deleted.").wantNot("golang")
	br.get("/tags/golang").want(404)
	br.get("/posts/one").want(200)
	if got := b.stored(t, post.ID); len(got.Tags) != 0 {
		t.Errorf("got tags %q, want none", got.Tags)
	}
	br.post(path+"/delete", nil).want(404)
}

func TestSeries(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	br.get("/admin/series").want(200, "No series yet")
	var ids []int64
	for i, title := range []string{"One", "Two", "Three"} {
		d := published(title, time.Date(2024, 7, 1+i, 10, 0, 0, 0, time.UTC))
		d.Series = "Wading birds"
		ids = append(ids, b.save(t, d).ID)
	}
	d := draft("Other")
	d.Series = "Fish"
	b.save(t, d)
	list := br.get("/admin/series").want(200, "Wading birds", "3 posts", "Fish", "1 post")
	path := list.link("Wading birds")
	place := func(i int) string { return fmt.Sprintf("place-%d", ids[i]) }
	f := br.get(path).want(200, "Two").form("title")
	br.send(f, "title", "Waders", "slug", "waders", "description", "Long legs.", place(0), "30", place(1), " 10 ", place(2), "").leadsTo(path)
	shown := br.get(path).want(200, "Series saved.", `value="waders"`, "Long legs.")
	for i := range 2 {
		order := []string{`value="10"`, `value="30"`, `value=""`}
		if a, z := strings.Index(shown.body, order[i]), strings.Index(shown.body, order[i+1]); a > z {
			t.Errorf("got %s after %s, want the posts in their order", order[i], order[i+1])
		}
	}
	for field, value := range map[string]string{
		"title": " ", "slug": "fish", "description": "\x00", place(0): "first", place(1): "-3", place(2): "99999999999",
	} {
		got := br.send(f, field, value, "slug", f.values.Get("slug"), field, value).
			want(422, "One thing needs your attention", `href="#`+field+`"`, `id="`+field+`-problem"`).form("title")
		if want := strings.ReplaceAll(value, "\x00", "\uFFFD"); got.values.Get(field) != want {
			t.Errorf("%s: got %q in the form, want %q", field, got.values.Get(field), want)
		}
	}
	br.send(f, "title", "Fish").want(422, "There is another series of this title.")
	br.send(f, "title", "", place(0), "x", place(1), "y").want(422, "3 things need your attention")
	if got := b.stored(t, ids[0]); got.SeriesPlace != 30 || got.Series != "Waders" {
		t.Errorf("got %+v after refused forms, want them to change nothing", got.Draft)
	}

	br.get(path+"/delete").want(200, "3 posts stay")
	br.post(path+"/delete", nil).leadsTo("/admin/series")
	br.get("/admin/series").want(200, "The series was deleted.").wantNot("Waders")
	br.get("/posts/one").want(200)
	br.post(path+"/delete", nil).leadsTo("/admin/series")
	br.get(path).want(404, "There is no such series.")
	br.send(f).want(404)
	for _, bad := range []string{"/admin/series/0", "/admin/series/x", "/admin/series/9/delete"} {
		br.get(bad).want(404)
	}
	br.get("/admin/series?after=%00").want(400)
}
