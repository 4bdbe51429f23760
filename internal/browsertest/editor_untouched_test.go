package browsertest_test

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"broadsheet/internal/posts"
)

// TestEditorLeavesUntouchedFormsAlone opens forms and types nothing: nothing is
// sent, and an empty form makes no draft.
func TestEditorLeavesUntouchedFormsAlone(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	post := b.save(t, posts.Draft{Title: "Herons", Markdown: "One", Tags: []string{"Go", "Birds"}, Series: "Waders", SeriesPlace: 2, PublishedAt: time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)})
	b.signedInAs(t, "Grace Hopper") // somebody to have written it, too
	p := b.signedIn(t)
	for _, path := range []string{"/admin/posts/new", "/admin/posts/new?kind=page", editPath(post)} {
		p.open(path, 200)
		p.until(`() => document.querySelector(".cm-content") !== null`)
		p.journal()
		if got := js[[]string](p, `() => {
			const form = document.querySelector("form.editor"), was = new Map()
			for (const e of form.elements) {
				if (!e.name || e.closest(".cm-editor") || e.type === "submit") continue
				const box = e.type === "checkbox" || e.type === "radio"
				if (box ? e.checked !== e.defaultChecked : e.value !== e.defaultValue && e.tagName !== "SELECT") was.set(e.name, e.defaultValue + " → " + e.value)
			}
			return [...was].map(all => all.join(": "))
		}`); len(got) > 0 {
			t.Errorf("%s: got changed %q, want nothing", path, got)
		}
		p.step(chromedp.Sleep(2500 * time.Millisecond)) // longer than a pause
		p.until(`() => ["", "Saved"].includes(document.querySelector(".saved").innerText)`)
		if n := p.journal(); n != 0 {
			t.Errorf("%s: got %d texts in the journal, want none", path, n)
		}
	}
	var n int
	if err := b.pool.QueryRow(t.Context(), "SELECT count(*) FROM posts").Scan(&n); err != nil {
		t.Fatal(err)
	}
	if n != 1 {
		t.Errorf("got %d posts, want the one", n)
	}
}
