package browsertest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestEditorMerges types on while the server answers with what somebody else
// wrote.
func TestEditorMerges(t *testing.T) {
	t.Parallel()
	k, p, _ := keeping(t, "One\n\nlast")
	answers, asked, goOn := held(func(w http.ResponseWriter, sent url.Values) bool {
		k.edit, k.kept, k.answer = 9, sent, nil
		answer(w, 200, map[string]any{"id": 1, "edit": 9, "saved_at": time.Now(), "state": "draft", "merged": map[string]any{
			"fields": map[string]string{"title": "Grey herons", "summary": sent.Get("summary")}, "markdown": "Zero\n\nOne\n\nlast words",
		}})
		return true
	})
	k.answers(answers)
	p.typed(" words")
	<-asked
	p.typed(" typed on")
	goOn <- true
	p.until(`() => document.querySelector("#title").value === "Grey herons"`)
	p.wantSource("Zero\n\nOne\n\nlast words typed on")
	p.typed("!") // the cursor is where it was
	p.wantSource("Zero\n\nOne\n\nlast words typed on!")
	p.saved()
	if got, edit := k.markdown(), k.kept.Get("edit"); got != "Zero\n\nOne\n\nlast words typed on!" || edit != "9" {
		t.Errorf("got %q kept on edit %s, want both texts on edit 9", got, edit)
	}
}

// TestEditorChoosesWhatBothChanged types into a field while the server answers
// with what somebody else wrote there: neither replaces the other unasked.
func TestEditorChoosesWhatBothChanged(t *testing.T) {
	t.Parallel()
	k, p, _ := keeping(t, "One")
	answers, asked, goOn := held(func(w http.ResponseWriter, sent url.Values) bool {
		k.edit, k.kept, k.answer = 9, sent, nil
		answer(w, 200, map[string]any{"id": 1, "edit": 9, "saved_at": time.Now(), "state": "draft", "merged": map[string]any{
			"fields": map[string]string{"title": "Herons", "summary": "Theirs"}, "markdown": "One two",
		}})
		return true
	})
	k.answers(answers)
	p.typed(" two")
	<-asked
	p.fill("summary", "Mine")
	goOn <- true
	p.until(`() => document.querySelector(".conflict")?.open === true`)
	p.want("Mine", "Theirs")
	if got := k.kept.Get("summary"); got != "" {
		t.Errorf("got summary %q kept before the choice, want what was sent", got)
	}
	p.press(".conflict-place [value=theirs]")
	p.press(".conflict .primary")
	p.saved()
	p.until(`() => document.querySelector("#summary").value === "Theirs"`)
}

// TestEditorConflict chooses between two texts that cannot be merged.
func TestEditorConflict(t *testing.T) {
	t.Parallel()
	k, p, _ := keeping(t, "One\n\nTwo")
	slow, asked, goOn := held(func(http.ResponseWriter, url.Values) bool {
		k.answer = nil
		return false
	})
	k.answers(func(w http.ResponseWriter, sent url.Values) bool {
		if sent.Get("title") != "Mine" { // it was sent while the author was still typing
			return false
		}
		k.answer, k.edit = slow, 5
		answer(w, 409, map[string]any{
			"edit": 5, "by": "Grace Hopper", "theirs": map[string]any{"fields": map[string]string{"title": "Theirs"}, "markdown": "One\n\nTwo of theirs"},
			"conflicts": []map[string]string{{"field": "title", "base": "Herons", "mine": "Mine", "theirs": "Theirs"}},
			"text": []map[string]string{
				{"same": "One\n\n"}, {"base": "Two", "mine": "Two of mine", "theirs": "Two of theirs"},
				{"same": "\n\nWords of "}, {"base": "a", "mine": "one ", "theirs": "another "}, {"same": "tab.\n"},
			},
		})
		return true
	})
	p.typed(" of mine")
	p.fill("title", "Mine")
	p.until(`() => document.querySelector(".conflict")?.open === true`)
	p.want("Grace Hopper wrote here, too", "Two of mine", "Two of theirs")
	p.press(".conflict-place:nth-of-type(1) [value=theirs]")
	p.press(".conflict-place:nth-of-type(2) [value=both]")
	// A word alone says little: its line stands around it.
	if got := js[string](p, `() => [...document.querySelectorAll(".conflict-place:nth-of-type(3) .compared")].map(e => e.textContent).join("|")`); got != "Words of one tab.|Words of another tab." {
		t.Errorf("got %q to choose from, want the line around the words", got)
	}
	// Whoever asks again while the choice closes, or is sent, gets no second one.
	js[bool](p, `() => {
		window.again = document.querySelector(".saved button")
		document.querySelector(".conflict .primary").click()
		again.click()
		return true
	}`)
	<-asked
	js[bool](p, `() => { again.click(); return true }`)
	if p.text(".saved button") != "" {
		t.Error("got a button to choose while the choice is sent, want none")
	}
	goOn <- true
	p.saved()
	if got := js[int](p, `() => document.querySelectorAll("dialog.conflict").length`); got != 0 {
		t.Errorf("got %d choices left after one was made, want none", got)
	}
	const both = "One\n\nTwo of mine\n\nTwo of theirs\n\nWords of one another tab.\n"
	p.wantSource(both)
	if got := []string{k.kept.Get("title"), k.markdown(), k.kept.Get("edit")}; strings.Join(got, "|") != "Theirs|"+both+"|5" {
		t.Errorf("got %q kept, want what was chosen on edit 5", got)
	}
}
