package browsertest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"broadsheet/internal/accounts"
	"broadsheet/internal/posts"
)

// working returns what the server keeps of the form of a post.
func (b *blog) working(t *testing.T, id int64) posts.Working {
	t.Helper()
	w, _, err := b.posts.Open(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// signedInAs returns a tab of another author.
func (b *blog) signedInAs(t *testing.T, name string) *tab {
	t.Helper()
	user, err := b.accounts.Add(t.Context(), accounts.NewUser{
		Name: name, Email: strings.ToLower(strings.Fields(name)[0]) + "@example.com", Password: password, Role: accounts.RoleAuthor,
	}, "")
	if err != nil {
		t.Fatal(err)
	}
	return b.signedInWith(t, user.ID)
}

// TestEditorOnTheServer writes a published post on: readers see it only when it
// is updated.
func TestEditorOnTheServer(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	post := b.save(t, posts.Draft{Title: "Herons", Markdown: "One", PublishedAt: time.Now().Add(-time.Hour)})
	p := b.signedIn(t)
	p.open(editPath(post), 200)
	p.toEnd()
	p.typed(" two")
	p.saved()
	if got := b.working(t, post.ID).Markdown; got != "One two" {
		t.Errorf("got %q kept, want what was typed", got)
	}
	reader := b.visitor(t)
	reader.open("/posts/herons", 200)
	reader.wantTexts(".prose p", "One")
	p.typed(" three")
	p.click("[value=save]", 200)
	p.want("Updated.")
	p.wantSource("One two three")
	reader.open("/posts/herons", 200)
	reader.wantTexts(".prose p", "One two three")
	if got := p.texts(".come-back"); len(got) > 0 {
		t.Errorf("got %q offered after all was stored, want nothing", got)
	}

	// A new post becomes a draft by itself.
	p.open("/admin/posts/new", 200)
	p.fill("title", "Geese")
	p.fill("markdown", "They graze.")
	p.saved()
	p.until(`() => /^\/admin\/posts\/\d+$/.test(location.pathname)`)
	p.click("[value=publish]", 200)
	p.want("Published.")
	reader.open("/posts/geese", 200)
	p.wantQuiet()
}

// TestEditorOfTwo has two authors write one post at the same time: what each
// of them writes comes to the other.
func TestEditorOfTwo(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	post := b.save(t, posts.Draft{Title: "Herons", Markdown: "First.\n\nSecond.\n\nThird.", Status: posts.StatusDraft})
	ada, grace := b.signedIn(t), b.signedInAs(t, "Grace Hopper")
	ada.open(editPath(post), 200)
	grace.open(editPath(post), 200)
	ada.until(`() => document.querySelector(".company").innerText.includes("Grace Hopper has this open, too")`)
	ada.toEnd()
	ada.typed(" By Ada.")
	ada.saved()
	grace.until(`() => document.querySelector(".cm-content").textContent.includes("Third. By Ada.")`)

	// Both at once.
	grace.toEnd()
	grace.chord(kb.Home, chromedp.ModifierCtrl)
	grace.typed("By Grace. ")
	ada.typed(" More.")
	want := "By Grace. First.\n\nSecond.\n\nThird. By Ada. More."
	for _, p := range []*tab{ada, grace} {
		p.until(`() => ["By Grace. First.", "By Ada. More."].every(text => document.querySelector(".cm-content").textContent.includes(text))`)
		p.wantSource(want)
	}
	for deadline := time.Now().Add(stepTimeout); ; {
		got := b.working(t, post.ID).Markdown
		if got == want {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("got %q kept, want %q", got, want)
		}
	}

	// The same place: both are shown, and chosen.
	ada.chord(kb.Home, chromedp.ModifierCtrl)
	grace.chord(kb.Home, chromedp.ModifierCtrl)
	ada.typed("Ada ")
	grace.typed("Grace ")
	open := `() => document.querySelector("dialog.conflict")?.open === true`
	var asked *tab
	for deadline := time.Now().Add(stepTimeout); asked == nil; {
		for _, p := range []*tab{ada, grace} {
			if js[bool](p, open) {
				asked = p
			}
		}
		if time.Now().After(deadline) {
			t.Fatal("nobody was asked which text to keep")
		}
	}
	asked.press(".conflict [value=both]")
	asked.press(".conflict .primary")
	for _, p := range []*tab{ada, grace} {
		p.until(`() => ["Ada", "Grace", "By Ada. More."].every(text => document.querySelector(".cm-content").textContent.includes(text))`)
	}
}
