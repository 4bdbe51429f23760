package browsertest_test

import (
	"slices"
	"strconv"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"broadsheet/internal/posts"
)

// source is the text in the editor, as readers of the screen see it; long
// texts are there only as far as they are in view.
const source = `() => [...document.querySelectorAll(".cm-line")].map(line => line.textContent).join("\n")`

// typed types as a person does who hits no key that commands.
func (p *tab) typed(text string) {
	p.t.Helper()
	call(p, input.InsertText, input.InsertTextParams{Text: text})
}

// chord presses a key while others are held down.
func (p *tab) chord(key string, modifiers ...chromedp.Modifier) {
	p.t.Helper()
	p.step(chromedp.KeyEvent(key, chromedp.KeyModifiers(modifiers...)))
}

// wantSource checks the text in the editor.
func (p *tab) wantSource(want string) {
	p.t.Helper()
	if got := js[string](p, source); got != want {
		p.t.Errorf("got source %q, want %q", got, want)
	}
}

// wantQuiet checks that the page violated no policy and complained of nothing.
func (p *tab) wantQuiet() {
	p.t.Helper()
	if _, messages, dialogs := p.take(); len(messages)+len(dialogs) > 0 {
		p.t.Errorf("%s: got messages %q and dialogs %q, want none", p.path(), messages, dialogs)
	}
}

func TestEditor(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	post := b.save(t, posts.Draft{Title: "Herons", Markdown: "# One\n\nText.", Status: posts.StatusDraft, Language: "de"})
	p := b.signedIn(t)
	p.open(editPath(post), 200)
	p.wantSource("# One\n\nText.")
	// What assistive technology is told, and what the browser's spelling needs.
	if got, want := js[[]string](p, `() => {
		const e = document.getElementById("markdown")
		const named = e.getAttribute("aria-labelledby").split(" ").map(id => document.getElementById(id).innerText)
		return [e.role ?? e.getAttribute("role"), e.ariaMultiLine, named.join(" "), e.lang, e.dir, e.spellcheck + ""]
	}`), []string{"textbox", "true", "Text", "de", "ltr", "true"}; !slices.Equal(got, want) {
		t.Errorf("got %q of the editor, want %q", got, want)
	}
	if js[bool](p, `() => document.querySelector("textarea[name=markdown]").checkVisibility()`) {
		t.Error("got the field of the text beside the editor, want it hidden")
	}
	p.press("#markdown-label")
	p.wantFocus("markdown")

	p.fill("markdown", "# Two\n\nOther *text*.")
	p.click("[value=save]", 200)
	p.want("Draft saved.")
	p.wantSource("# Two\n\nOther *text*.")
	stored, err := b.posts.Get(t.Context(), post.ID)
	if err != nil {
		t.Fatal(err)
	}
	if want := "# Two\n\nOther *text*."; stored.Markdown != want {
		t.Errorf("got %q stored, want %q", stored.Markdown, want)
	}
	p.wantQuiet()
}

// TestEditorDirection checks that a text runs as its own language does, not as
// that of its author.
func TestEditorDirection(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	post := b.save(t, posts.Draft{Title: "مالك الحزين", Markdown: "نص.", Status: posts.StatusDraft, Language: "ar"})
	p := b.signedIn(t)
	p.open(editPath(post), 200)
	const direction = `() => getComputedStyle(document.getElementById("markdown")).direction`
	if got := js[string](p, direction); got != "rtl" {
		t.Errorf("got the text of an Arabic post from %s, want rtl", got)
	}
	p.fill("language", "en")
	p.key("\t")
	p.until(`() => getComputedStyle(document.getElementById("markdown")).direction === "ltr"`)
}

// TestEditorLeavesByTab checks that the keyboard gets into the text and out
// of it again.
func TestEditorLeavesByTab(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	post := b.save(t, posts.Draft{Title: "List", Markdown: "- one\n- two", Status: posts.StatusDraft})
	p := b.signedIn(t)
	p.open(editPath(post), 200)
	js[bool](p, `() => { document.getElementById("markdown").focus(); return true }`)
	p.key(kb.Escape)
	p.key("\t")
	if got := js[bool](p, `() => document.querySelector(".cm-editor").contains(document.activeElement)`); got {
		t.Error("got focus still in the text after Escape and Tab, want it on what follows")
	}
	p.wantSource("- one\n- two")
}

// TestEditorFitsPhone checks that nothing of the form is wider than a phone.
func TestEditorFitsPhone(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	p := b.signedIn(t)
	p.resize(360)
	p.open("/admin/posts/new", 200)
	p.fill("markdown", "Words that go on and on, far beyond what one line of a phone can hold, and then some more of them.")
	if got := js[int](p, `() => document.documentElement.scrollWidth`); got > 360 {
		t.Errorf("got a page %d pixels wide on a screen of 360", got)
	}
	p.wantQuiet()
}

func editPath(post posts.Stored) string { return "/admin/posts/" + strconv.FormatInt(post.ID, 10) }
