package reader_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mmcdole/gofeed"

	"broadsheet/internal/posts"
	"broadsheet/internal/reader"
)

var forms = []string{"atom", "rss", "json"}

func feedTitles(f *gofeed.Feed) []string {
	var titles []string
	for _, i := range f.Items {
		titles = append(titles, i.Title)
	}
	return titles
}

func TestFeedsSayWhatThePostsSay(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.publish(t, posts.Draft{Title: "Elsewhere", Markdown: "x", Tags: []string{"Zig"}, PublishedAt: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)})
	b.publish(t, posts.Draft{
		Title: "A < B & C", Summary: "In *short*.", Tags: []string{"Go", "C#"}, Series: "Letters", Language: "de", Cover: "/media/1/cover.jpg", CoverAlt: `A "cover"`,
		Markdown:    "## Head\n\nSee [there](/posts/x?a=1&b=2), [beside](y), [below](#md-head), [away](https://example.org/).\n\n![Pic](/media/2/p.png)\n\nA note.[^1] $x$\n\n[^1]: Noted.",
		PublishedAt: time.Date(2024, 3, 1, 8, 0, 0, 0, time.UTC), UpdatedAt: time.Date(2024, 3, 2, 9, 0, 0, 0, time.UTC),
	})
	post, err := b.posts.Post(t.Context(), "a-b-c")
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range []string{"/tags/go/feed", "/authors/" + post.AuthorHandle + "/feed", "/series/letters/feed", "/search/feed", "/feed"} {
		for _, form := range forms {
			target := list + "." + form
			if list == "/search/feed" {
				target += "?q=beside"
			}
			f := b.read(t, target)
			if list != "/feed" && !strings.HasPrefix(list, "/authors/") && len(f.Items) != 1 {
				t.Fatalf("%s: got %v, want the one post", target, feedTitles(f))
			}
			i := f.Items[0]
			if i.Title != "A < B & C" || i.Link != "https://blog.example/posts/a-b-c" || !strings.HasPrefix(i.GUID, "tag:blog.example,") ||
				!i.PublishedParsed.Equal(post.PublishedAt) || len(i.Authors) != 1 || i.Authors[0].Name != "Ada Lovelace" {
				t.Errorf("%s: got %+v", target, i)
			}
			if diff := cmp.Diff([]string{"Go", "C#"}, i.Categories); diff != "" {
				t.Errorf("%s: tags (-want +got):\n%s", target, diff)
			}
			if i.Description != "In short." {
				t.Errorf("%s: got summary %q", target, i.Description)
			}
			for _, want := range []string{
				`href="https://blog.example/posts/x?a=1&amp;b=2"`, `href="https://blog.example/posts/y"`, `href="https://blog.example/posts/a-b-c#md-head"`,
				`href="https://example.org/"`, `src="https://blog.example/media/2/p.png"`, `src="https://blog.example/media/1/cover.jpg" alt="A &#34;cover&#34;"`, "Head</h2>",
				`role="doc-noteref">1</a></sup>`, `<li id="md-fn:1">`, "<math><mi>x</mi></math>",
			} {
				if !strings.Contains(i.Content, want) {
					t.Errorf("%s: got content without %s:\n%s", target, want, i.Content)
				}
			}
			for _, never := range []string{`class="anchor"`, "<button", "popover"} {
				if strings.Contains(i.Content, never) {
					t.Errorf("%s: got content with %s, which feed readers cannot show:\n%s", target, never, i.Content)
				}
			}
			if form != "rss" && !i.UpdatedParsed.Equal(post.UpdatedAt) {
				t.Errorf("%s: got updated %v", target, i.UpdatedParsed)
			}
			if form == "atom" && !f.UpdatedParsed.Equal(post.UpdatedAt) {
				t.Errorf("%s: got feed updated %v, want the newest change", target, f.UpdatedParsed)
			}
		}
	}
}

