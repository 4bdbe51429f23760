package reader_test

import (
	"encoding/xml"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"

	"broadsheet/internal/posts"
)

type sitemap struct {
	XMLName xml.Name
	Parts   []location `xml:"sitemap"`
	Pages   []location `xml:"url"`
	Other   []element  `xml:",any"`
}

type location struct {
	Address string    `xml:"loc"`
	Changed string    `xml:"lastmod"`
	Other   []element `xml:",any"`
}

// sitemap reads a part of the sitemap and checks it against sitemaps.org.
func (b *blog) sitemap(t *testing.T, target, root string) []location {
	t.Helper()
	w, body := b.get(t, target)
	if w.Code != 200 || w.Header().Get("Content-Type") != "application/xml; charset=utf-8" {
		t.Fatalf("%s: got %d, %q", target, w.Code, w.Header().Get("Content-Type"))
	}
	var s sitemap
	if err := xml.Unmarshal([]byte(body), &s); err != nil {
		t.Fatalf("%s: %v\n%s", target, err, body)
	}
	if s.XMLName.Space != "http://www.sitemaps.org/schemas/sitemap/0.9" || s.XMLName.Local != root {
		t.Errorf("%s: got %v", target, s.XMLName)
	}
	all := append(s.Parts, s.Pages...)
	if len(s.Other) > 0 || len(s.Parts) > 0 && len(s.Pages) > 0 {
		t.Errorf("%s: got %v, %d parts and %d pages", target, s.Other, len(s.Parts), len(s.Pages))
	}
	seen := map[string]bool{}
	if len(all) == 0 || len(all) > 50_000 || len(body) > 50<<20 {
		t.Errorf("%s: got %d addresses in %d bytes", target, len(all), len(body))
	}
	for _, l := range all {
		if u, err := url.Parse(l.Address); err != nil || u.String() != l.Address || u.Fragment != "" || seen[l.Address] || len(l.Other) > 0 {
			t.Errorf("%s: got %+v, %v, want each address once and escaped", target, l, err)
		}
		seen[l.Address] = true
		if !strings.HasPrefix(l.Address, "https://blog.example/") || len(l.Address) >= 2048 {
			t.Errorf("%s: got address %q", target, l.Address)
		}
		if _, err := time.Parse(time.RFC3339, l.Changed); err != nil && l.Changed != "" {
			t.Errorf("%s: got lastmod %q", target, l.Changed)
		}
	}
	return all
}

// mapped returns all addresses of the sitemap with their times.
func (b *blog) mapped(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, part := range b.sitemap(t, "/sitemap.xml", "sitemapindex") {
		for _, l := range b.sitemap(t, strings.TrimPrefix(part.Address, "https://blog.example"), "urlset") {
			if _, twice := found[l.Address]; twice {
				t.Errorf("got %s twice", l.Address)
			}
			found[l.Address] = l.Changed
			if part.Changed != "" && l.Changed > part.Changed {
				t.Errorf("%s changed at %s, later than its part at %s", l.Address, l.Changed, part.Changed)
			}
		}
	}
	return found
}

