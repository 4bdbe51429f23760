package reader_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/posts"
	"broadsheet/internal/site"
)

func TestAuthors(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.fill(t, 12)
	b.exec(t, "UPDATE users SET bio = 'Counts *engines*.'")
	b.exec(t, "INSERT INTO users (handle, name) VALUES ('nobody', 'Nobody')")
	_, body := b.get(t, "/authors/ada-lovelace")
	mustContain(t, body, "Counts <em>engines</em>.", "<title>Ada Lovelace · The Daily Compile</title>",
		`<link rel="canonical" href="https://blog.example/authors/ada-lovelace">`)
	if got := titles(body); len(got) != 10 || got[0] != "Story 12" {
		t.Errorf("got %v, want ten from Story 12 on", got)
	}
	_, body = b.get(t, link(t, body, "next"))
	if got := titles(body); len(got) != 2 || got[1] != "Story 1" {
		t.Errorf("got %v, want the two oldest", got)
	}
	for _, target := range []string{"/authors/nobody", "/authors/unknown", "/authors/%00", "/authors/%ff"} {
		if w, _ := b.get(t, target); w.Code != 404 {
			t.Errorf("%s: got %d, want 404", target, w.Code)
		}
	}
}

func TestSeries(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	at := time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC)
	ids := make([]int64, 53)
	for i := range ids { // published in another order than they are to be read in
		n := (i*7 + 3) % 52
		if i == 52 {
			break
		}
		ids[n] = b.publish(t, posts.Draft{
			Title: fmt.Sprintf("Part %d", n+1), Markdown: "x", Series: "In parts", SeriesPlace: int32(n + 1), PublishedAt: at.AddDate(0, 0, i),
		}).ID
	}
	parts := func(body string) []string {
		var found []string
		for _, part := range strings.Split(body, `<h2 class="part-title"`)[1:] {
			_, part, _ = strings.Cut(part, `<a `)
			_, rest, _ := strings.Cut(part, `">`)
			title, _, _ := strings.Cut(rest, "<")
			found = append(found, title)
		}
		return found
	}
	_, body := b.get(t, "/series/in-parts")
	if got := parts(body); len(got) != 50 || got[0] != "Part 1" || got[49] != "Part 50" {
		t.Errorf("got %v, want parts 1 to 50", got)
	}
	mustContain(t, body, fmt.Sprintf(`href="/series/in-parts?after=%d"`, ids[49]))
	_, body = b.get(t, fmt.Sprintf("/series/in-parts?after=%d", ids[49]))
	if got, want := parts(body), []string{"Part 51", "Part 52"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	mustContain(t, body, `<ol class="parts h-feed" start="51">`)

	_, body = b.get(t, "/posts/part-2")
	mustContain(t, body, "Part 2 of 52 in a series", `<span aria-current="page" dir="auto">Part 2</span>`,
		`<a class="neighbour-newer" href="/posts/part-1">`, `<a class="neighbour-older" href="/posts/part-3">`)

	other := b.publish(t, posts.Draft{Title: "Alone", Markdown: "x", PublishedAt: at})
	for _, tt := range []struct {
		name, target string
		status       int
	}{
		{"beyond the end", fmt.Sprintf("?after=%d", ids[51]), 200},
		{"a post outside", fmt.Sprintf("?after=%d", other.ID), 200},
		{"no such post", "?after=999999", 200},
		{"no number", "?after=x", 400},
		{"another spelling", fmt.Sprintf("?after=%%2B%d", ids[0]), 400},
		{"below", "?after=-1", 400},
		{"huge", "?after=99999999999999999999", 400},
		{"twice", "?after=1&after=2", 400},
		{"unreadable", "?after=%zz", 400},
	} {
		if w, body := b.get(t, "/series/in-parts"+tt.target); w.Code != tt.status || len(parts(body)) > 0 {
			t.Errorf("%s: got %d with %v, want %d without parts", tt.name, w.Code, parts(body), tt.status)
		}
	}
	for _, target := range []string{"/series/none", "/series/%00"} {
		if w, _ := b.get(t, target); w.Code != 404 {
			t.Errorf("%s: got %d, want 404", target, w.Code)
		}
	}
}

