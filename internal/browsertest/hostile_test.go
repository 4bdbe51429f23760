package browsertest_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/posts"
	"broadsheet/internal/site"
)

// attack is what every payload runs: it opens a dialog and leaves a trace.
const attack = `alert(window.__pwned=1)`

// payloads are texts that have run scripts on other sites. ATTACK is attack.
var payloads = []string{
	`<script>ATTACK</script>`,
	`<SCRIPT/x>ATTACK</SCRIPT>`,
	`"><script>ATTACK</script>`,
	`'><script>ATTACK</script>`,
	`</title><script>ATTACK</script>`,
	`</textarea><script>ATTACK</script>`,
	`</script><script>ATTACK</script>`,
	`--><script>ATTACK</script>`,
	`<<script>ATTACK//<</script>`,
	`<img src=x onerror=ATTACK>`,
	`<img/src=x/onerror=ATTACK>`,
	"<img src=x\nonerror=ATTACK>",
	`" onmouseover=ATTACK x="`,
	`" autofocus onfocus=ATTACK x="`,
	`' autofocus onfocus=ATTACK x='`,
	"` onerror=ATTACK ",
	`<svg onload=ATTACK>`,
	`<svg><script>ATTACK</script></svg>`,
	`<svg><animate onbegin=ATTACK attributeName=x dur=1s>`,
	`<svg><a xlink:href="javascript:ATTACK"><text y=20>x</text></a></svg>`,
	`<svg></p><style><a id="</style><img src=1 onerror=ATTACK>">`,
	`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=ATTACK&gt;">`,
	`<form><math><mtext></form><form><mglyph><svg><mtext><style><path id="</style><img onerror=ATTACK src>">`,
	`<noscript><p title="</noscript><img src=x onerror=ATTACK>">`,
	`<template><img src=x onerror=ATTACK></template>`,
	`<iframe src="javascript:ATTACK"></iframe>`,
	`<iframe srcdoc="<script>parent.ATTACK</script>"></iframe>`,
	`<object data="javascript:ATTACK"></object>`,
	`<embed src="javascript:ATTACK">`,
	`<body onload=ATTACK>`,
	`<body onpageshow=ATTACK>`,
	`<details open ontoggle=ATTACK>x</details>`,
	`<video><source onerror=ATTACK></video>`,
	`<audio src=x onerror=ATTACK>`,
	`<input autofocus onfocus=ATTACK>`,
	`<select autofocus onfocus=ATTACK>`,
	`<textarea autofocus onfocus=ATTACK>`,
	`<div tabindex=0 autofocus onfocus=ATTACK>x</div>`,
	`<marquee onstart=ATTACK>x</marquee>`,
	`<style>@keyframes x{}</style><b style="animation-name:x" onanimationstart=ATTACK>x</b>`,
	`<meta http-equiv=refresh content="0;url=javascript:ATTACK">`,
	`<base href="javascript:ATTACK//">`,
	`<link rel=stylesheet href="data:text/css,*{}" onload=ATTACK>`,
	`<a href="javascript:ATTACK">x</a>`,
	`<a href="java&Tab;script:ATTACK">x</a>`,
	`<a href=" &#1;javascript:ATTACK">x</a>`,
	`<form action="javascript:ATTACK"><button>x</button></form>`,
	`[x](javascript:ATTACK)`,
	`[x](<java	script:ATTACK>)`,
	`[x](javascript&colon;ATTACK)`,
	`![x](x"onerror="ATTACK)`,
	`![x" onerror="ATTACK](y)`,
	`[x](y "\" onmouseover=ATTACK x=\"")`,
	`<javascript:ATTACK>`,
	"[x][y]\n\n[y]: javascript:ATTACK",
	"```\"><script>ATTACK</script>\nx\n```",
	"```go title=\"<img src=x onerror=ATTACK>\"\nx\n```",
	`# x {#a" onmouseover="ATTACK}`,
	`[^"><script>ATTACK</script>]: x`,
	`<!--><img src=x onerror=ATTACK>-->`,
	`<![CDATA[><img src=x onerror=ATTACK>]]>`,
	`{{.}}<script>ATTACK</script>`,
	`&lt;img src=x onerror=ATTACK&gt;`,
	`\u003cimg src=x onerror=ATTACK\u003e`,
}

// withoutPolicy takes the content security policy away, so that nothing but
// what the server wrote stands between a payload and the reader.
func withoutPolicy(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(withoutPolicyWriter{w}, r)
	})
}

type withoutPolicyWriter struct{ http.ResponseWriter }

func (w withoutPolicyWriter) WriteHeader(status int) {
	w.Header().Del("Content-Security-Policy")
	w.ResponseWriter.WriteHeader(status)
}

