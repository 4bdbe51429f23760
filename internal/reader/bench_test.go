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

// renderings are what is rendered of an uncached page. The bounds leave a fifth
// of room, of which the race detector takes half.
var renderings = []struct {
	name string
	most float64 // allocations
	make func(testing.TB) func() error
}{
	{"ListingPage", 280, renderListing},
	{"Card", 280, renderCard},
	{"PostPage", 640, renderPost},
}

func TestRenderingAllocates(t *testing.T) {
	for _, r := range renderings {
		render := r.make(t)
		var err error
		if got := testing.AllocsPerRun(100, func() { err = render() }); got > r.most || err != nil {
			t.Errorf("%s: got %v allocations and error %v, want at most %v", r.name, got, err, r.most)
		}
	}
}

func BenchmarkRendering(b *testing.B) {
	for _, r := range renderings {
		b.Run(r.name, func(b *testing.B) {
			render := r.make(b)
			b.ReportAllocs()
			for b.Loop() {
				if err := render(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func renderListing(tb testing.TB) func() error {
	post := samplePost(tb).Card
	l := listingPage{Base: sampleBase(), path: "/", address: url.Values{}, First: "/"}
	for range posts.PageSize {
		l.Posts = append(l.Posts, post)
	}
	var err error
	if l.Cards, err = newCards().html(l.Posts, l.Base, 0); err != nil {
		tb.Fatal(err)
	}
	l.OlderURL = "/?after=a-cursor-of-27-characters-x"
	return renderPage(listingTemplate, l)
}

func renderCard(tb testing.TB) func() error {
	c := card{Card: samplePost(tb).Card, Base: sampleBase()}
	return func() error {
		_, err := cardTemplate.HTML(c)
		return err
	}
}

func renderPost(tb testing.TB) func() error {
	p := PostPage{Base: sampleBase(), Post: samplePost(tb)}
	p.Title, p.Description, p.Language = p.Post.Title, p.Post.Description, p.Post.Language
	p.Post.NewerSlug, p.Post.NewerTitle = "newer", "A newer post"
	p.Post.OlderSlug, p.Post.OlderTitle = "older", "An older post"
	return renderPage(postTemplate, p)
}

func renderPage[T page.Page](template *page.Template[T], data T) func() error {
	request := httptest.NewRequest(http.MethodGet, "/", nil)
	request.Header.Set("Accept-Encoding", "gzip")
	return func() error {
		return template.Write(httptest.NewRecorder(), request, http.StatusOK, data)
	}
}

func sampleBase() page.Base {
	base := page.New(nil, nil, &url.URL{Scheme: "https", Host: "blog.example.org"}, nil).LastBase()
	base.Site = site.Settings{Title: "The Daily Gopher", Tagline: "News for rodents", Language: "en", TimeZone: "UTC"}
	base.Canonical = "https://blog.example.org/"
	return base
}

// samplePost has about 600 words, three headings and a listing.
func samplePost(tb testing.TB) posts.Post {
	tb.Helper()
	paragraph := strings.Repeat("The *quick* brown fox jumps over the [lazy](https://example.org/dog) dog, and `then` it rests. ", 12)
	section := "\n\n## A section\n\n" + paragraph
	post, err := posts.Preview(posts.Draft{
		Title: "What the fox did next", Language: "en", Status: posts.StatusPublished,
		Tags: []string{"Go", "C#", "Testing"}, PublishedAt: time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC),
		Markdown: paragraph + strings.Repeat(section, 3) + "\n\n```go\nfunc main() {\n\tprintln(\"hello\")\n}\n```\n",
	}, "Ada")
	if err != nil {
		tb.Fatal(err)
	}
	return post
}
