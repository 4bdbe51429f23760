package browsertest_test

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

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
