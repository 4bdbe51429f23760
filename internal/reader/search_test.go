package reader_test

import (
	"html"
	"net/url"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/posts"
)

func TestSearch(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.fill(t, 12)
	for _, tt := range []struct {
		name, query string
		status      int
		want        []string
	}{
		{"none", "", 200, []string{"<h1>Search</h1>", `value=""`}},
		{"blank", "q=+%09+", 200, []string{"<h1>Search</h1>"}},
		{"found", "q=Story", 200, []string{"<mark>Story</mark> 12", `value="Story"`, "More matches", `q=Story"`}},
		{"a phrase", "q=%22Text+7%22", 200, []string{"/posts/story-7", "<mark>Text</mark> <mark>7</mark> …</p>"}},
		{"nothing found", "q=tabloid", 200, []string{"No post mentions this", `value="tabloid"`}},
		{"hostile", "q=%22%3E%3Cscript%3E", 200, []string{"&#34;&gt;&lt;script&gt;"}},
		{"operators alone", "q=-+or+%22", 200, nil},
		{"SQL", "q='+or+1%3D1+--", 200, nil},
		{"NUL", "q=a%00b", 400, []string{"bytes that are not text"}},
		{"invalid UTF-8", "q=%ff", 400, []string{"bytes that are not text"}},
		{"10,000 characters", "q=" + strings.Repeat("x", 10_000), 400, []string{"may have 200 characters; this one has 10,000"}},
		{"10,000 characters of another script", "q=" + url.QueryEscape(strings.Repeat("ع", 10_000)), 400, []string{"may have 200 characters"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w, body := b.get(t, "/search?"+tt.query)
			if w.Code != tt.status {
				t.Fatalf("got %d, want %d", w.Code, tt.status)
			}
			mustContain(t, body, `role="search"`)
			if got, want := strings.Contains(body, `content="noindex"`), tt.name != "none" && tt.name != "blank"; got != want {
				t.Errorf("got kept out of search engines %v, want %v", got, want)
			}
			mustContain(t, body, tt.want...)
		})
	}
}

func TestSearchPages(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.fill(t, 12)
	_, first := b.get(t, "/search?q=story")
	_, second := b.get(t, link(t, first, "next"))
	mustContain(t, second, "<mark>Story</mark> 2</a>", "<mark>Story</mark> 1</a>")
	if n := strings.Count(second, `class="hit"`); n != 2 {
		t.Errorf("got %d posts on the second page, want 2", n)
	}
	if w, _ := b.get(t, link(t, second, "prev")); w.Code != 302 || w.Header().Get("Location") != "/search?q=story" {
		t.Errorf("back at the top: got %d to %q, want the first page", w.Code, w.Header().Get("Location"))
	}
	if w, _ := b.get(t, "/search?q=text&after="+url.QueryEscape(cursorOf(t, link(t, first, "next")))); w.Code != 400 {
		t.Errorf("a cursor of another search: got %d, want 400", w.Code)
	}
}

func cursorOf(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query().Get("after")
}

func TestSearchFilters(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.fill(t, 3, "Web design")
	b.publish(t, posts.Draft{
		Title: "Another", Markdown: "Text.", Series: "Numbers", PublishedAt: time.Date(2024, 12, 31, 23, 30, 0, 0, time.UTC),
	})
	for _, tt := range []struct {
		query string
		hits  int
		want  string
	}{
		{"text tag:web-design", 3, ""},
		{`text tag:"web design" "text 2"`, 1, "/posts/story-2"},
		{"tag:web-design", 3, ""},
		{"text tag:nope", 0, "No post has the tag “nope”."},
		{"text author:ada-lovelace", 4, ""},
		{"author:bob text", 0, "No post is by “bob”."},
		{"series:numbers", 1, "/posts/another"},
		{"series:words", 0, "There is no series “words”."},
		{"year:2024", 3, "/posts/story-1"}, // the last one is of 2025 in Berlin
		{"year:2025 text", 1, "/posts/another"},
		{"year:2023", 0, "No post mentions this."},
		{"year:2024 year:2025", 0, "A post has one series and one year"},
		{"year:soon", 0, "No post mentions this."},
		{"tag: author: year:", 0, "No post mentions this."},
	} {
		w, body := b.get(t, "/search?q="+url.QueryEscape(tt.query))
		if n := strings.Count(body, `class="hit"`); w.Code != 200 || n != tt.hits || !strings.Contains(body, tt.want) {
			t.Errorf("%s: got status %d and %d posts, want %d and %q\n%s", tt.query, w.Code, n, tt.hits, tt.want, body)
		}
	}
}

func TestDidYouMean(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.publish(t, posts.Draft{Title: "Typesetting newspapers", Markdown: "Text.", Tags: []string{"Printing"}})
	meant := func(query string) string {
		_, body := b.get(t, "/search?q="+url.QueryEscape(query))
		_, rest, _ := strings.Cut(body, `class="meant"`)
		_, rest, _ = strings.Cut(rest, `href="`)
		address, _, _ := strings.Cut(rest, `"`)
		u, err := url.Parse(html.UnescapeString(address))
		if err != nil {
			t.Fatal(err)
		}
		return u.Query().Get("q")
	}
	for query, want := range map[string]string{
		"newspapres":                       "newspapers",
		"Typsetting tag:printing":          "typesetting tag:printing",
		`"typesetting newspapres" -comics`: `"typesetting newspapers" -comics`,
		"newspapers":                       "", // found
		"tabloid":                          "", // like nothing
		"newspapres zebra":                 "", // finds nothing either
		"ne":                               "",
		"":                                 "",
	} {
		if got := meant(query); got != want {
			t.Errorf("%q: got %q, want %q", query, got, want)
		}
	}
}

func TestSuggestions(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.publish(t, posts.Draft{Title: "Typesetting newspapers", Markdown: "Text.", Tags: []string{"Printing"}})
	b.publish(t, posts.Draft{Title: "News from <b>", Markdown: "Text.", Language: "de"})
	b.publish(t, posts.Draft{Title: "Newsletter of next year", Markdown: "Text.", PublishedAt: time.Now().AddDate(1, 0, 0)})
	for query, want := range map[string]string{
		"new": `{"searches":["news","newspapers"],"posts":[{"title":"News from \u003cb\u003e","language":"de","url":"/posts/news-from-b"},` +
			`{"title":"Typesetting newspapers","language":"en","url":"/posts/typesetting-newspapers"}]}`,
		"Typesetting n":             `{"searches":[],"posts":[]}`,
		"typesetting NEWSP":         `{"searches":["typesetting newspapers"],"posts":[{"title":"Typesetting newspapers","language":"en","url":"/posts/typesetting-newspapers"}]}`,
		"prin":                      `{"searches":["printing"],"posts":[]}`,
		"nothing":                   `{"searches":[],"posts":[]}`,
		"":                          `{"searches":[],"posts":[]}`,
		"\x00":                      `{"searches":[],"posts":[]}`,
		"\xff":                      `{"searches":[],"posts":[]}`,
		`%_\'"( | & !`:              `{"searches":[],"posts":[]}`,
		strings.Repeat("x", 10_000): `{"searches":[],"posts":[]}`,
	} {
		w, body := b.get(t, "/search/suggest?q="+url.QueryEscape(query))
		if w.Code != 200 || w.Header().Get("Content-Type") != "application/json" || body != want {
			t.Errorf("%.30q: got %d, %s\n%s\nwant\n%s", query, w.Code, w.Header().Get("Content-Type"), body, want)
		}
	}
}
