package browsertest_test

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
)

// writer is an author with a browser of their own.
type writer struct {
	run         *run
	name, email string
	id          int64
	other       *tab // a tab for all but writing with JavaScript
	signedIn    bool
}

func (w *writer) signOut() {
	w.run.note("%s signs out in another tab", w.name)
	w.other.visit("/admin/posts")
	if is, _ := look[bool](w.other, `() => document.querySelector(".menu button") !== null`); is {
		w.other.leaves("signing out", func() { js[bool](w.other, `() => { document.querySelector(".menu button").click(); return true }`) })
	}
	w.signedIn = false
}

func (w *writer) signIn() {
	w.run.note("%s signs in in another tab", w.name)
	for deadline := time.Now().Add(stepTimeout); time.Now().Before(deadline); {
		w.other.visit("/admin/login")
		if is, _ := look[bool](w.other, `() => document.querySelector("[name=password]") !== null`); !is {
			if at, _ := look[string](w.other, `() => location.pathname`); strings.HasPrefix(at, "/admin/posts") {
				w.signedIn = true
				break
			}
			time.Sleep(100 * time.Millisecond) // the database comes back just now
			continue
		}
		w.other.leaves("signing in", func() {
			js[bool](w.other, `(email, password) => {
				const form = document.querySelector("main form")
				form.elements.email.value = email
				form.elements.password.value = password
				form.querySelector(".primary").click()
				return true
			}`, w.email, password)
		})
	}
	if !w.signedIn {
		w.run.t.Fatalf("%s cannot sign in", w.name)
	}
	for _, d := range w.run.desks {
		if d.writer == w && d.tab != nil {
			_, _ = look[bool](d.tab, `() => dispatchEvent(new Event("focus"))`)
		}
	}
}

// words are unlike all else, and none is a part of another.
var wordPattern = regexp.MustCompile(`q\d+z`)

// places in which words are written: the text three times in four.
var fields = []string{"summary", "cover_alt", "title", "meta_description"}

// write types words somewhere, and counts those that then stand in the form.
func (d *desk) write() {
	r := d.run
	d.attend()
	words := make([]string, 1+r.random.IntN(3))
	for i := range words {
		r.typed++
		words[i] = fmt.Sprintf("q%dz", r.typed)
	}
	where := "text"
	if r.random.IntN(4) == 0 {
		where = fields[r.random.IntN(len(fields))]
	}
	place := r.random.IntN(1000)
	ok, err := look[bool](d.tab, `(where, place) => {
		if (document.querySelector("dialog[open]")) return false
		if (where !== "text") {
			const field = document.querySelector("form.editor [name=" + where + "]")
			if (!field) return false
			field.closest("details")?.setAttribute("open", "")
			field.focus()
			field.setSelectionRange(field.value.length, field.value.length)
			return true
		}
		const text = document.querySelector(".cm-content"), lines = text.querySelectorAll(".cm-line")
		text.focus()
		getSelection().selectAllChildren(lines[place % lines.length])
		place % 5 === 0 ? getSelection().collapseToStart() : getSelection().collapseToEnd()
		return true
	}`, where, place)
	if err != nil || !ok {
		r.note("tab %d: nothing can be written now (%v)", d.number, err)
		return
	}
	text := " " + strings.Join(words, " ") + " "
	switch {
	case where == "text" && r.random.IntN(4) == 0: // a paragraph of its own
		d.tab.key("\r")
		d.tab.key("\r")
		fallthrough
	case r.random.IntN(3) == 0: // letter by letter
		for _, letter := range text {
			d.tab.key(string(letter))
		}
	default:
		call(d.tab, input.InsertText, input.InsertTextParams{Text: text})
	}
	is, err := look[string](d.tab, `where => {
		const now = new FormData(document.querySelector("form.editor"))
		return now.get(where === "text" ? "markdown" : where) + ""
	}`, where)
	if err != nil {
		r.t.Fatalf("tab %d: looking at what was typed: %v", d.number, err)
	}
	r.note("tab %d: types %q into %s", d.number, words, where)
	for _, word := range words {
		if strings.Contains(is, word) {
			r.words[word] = fmt.Sprintf("%s of tab %d, step %d", where, d.number, len(r.log))
		} else {
			r.missed++
			r.note("tab %d: %s is not in %s: %q", d.number, word, where, is)
		}
	}
}

// writePlainly writes and saves without JavaScript. The server may be killed
// while it answers; then the author has the browser send the form again.
func (w *writer) writePlainly(path string, killed bool) {
	r, p := w.run, w.other
	call(p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	defer call(p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{})
	p.visit(path)
	if is, err := look[bool](p, isForm); err != nil || !is {
		r.note("%s: no form without JavaScript", w.name)
		return
	}
	r.typed++
	word := fmt.Sprintf("q%dz", r.typed)
	r.note("%s writes %s without JavaScript", w.name, word)
	text := js[string](p, `(word, place) => {
		const { title } = document.querySelector("form.editor").elements
		title.value ||= "Herons"
		const field = document.querySelector("form.editor [name=markdown]"), parts = field.value.split("\n")
		parts[place % parts.length] += " " + word
		field.value = parts.join("\n")
		return field.value
	}`, word, r.random.IntN(1000))
	if !strings.Contains(text, word) {
		r.t.Fatalf("got %q in the field, want %s in it", text, word)
	}
	r.words[word] = fmt.Sprintf("text without JavaScript, step %d", len(r.log))
	press := `() => { (document.querySelector("form.editor [name=action].primary") ?? document.querySelector("form.editor [name=action]")).click(); return true }`
	for range 12 {
		p.leaves("sending the form", func() {
			js[bool](p, press)
			if killed {
				killed = false
				time.Sleep(time.Duration(r.random.IntN(15)) * time.Millisecond)
				r.note("the server is killed")
				r.did["kills while a form is sent"]++
				r.blog.kill()
			}
		})
		if p.broken() {
			r.blog.start()
			r.note("%s has the form sent again", w.name)
			p.leaves("sending it again", func() { call(p, page.Reload, page.ReloadParams{}) })
		}
		for p.onConflict() {
			r.did["pages of choices"]++
			p.leaves("choosing", func() { r.choose(p, w.name, "form.choices fieldset.choice", "form.choices .primary", choiceTexts) })
		}
		if stored, _ := look[bool](p, `() => document.querySelector("main > .flash") !== null`); stored {
			r.did["stored without JavaScript"]++
			return
		}
		is, _ := look[bool](p, isForm)
		what, _ := look[string](p, `() => location.href + ": " + (document.querySelector(".problems") ?? document.body).innerText`)
		r.note("%s: not stored: %.200q", w.name, what)
		if !is {
			break
		}
		if strings.Contains(what, "is not saved yet") { // the database is away
			r.blog.database()
			time.Sleep(100 * time.Millisecond)
		}
	}
	r.t.Errorf("seed %d: %s could not store a form without JavaScript", r.seed, w.name)
}