func TestFeedsArePaged(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.fill(t, 45, "Go")
	for _, start := range []string{"/feed.", "/tags/go/feed.", "/authors/ada-lovelace/feed.", "/search/feed."} {
		for _, form := range forms {
			target := start + form
			if strings.HasPrefix(target, "/search") {
				target += "?q=text"
			}
			first, found := target, []string(nil)
			var previous string
			for pages := 0; target != ""; pages++ {
				if pages > 3 {
					t.Fatalf("%s: got more than three pages", first)
				}
				found = append(found, feedTitles(b.read(t, target))...)
				_, body := b.get(t, target)
				target, previous = feedLink(body, "next"), feedLink(body, "previous")
			}
			if len(found) != 45 || found[0] != "Story 45" || found[44] != "Story 1" {
				t.Errorf("%s: got %d posts, %v, want 45 from the newest to the oldest", first, len(found), found)
			}
			if form == "json" {
				continue // it has links to older pages only
			}
			if got := feedTitles(b.read(t, previous)); !slices.Equal(got, found[20:40]) {
				t.Errorf("%s: got previous page %v, want %v", first, got, found[20:40])
			}
		}
	}
	_, body := b.get(t, "/feed.atom")
	if got, want := feedLink(body, "first"), "/feed.atom"; got != want {
		t.Errorf("got first page %q, want %q", got, want)
	}
}

// feedLink returns the path of a feed's link with that rel, "" for none.
func feedLink(body, rel string) string {
	_, rest, found := strings.Cut(body, `"next_url":"`)
	if !strings.HasPrefix(body, "{") {
		if _, rest, found = strings.Cut(body, `rel="`+rel+`"`); found {
			_, rest, _ = strings.Cut(rest, `href="`)
		}
	}
	if !found {
		return ""
	}
	link, _, _ := strings.Cut(rest, `"`)
	return strings.TrimPrefix(strings.NewReplacer("&amp;", "&", `\u0026`, "&").Replace(link), "https://blog.example")
}

func TestFeedsOfNothing(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for _, form := range forms {
		if f := b.read(t, "/feed."+form); len(f.Items) != 0 {
			t.Errorf("%s: got %v, want none", form, feedTitles(f))
		}
		if f := b.read(t, "/search/feed."+form+"?q=nothing"); len(f.Items) != 0 {
			t.Errorf("%s: got %v, want none", form, feedTitles(f))
		}
	}
	b.fill(t, 1, "Go")
	_, page := b.get(t, "/")
	for _, tt := range []struct {
		target string
		status int
	}{
		{"/feed.xml", 404}, {"/tags/nope/feed.atom", 404}, {"/authors/nobody/feed.rss", 404}, {"/series/none/feed.json", 404},
		{"/tags/%00/feed.atom", 404}, {"/tags/%ff/feed.atom", 404}, {"/series/%ff/feed.atom", 404}, {"/authors/%00/feed.atom", 404},
		{"/tags/go/feed.xml", 404}, {"/feed.atom?after=x", 400}, {"/tags/go/feed.atom?before=%00", 400}, {"/feed.atom?after=a&before=b", 400},
		{"/search/feed.atom", 400}, {"/search/feed.atom?q=%00", 400}, {"/search/feed.atom?q=" + strings.Repeat("a", 10_000), 400},
		{"/search/feed.atom?q=%22%27%25_%5C", 200}, {"/search/feed.atom?q=-", 200},
	} {
		if w, _ := b.get(t, tt.target); w.Code != tt.status {
			t.Errorf("%.60s: got %d, want %d", tt.target, w.Code, tt.status)
		}
	}
	mustContain(t, page, `type="application/atom+xml" title="The Daily Compile (Atom)" href="/feed.atom"`)
	_, page = b.get(t, "/tags/go")
	mustContain(t, page, `href="/tags/go/feed.atom"`, `href="/tags/go/feed.rss"`, `href="/tags/go/feed.json"`)
	_, page = b.get(t, "/search?q=text+1")
	mustContain(t, page, `href="/search/feed.atom?q=text&#43;1"`)
}

// A text of a megabyte is not sent to everybody who looks for new posts.
func TestFeedsAreBounded(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for range 3 {
		b.publish(t, posts.Draft{Title: "Long", Markdown: "The beginning.\n\n" + strings.Repeat("Many words. ", 30_000), PublishedAt: time.Date(2024, 2, 1, 0, 0, 0, 0, time.UTC)})
	}
	for range 8 {
		b.publish(t, posts.Draft{Title: "Middle", Markdown: strings.Repeat("Many words. ", 15_000) + "\n\nThe end.", PublishedAt: time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)})
	}
	b.publish(t, posts.Draft{Title: "Short", Markdown: "Few words.", PublishedAt: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)})
	f := b.read(t, "/feed.atom")
	whole := 0
	for _, i := range f.Items {
		if strings.Contains(i.Content, "The end.") {
			whole++
		}
		if i.Title == "Long" && (len(i.Content) > 10_000 || !strings.Contains(i.Content, "The beginning.") || !strings.Contains(i.Content, `<a href="`+i.Link+`">`)) {
			t.Errorf("got %d bytes of a long post, want its beginning and a link", len(i.Content))
		}
	}
	if whole != posts.TextsMost/180_000 {
		t.Errorf("got %d whole posts of 180,000 bytes, want as many as fit %d", whole, posts.TextsMost)
	}
	if len(f.Items) != 12 {
		t.Errorf("got %d entries, want all 12", len(f.Items))
	}
}

