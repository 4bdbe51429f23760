package markdown_test

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"broadsheet/internal/markdown"
)

// The allow-list of the test is its own, so that a slip in the policy shows.
var (
	allowedElements = strings.Fields(`p div section aside blockquote pre hr br wbr h1 h2 h3 h4 h5 h6 ul ol li dl dt dd
		figure figcaption details summary table caption thead tbody tfoot tr th td a abbr b bdi cite code del dfn em i
		ins kbd mark q rp rt ruby s samp small span strong sub sup time u var picture video audio img source track input`)
	allowedMath = strings.Fields(`math mrow mi mn mo mtext mspace msub msup msubsup munder mover munderover mfrac msqrt mroot
		mtable mtr mtd mstyle mphantom`)
	mathAttributes = strings.Fields(`display displaystyle scriptlevel mathvariant form fence stretchy movablelimits lspace
		rspace minsize maxsize width linethickness accent accentunder class`)
	mathValue         = regexp.MustCompile(`^(?:block|true|false|normal|prefix|infix|postfix|align-left|align-right|0|-?[0-9.]+em)$`)
	mathWords         = strings.Fields("mi mn mo mtext mspace")
	allowedAttributes = strings.Fields(`href cite src poster srcset sizes media type kind srclang label alt loading
		decoding width height controls loop muted playsinline preload colspan rowspan scope start value reversed open
		checked disabled datetime rel title lang dir id class role tabindex aria-label`)
	// What is made after the policy has been asked, to the letter.
	formulas      = regexp.MustCompile(`<math[^<>]*>.*?</math>`)
	formulaBox    = regexp.MustCompile(`<span class="math-scroll" tabindex="0" role="region" aria-label="[^"<>]*"></span>`)
	noteOpener    = regexp.MustCompile(`<button type="button" class="footnote-open link" popovertarget="(md-fn:[\pL\pM\pN_.:-]+)" value="[\pL\pM\pN_.:-]+" aria-label="[^"<>]*"></button>`)
	notePopover   = regexp.MustCompile(`(<li [^<>]*\bid="(md-fn:[\pL\pM\pN_.:-]+)"[^<>]*) popover=""`)
	voidElements  = strings.Fields("br wbr hr img input source track")
	highHeading   = regexp.MustCompile(`<h[12]`)
	safeSchemes   = strings.Fields("http https mailto tel")
	addressValues = strings.Fields("href cite src poster")
)

func checkDocument(t *testing.T, d markdown.Document) {
	t.Helper()
	check(t, "HTML", string(d.HTML))
	check(t, "TOC", string(d.TOC))
	if ids := check(t, "Excerpt", string(d.Excerpt)); ids > 0 {
		t.Errorf("got %d ids in the excerpt %q, want none", ids, d.Excerpt)
	}
	if highHeading.MatchString(string(d.Excerpt)) {
		t.Errorf("got a heading above h3 in the excerpt %q, want none", d.Excerpt)
	}
	if strings.Contains(string(d.HTML), "<h1") {
		t.Errorf("got an h1 in %q, want none", d.HTML)
	}
	if !utf8.ValidString(d.Text) || utf8.RuneCountInString(d.Text) > 300 {
		t.Errorf("got Text %q, want at most 300 valid characters", d.Text)
	}
	if !utf8.ValidString(d.Plain) || strings.ContainsRune(d.Plain, 0) || utf8.RuneCountInString(d.Plain) > 100_000 {
		t.Errorf("got Plain %.300q, want at most 100,000 characters that can be stored", d.Plain)
	}
	if d.Minutes < 1 || d.Words < 0 {
		t.Errorf("got %d words, %d minutes, want at least 0 and 1", d.Words, d.Minutes)
	}
}