func TestSitemapHasWhatReadersSee(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	if got := b.mapped(t); len(got) != 3 {
		t.Errorf("got %v of an empty blog", got)
	}
	at := time.Date(2024, 3, 1, 8, 0, 0, 0, time.UTC)
	b.publish(t, posts.Draft{Title: "Seen & heard", Markdown: "x", Tags: []string{"Go"}, Series: "Letters", PublishedAt: at, UpdatedAt: at.Add(time.Hour)})
	b.publish(t, posts.Draft{Title: "About", Kind: posts.KindPage, Markdown: "x", PublishedAt: at})
	b.publish(t, posts.Draft{Title: "Hidden", Markdown: "x", NoIndex: true, PublishedAt: at})
	b.publish(t, posts.Draft{Title: "Elsewhere", Markdown: "x", CanonicalURL: "https://other.example/", PublishedAt: at})
	b.publish(t, posts.Draft{Title: "Later", Markdown: "x", Tags: []string{"Zig"}, Series: "To come", PublishedAt: time.Now().Add(time.Hour)})
	if _, err := b.posts.Save(t.Context(), 0, 0, posts.Draft{Title: "Draft", Markdown: "x", Language: "en", AuthorID: b.author, Status: posts.StatusDraft}); err != nil {
		t.Fatal(err)
	}
	got := b.mapped(t)
	for address, changed := range map[string]string{
		"/": "", "/tags": "", "/archive": "", "/posts/seen-heard": "2024-03-01T09:00:00Z", "/about": "2024-03-01T08:00:00Z",
		"/tags/go": "2024-03-01T08:00:00Z", "/series/letters": "2024-03-01T08:00:00Z", "/authors/ada-lovelace": "2024-03-01T08:00:00Z",
	} {
		if is, ok := got["https://blog.example"+address]; !ok || is != changed {
			t.Errorf("%s: got %q, %v, want %q", address, is, ok, changed)
		}
		delete(got, "https://blog.example"+address)
	}
	if len(got) > 0 {
		t.Errorf("got %v as well", got)
	}
	for _, target := range []string{"/sitemap/2.xml", "/sitemap/-1.xml", "/sitemap/01.xml", "/sitemap/+1.xml", "/sitemap/x.xml", "/sitemap/.xml", "/sitemap/99999999999999999999.xml", "/sitemap/2147483647.xml", "/sitemap/1"} {
		if w, _ := b.get(t, target); w.Code != 404 {
			t.Errorf("%s: got %d, want 404", target, w.Code)
		}
	}
}

// Parts follow the ids, have gaps where nothing is, and are read in batches.
func TestSitemapIsSplit(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for _, ids := range []string{"1, 2500", "9998, 10003", "70000, 70000"} {
		_, err := b.pool.Exec(t.Context(), `
			INSERT INTO posts (id, slug, title, status, published_at, author_id, markdown, html, excerpt, render_version)
			OVERRIDING SYSTEM VALUE
			SELECT n, 'p' || n, 'p', 'published', '2024-01-01'::timestamptz + n * interval '1 s', $1, 'x', 'x', 'x', 1
			FROM generate_series(`+ids+`) n`, b.author)
		if err != nil {
			t.Fatal(err)
		}
	}
	index := b.sitemap(t, "/sitemap.xml", "sitemapindex")
	var parts []string
	for _, p := range index {
		parts = append(parts, strings.TrimPrefix(p.Address, "https://blog.example/sitemap/"))
	}
	if diff := cmp.Diff([]string{"0.xml", "1.xml", "2.xml", "8.xml"}, parts); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
	if got := len(b.mapped(t)); got != 2500+6+1+4 { // the author, too
		t.Errorf("got %d addresses", got)
	}
	r := httptest.NewRequest("GET", "/sitemap/1.xml", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	z, err := gzip.NewReader(w.Body)
	if err != nil || w.Header().Get("Content-Encoding") != "gzip" || w.Header().Get("Vary") != "Accept-Encoding" {
		t.Fatalf("got %v, header %v", err, w.Header())
	}
	var s sitemap
	if err := xml.NewDecoder(z).Decode(&s); err != nil || len(s.Pages) != 2502 {
		t.Errorf("got %d pages, %v", len(s.Pages), err)
	}
}

// A part broken off is no whole part: the connection is cut.
func TestSitemapIsNeverHalf(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	_, err := b.pool.Exec(t.Context(), `
		INSERT INTO posts (slug, title, status, published_at, author_id, markdown, html, excerpt, render_version)
		SELECT 'p' || n, 'p', 'published', '2024-01-01', $1, 'x', 'x', 'x', 1 FROM generate_series(1, 1500) n`, b.author)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if recover() == nil {
			t.Error("got an answer, want the connection cut")
		}
	}()
	r := httptest.NewRequest("GET", "/sitemap/1.xml", nil)
	b.ServeHTTP(closing{httptest.NewRecorder(), b}, r)
}

// closing takes the database away when the first bytes come.
type closing struct {
	*httptest.ResponseRecorder
	blog *blog
}

func (c closing) Write(p []byte) (int, error) {
	c.blog.pool.Close()
	return c.ResponseRecorder.Write(p)
}