func TestArchive(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for _, at := range []time.Time{
		time.Date(2023, 12, 31, 23, 30, 0, 0, time.UTC), // 2024 in Berlin
		time.Date(2024, 3, 31, 20, 0, 0, 0, time.UTC),
		time.Date(2024, 3, 31, 22, 30, 0, 0, time.UTC), // April there
		time.Date(2022, 6, 1, 0, 0, 0, 0, time.UTC),
	} {
		b.publish(t, posts.Draft{Title: "Of " + at.Format("02-01"), Markdown: "x", PublishedAt: at})
	}
	b.publish(t, posts.Draft{Title: "Later", Markdown: "x", PublishedAt: time.Now().Add(time.Hour)})
	b.publish(t, posts.Draft{Title: "About", Kind: posts.KindPage, Markdown: "x", PublishedAt: time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC)})

	_, body := b.get(t, "/archive")
	mustContain(t, body, `href="/archive/2024"`, `href="/archive/2024/01">January`, `href="/archive/2024/03">March`,
		`href="/archive/2024/04">April`, `href="/archive/2022/06">June`, "with 3 posts")
	for _, year := range []string{"2021", "2023", time.Now().Add(time.Hour).Format("2006")} {
		if strings.Contains(body, "/archive/"+year) {
			t.Errorf("got a link to %s, which has no posts", year)
		}
	}
	for _, tt := range []struct {
		target string
		want   []string
	}{
		{"/archive/2024", []string{"Of 31-03", "Of 31-03", "Of 31-12"}},
		{"/archive/2024/01", []string{"Of 31-12"}},
		{"/archive/2024/03", []string{"Of 31-03"}},
		{"/archive/2022", []string{"Of 01-06"}},
	} {
		_, body := b.get(t, tt.target)
		if got := titles(body); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.target, got, tt.want)
		}
		mustContain(t, body, `<link rel="canonical" href="https://blog.example`+tt.target+`">`)
	}
	for target, location := range map[string]string{
		"/archive/2024/3": "/archive/2024/03", "/archive/2024/3?after=x": "/archive/2024/03?after=x",
	} {
		if w, _ := b.get(t, target); w.Code != 301 || w.Header().Get("Location") != location {
			t.Errorf("%s: got %d %q, want 301 %q", target, w.Code, w.Header().Get("Location"), location)
		}
	}
	for _, target := range []string{
		"/archive/2023", "/archive/2024/02", "/archive/2024/00", "/archive/2024/0", "/archive/2024/13", "/archive/2024/003", "/archive/2024/+3",
		"/archive/0000", "/archive/02024", "/archive/24", "/archive/-2024", "/archive/99999", "/archive/year", "/archive/%D9%A2%D9%A0%D9%A2%D9%A4",
		"/archive/9999", "/archive/9999/12", "/archive/0001", "/archive/2024/%00", "/archive/%ff",
	} {
		if w, _ := b.get(t, target); w.Code != 404 {
			t.Errorf("%s: got %d, want 404", target, w.Code)
		}
	}
}

func TestArchiveIsPaged(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.fill(t, 25)
	_, first := b.get(t, "/archive/2024/03")
	_, second := b.get(t, link(t, first, "next"))
	_, third := b.get(t, link(t, second, "next"))
	if got := titles(third); len(got) != 5 || got[4] != "Story 1" {
		t.Errorf("got third page %v, want five up to Story 1", got)
	}
	cursor := link(t, first, "next")
	if w, _ := b.get(t, strings.Replace(cursor, "/03", "/04", 1)); w.Code != 400 {
		t.Errorf("the cursor of another month: got %d, want 400", w.Code)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	at := time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC)
	about := b.publish(t, posts.Draft{Title: "Our team", Kind: posts.KindPage, Markdown: "We are few.", PublishedAt: at})
	d := about.Draft
	d.Slug, d.Title = "about", "About us"
	if _, err := b.posts.Save(t.Context(), about.ID, about.Version, d); err != nil {
		t.Fatal(err)
	}
	gone := b.publish(t, posts.Draft{Title: "Gone", Kind: posts.KindPage, Markdown: "x", PublishedAt: at})
	if err := b.posts.Delete(t.Context(), gone.ID, gone.Version); err != nil {
		t.Fatal(err)
	}
	b.publish(t, posts.Draft{Title: "A post", Markdown: "x", PublishedAt: at})
	b.publish(t, posts.Draft{Title: "Later", Kind: posts.KindPage, Markdown: "x", PublishedAt: time.Now().Add(time.Hour)})

	_, body := b.get(t, "/about")
	mustContain(t, body, "We are few.", "<title>About us · The Daily Compile</title>", `<link rel="canonical" href="https://blog.example/about">`)
	if strings.Contains(body, "<time") {
		t.Error("got a date on a page, want none")
	}
	for _, tt := range []struct {
		name, target string
		status       int
		location     string
	}{
		{"moved", "/our-team", 301, "/about"},
		{"in capitals", "/About", 301, "/about"},
		{"asked for as a post", "/posts/about", 301, "/about"},
		{"a post asked for as a page", "/a-post", 301, "/posts/a-post"},
		{"deleted", "/gone", 410, ""},
		{"scheduled", "/later", 404, ""},
		{"unknown", "/nothing", 404, ""},
		{"NUL", "/%00", 404, ""},
	} {
		w, _ := b.get(t, tt.target)
		if w.Code != tt.status || w.Header().Get("Location") != tt.location {
			t.Errorf("%s: got %d %q, want %d %q", tt.name, w.Code, w.Header().Get("Location"), tt.status, tt.location)
		}
	}
}