// check tests that a fragment is safe to put into a page, and counts its ids.
func check(t *testing.T, name, fragment string) (ids int) {
	t.Helper()
	if !utf8.ValidString(fragment) {
		t.Errorf("%s: got invalid UTF-8 in %q", name, fragment)
	}
	if strings.ContainsFunc(fragment, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' }) {
		t.Errorf("%s: got a control character in %q", name, fragment)
	}
	for _, opener := range noteOpener.FindAllStringSubmatch(fragment, -1) {
		if !slices.ContainsFunc(notePopover.FindAllStringSubmatch(fragment, -1), func(p []string) bool { return p[2] == opener[1] }) {
			t.Errorf("%s: got a button for %q, which is no popover, in %q", name, opener[1], fragment)
		}
	}
	fragment = formulaBox.ReplaceAllString(formulas.ReplaceAllStringFunc(fragment, func(formula string) string {
		checkFormula(t, formula)
		return ""
	}), "")
	fragment = notePopover.ReplaceAllString(noteOpener.ReplaceAllString(fragment, ""), "$1")
	if again := markdown.Sanitize(fragment); again != fragment {
		t.Errorf("%s: sanitising it again changes it:\ngot  %q\nwant %q", name, again, fragment)
	}
	written, ids, err := asWritten(fragment)
	if err != nil {
		t.Errorf("%s: %v in %q", name, err, fragment)
		return ids
	}
	if parsed := asParsed(t, fragment); parsed != written {
		t.Errorf("%s: browsers nest it differently:\ngot  %q\nwant %q\nof   %q", name, parsed, written, fragment)
	}
	page, err := html.Parse(strings.NewReader(`<!doctype html><main><div>` + fragment + `</div><footer>x</footer></main>`))
	if err != nil {
		t.Errorf("%s: parsing the page: %v", name, err)
		return ids
	}
	for node := range page.Descendants() {
		if node.Data == "footer" && (node.Parent.Data != "main" || node.PrevSibling == nil || node.PrevSibling.Data != "div") {
			t.Errorf("%s: the page around it is not as it was: %q", name, fragment)
		}
	}
	return ids
}

// asWritten is the tree that the tags spell out, read without any rule of
// HTML, and the number of ids in it.
func asWritten(fragment string) (string, int, error) {
	var out strings.Builder
	var open []string
	ids := map[string]bool{}
	tokens := html.NewTokenizer(strings.NewReader(fragment))
	afterPre := false
	for tokens.Next() != html.ErrorToken {
		token := tokens.Token()
		switch token.Type {
		case html.TextToken:
			if afterPre {
				token.Data = strings.TrimPrefix(token.Data, "\n")
			}
			out.WriteString(token.Data)
		case html.StartTagToken:
			if err := checkElement(token, ids); err != nil {
				return "", 0, err
			}
			if slices.Contains(voidElements, token.Data) {
				fmt.Fprintf(&out, "{%s}", token.Data)
				break
			}
			fmt.Fprintf(&out, "{%s ", token.Data)
			open = append(open, token.Data)
		case html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != token.Data {
				return "", 0, fmt.Errorf("got </%s> with %q open", token.Data, open)
			}
			open = open[:len(open)-1]
			out.WriteString("}")
		default:
			return "", 0, fmt.Errorf("got token %q, want only tags and text", token)
		}
		afterPre = token.Type == html.StartTagToken && token.Data == "pre"
	}
	if len(open) > 0 {
		return "", 0, fmt.Errorf("got %q left open", open)
	}
	return out.String(), len(ids), nil
}

// checkFormula checks that a formula is MathML that can do nothing, in which
// tags stand in each other as written and HTML nowhere.
func checkFormula(t *testing.T, formula string) {
	t.Helper()
	var open []string
	tokens := html.NewTokenizer(strings.NewReader(formula))
	for tokens.Next() != html.ErrorToken {
		token := tokens.Token()
		switch token.Type {
		case html.StartTagToken:
			if !slices.Contains(allowedMath, token.Data) || (token.Data == "math") != (len(open) == 0) ||
				len(open) > 0 && slices.Contains(mathWords, open[len(open)-1]) {
				t.Errorf("got <%s> inside of %q in %q", token.Data, open, formula)
			}
			for _, attribute := range token.Attr {
				if !slices.Contains(mathAttributes, attribute.Key) || !mathValue.MatchString(attribute.Val) {
					t.Errorf("got attribute %s=%q in %q", attribute.Key, attribute.Val, formula)
				}
			}
			open = append(open, token.Data)
		case html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != token.Data {
				t.Errorf("got </%s> with %q open in %q", token.Data, open, formula)
				return
			}
			open = open[:len(open)-1]
		case html.TextToken:
		default:
			t.Errorf("got %q in %q", token, formula)
		}
	}
	if parsed := asParsed(t, formula+"<p>after</p>"); !strings.HasSuffix(parsed, "{p after}") {
		t.Errorf("got %q for browsers, want %q to end before what follows", parsed, formula)
	}
}

