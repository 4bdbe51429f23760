package admin_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"broadsheet/internal/posts"
)

type checked struct {
	Links  []struct{ Href, Problem, To string }
	Result struct{ Title, Address, Description string }
}

func (b *browser) check(f form, changes ...string) checked {
	b.t.Helper()
	got := b.post("/admin/posts/check", f.with(changes...).values).want(200)
	var c checked
	if err := json.Unmarshal([]byte(got.body), &c); err != nil {
		b.t.Fatal(err)
	}
	return c
}

func TestCheckLinks(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	d := published("Herons", time.Date(2024, 5, 6, 7, 0, 0, 0, time.UTC))
	d.Tags, d.Series = []string{"birds", "old name"}, "Wings"
	post := b.save(t, d)
	moved := b.save(t, published("Before", time.Now().Add(-time.Hour)))
	f := br.get(edit(moved)).form("markdown")
	br.send(f, "slug", "after", "action", "save").leadsTo(edit(moved))
	gone := b.save(t, published("Gone", time.Now().Add(-time.Hour)))
	if err := b.posts.Delete(t.Context(), gone.ID, gone.Version); err != nil {
		t.Fatal(err)
	}
	b.save(t, posts.Draft{Title: "Draft", Markdown: "x", Tags: []string{"unseen"}, Series: "Unseen"})
	b.save(t, published("Later", time.Now().Add(time.Hour)))
	about := published("About", time.Now().Add(-time.Hour))
	about.Kind = posts.KindPage
	b.save(t, about)
	if tag, err := b.posts.TagNamed(t.Context(), "old name"); err != nil {
		t.Fatal(err)
	} else if _, err := b.posts.SaveTag(t.Context(), tag.ID, posts.TagDraft{Name: "new name"}); err != nil {
		t.Fatal(err)
	}

	const nothing, hidden, leadsOn = "There is nothing at this address.", "Readers do not see what it leads to: it is a draft, or scheduled for later.", "It leads on to another address."
	f = br.get(edit(post)).form("markdown")
	f.values.Set("post", fmt.Sprint(post.ID))
	for href, want := range map[string]string{
		"/posts/herons": "", "/posts/herons?x=1": "", "/": "", "/tags": "", "/about": "", "/tags/birds": "", "/series/wings": "", "/authors/jane-doe": "",
		"/archive": "", "/archive/2024": "", "/archive/2024/05": "", "/feed.atom": "", "/tags/birds/feed.rss": "", "/posts/after.md": "", "/posts/after/card.png": "",
		"https://example.org/posts/nothing": "", "mailto:a@b.example": "", "http://blog.example/posts/after": "", "http://BLOG.example": "", "after": "",
		"//example.org/x": "", "/media/1/x.png": "", "?after=x": "", "#": "", "#top": "", "#wings": "", "/posts/%61fter": "",
		"/posts/nothing": nothing, "nothing": nothing, "http://blog.example/posts/nothing": nothing, "/nothing": nothing, "/posts": nothing, "/posts/a/b": nothing,
		"/tags/nothing": nothing, "/tags/unseen": nothing, "/series/unseen": nothing, "/authors/nobody": nothing, "/archive/1999": nothing, "/archive/2024/06": nothing,
		"/archive/x": nothing, "/static/x.css": nothing, "/posts/" + strings.Repeat("x", 3000): nothing, "/posts/a%00b": nothing, "/posts/%ff": nothing,
		"/posts/draft": hidden, "/posts/later": hidden, "/posts/gone": "What it leads to was deleted.", "/admin/posts": "Only authors can open this page.",
		"/posts/before": leadsOn + " /posts/after", "/tags/old-name": leadsOn + " /tags/new-name", "/posts/about": leadsOn + " /about", "/after": leadsOn + " /posts/after",
		"/tags/": leadsOn + " /tags", "#nothing": "No heading or note of this text has this name.",
	} {
		c := br.check(f, "markdown", "## Wings\n\nA [link](<"+href+">) and [another](<"+href+">) and [x](https://other.example/).")
		got := ""
		for _, l := range c.Links {
			got += strings.TrimSpace(l.Problem + " " + l.To)
			if l.Href != href && !strings.Contains(href, "%") {
				t.Errorf("%.50s: got it as %q", href, l.Href)
			}
		}
		if got != want {
			t.Errorf("%.50s: got %q, want %q", href, got, want)
		}
	}
	if c := br.check(f, "markdown", "A note[^1] and [its mark](#nowhere).\n\n[^1]: Text."); len(c.Links) != 1 || c.Links[0].Href != "#nowhere" {
		t.Errorf("got %+v of a text with a note", c.Links)
	}
	// The rest of the form may be as wrong as it likes.
	br.check(f, "language", "nonsense!", "cover_x", "200", "published_at", "x", "title", strings.Repeat("x", 500), "markdown", "\x00")
	var many strings.Builder
	for n := range posts.MaxTargets + 100 {
		fmt.Fprintf(&many, "[x](/posts/none-%d)\n", n)
	}
	if c := br.check(f, "markdown", many.String()); len(c.Links) != posts.MaxTargets {
		t.Errorf("got %d of very many links, want %d", len(c.Links), posts.MaxTargets)
	}

	// Without JavaScript, it is said once it is saved.
	br.send(f, "markdown", "[a](/posts/nothing), [b](/posts/before)", "action", "save").leadsTo(edit(post))
	br.get(edit(post)).want(200, "Updated.", "2 links do not lead where they say", "/posts/nothing", nothing, leadsOn)
	br.get(edit(post)).want(200).wantNot("links do not lead")
}

