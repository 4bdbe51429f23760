package browsertest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"broadsheet/internal/posts"
)

// keeper stands around a blog and keeps texts in the place of the server, in
// the ways that the server does: it can be away, refuse or disagree.
type keeper struct {
	mu     sync.Mutex
	edit   int
	kept   url.Values
	saves  int
	answer func(w http.ResponseWriter, sent url.Values) bool // instead of keeping it, if it returns true
}

var formPath = regexp.MustCompile(`^/admin/posts/(new|\d+)$`)

func (k *keeper) around(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/autosave"):
			k.mu.Lock()
			defer k.mu.Unlock()
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return // the page has gone
			}
			sent, err := url.ParseQuery(string(body))
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			if k.answer != nil && k.answer(w, sent) {
				return
			}
			k.edit, k.kept, k.saves = k.edit+1, sent, k.saves+1
			answer(w, http.StatusOK, map[string]any{"id": 1, "edit": k.edit, "saved_at": time.Now(), "state": "draft"})
		case r.Method == http.MethodGet && formPath.MatchString(r.URL.Path):
			r.Header.Del("Accept-Encoding")
			page := httptest.NewRecorder()
			next.ServeHTTP(page, r)
			for name, values := range page.Header() {
				if name != "Content-Length" {
					w.Header()[name] = values
				}
			}
			w.WriteHeader(page.Code)
			k.mu.Lock()
			defer k.mu.Unlock()
			edit := fmt.Sprintf(`name="edit" value="%d"`, k.edit)
			fmt.Fprint(w, regexp.MustCompile(`name="edit" value="\d+"`).ReplaceAllLiteralString(page.Body.String(), edit))
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// answers has autosaves answered so from now on; nil keeps them.
func (k *keeper) answers(with func(w http.ResponseWriter, sent url.Values) bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.answer = with
}

// held waits before it answers: asked says that a text came, goOn lets it go on.
func held(with func(w http.ResponseWriter, sent url.Values) bool) (answers func(w http.ResponseWriter, sent url.Values) bool, asked, goOn chan bool) {
	asked, goOn = make(chan bool), make(chan bool)
	return func(w http.ResponseWriter, sent url.Values) bool {
		asked <- true
		<-goOn
		return with(w, sent)
	}, asked, goOn
}

func status(code int) func(http.ResponseWriter, url.Values) bool {
	return func(w http.ResponseWriter, _ url.Values) bool {
		answer(w, code, map[string]string{"error": "A sentence for the author."})
		return true
	}
}

func (k *keeper) markdown() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return strings.ReplaceAll(k.kept.Get("markdown"), "\r\n", "\n")
}

// keeping returns a blog with a keeper, and its draft in the editor.
func keeping(t *testing.T, markdown string) (*keeper, *tab, string) {
	t.Helper()
	k := &keeper{edit: 1}
	b := newBlog(t, k.around)
	post := b.save(t, posts.Draft{Title: "Herons", Markdown: markdown, Status: posts.StatusDraft})
	p := b.signedIn(t)
	p.open(editPath(post), 200)
	p.toEnd()
	return k, p, editPath(post)
}

// saved waits until the line under the text says that it is saved.
func (p *tab) saved() {
	p.t.Helper()
	p.until(`() => /^Saved \d\d:\d\d$/.test(document.querySelector(".saved").innerText)`)
}

// says waits until the line under the text says so.
func (p *tab) says(text string) {
	p.t.Helper()
	p.until(`() => document.querySelector(".saved").innerText.includes(` + fmt.Sprintf("%q", text) + `)`)
}

func TestEditorAutosaves(t *testing.T) {
	t.Parallel()
	k, p, path := keeping(t, "One")
	p.typed(" two")
	p.saved()
	if got := k.markdown(); got != "One two" {
		t.Errorf("got %q kept, want what was typed", got)
	}
	p.fill("summary", "In short.")
	p.chord("s", chromedp.ModifierCtrl)
	p.saved()
	p.until(`() => document.querySelector("form.editor").elements.edit.value === "3"`)
	if got := k.kept.Get("summary"); got != "In short." {
		t.Errorf("got summary %q kept, want what was typed", got)
	}
	// Leaving asks nothing.
	p.open("/admin/posts", 200)
	p.open(path, 200)
	p.wantQuiet()
}