func TestHeadOfAPost(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	at := time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC)
	b.publish(t, posts.Draft{
		Title: "Its title", Markdown: "Text.", PublishedAt: at, MetaTitle: "Its title elsewhere", MetaDescription: "What it says.",
		CanonicalURL: "https://first.example/post", NoIndex: true, Cover: "/media/1/a.jpg", CoverAlt: "A hill", CoverX: 4, CoverY: 96,
	})
	b.publish(t, posts.Draft{Title: "Sein Titel", Language: "de", TranslationOf: "its-title", Markdown: "Text.", PublishedAt: at})
	_, body := b.get(t, "/posts/its-title")
	mustContain(t, body, "<title>Its title elsewhere · The Daily Compile</title>", `<h1 class="p-name">Its title</h1>`,
		`<meta name="description" content="What it says.">`, `<link rel="canonical" href="https://first.example/post">`,
		`<meta name="robots" content="noindex">`, `<img class="cover focus-x-0 focus-y-100" src="/media/1/a.jpg" alt="A hill"`,
		`<link rel="alternate" hreflang="de" href="https://blog.example/posts/sein-titel">`,
		`<link rel="alternate" hreflang="en" href="https://blog.example/posts/its-title">`,
		`hreflang="de" lang="de" dir="ltr">Deutsch</a>`,
		`href="mailto:?subject=Its%20title&amp;body=https:%2F%2Fblog.example%2Fposts%2Fits-title"`)
}

func TestRelatedPosts(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	at := time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC)
	b.publish(t, posts.Draft{Title: "Near", Tags: []string{"Rare"}, Markdown: "x", PublishedAt: at})
	b.publish(t, posts.Draft{Title: "Asked for", Tags: []string{"Rare"}, Markdown: "x", PublishedAt: at.Add(time.Hour)})
	_, body := b.get(t, "/posts/asked-for")
	mustContain(t, body, `<h2 id="related">Related</h2>`, `<li><a href="/posts/near"><span dir="auto">Near</span></a></li>`)
	if _, body := b.get(t, "/posts/near"); strings.Contains(body, `id="related"`) {
		t.Error("got related posts that were not there at the save, want none")
	}
}

func TestTheFeaturedPostLeads(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.fill(t, 10)
	at := time.Date(2024, 3, 5, 0, 0, 0, 0, time.UTC)
	b.publish(t, posts.Draft{Title: "The lead", Featured: true, Markdown: "x", PublishedAt: at})
	b.publish(t, posts.Draft{Title: "An older lead", Featured: true, Markdown: "x", PublishedAt: at.AddDate(-1, 0, 0)})
	_, first := b.get(t, "/")
	got := titles(first)
	if got[0] != "The lead" || slices.Contains(got[1:], "The lead") || len(got) != 10 {
		t.Errorf("got %v, want the lead once, first", got)
	}
	mustContain(t, first, `<article class="card h-entry card-lead">`, `href="/archive/2024"`, `href="/archive/2023"`)
	_, second := b.get(t, link(t, first, "next"))
	if got := titles(second); !slices.Contains(got, "An older lead") || strings.Contains(second, "card-lead") {
		t.Errorf("got %v, want the older one in its place, and no lead", got)
	}
}

// A blog whose only post is featured is not an empty one.
func TestTheFeaturedPostAlone(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.publish(t, posts.Draft{Title: "Alone", Featured: true, Markdown: "x", PublishedAt: time.Date(2024, 3, 5, 0, 0, 0, 0, time.UTC)})
	_, body := b.get(t, "/")
	if got := titles(body); !slices.Equal(got, []string{"Alone"}) || strings.Contains(body, "Nothing has been published") || strings.Contains(body, `content="noindex"`) {
		t.Errorf("got %v, want the post alone", got)
	}
}

func TestNavigation(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.settings(t, site.Settings{Title: "x", Language: "en", TimeZone: "UTC", Navigation: "About us /about\nCode https://code.example/"})
	_, body := b.get(t, "/tags")
	mustContain(t, body, `<a href="/about" lang="en"><span dir="auto">About us</span></a>`, `<a href="https://code.example/" lang="en"><span dir="auto">Code</span></a>`)
}

func TestNotFoundSuggests(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	at := time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC)
	b.publish(t, posts.Draft{Title: "What an address promises", Markdown: "x", PublishedAt: at})
	b.publish(t, posts.Draft{Title: "Imprint", Kind: posts.KindPage, Markdown: "x", PublishedAt: at})
	for target, want := range map[string]string{
		"/posts/what-an-address-promise":             "/posts/what-an-address-promises",
		"/2019/04/01/what-an-addres-promises.html":   "/posts/what-an-address-promises",
		"/what-an-address":                           "/posts/what-an-address-promises",
		"/imprin":                                    "/imprint",
		"/tags/what-an-address-promise":              "",
		"/posts/something-else":                      "",
		"/posts/" + strings.Repeat("address-", 2000): "",
	} {
		w, body := b.get(t, target)
		if w.Code != 404 {
			t.Errorf("%.50s: got %d, want 404", target, w.Code)
		}
		found := strings.Contains(body, "<h2>Did you mean</h2>\n<ul>\n<li><a href=\""+want+"\">")
		if want == "" && strings.Contains(body, "Did you mean") || want != "" && !found {
			t.Errorf("%.50s: want %q suggested, got\n%s", target, want, body)
		}
	}
}
