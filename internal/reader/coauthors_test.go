package reader_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/posts"
)

// together publishes a post by three, of whom the second says something of herself.
func (b *blog) together(t *testing.T, d posts.Draft) {
	t.Helper()
	b.exec(t, "INSERT INTO users (handle, name, bio) VALUES ('grace', 'Grace Hopper', 'Finds *bugs*.'), ('jane', 'Jane <Doe>', '') ON CONFLICT DO NOTHING")
	d.Coauthors = []string{"grace", "jane"}
	if d.PublishedAt.IsZero() {
		d.PublishedAt = time.Date(2024, 3, 1, 8, 0, 0, 0, time.UTC)
	}
	b.publish(t, d)
}

func TestEverybodyWhoWroteIsNamed(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.together(t, posts.Draft{Title: "Together", Summary: "In short.", Markdown: "Text."})
	b.together(t, posts.Draft{Title: "Zusammen", Language: "de", Markdown: "Text."})
	b.exec(t, "UPDATE users SET bio = 'Counts.' WHERE handle = 'ada-lovelace'")

	_, body := b.get(t, "/posts/together")
	mustContain(t, body,
		`<p class="author"><a class="p-author h-card" href="/authors/ada-lovelace" rel="author"><span dir="auto">Ada Lovelace</span></a>, `+
			`<a class="p-author h-card" href="/authors/grace" rel="author"><span dir="auto">Grace Hopper</span></a> and `+
			`<a class="p-author h-card" href="/authors/jane" rel="author"><span dir="auto">Jane &lt;Doe&gt;</span></a></p>`,
		`<meta name="author" content="Ada Lovelace">`, `<meta name="author" content="Grace Hopper">`, `<meta name="author" content="Jane &lt;Doe&gt;">`,
		`<meta property="article:author" content="https://blog.example/authors/ada-lovelace">`,
		`<meta property="article:author" content="https://blog.example/authors/jane">`,
		`aria-labelledby="author-1"`, `<h2 id="author-1"><a href="/authors/grace"><span dir="auto">Grace Hopper</span></a></h2>`, "Finds <em>bugs</em>.", `<h2 id="author">`)
	if n := strings.Count(body, `class="author-box"`); n != 2 {
		t.Errorf("got %d boxes, want one for each who says something", n)
	}
	people := graph(t, body)["BlogPosting"]["author"].([]any)
	if len(people) != 3 || people[2].(map[string]any)["name"] != "Jane <Doe>" || people[1].(map[string]any)["url"] != "https://blog.example/authors/grace" {
		t.Errorf("got authors %v in the linked data", people)
	}
	_, body = b.get(t, "/posts/zusammen")
	mustContain(t, body, "Grace Hopper</span></a> und <a")

	const names = `<span class="p-author h-card" dir="auto">Ada Lovelace</span>, <span class="p-author h-card" dir="auto">Grace Hopper</span> and <span class="p-author h-card" dir="auto">Jane &lt;Doe&gt;</span>`
	for _, target := range []string{"/", "/authors/ada-lovelace", "/authors/grace", "/authors/jane"} {
		_, body := b.get(t, target)
		mustContain(t, body, `<span class="author">By `+names+"</span>")
		if got := fmt.Sprint(titles(body)); got != "[Zusammen Together]" {
			t.Errorf("%s: got %v", target, got)
		}
	}
	_, body = b.get(t, "/search?q=text+author:jane+author:ada-lovelace")
	mustContain(t, body, "<bdi>Ada Lovelace</bdi>, <bdi>Grace Hopper</bdi> and <bdi>Jane &lt;Doe&gt;</bdi>", `href="/posts/together"`)
	_, body = b.get(t, "/posts/together.md")
	mustContain(t, body, "\nauthors: [Ada Lovelace, Grace Hopper, Jane <Doe>]\n")
	if strings.Contains(body, "\nauthor:") {
		t.Errorf("got one author beside all of them:\n%s", body)
	}
	_, body = b.get(t, "/llms.txt")
	mustContain(t, body, `by Ada Lovelace, Grace Hopper and Jane \<Doe>`)

	for _, list := range []string{"/feed", "/authors/jane/feed"} {
		for _, form := range forms {
			f := b.read(t, list+"."+form)
			var got []string
			for _, author := range f.Items[0].Authors {
				got = append(got, author.Name)
			}
			want := "[Ada Lovelace Grace Hopper Jane <Doe>]"
			if form == "rss" { // of which the parser takes the first name
				_, body := b.get(t, list+"."+form)
				mustContain(t, body, "<dc:creator>Ada Lovelace</dc:creator><dc:creator>Grace Hopper</dc:creator><dc:creator>Jane &lt;Doe&gt;</dc:creator>")
				want = fmt.Sprint(got)
			}
			if fmt.Sprint(got) != want {
				t.Errorf("%s.%s: got authors %v, want %s", list, form, got, want)
			}
		}
	}
}

// The picture of a post says who wrote it.
func TestCardsNameEverybody(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.together(t, posts.Draft{Title: "One", Markdown: "x"})
	_, three := b.get(t, "/posts/one/card.png")
	b.exec(t, "UPDATE posts SET coauthor_ids = '{}'")
	if _, one := b.get(t, "/posts/one/card.png"); one == three {
		t.Error("got the same picture for one author as for three")
	}
}
