package browsertest_test

import (
	"io/fs"
	"strconv"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/posts"
	"broadsheet/internal/site"
	"broadsheet/internal/transfer"
	"broadsheet/web"
)

// kind is a kind of page, or a state of one, and the way to it.
type kind struct {
	name string
	show func(*tab)
}

func at(path string, status int64) func(*tab) {
	return func(p *tab) {
		p.t.Helper()
		p.open(path, status)
	}
}

// everything is a post with all that Markdown can do, and all that is too long.
const everything = "Text with a [link](https://example.org/), `code`, **bold** and a note.[^1] " +
	"Supercalifragilisticexpialidocious" + "supercalifragilisticexpialidocious" + "supercalifragilisticexpialidocious\n\n" +
	"## Code\n\n```go title=\"main.go\" {2}\npackage main\nfunc main() { println(\"a line that is far too long for any telephone, and for most other things that have a screen, too\") } // 100 %\n```\n\n" +
	"### Table\n\n| Left | Right | And | Many | More | Columns | Of | Words |\n|:--|--:|---|---|---|---|---|---|\n" +
	"| something | something | something | something | something | something | something | something |\n\n" +
	"## Lists\n\n- one\n- two\n  1. three\n\n- [x] done\n- [ ] to do\n\nTerm\n: What it means.\n\n> A quotation.\n\n---\n\n" +
	"<details><summary>More</summary>\n\nHidden <mark>text</mark>, <kbd>Ctrl</kbd>.\n\n</details>\n\n" +
	"https://example.org/" + "an-address-without-end/an-address-without-end/an-address-without-end/an-address-without-end\n\n" +
	"> [!WARNING]\n> A callout with a [link](/), `code` and\n>\n> | a | table |\n> |---|---|\n> | 1 | 2 |\n\n> [!NOTE]\n> a\n\n> [!TIP]\n> a\n\n> [!IMPORTANT]\n> a\n\n> [!CAUTION]\n> a\n\n" +
	"So $e^{i\\pi} = -1$.\n\n$$\nx = a + b + c + d + e + f + g + h + i + j + k + l + m + n + o + p + q + r + s + t + u + v + w + x + y + z + \\frac{a}{b}\n$$\n\n" +
	"![A red square](COVER \"A caption of the square\")\n\n![A red square](COVER)\n\n### Depth\n\nThe end.\n\n[^1]: The note.\n"

// gallery returns a blog that has every kind of page: the demo posts, and
// posts that are harder.
func gallery(t *testing.T) *blog {
	t.Helper()
	b := newBlog(t)
	b.settings(t, site.Settings{Title: "The Daily Compile", Tagline: "News from the build", Language: "en", TimeZone: "Europe/Berlin"})
	demo, err := fs.Sub(web.Demo, "demo")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := transfer.Markdown(t.Context(), demo, transfer.Options{Site: "demo", Posts: b.posts, Accounts: b.accounts, DefaultAuthor: ownerName}); err != nil {
		t.Fatal(err)
	}
	cover := web.Asset("apple-touch-icon.png")
	at := time.Now().Add(-time.Hour)
	b.save(t, posts.Draft{
		Title: "Everything", Summary: "A *summary*.", Markdown: strings.ReplaceAll(everything, "COVER", cover), Cover: cover,
		Tags: []string{"Go", strings.Repeat("Long", 12), "C++"}, PublishedAt: at.Add(-100 * time.Hour), UpdatedAt: at,
	})
	b.save(t, posts.Draft{Title: strings.Repeat("Unbreakable", 12), Tags: []string{"Go"}, PublishedAt: at})
	b.save(t, posts.Draft{Title: "Planned", Tags: []string{"Go"}, PublishedAt: at.Add(1000 * time.Hour)})
	b.save(t, posts.Draft{Title: "Unfinished", Status: posts.StatusDraft})
	gone := b.save(t, posts.Draft{Title: "Gone", PublishedAt: at})
	if err := b.posts.Delete(t.Context(), gone.ID, gone.Version); err != nil {
		t.Fatal(err)
	}
	return b
}

