package reader

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/page"
	"broadsheet/internal/posts"
	"broadsheet/internal/site"
)

// Rendering alone, without the database: template, ETag and compression.

func BenchmarkListingPage(b *testing.B) {
	post := samplePost(b).Card
	l := listingPage{Base: sampleBase(), path: "/", address: url.Values{}, First: "/"}
	for range posts.PageSize {
		l.Posts = append(l.Posts, post)
	}
	var err error
	if l.Cards, err = newCards().html(l.Posts, l.Base, 0); err != nil {
		b.Fatal(err)
	}
	l.Older = "a-cursor-of-27-characters-x"
	benchmark(b, listingTemplate, l)
}

func BenchmarkCard(b *testing.B) {
	c := card{samplePost(b).Card, sampleBase()}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := cardTemplate.HTML(c); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPostPage(b *testing.B) {
	p := PostPage{Base: sampleBase(), Post: samplePost(b)}
	p.Title, p.Description, p.Language = p.Post.Title, p.Post.Description, p.Post.Language
	p.Post.NewerSlug, p.Post.NewerTitle = "newer", "A newer post"
	p.Post.OlderSlug, p.Post.OlderTitle = "older", "An older post"
	benchmark(b, postTemplate, p)
}

func benchmark[T page.Page](b *testing.B, template *page.Template[T], data T) {
	b.Helper()
	request := httptest.NewRequest(http.MethodGet, "/", nil)
	request.Header.Set("Accept-Encoding", "gzip")
	b.ReportAllocs()
	for b.Loop() {
		response := httptest.NewRecorder()
		if err := template.Write(response, request, http.StatusOK, data); err != nil {
			b.Fatal(err)
		}
	}
}

func sampleBase() page.Base {
	return page.Base{
		Site:    site.Settings{Title: "The Daily Gopher", Tagline: "News for rodents", Language: "en", TimeZone: "UTC"},
		BaseURL: "https://blog.example.org", Canonical: "https://blog.example.org/",
	}
}

// samplePost has about 600 words, three headings and a listing.
func samplePost(b *testing.B) posts.Post {
	b.Helper()
	paragraph := strings.Repeat("The *quick* brown fox jumps over the [lazy](https://example.org/dog) dog, and `then` it rests. ", 12)
	section := "\n\n## A section\n\n" + paragraph
	post, err := posts.Preview(posts.Draft{
		Title: "What the fox did next", Language: "en", Status: posts.StatusPublished,
		Tags: []string{"Go", "C#", "Testing"}, PublishedAt: time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC),
		Markdown: paragraph + strings.Repeat(section, 3) + "\n\n```go\nfunc main() {\n\tprintln(\"hello\")\n}\n```\n",
	}, "Ada")
	if err != nil {
		b.Fatal(err)
	}
	return post
}
