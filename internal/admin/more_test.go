package admin_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"broadsheet/internal/posts"
)

func TestMoreAboutAPost(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.save(t, draft("Reiher"))
	br := b.signedIn(t, "Jane Doe")
	empty := br.get("/admin/posts/new").want(200)
	if strings.Contains(empty.body, "<details class=\"group\" open>") {
		t.Error("got a group open in an empty form, want it calm")
	}
	f := empty.form("markdown").with("title", "Herons", "series", " Wading  birds", "series_place", "2", "cover", "/media/heron.jpg",
		"cover_alt", "A heron", "cover_x", "20%", "cover_y", " 80 ", "meta_title", "All about herons", "meta_description", "They stand.",
		"canonical", " https://example.org/herons ", "translation_of", "http://blog.example/posts/reiher/", "featured", "yes", "noindex", "yes")
	saved := br.send(f, "action", "publish").want(303)
	path := saved.header.Get("Location")
	br.send(f, "action", "publish").leadsTo(path) // sent twice it is stored once
	shown := br.get(path).want(200)
	if n := strings.Count(shown.body, "<details class=\"group\" open>"); n != 4 {
		t.Errorf("got %d groups open, want the four that say something", n)
	}
	if got := shown.form("markdown").values; got.Get("featured") != "yes" || got.Get("noindex") != "yes" || got.Get("cover_x") != "20" {
		t.Errorf("got %v in the form, want what was saved", got)
	}
	want := posts.Draft{
		Series: "Wading birds", SeriesPlace: 2, Cover: "/media/heron.jpg", CoverAlt: "A heron", CoverX: 20, CoverY: 80, MetaTitle: "All about herons",
		MetaDescription: "They stand.", CanonicalURL: "https://example.org/herons", TranslationOf: "reiher", Featured: true, NoIndex: true, Kind: posts.KindPost,
	}
	stored := b.at(t, "herons")
	if stored.Version != 1 {
		t.Errorf("got version %d, want 1", stored.Version)
	}
	got := posts.Draft{
		Series: stored.Series, SeriesPlace: stored.SeriesPlace, Cover: stored.Cover, CoverAlt: stored.CoverAlt, CoverX: stored.CoverX, CoverY: stored.CoverY,
		MetaTitle: stored.MetaTitle, MetaDescription: stored.MetaDescription, CanonicalURL: stored.CanonicalURL, TranslationOf: stored.TranslationOf,
		Featured: stored.Featured, NoIndex: stored.NoIndex, Kind: stored.Kind,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
	br.get("/admin/posts/new").want(200, "<option>Wading birds</option>")

	again := shown.form("markdown")
	again.values.Del("featured")
	again.values.Del("noindex")
	br.send(again, "series", "", "series_place", "7", "cover_x", "", "translation_of", "").leadsTo(path)
	stored = b.stored(t, stored.ID)
	if stored.Featured || stored.NoIndex || stored.Series != "" || stored.SeriesPlace != 0 || stored.CoverX != 50 || stored.TranslationOf != "" {
		t.Errorf("got %+v, want what was taken away to be gone", stored.Draft)
	}
}

func TestConflictOverTheNewFields(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.save(t, draft("Reiher"))
	post := b.save(t, published("Herons", time.Date(2024, 7, 1, 10, 0, 0, 0, time.UTC)))
	br := b.signedIn(t, "Jane Doe")
	mine, theirs := br.get(edit(post)).form("markdown"), br.get(edit(post)).form("markdown")
	br.send(theirs, "series", "Birds", "series_place", "1", "cover_alt", "A bird", "featured", "yes", "meta_title", "Grey herons").leadsTo(edit(post))
	conflict := br.send(mine, "series", "Water", "noindex", "yes", "canonical", "https://example.org/a", "cover", "/static/heron.jpg", "cover_y", "10",
		"translation_of", "reiher", "meta_title", "Ardea", "featured", "").want(409, "<legend>Series</legend>", `dir="auto">Water<`, `dir="auto">Birds<`,
		"<legend>Title for search engines</legend>", `dir="auto">Ardea<`, `dir="auto">Grey herons<`, "2 choices are yours").
		wantNot("<legend>Kind</legend>", "<legend>Cover", "<legend>Featured", "<legend>Place")
	if got := b.stored(t, post.ID); got.Version != 2 || got.Series != "Birds" {
		t.Errorf("got %+v, want nothing saved", got)
	}
	f := conflict.form("parts")
	for name, want := range map[string]string{
		"featured": "yes", "noindex": "yes", "series_place": "1", "cover_alt": "A bird", "canonical": "https://example.org/a", "cover": "/static/heron.jpg",
		"cover_y": "10", "translation_of": "reiher", "title": "Herons", "mine-series": "Water", "theirs-series": "Birds",
	} {
		if got := f.values.Get(name); got != want {
			t.Errorf("%s: got %q in the form, want %q", name, got, want)
		}
	}
	br.send(f, "take-series", "theirs", "take-meta_title", "both").leadsTo(edit(post))
	got := b.stored(t, post.ID)
	if got.Series != "Birds" || got.MetaTitle != "Ardea Grey herons" || !got.Featured || !got.NoIndex || got.CoverY != 10 || got.CoverAlt != "A bird" || got.TranslationOf != "reiher" {
		t.Errorf("got %+v, want what was chosen, and all else of both", got.Draft)
	}
	if at := time.Date(2024, 7, 1, 10, 0, 0, 0, time.UTC); !got.PublishedAt.Equal(at) {
		t.Errorf("got date %s, want %s", got.PublishedAt, at)
	}
}

func TestLifeOfAPage(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	b.save(t, published("A post", time.Date(2024, 7, 1, 10, 0, 0, 0, time.UTC)))
	br.get("/admin/posts?state=page").want(200, "No pages", `href="/admin/posts/new?kind=page"`)
	shown := br.get("/admin/posts/new?kind=page").want(200, "New page", `<span aria-hidden="true">/</span>`).wantNot(`name="tags"`, `name="series"`, `name="featured"`)
	f := shown.form("markdown").with("title", "About us", "markdown", "Two people.")
	br.send(f, "slug", "search", "action", "publish").want(422, "Choose another address.")
	br.send(f, "action", "publish").want(303)
	page := b.at(t, "about-us")
	if page.Kind != posts.KindPage {
		t.Fatalf("got kind %q, want a page", page.Kind)
	}
	shown = br.get(edit(page)).want(200, "View the page", `href="/about-us"`, "Delete this page…")
	list := br.get("/admin/posts?state=page").want(200, "About us", `href="/about-us"`, `<span class="kind">Page</span>`)
	list.wantNot("A post")
	br.get("/admin/posts").want(200, "About us", "A post", `href="/posts/a-post"`)

	// What a page cannot have is refused and stays in the form.
	again := br.send(shown.form("markdown"), "tags", "birds", "series", "One", "featured", "yes").want(422, "3 things need your attention",
		`id="tags-problem"`, `id="series-problem"`, `id="featured-problem"`).form("markdown")
	if again.values.Get("tags") != "birds" || again.values.Get("series") != "One" || again.values.Get("featured") != "yes" {
		t.Errorf("got %v in the form, want what was typed", again.values)
	}
	br.send(again, "kind", "letter").want(422, `id="kind-problem"`, "Choose a post or a page.")
	br.send(again, "kind", "post").leadsTo(edit(page))
	if got := b.stored(t, page.ID); got.Kind != posts.KindPost || got.Series != "One" || !got.Featured || got.Slug != "about-us" {
		t.Errorf("got %+v, want a post at the same slug", got.Draft)
	}
	br.get("/posts/about-us").want(200)
	br.get("/admin/posts?state=letter").want(400)
}

// at returns the post at an address, or ends the test.
func (b *blog) at(t *testing.T, slug string) posts.Stored {
	t.Helper()
	var id int64
	if err := b.pool.QueryRow(t.Context(), "SELECT id FROM posts WHERE slug = $1", slug).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return b.stored(t, id)
}