// TestHostileContent writes payloads into everything that somebody can write,
// and looks at every page that shows it.
func TestHostileContent(t *testing.T) {
	t.Parallel()
	b := newBlog(t, withoutPolicy)
	p := b.signedIn(t)
	p.open("/admin/settings", 200)
	if js[bool](p, `() => { try { eval("1"); return false } catch { return true } }`) {
		t.Fatal("the content security policy is still there")
	}
	b.settings(t, site.Settings{Title: `</title><img src=x onerror=` + attack + `>`, Tagline: `"><img src=x onerror=` + attack + `>`, Language: "en", TimeZone: "UTC"})

	reads, writes := []string{"/", "/tags"}, []string{"/admin/settings"}
	var everything, query string
	for i, payload := range payloads {
		payload = strings.ReplaceAll(payload, "ATTACK", attack)
		stored := b.savePayload(t, i, payload)
		reads = append(reads, "/posts/"+stored.Slug)
		if strings.HasPrefix(payload, "</") || strings.ContainsAny(payload[:1], "\"'`-") { // these break out of forms
			writes = append(writes, "/admin/posts/"+strconv.FormatInt(stored.ID, 10))
		}
		everything += payload + "\n\n"
		if query += payload + " "; len(query) > 100 { // searches may have 200 characters
			reads = append(reads, "/search?q="+url.QueryEscape(query))
			query = ""
		}
	}
	all := b.savePayload(t, len(payloads), everything)
	reads = append(reads, "/posts/"+all.Slug)
	edit := "/admin/posts/" + strconv.FormatInt(all.ID, 10)
	writes = append(writes, edit, edit+"/delete")

	for _, path := range reads {
		p.survive(func() { p.open(path, 200) })
	}
	for _, path := range writes {
		p.survive(func() { p.open(path, 200) })
	}
	for _, list := range []string{"/", "/admin/posts"} {
		for p.open(list, 200); len(p.texts(older)) > 0; {
			p.survive(func() { p.click(older, 200) })
		}
	}
}

// savePayload publishes a post that has the payload wherever there is text, by
// an author of that name.
func (b *blog) savePayload(t *testing.T, number int, payload string) posts.Stored {
	t.Helper()
	line := strings.Join(strings.Fields(payload), " ")
	author, err := b.accounts.EnsureAuthor(t.Context(), cut(line, 80))
	if err != nil {
		t.Fatal(err)
	}
	return b.save(t, posts.Draft{
		Title: cut(line, 200), Summary: cut(payload, 2000), Slug: "payload-" + strconv.Itoa(number), Cover: "/x?" + cut(line, 100),
		Markdown: payload + "\n\nText " + payload + "\n\n- " + payload + "\n\n## " + payload + "\n\n| a |\n|---|\n| " + payload + " |\n",
		Tags:     []string{cut(line, 50)},
		AuthorID: author, PublishedAt: time.Now().Add(-time.Duration(number) * time.Hour),
	})
}

// TestHostileAddresses puts payloads into addresses, from which pages take a
// few words.
func TestHostileAddresses(t *testing.T) {
	t.Parallel()
	b := newBlog(t, withoutPolicy)
	b.owner(t)
	p := b.visitor(t)
	payload := url.QueryEscape(`"><img src=x onerror=` + attack + `>`)
	for path, status := range map[string]int64{
		"/?tag=a&tag=" + payload:                        200,
		"/?after=" + payload:                            400,
		"/tags?after=" + payload:                        200,
		"/tags/" + payload:                              404,
		"/posts/" + payload:                             404,
		"/search?q=" + strings.Repeat(payload, 10):      400,
		"/admin/login?next=" + payload:                  200,
		"/admin/login?next=/admin/posts%3Fq=" + payload: 200,
	} {
		p.survive(func() { p.open(path, status) })
	}
	p.survive(func() { p.open("/admin/login?next=javascript:"+attack, 200) })
	p.fill("email", email)
	p.fill("password", password)
	p.survive(func() { p.click("main .primary", 200) })
	p.wantPath("/admin/posts")
}

// survive shows a page and checks that nothing in it runs, or would when it is
// operated.
func (p *tab) survive(show func()) {
	p.t.Helper()
	show()
	if found := js[[]string](p, dangerous); len(found) > 0 {
		p.t.Errorf("%s: got %q, want nothing that can run", p.path(), found)
	}
	if _, _, dialogs := p.take(); len(dialogs) > 0 || js[bool](p, `() => "__pwned" in window`) {
		p.t.Errorf("%s: a script ran", p.path())
	}
}

// dangerous returns what a page has that runs scripts, now or when somebody
// touches it, as the browser itself reads it. The editor places what it draws by
// style attributes of its own; what it shows is text.
const dangerous = `() => {
	const found = []
	for (const e of document.querySelectorAll("*")) {
		const bad = [...e.attributes].some(a => a.name.startsWith("on") || a.name === "style" && !e.closest(".cm-editor") || a.name === "srcdoc") ||
			e.matches("script:not([src^='/static/']:empty, [type='application/ld+json'], #editor-texts[type='application/json']), style, iframe, object, embed, base, math, template, noscript, meta[http-equiv], link:not([rel=stylesheet], [rel=icon], [rel=apple-touch-icon], [rel=canonical], [rel=prev], [rel=next], [rel=alternate])") ||
			["href", "src", "action", "formAction", "data", "cite"].some(name => {
				const address = e[name]?.baseVal ?? e[name]
				return e.hasAttribute(name) && !["http:", "https:", "mailto:", "tel:"].includes(new URL(address, location).protocol)
			})
		if (bad) found.push(e.outerHTML.slice(0, 150))
	}
	return found
}`

// cut returns the beginning of a text.
func cut(text string, most int) string { return text[:min(len(text), most)] }
