package browsertest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// writer is an author with a browser of their own.
type writer struct {
	run         *run
	name, email string
	id          int64
	other       *tab // a tab for all but writing with JavaScript
	signedIn    bool
}

// desk is a tab in which a writer has, or had, the form of a post open.
type desk struct {
	*writer
	number  int
	tab     *tab // nil while it is closed
	path    string
	offline bool
}

// look is js for pages that may be gone or on their way at any moment.
func look[T any](p *tab, function string, args ...any) (T, error) {
	encoded := make([]string, len(args))
	for i, arg := range args {
		text, err := json.Marshal(arg)
		if err != nil {
			p.t.Fatal(err)
		}
		encoded[i] = string(text)
	}
	ctx, cancel := context.WithTimeout(p.ctx, 5*time.Second)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T]("("+function+")("+strings.Join(encoded, ",")+")"))
}

// when waits until a condition holds on whatever page there is.
func (p *tab) when(what, condition string, args ...any) {
	p.t.Helper()
	for deadline := time.Now().Add(stepTimeout); ; time.Sleep(20 * time.Millisecond) {
		if ok, err := look[bool](p, condition, args...); ok && err == nil {
			return
		}
		if time.Now().After(deadline) {
			where, _ := look[string](p, `() => location.href + "\n" + document.body.innerText.slice(0, 1500)`)
			p.t.Fatalf("waiting for %s: never came, at %s", what, where)
		}
	}
}

// visit opens a page, whatever its answer, or the browser's own that says that
// there was none.
func (p *tab) visit(path string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, stepTimeout)
	defer cancel()
	_, _ = chromedp.Call(ctx, page.Navigate, page.NavigateParams{URL: p.blog.url + path})
	p.when("the page "+path, `path => document.readyState === "complete" && (location.pathname === path || document.querySelector("form") !== null || location.protocol === "chrome-error:")`, path)
}

// leaves does what leads to another page and waits for that.
func (p *tab) leaves(what string, do func()) {
	p.t.Helper()
	if _, err := look[bool](p, `() => window.before = true`); err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
	do()
	p.when("what follows "+what, `() => window.before === undefined && document.readyState === "complete"`)
}

// isForm tells whether the page is the form of a post, with the editor where
// there is JavaScript.
const isForm = `() => document.querySelector("form.editor") !== null`

// broken tells whether the browser shows that it got no page.
func (p *tab) broken() bool {
	is, err := look[bool](p, `() => location.protocol === "chrome-error:"`)
	return err != nil || is
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

// open opens the form in a new tab, or in the one that shows something else.
func (d *desk) open() {
	if d.tab == nil {
		d.run.note("%s opens tab %d", d.name, d.number)
		d.tab = d.run.blog.tab(d.run.t, d.other.ctx, chromedp.WithNewWindow(true))
		d.offline = false
	} else {
		d.run.note("%s opens the form again in tab %d", d.name, d.number)
	}
	d.tab.visit(d.path)
	d.arrive()
}

// writes tells whether there is a form to write into.
func (d *desk) writes() bool {
	if d.tab == nil {
		return false
	}
	is, err := look[bool](d.tab, `() => document.querySelector(".cm-content") !== null`)
	return err == nil && is
}

// arrive waits, where there is a form, until it can be written into as a
// person does who has looked at it.
func (d *desk) arrive() {
	if is, err := look[bool](d.tab, isForm); err != nil || !is {
		return
	}
	d.tab.when("the editor", `() => document.querySelector(".cm-content") !== null`)
	time.Sleep(time.Duration(50+d.run.random.IntN(150)) * time.Millisecond)
}

// close closes the tab as a person does.
func (d *desk) close() {
	d.remember()
	if err := chromedp.Cancel(d.tab.ctx); err != nil {
		d.run.t.Errorf("closing a tab: %v", err)
	}
	d.tab = nil
}

// crash ends the page without any of its scripts noticing.
func (d *desk) crash() {
	d.remember()
	ctx, cancel := context.WithTimeout(d.tab.ctx, 300*time.Millisecond)
	_, _ = chromedp.Call(ctx, page.Crash, cdp.Empty{}) // nobody is there to answer
	cancel()
	if err := chromedp.Cancel(d.tab.ctx); err != nil && !errors.Is(err, context.Canceled) {
		d.run.note("closing a crashed tab: %v", err)
	}
	d.tab = nil
}

var formAddress = regexp.MustCompile(`^/admin/posts/\d+$`)

// remember notes where the post is by now: a new one gets its address by itself.
func (d *desk) remember() {
	if at, err := look[string](d.tab, `() => location.pathname`); err == nil && formAddress.MatchString(at) {
		d.path = at
	}
}

func (d *desk) network(on bool) {
	d.run.note("tab %d is offline: %t", d.number, !on)
	call(d.tab, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{Offline: !on, DownloadThroughput: -1, UploadThroughput: -1}},
	})
	call(d.tab, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: !on, DownloadThroughput: -1, UploadThroughput: -1})
	d.offline = !on
}