// TestEditorComesBack closes pages whose text never reached the server.
func TestEditorComesBack(t *testing.T) {
	t.Parallel()
	k, p, path := keeping(t, "One")
	k.answers(status(http.StatusServiceUnavailable))
	p.typed(" two\n\nthree")
	p.fill("summary", "In short.")
	p.says("The server is away, kept here")
	p.open("/admin/posts", 200)
	p.open(path, 200)
	p.until(`() => document.querySelector(".come-back") !== null`)
	p.wantSource("One two\n\nthree")
	if got := js[string](p, `() => document.querySelector("#summary").value`); got != "In short." {
		t.Errorf("got summary %q back, want what was typed", got)
	}

	// Somebody saved meanwhile: nothing of that is overwritten without asking.
	k.mu.Lock()
	k.edit = 7
	k.mu.Unlock()
	p.open(path, 200)
	p.until(`() => document.querySelector(".come-back") !== null`)
	p.wantSource("One")
	k.answers(nil)
	p.press(".come-back button")
	p.saved()
	p.wantSource("One two\n\nthree")
	if got := k.kept.Get("edit"); got != "1" {
		t.Errorf("got edit %q as what the text was typed upon, want 1", got)
	}
	p.open(path, 200)
	p.until(`() => document.querySelector(".saved").innerText !== ""`)
	if got := p.texts(".come-back"); len(got) > 0 {
		t.Errorf("got %q after all was saved, want nothing offered", got)
	}
}

// TestEditorCrashes ends pages while the journal has much to write.
func TestEditorCrashes(t *testing.T) {
	t.Parallel()
	k, first, path := keeping(t, "One")
	k.answers(status(http.StatusServiceUnavailable))
	p := first.blog.tab(t, first.ctx, chromedp.WithNewWindow(true))
	p.open(path, 200)
	p.toEnd()
	js[bool](p, `() => document.dispatchEvent(new KeyboardEvent("keydown", { key: "s", ctrlKey: true }))`) // finds out that the server is away
	want := "One"
	for round := range 6 {
		for n := range 30 {
			word := fmt.Sprintf(" %d.%d", round, n)
			p.typed(word)
			want += word
		}
		// As fast as a page can go, and one that crashes when all is written.
		if round%2 == 0 {
			js[bool](p, `() => { location.href = "about:blank"; return true }`)
			p.when("another page", `() => location.href === "about:blank"`)
		} else {
			p.journal()
			ctx, cancel := context.WithTimeout(p.ctx, 100*time.Millisecond)
			_, _ = chromedp.Call(ctx, page.Crash, cdp.Empty{}) // nobody is there to answer
			cancel()
			p = p.blog.tab(t, first.ctx, chromedp.WithNewWindow(true))
		}
		p.open(path, 200)
		p.until(`() => document.querySelector(".come-back") !== null`)
		p.wantSource(want)
		p.toEnd()
	}
}

// TestEditorWithoutLocks has no secure connection, where a page cannot lock what
// it writes: another leaves that alone while the page is open, and has it soon
// after the page crashed.
func TestEditorWithoutLocks(t *testing.T) {
	t.Parallel()
	k, first, path := keeping(t, "One")
	k.answers(status(http.StatusServiceUnavailable))
	insecure := func() *tab {
		p := first.blog.tab(t, first.ctx, chromedp.WithNewWindow(true))
		call(p, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `Object.defineProperty(Navigator.prototype, "locks", { value: undefined })`})
		p.open(path, 200)
		p.toEnd()
		return p
	}
	const offered = `() => document.querySelector(".come-back") !== null`
	writer := insecure()
	writer.typed(" two")
	writer.until(`() => Object.keys(localStorage).some(key => key.startsWith("broadsheet-alive-"))`)
	writer.journal()
	other := insecure()
	other.says("Saved")
	if js[bool](other, offered) {
		t.Error("got the text of a page that is open, want it left alone")
	}
	other.wantSource("One")
	other.open("/admin", 200)
	ctx, cancel := context.WithTimeout(writer.ctx, 100*time.Millisecond)
	_, _ = chromedp.Call(ctx, page.Crash, cdp.Empty{}) // nobody is there to answer
	cancel()
	later := insecure()
	for range 2 { // as long as the page that crashed is taken for open
		later.step(chromedp.Sleep(13 * time.Second))
	}
	later.until(offered)
	later.wantSource("One two")
}