// readerPages returns every kind of page that readers see.
func (b *blog) readerPages(t *testing.T) []kind {
	t.Helper()
	kinds := []kind{
		{"front page", at("/", 200)},
		{"older posts", func(p *tab) { p.open("/", 200); p.click(older, 200) }},
		{"tag", at("/tags/go", 200)},
		{"two tags", at("/?tag=go&tag=c-cpp", 200)},
		{"unknown tags", at("/?tag=go&tag=unknown", 200)},
		{"tags", at("/tags", 200)},
		{"post", at("/posts/everything", 200)},
		{"post of one word", at("/posts/"+strings.Repeat("unbreakable", 12), 200)},
		{"search", at("/search", 200)},
		{"search, found", at("/search?q=markdown", 200)},
		{"search, not found", at("/search?q=tabloid", 200)},
		{"search, refused", at("/search?q="+strings.Repeat("x", 300), 400)},
		{"not found", at("/nowhere", 404)},
		{"gone", at("/posts/gone", 410)},
		{"bad address", at("/?after=nonsense", 400)},
	}
	rows, err := b.posts.Rows(t.Context(), posts.RowFilter{State: posts.StatePublished, Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows.Rows {
		if row.AuthorNames[0] != ownerName {
			kinds = append(kinds, kind{"demo: " + row.Slug, at("/posts/"+row.Slug, 200)})
		}
	}
	return kinds
}

// authorPages returns every kind of page that authors see.
func (b *blog) authorPages(t *testing.T) []kind {
	t.Helper()
	stored := b.save(t, posts.Draft{
		Title: strings.Repeat("Unbreakable", 12), Slug: strings.Repeat("unbreakable", 12), Markdown: everything,
		Tags: []string{"Go", strings.Repeat("Long", 12)}, PublishedAt: time.Now().Add(-time.Hour),
		Series: strings.Repeat("Unbreakable", 12),
	})
	edit := "/admin/posts/" + strconv.FormatInt(stored.ID, 10)
	var id int64
	if err := b.pool.QueryRow(t.Context(), "SELECT series_id FROM posts WHERE id = $1", stored.ID).Scan(&id); err != nil {
		t.Fatal(err)
	}
	series := "/admin/series/" + strconv.FormatInt(id, 10)
	return []kind{
		{"home", at("/admin", 200)},
		{"calendar", at("/admin/calendar", 200)},
		{"an empty month", at("/admin/calendar?month=1000-01", 200)},
		{"posts", at("/admin/posts", 200)},
		{"several posts, none changed", func(p *tab) {
			p.open("/admin/posts?state=published", 200)
			p.press(".pick li [name=post]")
			p.click("[value=publish]", 409)
		}},
		{"posts, searched", at("/admin/posts?state=published&q=markdown", 200)},
		{"posts, not found", at("/admin/posts?q=tabloid", 200)},
		{"scheduled posts", at("/admin/posts?state=scheduled", 200)},
		{"new post", at("/admin/posts/new", 200)},
		{"new post, refused", func(p *tab) {
			p.open("/admin/posts/new", 200)
			p.wantFocus("title") // the browser complains of another focus before its own
			p.fill("slug", "!")
			p.fill("language", "nonsense")
			for n := range 4 { // to see all of the form
				p.press(".group:nth-child(" + strconv.Itoa(n+1) + ") summary")
			}
			p.fill("cover", "ftp://x")
			p.fill("cover_alt", "A heron")
			p.fill("cover_x", "left")
			p.fill("series_place", "first")
			p.fill("tags", strings.Repeat("Long", 20))
			p.click("[value=publish]", 422)
		}},
		{"new page", at("/admin/posts/new?kind=page", 200)},
		{"no pages", at("/admin/posts?state=page", 200)},
		{"post", at(edit, 200)},
		{"post, saved", func(p *tab) {
			p.open(edit, 200)
			p.press("[value=save]") // it has links that lead nowhere
			p.until(`() => document.querySelector(".unfinished").open`)
			p.click(".unfinished .primary", 200)
		}},
		{"post, changed meanwhile", func(p *tab) {
			p.withoutScript() // with it, the editor asks
			defer p.withScript()
			p.open(edit, 200)
			now, err := b.posts.Get(p.t.Context(), stored.ID)
			if err != nil {
				p.t.Fatal(err)
			}
			other := now.Draft
			other.Title, other.Markdown = "Another title", "Another beginning.\n\n"+other.Markdown
			if _, err := b.posts.Save(p.t.Context(), stored.ID, now.Version, other); err != nil {
				p.t.Fatal(err)
			}
			p.fill("title", "My title")
			p.click("[value=save]", 409)
		}},
		{"post, to look at before readers see it", func(p *tab) {
			p.withoutScript() // with it, the editor takes in what another types
			defer p.withScript()
			p.open(edit, 200)
			b.types(p.t, stored.ID, "Typed by another.")
			p.fill("summary", "My summary")
			p.click("[value=save]", 409)
		}},
		{"post, with changes", func(p *tab) { b.types(p.t, stored.ID, "Typed anew."); p.open(edit, 200) }},
		{"history", at(edit+"/history", 200)},
		{"a text of the history", func(p *tab) { p.open(edit+"/history", 200); p.click(".history a", 200) }},
		{"the first text of the history", func(p *tab) { p.open(edit+"/history", 200); p.click(".history tr:last-child a", 200) }},
		{"a text of the history, named badly", func(p *tab) {
			p.open(edit+"/history", 200)
			p.click(".history a", 200)
			p.fill("name", strings.Repeat("n", 201))
			p.click(".name-it button", 422)
		}},
		{"two texts of the history", func(p *tab) {
			p.open(edit+"/history", 200)
			p.press(".history tr:last-child [name=old]")
			p.click("main form button", 200)
		}},
		{"an empty trash", at("/admin/trash", 200)},
		{"deleting a post", at(edit+"/delete", 200)},
		{"deleted", func(p *tab) {
			gone := b.save(p.t, posts.Draft{Title: "Deleted " + strings.Repeat("Unbreakable", 12), Markdown: "Text."})
			p.open("/admin/posts/"+strconv.FormatInt(gone.ID, 10)+"/delete", 200)
			p.click("main .destroy", 200)
		}},
		{"trash", at("/admin/trash", 200)},
		{"tags for authors", at("/admin/tags", 200)},
		{"a tag", at("/admin/tags/1", 200)},
		{"a tag, refused", func(p *tab) {
			p.open("/admin/tags/1", 200)
			p.fill("slug", "!")
			p.fill("image", "ftp://x")
			p.click("main .primary", 422)
		}},
		{"deleting a tag", at("/admin/tags/1/delete", 200)},
		{"series for authors", at("/admin/series", 200)},
		{"a series", at(series, 200)},
		{"a series, refused", func(p *tab) {
			p.open(series, 200)
			p.fill("title", " ")
			p.fill("place-"+strconv.FormatInt(stored.ID, 10), "first")
			p.click("main .primary", 422)
		}},
		{"deleting a series", at(series+"/delete", 200)},
		{"settings", at("/admin/settings", 200)},
		{"settings, refused", func(p *tab) {
			p.open("/admin/settings", 200)
			p.fill("language", "nonsense")
			p.click("main .primary", 422)
		}},
		{"account", at("/admin/account", 200)},
		{"no such post", at("/admin/posts/0", 404)},
	}
}

// types keeps a text in the form of a post, after what is there, as another
// browser would.
func (b *blog) types(t *testing.T, id int64, text string) {
	t.Helper()
	w, _, err := b.posts.Open(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	typed := posts.Writing{Edit: w.Edit, AuthorID: b.owner(t), Content: w.Content}
	typed.Markdown += "\n\n" + text + "\n"
	if _, _, err := b.posts.Autosave(t.Context(), id, typed); err != nil {
		t.Fatal(err)
	}
}

// signedOutPages returns the kinds of pages by which authors come in.
func signedOutPages(link string) []kind {
	return []kind{
		{"not set up", at("/admin/login", 200)},
		{"set-up", at(link, 200)},
		{"set-up, refused", func(p *tab) {
			p.open(link, 200)
			for _, name := range []string{"title", "name", "password"} {
				p.fill(name, "x")
			}
			p.fill("email", "x@y")
			p.click("main .primary", 422)
		}},
		{"set-up, bad code", at("/admin/setup?code=nonsense", 403)},
	}
}