func checkElement(token html.Token, ids map[string]bool) error {
	if !slices.Contains(allowedElements, token.Data) {
		return fmt.Errorf("got element %q", token.Data)
	}
	for _, attribute := range token.Attr {
		if !slices.Contains(allowedAttributes, attribute.Key) {
			return fmt.Errorf("got attribute %q on %q", attribute.Key, token.Data)
		}
		if attribute.Key == "id" {
			if !strings.HasPrefix(attribute.Val, markdown.IDPrefix) || ids[attribute.Val] {
				return fmt.Errorf("got id %q without the prefix or twice", attribute.Val)
			}
			ids[attribute.Val] = true
		}
		if slices.Contains(addressValues, attribute.Key) {
			if err := checkAddress(attribute.Val); err != nil {
				return err
			}
		}
		if attribute.Key == "poster" || attribute.Key == "src" && token.Data == "img" {
			if err := checkOwn(attribute.Val); err != nil {
				return err
			}
		}
		if attribute.Key == "srcset" {
			for _, candidate := range strings.Split(attribute.Val, ",") {
				candidate, _, _ = strings.Cut(strings.TrimSpace(candidate), " ")
				if err := errors.Join(checkAddress(candidate), checkOwn(candidate)); err != nil {
					return err
				}
			}
		}
	}
	if token.Data == "input" && !slices.ContainsFunc(token.Attr, func(a html.Attribute) bool { return a.Key == "disabled" }) {
		return fmt.Errorf("got an input that is not disabled")
	}
	return nil
}