// TestEditorOffline pulls the network while somebody types, and signs them out.
func TestEditorOffline(t *testing.T) {
	t.Parallel()
	k, p, _ := keeping(t, "One")
	offline := func(is bool) {
		call(p, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{{Offline: is, DownloadThroughput: -1, UploadThroughput: -1}},
		})
		call(p, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: is, DownloadThroughput: -1, UploadThroughput: -1})
	}
	offline(true)
	p.typed(" two")
	p.says("Offline, kept here")
	p.typed(" three")
	offline(false)
	p.saved()
	if got := k.markdown(); got != "One two three" {
		t.Errorf("got %q kept, want all that was typed", got)
	}
	k.answers(status(http.StatusUnauthorized))
	p.typed(" four")
	p.says("Signed out, kept here")
	k.answers(nil)
	js[bool](p, `() => dispatchEvent(new Event("focus"))`) // back from the tab in which one signed in
	p.saved()
	if got := k.markdown(); got != "One two three four" {
		t.Errorf("got %q kept, want all that was typed", got)
	}
	k.answers(status(http.StatusRequestEntityTooLarge))
	p.typed(" five")
	p.says("A sentence for the author.")
}

// TestEditorTakesBackInTurn has two texts left behind: the second replaces the
// first in the form when the server has that.
func TestEditorTakesBackInTurn(t *testing.T) {
	t.Parallel()
	k, p, path := keeping(t, "One")
	k.answers(status(http.StatusServiceUnavailable))
	other := p.blog.tab(t, p.ctx, chromedp.WithNewWindow(true))
	other.open(path, 200)
	other.toEnd()
	other.typed(" first")
	p.typed(" second")
	other.journal()
	for _, tab := range []*tab{other, p} {
		tab.open("/admin/posts", 200)
	}
	p.open(path, 200)
	p.until(`() => document.querySelectorAll(".come-back").length === 2`)
	js[bool](p, `() => { [...document.querySelectorAll(".come-back button")].find(e => e.innerText === "Take it back").click(); return true }`)
	p.want("This comes back as soon as the server has what stands in the form.")
	var kept []string
	k.answers(func(_ http.ResponseWriter, sent url.Values) bool {
		kept = append(kept, sent.Get("markdown"))
		return false
	})
	js[bool](p, `() => dispatchEvent(new Event("focus"))`)
	p.until(`() => document.querySelectorAll(".come-back").length < 2`)
	p.saved()
	for deadline := time.Now().Add(stepTimeout); ; {
		k.mu.Lock()
		all := strings.Join(kept, "\n")
		k.mu.Unlock()
		if strings.Contains(all, "first") && strings.Contains(all, "second") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("got %q kept, want both texts", all)
		}
	}
}

// TestEditorNewPost writes into an empty form, which becomes a draft.
func TestEditorNewPost(t *testing.T) {
	t.Parallel()
	k := &keeper{}
	b := newBlog(t, k.around)
	b.save(t, posts.Draft{Title: "Herons", Status: posts.StatusDraft}) // the post that the keeper makes
	p := b.signedIn(t)
	p.open("/admin/posts/new", 200)
	k.answers(status(http.StatusServiceUnavailable))
	p.fill("markdown", "The first words.")
	p.says("The server is away, kept here")
	p.open("/admin/posts/new", 200)
	p.until(`() => document.querySelector(".come-back") !== null`)
	k.answers(nil)
	p.press(".come-back button")
	p.saved()
	p.wantSource("The first words.")
	p.wantPath("/admin/posts/1")
}
