package browsertest_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/tracing"
	"github.com/chromedp/chromedp"

	"broadsheet/internal/posts"
)

var editorWords = flag.Int("editor.words", 2_000, "the words of the text that the editor is measured on")

// TestEditorReport measures, and asserts only that there was something to
// measure, as times differ by machine. On 50,000 words:
//
//	make editor-report
func TestEditorReport(t *testing.T) {
	b := newBlog(t)
	post := b.save(t, posts.Draft{Title: "Long", Markdown: longText(*editorWords), Status: posts.StatusDraft})
	p := b.signedIn(t)
	p.open(editPath(post), 200)
	js[bool](p, `() => { document.getElementById("markdown").focus(); return true }`)
	t.Logf("a text of %s", p.text(".counts"))
	for _, preview := range []bool{false, true} {
		name := "alone"
		if preview {
			name = "with the preview beside it"
			p.press(`[aria-label="Preview beside the text"]`)
			p.until(`() => {` + inPreview + `return [...shown.querySelectorAll(".prose > *")].length >= ` + strconv.Itoa(*editorWords/50) + ` }`)
		}
		for range 2 { // the first round is to warm up
			letters, after := p.trace(func() {
				for _, letter := range "quick brown foxes " {
					p.key(string(letter))
					p.step(chromedp.Sleep(80 * time.Millisecond))
				}
			})
			report(t, "a letter, until it is shown, "+name, letters)
			report(t, "after it, until the next, "+name, after)
		}
	}
	// From the input event to the frame that shows the changed block.
	var delays []float64
	for i := range 12 {
		js[bool](p, `word => {
			`+inPreview+`
			window.delay = 0
			document.getElementById("markdown").addEventListener("input", () => {
				const from = performance.now()
				const seen = new MutationObserver(() => {
					if (!shown.querySelector(".prose").textContent.includes(word)) return
					seen.disconnect()
					requestAnimationFrame(() => setTimeout(() => (window.delay = performance.now() - from)))
				})
				seen.observe(shown.querySelector(".prose"), { childList: true, subtree: true })
			}, { once: true })
			return true
		}`, fmt.Sprintf("heron%d", i))
		p.typed(fmt.Sprintf("heron%d ", i))
		p.until(`() => window.delay > 0`)
		delays = append(delays, js[float64](p, `() => window.delay`))
	}
	report(t, "a change is in the preview after, the first time", delays[:1])
	report(t, "a change is in the preview after", delays[1:])
}

// longText has that many words, as people write them, with headings, lists,
// links, code and footnotes.
func longText(words int) string {
	var text strings.Builder
	const paragraph = "Herons wade through *shallow* water and wait, longer than others would, for what [comes](/posts/herons) by; then they are **fast**. " +
		"Whoever has seen it once looks for it again, at every pond, in every ditch, and mostly sees a post with a plastic bag on it."
	size := len(strings.Fields(paragraph))
	for part, written := 1, 0; written < words; part++ {
		fmt.Fprintf(&text, "## Part %d\n\n", part)
		for i := range 6 {
			fmt.Fprintf(&text, "%s In part %d, paragraph %d.\n\n", paragraph, part, i)
			written += size + 6
		}
		fmt.Fprintf(&text, "- one of part %d\n- two\n\n", part)
		if part%10 == 0 {
			fmt.Fprintf(&text, "A note.[^%d]\n\n```go\nfunc part%d() int {\n\treturn %d\n}\n```\n\n[^%d]: Of part %d.\n\n", part, part, part, part, part)
		}
	}
	return text.String()
}

// trace returns how long the page's main thread worked on each letter, in
// milliseconds of a processor: scripts, styles, layout and painting, until the
// frame that shows it; and what it worked afterwards until the next letter, as
// for the preview.
func (p *tab) trace(do func()) (letters, after []float64) {
	p.t.Helper()
	type event struct {
		Name          string
		TS, Dur, TDur float64 // microseconds; TDur is of the processor
		Pid, Tid      int64
		Args          struct{ Data struct{ Type string } }
	}
	var mu sync.Mutex
	var events []event
	ctx, cancel := context.WithCancel(p.ctx)
	defer cancel()
	done := make(chan bool, 1)
	if err := chromedp.Listen(ctx, func(ev any) {
		switch ev := ev.(type) {
		case *tracing.EventDataCollected:
			mu.Lock()
			defer mu.Unlock()
			for _, value := range ev.Value {
				var e event
				if json.Unmarshal(value, &e) == nil && (e.Name == "RunTask" || e.Name == "EventDispatch" || e.Name == "Commit") {
					events = append(events, e)
				}
			}
		case *tracing.EventTracingComplete:
			select {
			case done <- true:
			default: // of another round
			}
		}
	}); err != nil {
		p.t.Fatal(err)
	}
	call(p, tracing.Start, tracing.StartParams{TraceConfig: &tracing.TraceConfig{IncludedCategories: []string{"devtools.timeline", "disabled-by-default-devtools.timeline"}}})
	do()
	call(p, tracing.End, struct{}{})
	<-done
	mu.Lock()
	defer mu.Unlock()
	at := func(name, kind string, from float64, of event) float64 {
		when := math.Inf(1)
		for _, e := range events {
			if e.Name == name && e.Args.Data.Type == kind && e.Pid == of.Pid && e.Tid == of.Tid && e.TS >= from {
				when = min(when, e.TS)
			}
		}
		return when
	}
	for _, key := range events {
		if key.Args.Data.Type != "keydown" {
			continue
		}
		shown := at("Commit", "", at("EventDispatch", "input", key.TS, key), key)
		next := min(at("EventDispatch", "keydown", key.TS+1, key), key.TS+100_000)
		var letter, rest float64
		for _, task := range events {
			switch {
			case task.Name != "RunTask" || task.Tid != key.Tid || task.Pid != key.Pid || task.TS+task.Dur < key.TS || task.TS > next:
			case task.TS <= shown:
				letter += task.TDur / 1000
			default:
				rest += task.TDur / 1000
			}
		}
		letters, after = append(letters, letter), append(after, rest)
	}
	return letters, after
}

func report(t *testing.T, what string, times []float64) {
	t.Helper()
	if len(times) == 0 {
		t.Errorf("%s: nothing was measured", what)
		return
	}
	slices.Sort(times)
	t.Logf("%s: median %.1f ms, 95 %% %.1f ms, longest %.1f ms (of %d)", what, times[len(times)/2], times[len(times)*95/100], times[len(times)-1], len(times))
}