func TestSearchResultAndCard(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	f := br.get("/admin/posts/new").form("markdown").with("title", "On Herons", "markdown", "They *stand*.")
	got := br.check(f).Result
	want := struct{ Title, Address, Description string }{"On Herons · Broadsheet", "http://blog.example/posts/on-herons", "They stand."}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	got = br.check(f, "meta_title", "Herons", "meta_description", "What they do", "slug", "birds", "kind", "page").Result
	want = struct{ Title, Address, Description string }{"Herons · Broadsheet", "http://blog.example/birds", "What they do"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, values := range []url.Values{f.values, f.with("title", "", "markdown", "\xff").values, f.with("title", strings.Repeat("W", 10_000)).values} {
		card := br.post("/admin/posts/card", values).want(200)
		if kind := card.header.Get("Content-Type"); kind != "image/png" {
			t.Errorf("got %q", kind)
		}
		if picture, err := png.Decode(bytes.NewReader([]byte(card.body))); err != nil || picture.Bounds().Dx() != 1200 {
			t.Errorf("got no card: %v", err)
		}
	}
	br.post("/admin/posts/preview", f.values).want(200, "http://blog.example/posts/on-herons", "On Herons · Broadsheet", `<img src="data:image/png;base64,`)
	br.post("/admin/posts/preview", f.with("cover", "/media/1.jpg", "cover_alt", "A heron").values).want(200, `<img src="http://blog.example/media/1.jpg" alt="A heron">`).wantNot("data:image")
	b.browser(t).post("/admin/posts/card", url.Values{}).want(401)
}

func TestLinkTargets(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	b.save(t, published("Grey herons", time.Now().Add(-time.Hour)))
	b.save(t, posts.Draft{Title: "Heron, the first", Markdown: "x"})
	b.save(t, published("Later herons", time.Now().Add(time.Hour)))
	about := published("About 100 % of _us_", time.Now().Add(-time.Hour))
	about.Kind = posts.KindPage
	b.save(t, about)
	br.get("/admin/posts/links?q=her").want(200, `{"title":"Heron, the first","url":"/posts/heron-the-first","state":"draft"}`, `"url":"/posts/grey-herons","state":"published"`)
	br.get("/admin/posts/links?q=herons").want(200, "/posts/grey-herons", `"url":"/posts/later-herons","state":"scheduled"`)
	br.get("/admin/posts/links?q=ABOUT+100+%25").want(200, `"/about-100-of-us"`)
	br.get("/admin/posts/links?q=").want(200, "/posts/grey-herons", "/posts/heron-the-first")
	br.get("/admin/posts/links?q=nothing").want(200, `{"posts":[]}`)
	for _, q := range []string{"%00", "%ff", strings.Repeat("x", 5000), `%22`, "tag:", "-", "%25_"} {
		if got := br.get("/admin/posts/links?q=" + q); got.status >= 500 {
			t.Errorf("%.20q: got status %d", q, got.status)
		}
	}
}
