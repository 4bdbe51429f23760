package browsertest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// inPreview looks for elements in the preview beside the text.
const inPreview = `const shown = document.querySelector(".preview").shadowRoot;`

func TestEditorPreview(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	var text strings.Builder
	for i := range 60 {
		fmt.Fprintf(&text, "## Part %d\n\nSome *words* of part %d.[^1]\n\n", i, i)
	}
	p := b.edit(t, text.String()+"[^1]: A note.")
	p.press(`[aria-label="Preview beside the text"]`)
	p.until(`() => {` + inPreview + `return shown.querySelectorAll("h2").length === 60 && shown.adoptedStyleSheets.length === 1 }`)
	// The look is that of readers, light and dark.
	if got := js[string](p, `() => {`+inPreview+`return getComputedStyle(shown.querySelector("h1")).fontFamily + getComputedStyle(shown.querySelector(".prose")).lineHeight }`); !strings.Contains(got, "Iowan") {
		t.Errorf("got title in %q, want it as readers see it", got)
	}

	// Only what has changed is put anew.
	js[bool](p, `() => {`+inPreview+`for (const e of shown.querySelectorAll(".prose > *")) e.kept = true; return true }`)
	p.fill("title", "Grey herons")
	js[bool](p, `() => { document.getElementById("markdown").focus(); return true }`)
	p.chord(kb.Home, chromedp.ModifierCtrl)
	p.typed("First **of all**.\n\n")
	p.until(`() => {` + inPreview + `return shown.querySelector("strong")?.textContent === "of all" && shown.querySelector("h1").textContent === "Grey herons" }`)
	if got := js[int](p, `() => {`+inPreview+`return [...shown.querySelectorAll(".prose > *")].filter(e => !e.kept).length }`); got != 1 {
		t.Errorf("got %d elements put anew, want the one paragraph", got)
	}

	// A block that changes within itself, and one that becomes another: what is
	// shown is what the server renders anew.
	js[bool](p, `() => { window.policy = trustedTypes.createPolicy("test", { createHTML: html => html }); return true }`)
	for _, change := range []func(){
		func() { p.typed("> [!NOTE]\n> A callout.\n\n") },
		func() {
			for range len("> [!NOTE") {
				p.key(kb.ArrowRight)
			}
			for range len("NOTE") {
				p.key(kb.Backspace)
			}
			p.typed("TIP")
		},
		func() { p.typed("## A heading: ") },
		func() { p.typed("Only words ") },
	} {
		p.chord(kb.Home, chromedp.ModifierCtrl)
		change()
		js[bool](p, `() => { window.anew = undefined; return true }`)
		p.until(`() => {` + inPreview + `
			const body = new URLSearchParams(new FormData(document.querySelector(".editor")))
			fetch("/admin/posts/fragment", { method: "POST", body, headers: { Accept: "application/json" } })
				.then(answer => answer.json())
				.then(({ blocks }) => {
					const all = document.createElement("div")
					all.innerHTML = policy.createHTML(blocks.map(block => block.html).join(""))
					window.anew = all.innerHTML
				})
			return window.anew === shown.querySelector(".prose").innerHTML
		}`)
	}

	// Text and preview scroll in step.
	js[bool](p, `() => { const s = document.querySelector(".cm-scroller"); s.dispatchEvent(new WheelEvent("wheel")); s.scrollTop = s.scrollHeight / 2; return true }`)
	p.until(`() => {` + inPreview + `
		const line = [...document.querySelectorAll(".cm-line")].find(line => line.getBoundingClientRect().top > document.querySelector(".cm-scroller").getBoundingClientRect().top && line.textContent.startsWith("## "))
		const top = document.querySelector(".preview").getBoundingClientRect().top
		const heading = [...shown.querySelectorAll("h2")].find(e => line && e.textContent === line.textContent.slice(3))
		return heading !== undefined && Math.abs(heading.getBoundingClientRect().top - top) < 400
	}`)

	// What the server cannot render keeps the preview as it was, with the reason.
	p.typed(strings.Repeat("[^1]", 2500))
	p.until(`() => {` + inPreview + `return shown.querySelector(".preview-problem").textContent.includes("footnotes") && shown.querySelectorAll("h2").length === 60 }`)
	if _, messages, _ := p.take(); len(messages) != 1 || !strings.Contains(messages[0], "422") {
		t.Errorf("got messages %q, want only that of the refused preview", messages)
	}
}
