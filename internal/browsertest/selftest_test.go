package browsertest_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// replacedBy stands around a blog and answers with a page of its own.
func replacedBy(body string) func(http.Handler) http.Handler {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			if r.URL.Path != "/" {
				w.WriteHeader(http.StatusNotFound)
			}
			fmt.Fprint(w, body)
		})
	}
}

// TestAuditFinds gives the audit a page on which everything is wrong.
func TestAuditFinds(t *testing.T) {
	t.Parallel()
	b := newBlog(t, replacedBy(`<!doctype html><html><body style="background:white">
<h2>Second</h2><h4>Fourth</h4><p id=a>x</p><p id=a aria-labelledby=nowhere>y</p>
<input><img src="data:,"><a href="/"></a><nav><a href="#gone">here</a></nav><nav></nav>
<ul><p>x</p></ul><p style="color:#888">Grey</p><p style="color:#888;font-size:24px">Large and grey</p>
<p style="opacity:0.4">Faint</p><input aria-label=x style="border:1px solid #ddd;color:#aaa" placeholder=x>
<button style="font-size:8px;padding:0">Small</button><p>In a <a href="/x" style="font-size:8px">sentence</a>.</p>
<div style="overflow-x:auto;width:50px"><div style="width:500px">Wide</div></div><p aria-hidden=true><a href="/">hidden</a></p>`))
	p := b.visitor(t)
	p.open("/", 200)
	findings := js[[]string](p, audit, map[string]int{"main": 1, "footer": 0})
	for _, want := range []string{
		"no language", "no title", "0 × main", "0 × footer", "0 × h1", "h2 after h0", "h4 after h2", "an id that is there twice",
		"aria-labelledby points to nothing", "a field without a label", "an image without alt", "a control without a name",
		"a link within the page that leads nowhere", "one of several nav", "other than li", `contrast of text 3.54: <p style="color:#888">`,
		`<p style="opacity:0.4">`, "contrast of a field's text", "contrast of a control's edge", "cannot be scrolled by keyboard",
		"a hidden control that the keyboard reaches", "pixels: <button",
	} {
		if !slices.ContainsFunc(findings, func(f string) bool { return strings.Contains(f, want) }) {
			t.Errorf("want %q among the findings", want)
		}
	}
	for _, f := range findings {
		if strings.Contains(f, "Large and grey") || strings.Contains(f, "“sentence”") {
			t.Errorf("got %q, want large text and links within a sentence let through", f)
		}
	}
	if t.Failed() {
		t.Logf("got:\n%s", strings.Join(findings, "\n"))
	}
}

// TestRecordSees opens a page that does all that pages of the blog must not.
func TestRecordSees(t *testing.T) {
	t.Parallel()
	b := newBlog(t, replacedBy(`<!doctype html><title>x</title>
<meta http-equiv="Content-Security-Policy" content="style-src 'none'"><p style="color:red">x</p>
<img src="http://elsewhere.invalid/x.png"><img src=x onerror="alert(window.__pwned=1)"><script>console.warn("careful"); document.cookie = "a=b"; nonsense()</script>`))
	p := b.visitor(t)
	p.open("/", 200)
	p.until(`() => "__pwned" in window`)
	if got := p.cookies(); !slices.Equal(got, []string{"a"}) {
		t.Errorf("got cookies %q, want a", got)
	}
	if got := js[[]string](p, dangerous); len(got) < 3 {
		t.Errorf("got %q as what can run, want the meta, the handler and the script", got)
	}
	requests, messages, dialogs := p.take()
	if !slices.Contains(requests, "http://elsewhere.invalid/x.png") {
		t.Errorf("got requests %q, want the one for another host", requests)
	}
	if !slices.Equal(dialogs, []string{"1"}) {
		t.Errorf("got dialogs %q, want one", dialogs)
	}
	said := strings.Join(messages, "\n")
	for _, want := range []string{"careful", "content security policy: style-src", "exception: Uncaught", "elsewhere.invalid", b.url + "/x"} {
		if !strings.Contains(said, want) {
			t.Errorf("want %q on the console, got:\n%s", want, said)
		}
	}
}
