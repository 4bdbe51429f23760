package reader_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"broadsheet/internal/posts"
)

// graph returns the linked data of a page by its types.
func graph(t *testing.T, body string) map[string]map[string]any {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]map[string]any{}
	for n := range doc.Descendants() {
		if n.Data != "script" || attribute(n, "type") != "application/ld+json" {
			continue
		}
		var data struct {
			Context string           `json:"@context"`
			Graph   []map[string]any `json:"@graph"`
		}
		if err := json.Unmarshal([]byte(n.FirstChild.Data), &data); err != nil || data.Context != "https://schema.org" {
			t.Fatalf("%v: %s", err, n.FirstChild.Data)
		}
		for _, thing := range data.Graph {
			found[thing["@type"].(string)] = thing
		}
	}
	return found
}

func TestLinkedData(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	const title = `</script><script>alert(1)</script> "quoted" <!-- & ]]> *`
	b.publish(t, posts.Draft{
		Title: title, Slug: "x", Markdown: "Text.", Tags: []string{"Go", "</script>"}, Series: "Letters",
		PublishedAt: time.Date(2024, 3, 1, 8, 0, 0, 0, time.UTC), UpdatedAt: time.Date(2024, 3, 2, 8, 0, 0, 0, time.UTC),
	})
	b.publish(t, posts.Draft{Title: "About", Kind: posts.KindPage, Markdown: "x"})
	b.publish(t, posts.Draft{Title: "Copy", Markdown: "x", CanonicalURL: "https://other.example/copy", PublishedAt: time.Date(2024, 2, 1, 8, 0, 0, 0, time.UTC)})

	_, body := b.get(t, "/posts/x")
	post := graph(t, body)["BlogPosting"]
	for name, want := range map[string]any{
		"headline": title, "url": "https://blog.example/posts/x", "datePublished": "2024-03-01T09:00:00+01:00",
		"dateModified": "2024-03-02T09:00:00+01:00", "inLanguage": "en", "image": "https://blog.example/posts/x/card.png",
	} {
		if diff := cmp.Diff(want, post[name]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	crumbs := graph(t, body)["BreadcrumbList"]["itemListElement"].([]any)
	if last := crumbs[len(crumbs)-1].(map[string]any); len(crumbs) != 3 || last["position"] != 3.0 || last["item"] != "https://blog.example/posts/x" {
		t.Errorf("got breadcrumbs %v", crumbs)
	}
	mustContain(t, body, `<link rel="alternate" type="text/markdown" href="/posts/x.md">`, `<meta property="og:locale" content="en_US">`,
		`<meta property="article:author" content="https://blog.example/authors/ada-lovelace">`, `<link rel="canonical" href="https://blog.example/posts/x">`)

	_, body = b.get(t, "/posts/copy")
	mustContain(t, body, `<link rel="canonical" href="https://other.example/copy">`)
	_, body = b.get(t, "/")
	front := graph(t, body)
	if action := front["WebSite"]["potentialAction"].(map[string]any); front["Blog"] == nil ||
		action["target"].(map[string]any)["urlTemplate"] != "https://blog.example/search?q={search_term_string}" {
		t.Errorf("got %v", front)
	}
	for _, target := range []string{"/about", "/tags/go", "/series/letters", "/authors/ada-lovelace"} {
		if _, body := b.get(t, target); graph(t, body)["BreadcrumbList"] == nil {
			t.Errorf("%s: got no breadcrumbs", target)
		}
	}
}

// The classes of microformats2 stand where a parser looks for them.
func TestMicroformats(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.publish(t, posts.Draft{Title: "One", Slug: "one", Summary: "In short.", Markdown: "Text.", Tags: []string{"Go"}})
	for target, want := range map[string][]string{
		"/posts/one": {"h-entry", "p-name", "p-summary", "p-author", "h-card", "dt-published", "e-content", "p-category"},
		"/":          {"h-feed", "h-entry", "p-name", "u-url", "p-summary", "p-author", "dt-published", "p-category"},
	} {
		_, body := b.get(t, target)
		doc, err := html.Parse(strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		entry := map[string]bool{}
		for n := range doc.Descendants() {
			for _, class := range strings.Fields(attribute(n, "class")) {
				inside := class == "h-entry" || class == "h-feed"
				for p := range n.Ancestors() {
					inside = inside || strings.Contains(" "+attribute(p, "class")+" ", " h-entry ")
				}
				if inside {
					entry[class] = true
				}
			}
		}
		for _, class := range want {
			if !entry[class] {
				t.Errorf("%s: got no %s in an entry", target, class)
			}
		}
	}
}
