package browsertest_test

import (
	"strings"
	"time"
)

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
