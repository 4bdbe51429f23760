package browsertest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"broadsheet/internal/posts"
)

// TestEditorCoauthors chooses among many people who wrote a post, in an order,
// in one window, and has another window hear of it.
func TestEditorCoauthors(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for i := range 30 {
		if _, err := b.accounts.EnsureAuthor(t.Context(), fmt.Sprintf("Person %c%02d", 'A'+i%5, i)); err != nil {
			t.Fatal(err)
		}
	}
	post := b.save(t, posts.Draft{Title: "Herons", Markdown: "One", PublishedAt: time.Now().Add(-time.Hour)})
	p, other := b.signedIn(t), b.signedInAs(t, "Zoe Last")
	p.open(editPath(post), 200)
	other.open(editPath(post), 200)
	const box, chosen = `#coauthors input[value="%s"]`, "#coauthors li:has(:checked)"
	p.press(`details:has(#coauthors) > summary`)

	// The field finds somebody, and is no answer to the form.
	p.fill("coauthors-find", "person b26")
	p.until(`() => document.querySelectorAll("#coauthors li:not([hidden])").length === 1`)
	p.step(chromedp.SendKeys("#coauthors-find", kb.Enter))
	p.press(fmt.Sprintf(box, "person-b26"))
	p.fill("coauthors-find", "person a")
	p.press(fmt.Sprintf(box, "person-a05"))
	p.until(`() => document.activeElement?.value === "person-a05"`) // where the keyboard was
	p.wantTexts(chosen, "Person B26", "Person A05")
	p.saved()
	if got := b.working(t, post.ID).Fields["coauthors"]; got != "person-b26, person-a05" {
		t.Errorf("got %q kept, want those who were chosen, the last one last", got)
	}
	other.until(`() => document.querySelectorAll("#coauthors :checked").length === 2`)
	other.press(`details:has(#coauthors) > summary`)
	other.wantTexts(chosen, "Person B26", "Person A05")

	other.press(fmt.Sprintf(box, "person-b26"))
	other.saved()
	p.until(`() => document.querySelectorAll("#coauthors :checked").length === 1`)
	p.click("[value=save]", 200)
	p.want("Updated.")
	p.wantTexts(chosen, "Person A05")
	reader := b.visitor(t)
	reader.open("/authors/person-a05", 200)
	reader.want("Herons")
	p.wantQuiet()
}