// checkOwn checks that a picture is one of the site itself, the way browsers
// read its address: they take a backslash for a slash.
func checkOwn(address string) error {
	own, err := url.Parse("https://blog.example/posts/a")
	if err != nil {
		return err
	}
	picture, err := own.Parse(strings.ReplaceAll(address, `\`, "/"))
	if err != nil || picture.Host != own.Host {
		return fmt.Errorf("got the picture %q of another host", address)
	}
	return nil
}

func checkAddress(address string) error {
	// Browsers drop tabs, newlines and leading control characters.
	address = strings.Map(func(r rune) rune {
		if r <= ' ' {
			return -1
		}
		return r
	}, address)
	parsed, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("got address %q: %w", address, err)
	}
	if parsed.Scheme != "" && !slices.Contains(safeSchemes, strings.ToLower(parsed.Scheme)) {
		return fmt.Errorf("got address %q with scheme %q", address, parsed.Scheme)
	}
	return nil
}

// asParsed is the tree a browser builds.
func asParsed(t *testing.T, fragment string) string {
	t.Helper()
	body := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}
	nodes, err := html.ParseFragment(strings.NewReader(fragment), body)
	if err != nil {
		t.Fatalf("parsing %q: %v", fragment, err)
	}
	var out strings.Builder
	var write func(*html.Node)
	write = func(n *html.Node) {
		switch {
		case n.Type == html.TextNode:
			out.WriteString(n.Data)
		case n.Type == html.ElementNode && slices.Contains(voidElements, n.Data):
			fmt.Fprintf(&out, "{%s}", n.Data)
		case n.Type == html.ElementNode:
			if isMath := slices.Contains(allowedMath, n.Data); isMath != (n.Namespace == "math") || !isMath && n.Namespace != "" {
				t.Errorf("got %q in the namespace %q of %q", n.Data, n.Namespace, fragment)
			}
			fmt.Fprintf(&out, "{%s ", n.Data)
			for child := range n.ChildNodes() {
				write(child)
			}
			out.WriteString("}")
		default:
			fmt.Fprintf(&out, "{?%v}", n.Type)
		}
	}
	for _, n := range nodes {
		write(n)
	}
	return out.String()
}

// addresses are what must never be behind a link or an image.
var addresses = []string{
	"javascript:alert(1)", "JaVaScRiPt:alert(1)", "javascript&colon;alert(1)", "javascript&#58;alert(1)",
	"javascript&#x3a;alert(1)", "java&Tab;script:alert(1)", "java&NewLine;script:alert(1)", "java&#9;script:alert(1)",
	"java\tscript:alert(1)", "&#1;javascript:alert(1)", "&#106;avascript:alert(1)", "&#x6A;avascript&#0000058;alert(1)",
	"%6aavascript:alert(1)", " javascript:alert(1)", "\x01javascript:alert(1)", "vbscript:msgbox(1)", "VBSCRIPT:x",
	"data:text/html,<script>alert(1)</script>", "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
	"data:image/svg+xml,<svg onload=alert(1)>", "file:///etc/passwd", "blob:x", "about:blank", "ftp://x/",
	"javascript://example.org/%0aalert(1)", "feed:javascript:alert(1)", "view-source:javascript:alert(1)", "x:alert(1)",
	`jav\ascript:alert(1)`, "javascript\\:alert(1)", "jаvascript:alert(1)", "\u2028javascript:alert(1)", "\ufeffjavascript:alert(1)",
}

var addressShapes = []string{
	"[x](%s)", "[x](<%s>)", "![x](%s)", "![x](<%s>)", "<%s>", "[x]\n\n[x]: %s", "[x]\n\n[x]: <%s>", "![x][]\n\n[x]: %s", "%s",
	`<a href="%s">x</a>`, `<a href='%s'>x</a>`, `<a href=%s>x</a>`, `<img src="%s">`, `<img src=x srcset="%s 2x">`,
	`<video src="%s" poster="%s"></video>`, `<audio src="%s">`, `<source src="%s" srcset="%s">`, `<blockquote cite="%s">x</blockquote>`,
	`<form action="%s"><button formaction="%s">x</button></form>`, `<iframe src="%s"></iframe>`, `<object data="%s"></object>`,
	`<embed src="%s">`, `<base href="%s">`, `<meta http-equiv=refresh content="0;url=%s">`, `<svg><a xlink:href="%s"><text>x</text></a></svg>`,
	`<math><mi xlink:href="%s">x</mi></math>`, `<link rel=stylesheet href="%s">`, `<div style="background:url(%s)">`, `<isindex action="%s">`,
	`<table background="%s"><td background="%s">`, `<input type=image src="%s">`, `<area href="%s">`, `<q cite="%s">`,
}

// shapes are texts that once broke a sanitiser, a parser, or a page.
var shapes = []string{
	`<script>alert(1)</script>`, `<SCRIPT SRC=//x></SCRIPT>`, `<script/x>alert(1)</script>`, `<<script>alert(1)//<</script>`,
	`<img src=x onerror=alert(1)>`, `<img/src=x/onerror=alert(1)>`, "<img src=x\nonerror=alert(1)>", `<img """><script>alert(1)</script>">`,
	`<svg onload=alert(1)>`, `<svg><script>alert(1)</script></svg>`, `<svg><style><img src=x onerror=alert(1)></style></svg>`,
	`<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">`, `<svg><desc><noscript><img title="</noscript><img src=x onerror=alert(1)>">`,
	`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`,
	`<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>`, `<form><math><mtext></form><form><mglyph><svg><mtext><style><path id="</style><img onerror=alert(1) src>">`,
	`<noscript><p title="</noscript><img src=x onerror=alert(1)>">`, `<template><img src=x onerror=alert(1)></template>`,
	`<template><s><template><s><img src=x onerror=alert(1)>@shafigullin</s></template></s></template>`,
	`<style>@import 'x';</style>`, `<style><!--</style><script>alert(1)</script>-->`, `<title><img src=x onerror=alert(1)></title>`,
	`<textarea><img src=x onerror=alert(1)>`, `<xmp><img src=x onerror=alert(1)></xmp>`, `<plaintext><b>x`, `<noembed><img src=x onerror=alert(1)></noembed>`,
	`<!--><img src=x onerror=alert(1)>-->`, `<!-- --!><img src=x onerror=alert(1)> -->`, `<![CDATA[><img src=x onerror=alert(1)>]]>`, `<?php echo 1 ?>`, `<?x><img src=x onerror=alert(1)>?>`,
	`<a href="x" onclick="alert(1)" style="color:red" target="_blank">x</a>`, `<p style="position:fixed">x</p>`, `<div class="admin-bar modal">x</div>`,
	`<a id="location" name="cookie">x</a><form id=document><input name=cookie></form>`, `<img id=body name=getElementById src=x>`,
	`<input type=text><input type=checkbox><input type="checkbox" onfocus=alert(1) autofocus>`, `<button onclick=x>x</button><select><option>x</select>`,
	`<marquee onstart=alert(1)>x</marquee>`, `<details ontoggle=alert(1) open>x</details>`, `<video><source onerror=alert(1)></video>`,
	`<div><b><p>unclosed`, `</div></div></main></body></html>x`, `</p></li></ul></td></tr></table>x`, "<div>\n\nx\n\n<section>\n\ny", `<b><i><u></b>x</i></u>`,
	`<p><b>a<p>b<p>c`, `<a href=x>a<div><a href=y>b</a></div></a>`, `<ul><li><div><li>x</div></li></ul></div>`, `<li>alone<dd>alone<td>alone`,
	`<dl><dt>a<div><dd>b</div></dl>`, `<table>text<tr>text<td>cell<td><p>para<table><tr><td>inner</table></table>after`, `<table><tbody><div>x</div><caption>c</table>`,
	`<table><tr><td><li>x</td></tr></table>`, `<h2>a<h3>b</h3>c</h2>`, `<h2><b>a<h3>b</b></h3></h2>`, `<pre><p>a</p></pre>`, "<pre>\n\na</pre>", `<p><table><tr><td><p>x</table></p>`,
	`<ruby>a<rt>b<p><rt>c</ruby>`, `<figure><p><img src=a></figure></p>`, `<summary><h2 id=x>a</h2></summary>`, `<span><div>a</span></div>`, `<b><b><b><b><b>x</b></b></b></b></b><p>y`,
	`<br></br></p>x`, `<img src=a></img><hr></hr>`, `<p/>a<div/>b<b/>c`, `<em title="a" title="b">x</em>`, `<object>x<p>y`, `<frameset><frame>x`, `<script>x`, `<iframe>x`, `x <iframe> y`,
	"# a {#x onclick=alert(1) style=x}\n", "# a {#\"><script>alert(1)</script>}\n", "```\"><script>alert(1)</script>\nx\n```\n", "```go title=\"<img src=x onerror=alert(1)>\"\nx\n```\n",
	"[^a\"><script>]: x\n\ny[^a\"><script>]", "|a\"><script>|\n|:-:|\n|<td>|</table>|\n", "- [ ] <input type=checkbox>\n- [x] x", "a\n: <dd>b</dl>\n",
	"[x](y \"\\\" onmouseover=alert(1) x=\\\"\")", "![x\" onerror=\"alert(1)](y)", "<a@b.c\"onclick=alert(1)>", "http://x/\"onclick=alert(1)", "www.x.y\"><script>",
	"&lt;script&gt;alert(1)&lt;/script&gt;", "&#60;script&#62;", "\x00<scr\x00ipt>alert(1)</scr\x00ipt>", "\xff\xfe<b>\xc0", "\u202e<b>x", "<b\x0b>x", "<\u00a0b>", "a\r<b>\rc&#13;d",
	"<details>\n\n# x\n\n<!--more-->\n\n</details>\n\ny", "> <div>\n\n<!-- more -->\n\nx", "- a\n\n  <!--more-->\n- b", "x<!--more--> y", "<h1>a</h1>\n\n# b\n\n###### c",
	"a&#8;b&#x1;c\x08d\x1b", "“”‘’ \"'a'\" '\"b\"' --- -- ...", "日本\n語「\"x\"」", "![a](b) ![c](d)\n\n![e](f)\n", "[a](#b) [c](#md-d) [e](#) [f](#top)", "# A\n\n# A\n\n# A 2\n\n# A\n\n<p id=md-a>", "<a name=x></a><a name=x></a>",
	`![a](//x.example/b.png)`, `![a](/\x.example/b.png)`, `![a](\\x.example\b.png)`, `![a](HTTPS://x.example/b.png)`, `![a](https:x.example/b.png)`, `![a](/%5Cx.example)`, `![](https://)`,
	`<img src="&#9;//x.example/b"><img src=/\t/x.example/b><img src=a srcset="b, //x.example/c 2x"><img src=a srcset="//x.example/c,b">`,
	`<picture><source srcset=//x.example/a><img src=//x.example/b alt=c></picture>`, `<a href=x>a<img src=//x.example/b alt=c>d</a>`, `<a href=x><table><td><img src=//x.example/b alt=c></table></a>`,
	`<video poster=//x.example/a src=b>`, `<ul><img src=//x.example/b></ul><dl><img src=//x.example/b><table><img src=//x.example/b>`,
	`<p align=CENTER>x<td align="RIGHT">y`, `<img src=a align=left width=100% height=5>`, `<ol start=3 type=a reversed><li value=7>x</ol>`, `<time datetime="2024-01-01">x</time>`,
	`<math><mi><b>x</b><mrow>y</mi></mrow></math>z`, `<math><mtext><img src=x onerror=alert(1)><p>y</mtext></math>`, `<mi>x</mi><mtd>y<math>z`,
	`<math><annotation-xml encoding="text/html"><img src=x onerror=alert(1)></annotation-xml></math>`, `<math href="javascript:alert(1)"><mi href="javascript:alert(1)" style="x" class="hl">x</math>`,
	`<math><maction actiontype="statusline#http://x" xlink:href="javascript:alert(1)">x</maction></math>`, `<math><mglyph src="x"></mglyph><malignmark></math>`, `<p><math><mrow></p>x</mrow></math>`,
	`<math><mtable><tr><td>x</table><mtr><mtd>y</math><td>z`, `<b><math></b><mi>x</math>y`, `<math display=block><math><mspace width=99999em /><mspace width="1em"/><mo minsize="999em" lspace="9em">x</math>`,
	`<table><math><mi>x</table>y`, `<svg><math><mi>x`, `<math><svg><mi>x`, "$<img src=x onerror=alert(1)>$", "$$\\text{<script>alert(1)</script>}$$", "$\\href{javascript:alert(1)}{x}$", "$\"onload=\"alert(1)$",
	"$$\n</math><script>alert(1)</script>\n$$", "$\\operatorname{</mi><b>}$", "$x^{</code>\\nosuch}$", "```math\n</p><script>\n```", "$a$b$c$", "$$ $$ $$$", "\\$a$ $b\\$", "$`x`$", "> $$\n> x\n$$\n",
	`<button popovertarget="md-fn:1">x</button><div popover id="fn:1">x</div>`, `<p popover="manual" id=x>y<button type=button popovertarget=x popovertargetaction=show>z</button>`,
	"a[^1]\n\n<section class=footnotes><ol><li id=fn:1>x</li></ol></section>\n\n[^1]: y", `<sup class=footnote-ref><a role=doc-noteref href="#fn:1&quot;x">1</a><a role=doc-noteref href="#fn:x">1</a></sup>`,
	`<section class=footnotes><ol><li id="fn:x" popover=auto onbeforetoggle=alert(1)>x</ol></section><sup class=footnote-ref><a role=doc-noteref href="#fn:x"></a><a role=doc-noteref href="#fn:x">y`,
	"&#xFFFE;0&#xFFFE; $x$ &#xFFFE;0&#xFFFE;", "<b title='&#xFFFE;0&#xFFFE;'>$x$</b>", "`&#xFFFE;0&#xFFFE;` $$x$$ &#xfffe;9&#xfffe;&#xfffe;-1&#xfffe; &#xfffe;", "\uFFFE0\uFFFE $x$", "<script>$x$</script>$y$ <pre>\n$z$\n</pre>", "![$x$](a)",
	"<p id=fn:1>\n\na[^1]\n\n[^1]: n", "> [!NOTE]\n> <script>alert(1)</script>", "> [!warning]\n", "> [!\"><b>]\n> x", "> > [!TIP]\n> > x\n> [!NOTE]", `<div class="callout note" role="note" tabindex="5">x</div>`,
	"![a](b \"<script>alert(1)</script>&lt;b\")", "[![a](b 'c')](d 'e')", "![a](//x.example/b 'c')", "|  |a|\n|-|-|\n|b|c|", `<table><tr><th></th><th scope=col> </th><th>`, "```mermaid\n%%{init: {}}%%\ngraph TD; A-->B\n```",
	`<picture><source srcset="a.webp 1x, b.webp 2x" type="image/webp"><img src="a.png" sizes="(min-width: 1px) 50vw, 100vw"></picture>`, `<p lang="en-GB" dir=rtl title='"<>&'>x</p>`,
}

func TestRenderIsSafe(t *testing.T) {
	t.Parallel()
	var sources []string
	for _, address := range addresses {
		for _, shape := range addressShapes {
			sources = append(sources, strings.ReplaceAll(shape, "%s", address))
		}
	}
	for _, shape := range shapes {
		for _, context := range []string{"%s", "a %s b", "> - %s", "|a|\n|-|\n|%s|", "# %s\n\n## %s\n\n### %s"} {
			sources = append(sources, strings.ReplaceAll(context, "%s", shape))
		}
	}
	for _, source := range sources {
		document, err := markdown.Render(source, "en")
		if err != nil {
			t.Fatalf("Render(%q): %v", source, err)
		}
		checkDocument(t, document)
		check(t, "Inline", string(markdown.Inline(source, "en")))
		if t.Failed() {
			t.Fatalf("this was the source: %q", source)
		}
	}
}

func FuzzRender(f *testing.F) {
	for _, shape := range shapes {
		f.Add(shape, "en")
	}
	for i, shape := range addressShapes {
		f.Add(strings.ReplaceAll(shape, "%s", addresses[i%len(addresses)]), "de")
	}
	f.Fuzz(func(t *testing.T, source, language string) {
		check(t, "Inline", string(markdown.Inline(source, language)))
		document, err := markdown.Render(source, language)
		if err != nil {
			return
		}
		checkDocument(t, document)
	})
}
