package reader_test

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"broadsheet/internal/posts"
	"broadsheet/web"
)

var update = flag.Bool("update", false, "write testdata anew")

// hashes of static files change with every change of the design.
var hashes = regexp.MustCompile(`(/static/[a-z-]+)\.[0-9a-f]{16}\.`)

const article = `The *first* paragraph, with ` + "`code`" + ` and a note.[^1]

<!--more-->

## Setting up

- [x] Read
- [ ] Write

| Name | Size |
|:-----|-----:|
| A    |    1 |

## Running

` + "```go" + `
fmt.Println("hello")
` + "```" + `

## Ending

Term
: What it means.

[^1]: The note.
`

// illustrated is a blog whose pages show everything once.
func illustrated(t *testing.T) *blog {
	t.Helper()
	b := newBlog(t)
	day := func(month, day int) time.Time { return time.Date(2024, time.Month(month), day, 22, 30, 0, 0, time.UTC) }
	b.publish(t, posts.Draft{Title: "Oldest", Markdown: "It began.", Tags: []string{"Go"}, PublishedAt: day(1, 5)})
	b.publish(t, posts.Draft{
		Title: "A < B & C", Markdown: article, Summary: "A *short* summary.", Cover: "/media/1/cover.jpg",
		Tags: []string{"Go", "C#", "web api"}, PublishedAt: day(2, 29), UpdatedAt: day(3, 4),
	})
	b.publish(t, posts.Draft{Title: "مرحبا", Slug: "marhaba", Language: "ar", Markdown: "نص قصير.", Tags: []string{"العربية"}, PublishedAt: day(4, 1)})
	b.publish(t, posts.Draft{Title: "About", Kind: posts.KindPage, Markdown: article, Cover: "/media/1/about.jpg", PublishedAt: day(1, 1)})
	b.publish(t, posts.Draft{Title: "Part one", Series: "In two parts", SeriesPlace: 1, Markdown: "First.", PublishedAt: day(1, 2)})
	b.publish(t, posts.Draft{
		Title: "Part two", Series: "In two parts", SeriesPlace: 2, Summary: "What is left.", Markdown: article, Tags: []string{"Go"},
		Cover: "/media/1/cover.jpg", CoverAlt: "Two parts", CoverX: 31, CoverY: 100, Featured: true, PublishedAt: day(1, 3),
	})
	b.publish(t, posts.Draft{Title: "Teil zwei", Language: "de", TranslationOf: "part-two", Markdown: "Rest.", PublishedAt: day(1, 4)})
	b.exec(t, "UPDATE users SET bio = 'Writes *programs*.'")
	b.exec(t, "UPDATE tags SET image = '/media/1/go.jpg', description = 'A language.' WHERE slug = 'go'")
	for range 9 {
		b.publish(t, posts.Draft{Title: "Briefly", Markdown: article, Tags: []string{"Go"}, PublishedAt: day(5, 1)})
	}
	return b
}

func TestGolden(t *testing.T) {
	t.Parallel()
	b := illustrated(t)
	_, first := b.get(t, "/")
	for _, tt := range []struct {
		name, target string
		status       int
	}{
		{"listing", link(t, first, "next"), 200},
		{"tag", "/tags/go", 200},
		{"tags", "/tags", 200},
		{"post", "/posts/a-b-c", 200},
		{"search", "/search?q=short", 200},
		{"front", "/", 200},
		{"part", "/posts/part-two", 200},
		{"page", "/about", 200},
		{"series", "/series/in-two-parts", 200},
		{"author", "/authors/ada-lovelace", 200},
		{"archive", "/archive", 200},
		{"year", "/archive/2024", 200},
		{"404", "/posts/nothing", 404},
	} {
		w, got := b.get(t, tt.target)
		if w.Code != tt.status {
			t.Errorf("%s: got %d, want %d", tt.target, w.Code, tt.status)
		}
		got = hashes.ReplaceAllString(got, "$1.HASH.")
		file := filepath.Join("testdata", tt.name+".html")
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s differs from %s (-want +got), -update writes it anew:\n%s", tt.target, file, diff)
		}
	}
}

// TestEveryPage executes every template of the public pages, on a blog
// without a post and on one with all there can be.
func TestEveryPage(t *testing.T) {
	t.Parallel()
	targets := map[string][]string{
		"listing.html": {"/", "/tags/go", "/?tag=go&tag=c-sharp", "/?tag=go&tag=nope", "/authors/ada-lovelace", "/archive/2024", "/archive/2024/05"},
		"search.html":  {"/search", "/search?q=short", "/search?q=shrot", "/search?q=tag%3Ago", "/search?q=tag%3Anope", "/search?q=%00"},
		"post.html":    {"/posts/oldest", "/posts/a-b-c", "/posts/marhaba"},
		"page.html":    {"/about"},
		"series.html":  {"/series/in-two-parts", "/series/in-two-parts?after=1"},
		"archive.html": {"/archive"},
		"tags.html":    {"/tags", "/tags?after=z"},
		"error.html":   {"/nothing", "/posts/nothing", "/?after=x", "/?after=x&before=x"},
	}
	files, err := fs.Glob(web.Templates, "templates/pages/*.html")
	if err != nil || len(files) == 0 {
		t.Fatal("no templates:", err)
	}
	empty, full := newBlog(t), illustrated(t)
	for _, file := range files {
		name := filepath.Base(file)
		if len(targets[name]) == 0 {
			t.Errorf("%s: no address of this test shows it", name)
		}
		for _, target := range targets[name] {
			for _, b := range []*blog{empty, full} {
				if w, _ := b.get(t, target); w.Code >= 500 {
					t.Errorf("%s: got %d", target, w.Code)
				}
			}
		}
	}
}
