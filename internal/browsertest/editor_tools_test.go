package browsertest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"broadsheet/internal/posts"
)

// edit opens the form of a new draft with this text, the cursor at its end.
func (b *blog) edit(t *testing.T, markdown string) *tab {
	t.Helper()
	post := b.save(t, posts.Draft{Title: "Herons", Markdown: markdown, Status: posts.StatusDraft})
	p := b.signedIn(t)
	p.open(editPath(post), 200)
	p.toEnd()
	return p
}

// toEnd puts the cursor at the end of the text.
func (p *tab) toEnd() {
	p.t.Helper()
	js[bool](p, `() => { document.getElementById("markdown").focus(); return true }`)
	p.chord(kb.End, chromedp.ModifierCtrl)
}

// paste does what a paste from the clipboard does, by types of content.
func (p *tab) paste(content map[string]string) {
	p.t.Helper()
	js[bool](p, `content => {
		const clipboardData = new DataTransfer()
		for (const type in content) clipboardData.setData(type, content[type])
		return document.getElementById("markdown").dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }))
	}`, content)
}

func TestEditorFormats(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	p := b.edit(t, "wading birds")
	for _, tt := range []struct{ key, want string }{
		{"b", "wading **birds**"}, {"b", "wading birds"}, {"i", "wading *birds*"}, {"i", "wading birds"},
	} {
		p.chord(tt.key, chromedp.ModifierCtrl)
		p.wantSource(tt.want)
	}
	for _, tt := range []struct{ label, want string }{
		{"Bulleted list", "- wading birds"}, {"Numbered list", "1. wading birds"}, {"Quote", "> wading birds"}, {"Quote", "wading birds"},
		{"Heading", "## wading birds"},
	} {
		p.press(`.toolbar [aria-label="` + tt.label + `"]`)
		p.wantSource(tt.want)
	}
	// The toolbar is one stop of the tab key.
	if got := js[int](p, `() => [...document.querySelectorAll(".toolbar button")].filter(e => e.tabIndex === 0).length`); got != 1 {
		t.Errorf("got %d stops of the tab key in the toolbar, want 1", got)
	}
	p.wantQuiet()
}

func TestEditorOffersWhileTyping(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	p := b.edit(t, "One\n\n")
	const offered = `() => document.querySelector(".cm-tooltip-autocomplete [aria-selected]") !== null`
	// What was offered only just now is not taken, as it was not meant.
	const ripe = `() => {
		const list = document.querySelector(".cm-tooltip-autocomplete")
		list.since ??= performance.now()
		return performance.now() - list.since > 100
	}`
	p.typed("/warn")
	p.until(offered)
	p.until(`() => document.querySelectorAll(".cm-tooltip-autocomplete li").length === 1`)
	p.until(ripe)
	p.press(".cm-tooltip-autocomplete [aria-selected]")
	p.typed("Deep :wave")
	p.until(offered)
	p.until(ripe)
	p.press(".cm-tooltip-autocomplete [aria-selected]")
	p.wantSource("One\n\n> [!WARNING]\n> Deep 👋")
	p.wantQuiet()
}

func TestEditorTables(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	p := b.edit(t, "| Bird | Legs |\n|---|--:|\n| Heron | 2 |")
	p.key("\t") // behind the last cell: a new row
	p.typed("Grey goose")
	p.key("\t")
	p.typed("2")
	p.wantSource("| Bird       | Legs |\n|------------|-----:|\n| Heron      | 2    |\n| Grey goose | 2     |")
	p.press(`.toolbar [aria-label="Add a column"]`)
	p.typed("Note")
	p.key("\t")
	p.wantSource("| Bird       | Legs |      |\n|------------|-----:|------|\n| Heron      | 2    |      |\n| Grey goose | 2    | Note |\n|            |      |      |")
	p.press(`.toolbar [aria-label="Remove this row"]`)
	p.press(`.toolbar [aria-label="Remove this column"]`)
	p.wantSource("| Legs |      |\n|-----:|------|\n| 2    |      |\n| 2    | Note |")
	p.wantQuiet()
}

func TestEditorFootnotes(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	p := b.edit(t, "Herons wade.[^2] `[^9]` And fish.[^old]\n\n[^2]: In water.\n[^old]: Named.")
	p.chord(kb.Home, chromedp.ModifierCtrl)
	p.typed("Note")
	p.press(`.toolbar [aria-label="Footnote"]`)
	p.typed("First.")
	p.wantSource("Note[^1]Herons wade.[^2] `[^9]` And fish.[^old]\n\n[^2]: In water.\n[^old]: Named.\n[^1]: First.")
	p.wantQuiet()
}