// Ids stay when the address, the title and the date of a post change.
func TestFeedIDsStay(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	s := b.publish(t, posts.Draft{Title: "One", Markdown: "x", PublishedAt: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)})
	before := b.read(t, "/feed.atom").Items[0].GUID
	d := posts.Draft{Title: "Two", Slug: "two", Markdown: "y", Language: "en", AuthorID: b.author, Status: posts.StatusPublished, PublishedAt: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)}
	if _, err := b.posts.Save(t.Context(), s.ID, s.Version, d); err != nil {
		t.Fatal(err)
	}
	for _, form := range forms {
		if got := b.read(t, "/feed."+form).Items[0]; got.GUID != before || got.Link != "https://blog.example/posts/two" {
			t.Errorf("%s: got %q at %q, want %q at the new address", form, got.GUID, got.Link, before)
		}
	}
}

func TestFeedNamesTheHub(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.reader.Hub = "https://hub.example/"
	for _, form := range forms {
		w, body := b.get(t, "/feed."+form)
		if links := w.Header().Values("Link"); len(links) != 2 || links[0] != `<https://hub.example/>; rel="hub"` || links[1] != `<https://blog.example/feed.`+form+`>; rel="self"` {
			t.Errorf("%s: got %q", form, links)
		}
		if !strings.Contains(body, "https://hub.example/") || form == "json" && !strings.Contains(body, `"hubs":[{"type":"WebSub"`) {
			t.Errorf("%s: got no hub in\n%s", form, body)
		}
	}
}

func TestFeedAddresses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ target, route, query string }{
		{"/feed.atom?after=a&x=1", "/feed.{form}", "after=a"},
		{"/tags/go/feed.rss", "/tags/{tag}/feed.{form}", ""},
		{"/authors/ada/feed.json?before=b", "/authors/{handle}/feed.{form}", "before=b"},
		{"/series/x/feed.atom", "/series/{slug}/feed.{form}", ""},
		{"/search/feed.atom?q=+a++b", "/search/feed.{form}", "q=a+b"},
	} {
		u, err := url.Parse(tt.target)
		if err != nil {
			t.Fatal(err)
		}
		if route, query, ok := reader.Address(u); !ok || route != tt.route || query != tt.query {
			t.Errorf("%s: got %q, %q, %v", tt.target, route, query, ok)
		}
	}
	for _, target := range []string{"/feed.xml", "//feed.atom", "/tags/a/b/feed.atom", "/nope/feed.atom", "/search/x/feed.atom", "/x/go/feed.atom"} {
		if _, _, ok := reader.Address(&url.URL{Path: target}); ok {
			t.Errorf("%s: got a page, want none", target)
		}
	}
}

// The feed of a search finds what its page finds, the newest first.
func TestFeedOfASearch(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for i, text := range []string{"Newspapers, newspapers, newspapers.", "A newspaper.", "Nothing."} {
		b.publish(t, posts.Draft{
			Title: fmt.Sprint("Post ", i), Markdown: text, Tags: []string{"Web design"}, Language: "en",
			PublishedAt: time.Date(2024, 1, 1+i, 0, 0, 0, 0, time.UTC),
		})
	}
	for q, want := range map[string][]string{
		"newspaper": {"Post 1", "Post 0"},
		`tag:"web design" “newspapers newspapers”`: {"Post 0"},
		"tag:web-design":       {"Post 2", "Post 1", "Post 0"},
		"year:2024 -newspaper": {"Post 2"},
	} {
		target := "/search/feed.atom?q=" + url.QueryEscape(q)
		if got := feedTitles(b.read(t, target)); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", q, got, want)
		}
		_, page := b.get(t, "/search?q="+url.QueryEscape(q))
		mustContain(t, page, `href="/search/feed.atom?`)
	}
	if w, _ := b.get(t, "/search/feed.atom?q=tag:none"); w.Code != 404 {
		t.Errorf("an unknown tag: got %d, want 404", w.Code)
	}
}