// attend answers what the page asks: a choice between two texts, and whether to
// take back what was not saved.
func (d *desk) attend() {
	if is, err := look[bool](d.tab, `() => document.querySelector("dialog.conflict")?.open === true`); err == nil && is {
		d.choose(".conflict-place", ".conflict .primary", `group => [...group.querySelectorAll(".compared")].map(e => e.textContent)`)
	}
	took, _ := look[bool](d.tab, `() => {
		const buttons = document.querySelectorAll(".come-back button")
		for (const button of buttons) if (button.innerText === "Take it back") { button.click(); return true }
		return false
	}`)
	if took {
		d.run.note("tab %d takes back what was not saved", d.number)
		d.run.did["taken back"]++
		time.Sleep(50 * time.Millisecond) // for what follows to begin
	}
}

// choose answers a choice between two texts: mostly it keeps both where it can.
// Words that the author chooses not to keep are noted.
func (d *desk) choose(group, button, texts string) { d.run.choose(d.tab, d.name, group, button, texts) }

func (r *run) choose(p *tab, name, group, button, texts string) {
	type place struct {
		Texts []string // mine, theirs
		Both  bool
	}
	places, err := look[[]place](p, `group => [...document.querySelectorAll(group)].map(g => ({ Texts: (`+texts+`)(g), Both: g.querySelector("[value=both]") !== null }))`, group)
	if err != nil {
		return
	}
	var values []string
	for _, at := range places {
		value := "both"
		if !at.Both || r.random.IntN(8) == 0 {
			value = []string{"mine", "theirs"}[r.random.IntN(2)]
			if len(at.Texts) == 2 {
				dropped, taken := at.Texts[1], at.Texts[0]
				if value == "theirs" {
					dropped, taken = taken, dropped
				}
				for _, word := range wordPattern.FindAllString(dropped, -1) {
					if !strings.Contains(taken, word) {
						r.givenUp[word] = true
					}
				}
			}
		}
		values = append(values, value)
	}
	r.note("%s chooses %q", name, values)
	r.did["choices"]++
	if _, err := look[bool](p, `(group, button, values) => {
		[...document.querySelectorAll(group)].forEach((g, i) => g.querySelector("[value=" + values[i] + "]").click())
		document.querySelector(button).click()
		return true
	}`, group, button, values); err != nil {
		r.note("choosing: %v", err)
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

// keepNow has the editor send the text at once.
func (d *desk) keepNow() {
	_, _ = look[bool](d.tab, `() => document.dispatchEvent(new KeyboardEvent("keydown", { key: "s", ctrlKey: true, bubbles: true }))`)
}

// send presses one of the form's buttons, and answers what is asked then until
// the post is stored, or until the browser shows that the server is away.
func (d *desk) send() {
	r := d.run
	button := []string{"save", "save", "publish", "unpublish"}[r.random.IntN(4)]
	for range 8 {
		is, err := look[bool](d.tab, `button => {
			if (document.querySelector("dialog[open]")) return false
			const found = document.querySelector("form.editor [name=action][value=" + button + "]") ?? document.querySelector("form.editor [name=action]")
			window.press = () => found.click()
			return found !== null
		}`, button)
		if err != nil || !is {
			return
		}
		r.note("tab %d: presses %s", d.number, button)
		d.tab.leaves("pressing "+button, func() { js[bool](d.tab, `() => { setTimeout(press); return true }`) })
		for d.tab.onConflict() {
			r.did["pages of choices"]++
			d.tab.leaves("choosing", func() { r.choose(d.tab, d.name, "form.choices fieldset.choice", "form.choices .primary", choiceTexts) })
		}
		d.arrive()
		d.remember()
		switch what, _ := look[string](d.tab, `() => location.protocol === "chrome-error:" ? "broken" : document.querySelector("main > .flash:not(.come-back)") ? "stored" : document.querySelector(".problems")?.innerText ?? "other"`); {
		case what == "stored":
			r.did["stored"]++
			return
		case what == "broken" || what == "other":
			r.note("tab %d: %s", d.number, what)
			r.did["sent to nobody"]++
			return
		case strings.Contains(what, "signed out"):
			r.did["sent while signed out"]++
			d.signIn()
		default:
			r.note("tab %d: the form comes back: %.80q", d.number, what)
			if r.random.IntN(2) == 0 {
				return // and is written on
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
}

const choiceTexts = `g => [...g.querySelectorAll("[type=hidden]")].map(e => e.value)`

func (p *tab) onConflict() bool {
	is, err := look[bool](p, `() => document.querySelector("form.choices") !== null`)
	return err == nil && is
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

// settle waits until all that stands in the form is on the server.
func (d *desk) settle() {
	r := d.run
	type state struct{ Kind, Text string }
	quiet := 0
	for deadline := time.Now().Add(time.Minute); quiet < 3; {
		if time.Now().After(deadline) {
			where, _ := look[string](d.tab, `() => location.href + "\n" + document.body.innerText.slice(0, 3000)`)
			r.t.Fatalf("seed %d: tab %d: the text does not come to the server: %s\n%s", r.seed, d.number, where, r.story())
		}
		if is, err := look[bool](d.tab, isForm); err != nil || !is {
			d.open()
			continue
		}
		d.attend()
		now, err := look[state](d.tab, `() => {
			const line = document.querySelector(".saved")
			return { Kind: line?.dataset.kind ?? "", Text: line?.innerText ?? "" }
		}`)
		if err != nil {
			continue
		}
		switch now.Kind {
		case "saved", "merged", "none":
			quiet++
			time.Sleep(30 * time.Millisecond)
			continue
		case "conflict":
			_, _ = look[bool](d.tab, `() => { if (!document.querySelector("dialog[open]")) document.querySelector(".saved button")?.click(); return true }`)
		case "signed-out", "offline":
			if !d.signedIn {
				d.signIn()
			}
			_, _ = look[bool](d.tab, `() => dispatchEvent(new Event("focus"))`)
			time.Sleep(100 * time.Millisecond)
		case "refused":
			if !strings.Contains(now.Text, "browser keeps no copy") {
				r.t.Fatalf("seed %d: tab %d: the server refuses the text: %q\n%s", r.seed, d.number, now.Text, r.story())
			}
		default:
			d.keepNow()
		}
		quiet = 0
		time.Sleep(30 * time.Millisecond)
	}
}

// journal returns how many texts the journal of this browser holds, after all
// that was to be written there before.
func (p *tab) journal() int {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, stepTimeout)
	defer cancel()
	n, err := chromedp.Run(ctx, chromedp.Evaluate[int](`(async () => {
		if (!(await indexedDB.databases()).some(({ name }) => name === "broadsheet")) return 0
		const done = request => new Promise((ok, no) => { request.onsuccess = () => ok(request.result); request.onerror = () => no(request.error) })
		const db = await done(indexedDB.open("broadsheet"))
		const n = await done(db.transaction(["records", "steps"]).objectStore("records").count())
		db.close()
		return n + Object.keys(localStorage).filter(key => key.startsWith("broadsheet-last-")).length
	})()`, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("counting what the journal holds: %v", err)
	}
	return n
}

func pick(random *rand.Rand, all []*desk, are func(*desk) bool) *desk {
	found := slices.DeleteFunc(slices.Clone(all), func(d *desk) bool { return !are(d) })
	if len(found) == 0 {
		return nil
	}
	return found[random.IntN(len(found))]
}