func TestEditorPastes(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for _, tt := range []struct {
		name, html, text, want string
	}{
		{"plain text", "", "*as* it is", "*as* it is"},
		{"rich text that says no more", "<meta charset=utf-8><span style='color:red'>*as* it is</span>", "*as* it is", "*as* it is"},
		{"cells of a sheet", "", "Bird\tLegs\nHeron\t2\n\"Grey\ngoose\"\t2\n", "| Bird       | Legs |\n|------------|-----:|\n| Heron      | 2    |\n| Grey goose | 2    |"},
		{
			"a page", `<h2>Waders</h2><p>A <b>heron</b> and <a href="https://example.org/a">a link</a>, <i>not</i> <a href="javascript:alert(1)">this</a>.</p>
				<script>alert(1)</script><ul><li>one<ul><li>two</li></ul></li></ul><img src="data:image/png,x" alt="A bird" onerror="alert(1)">`, "x",
			"## Waders\n\nA **heron** and [a link](https://example.org/a), *not* this.\n\n-   one\n    -   two\n\nA bird",
		},
		{
			"a table", `<table><thead><tr><th>Bird</th><th align=right>Legs</th></tr></thead><tr><td>a|b</td><td align=right>2</td></tr></table>`, "x",
			"| Bird | Legs |\n|------|-----:|\n| a\\|b | 2    |",
		},
		{
			"a word processor's bold", `<b style="font-weight:normal" id="docs-internal-guid"><p><span style="font-weight:700">Strong</span><span style="font-weight:400"> words</span></p></b>`, "x",
			"**Strong** words",
		},
		{
			"footnotes", `<p>Herons<sup><a href="#ftnt1" id="ftnt_ref1">[1]</a></sup> wade.</p><hr><div><p><a href="#ftnt_ref1" id="ftnt1">[1]</a> Large <b>birds</b>.</p></div>`, "x",
			"Herons[^1] wade.\n\n---\n\n[^1]: Large **birds**.",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := b.edit(t, "x")
			p.chord("a", chromedp.ModifierCtrl)
			p.key("\b")
			content := map[string]string{"text/plain": tt.text}
			if tt.html != "" {
				content["text/html"] = tt.html
			}
			p.paste(content)
			if got := strings.TrimSpace(js[string](p, source)); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			p.wantQuiet()
		})
	}
	t.Run("an address on a selection", func(t *testing.T) {
		p := b.edit(t, "herons")
		p.chord("a", chromedp.ModifierCtrl)
		p.paste(map[string]string{"text/plain": "https://example.org/"})
		p.wantSource("[herons](https://example.org/)")
	})
}

func TestEditorAsksBeforePublishing(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	p := b.edit(t, "Fine. TK\n\n`TK`\n\n![](/static/x.png)")
	p.press("[value=publish]")
	p.until(`() => document.querySelector(".unfinished").open`)
	p.wantTexts(".unfinished li button", "TK in line 1", "An image without a description in line 5", "A link to /static/x.png in line 5")
	p.press(".unfinished li:nth-child(1) button")
	if got := js[string](p, `() => getSelection().toString()`); got != "TK" {
		t.Errorf("got %q selected, want TK", got)
	}
	p.press("[value=publish]")
	p.click(".unfinished .primary", 200)
	p.want("Published.")
	p.wantQuiet()
}

func TestEditorCountsAndOutline(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	p := b.edit(t, "## One\n\nTwo words, [linked](https://example.org/x).\n\n### Three\n\n```\n# no heading\n```")
	p.until(`() => document.querySelector(".counts").innerText.startsWith("7 words")`)
	p.press(".outline summary")
	p.until(`() => document.querySelectorAll(".outline li").length === 2`)
	p.wantTexts(".outline li", "One", "Three")
	p.press(".outline li:nth-child(2) button")
	if got := js[string](p, `() => getSelection().anchorNode.parentElement.closest(".cm-line").textContent`); got != "### Three" {
		t.Errorf("got the cursor in %q, want the heading", got)
	}
	p.chord("a", chromedp.ModifierCtrl)
	p.until(`() => document.querySelector(".counts").innerText.startsWith("Selected: 7 words")`)
	p.chord("f", chromedp.ModifierCtrl)
	if got := js[[]string](p, `() => [document.activeElement.name, document.activeElement.ariaLabel]`); !slices.Equal(got, []string{"search", "Find"}) {
		t.Errorf("got focus on %q, want it on what to find", got)
	}
	p.wantQuiet()
}