// A scheduled post is nowhere before its second, and everywhere from then on.
func TestScheduledPostsAppearEverywhere(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	at := time.Now().Add(3 * time.Second)
	b.publish(t, posts.Draft{Title: "Tomorrow", Markdown: "Words to come.", Tags: []string{"Go"}, Series: "Letters", PublishedAt: at})
	places := []string{"/posts/tomorrow", "/posts/tomorrow.md", "/sitemap/0.xml", "/sitemap/1.xml", "/llms.txt"}
	for _, list := range []string{"/feed.", "/tags/go/feed.", "/authors/ada-lovelace/feed.", "/series/letters/feed.", "/search/feed."} {
		for _, form := range forms {
			places = append(places, list+form+"?q=words")
		}
	}
	sees := func(place string) bool {
		w, body := b.get(t, place)
		return w.Code == 200 && (strings.Contains(body, "omorrow") || place == "/sitemap/0.xml" && strings.Contains(body, "/tags/go"))
	}
	for _, place := range places {
		if sees(place) && time.Now().Before(at) {
			t.Errorf("%s shows the post before its time", place)
		}
	}
	if _, err := b.pool.Exec(t.Context(), "SELECT pg_sleep_until($1)", at); err != nil {
		t.Fatal(err)
	}
	for _, place := range places {
		if !sees(place) {
			t.Errorf("%s does not show the post at its time", place)
		}
	}
}

func TestSource(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	at := time.Date(2024, 3, 1, 8, 0, 0, 0, time.UTC)
	s := b.publish(t, posts.Draft{Title: "Colons: \"and\" # more", Summary: "In *short*.", Markdown: "# Head\n\n<!-- for me -->Text with [a link](/x).\r\n", Tags: []string{"Go", "C#"}, PublishedAt: at})
	b.publish(t, posts.Draft{Title: "Copy", Markdown: "x", CanonicalURL: "https://other.example/copy", PublishedAt: at})
	w, body := b.get(t, "/posts/colons-and-more.md")
	const want = `---
title: 'Colons: "and" # more'
date: "2024-03-01T09:00:00+01:00"
author: Ada Lovelace
language: en
tags: [Go, C#]
description: In *short*.
canonical: https://blog.example/posts/colons-and-more
---

# Head

Text with [a link](/x).
`
	if body != want || w.Header().Get("Content-Type") != "text/markdown; charset=utf-8" {
		t.Errorf("got %q\n%s\nwant\n%s", w.Header().Get("Content-Type"), body, want)
	}
	_, body = b.get(t, "/posts/copy.md")
	mustContain(t, body, "canonical: https://other.example/copy")
	_, body = b.get(t, "/llms.txt")
	mustContain(t, body, "# The Daily Compile\n\n> News from the build\n", `- [Colons: "and" # more](https://blog.example/posts/colons-and-more.md): 2024-03-01, by Ada Lovelace`)

	d := posts.Draft{Title: "New", Slug: "new", Markdown: "x", Language: "en", AuthorID: b.author, Status: posts.StatusPublished, PublishedAt: at}
	s, err := b.posts.Save(t.Context(), s.ID, s.Version, d)
	if err != nil {
		t.Fatal(err)
	}
	if w, _ := b.get(t, "/posts/colons-and-more.md"); w.Code != 301 || w.Header().Get("Location") != "/posts/new.md" {
		t.Errorf("a former address: got %d to %q", w.Code, w.Header().Get("Location"))
	}
	if err := b.posts.Delete(t.Context(), s.ID, s.Version); err != nil {
		t.Fatal(err)
	}
	for target, status := range map[string]int{"/posts/new.md": 410, "/posts/none.md": 404, "/posts/%00.md": 404, "/posts/.md": 404} {
		if w, _ := b.get(t, target); w.Code != status {
			t.Errorf("%s: got %d, want %d", target, w.Code, status)
		}
	}
	_, robots := b.get(t, "/robots.txt")
	mustContain(t, robots, "Disallow: /admin\n", "Disallow: /search?\nDisallow: /search/\n", "\nSitemap: https://blog.example/sitemap.xml\n")
}
