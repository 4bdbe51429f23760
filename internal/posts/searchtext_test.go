package posts_test

import (
	"strings"
	"testing"

	"broadsheet/internal/posts"
)

// PostgreSQL's parser of texts takes time that grows with the square of some
// texts. None of them keeps a post from being saved.
func TestHostileTextsAreSaved(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	much := func(piece string) string { return strings.Repeat(piece, 1_000_000/len(piece)) }
	for _, text := range []string{
		much("<!-- "), "```\n" + much("<!-- "), "```\n" + much("a_"), "```\n" + much("~/"),
		"```\n" + much("<a b=\""), "```\n" + much("a.b/"), "```\n" + much("a@b."),
	} {
		d := b.draft("hostile")
		d.Markdown = text
		if _, err := b.Save(t.Context(), 0, 0, d); err != nil {
			t.Errorf("%.20q…: got %v, want it saved", text, err)
		}
	}
}

func TestSearchFindsWhatReadersSee(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	d := b.draft("Seen")
	d.Status = posts.StatusPublished
	d.Markdown = "un*broken* <!-- unseen --> a&auml;b `snake_case` [link](https://hidden.example/address)\n\n" +
		"```go\nfmt.Println(\"greeting\")\n```\n\n![portrait](/media/1/a.png) 1 &lt; 2<br>end"
	stored := b.save(0, 0, d)
	check := func(found bool, queries ...string) {
		t.Helper()
		for _, query := range queries {
			if got := len(b.search(posts.Search{Words: query})) > 0; got != found {
				t.Errorf("%s: got found %t, want %t", query, got, found)
			}
		}
	}
	check(true, "unbroken", "aäb", "snake_case", "link", "greeting", "portrait", `"1 2 end"`)
	check(false, "unseen", "address", "auml")

	d.Markdown = "changed"
	b.save(stored.ID, stored.Version, d)
	check(true, "changed")
	check(false, "unbroken", "greeting")

	// A new renderer's text is looked at as well.
	if _, err := b.pool.Exec(t.Context(), "UPDATE posts SET plain = '', render_version = 0"); err != nil {
		t.Fatal(err)
	}
	check(false, "changed")
	if _, err := b.RenderStale(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	check(true, "changed")
}
