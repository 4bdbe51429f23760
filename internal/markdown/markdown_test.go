package markdown_test

import (
	"strings"
	"testing"

	"broadsheet/internal/markdown"
)

func render(t *testing.T, source string) markdown.Document {
	t.Helper()
	document, err := markdown.Render(source, "en")
	if err != nil {
		t.Fatalf("Render(%.80q): %v", source, err)
	}
	checkDocument(t, document)
	return document
}

func TestRender(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, source string
		want         []string
		never        string
	}{
		{name: "heading", source: "## Über uns & `x`", want: []string{
			`<div class="heading"><h2 id="md-über-uns-x">Über uns &amp; <code>x</code></h2>`,
			`<a class="anchor" href="#md-%C3%BCber-uns-x" aria-label="Link to Über uns &amp; x">#</a></div>`}},
		{name: "headings move below the title", source: "# A\n\n## B\n\n###### C", want: []string{"<h2 id", "<h3 id", "<h6 id"}, never: "<h1"},
		{name: "headings stay without an h1", source: "## A\n\n### B", want: []string{"<h2 id", "<h3 id"}},
		{name: "same headings", source: "## A\n\n## A\n\n## A 2\n\n## A", want: []string{`"md-a"`, `"md-a-2"`, `"md-a-2-2"`, `"md-a-3"`}},
		{name: "heading without letters", source: "## !?", want: []string{`id="md-section"`}},
		{name: "Japanese heading", source: "## 日本語 入門", want: []string{`id="md-日本語-入門"`}},
		{name: "given id", source: "## A title {#Custom}\n\n[to](#Custom)", want: []string{`id="md-Custom"`, `<a href="#md-Custom">to</a>`}},
		{name: "braces in a heading", source: "## The {braces}", want: []string{"The {braces}</h2>"}},
		{name: "anchor of old times", source: `<a name="old"></a>`, want: []string{`<a id="md-old"></a>`}},
		{name: "table", source: "|a|b|c|\n|:--|:-:|--:|\n|1|2|3|", want: []string{
			`<div class="table-scroll" tabindex="0" role="region" aria-label="Table 1"><table>`,
			`<td class="align-left">1</td>`, `<td class="align-center">2</td>`, `<td class="align-right">3</td>`, "</table></div>"}, never: "style"},
		{name: "tasks", source: "- [ ] a\n- [x] b", want: []string{`<ul class="task-list">`,
			`<li class="task-list-item"><input type="checkbox" disabled="" aria-label="Open task"> a</li>`,
			`<input type="checkbox" disabled="" aria-label="Completed task" checked=""> b`}},
		{name: "footnotes", source: "a[^x] b[^x]\n\n[^x]: note", want: []string{
			`<sup class="footnote-ref" id="md-fnref:1"><a href="#md-fn:1" role="doc-noteref" aria-label="Footnote 1">1</a>` +
				`<button type="button" class="footnote-open link" popovertarget="md-fn:1" value="1" aria-label="Footnote 1"></button></sup>`,
			`id="md-fnref:1:2"`, `<section class="footnotes" role="doc-endnotes" aria-label="Footnotes">`, `<li id="md-fn:1" popover="">`,
			`<a class="footnote-backref" href="#md-fnref:1:2" role="doc-backlink" aria-label="Back to reference 1 (2)">`}},
		{name: "definitions", source: "Go\n: a language", want: []string{"<dl>\n<dt>Go</dt>\n<dd>a language</dd>\n</dl>"}},
		{name: "strikethrough", source: "~~a~~", want: []string{"<del>a</del>"}},
		{name: "bare address", source: "see https://example.org/a?b=c&d.", want: []string{`<a href="https://example.org/a?b=c&amp;d" rel="noopener">https://example.org/a?b=c&amp;d</a>.`}},
		{name: "own link", source: "[a](/about) [b](mailto:a@example.org)", want: []string{`<a href="/about">a</a>`, `<a href="mailto:a@example.org">`}, never: "rel="},
		{name: "titles", source: `[a](/b "T & *x* \"q\" \\")`, want: []string{`title="T &amp; *x* &#34;q&#34; \"`}},
		{name: "rel", source: `<a rel="me opener" href="https://a.example/@b">x</a>`, want: []string{`rel="noopener me"`}},
		{name: "footnote whose id is taken", source: "<p id=fn:1>x\n\na[^1]\n\n[^1]: n", want: []string{`<a href="#md-fn:1"`}, never: "popover"},
		{name: "popover of an author", source: `<div popover id="x">a</div><button popovertarget="x">b</button>`, want: []string{`<div id="md-x">a</div>b`}, never: "popover"},
		{name: "empty header", source: "| |a|\n|-|-|\n|b|c|", want: []string{"<tr>\n<td></td>\n<th>a</th>\n</tr>"}},
		{name: "figure", source: `![An & alt](/a.png "A *title* & more")`, want: []string{
			`<figure>` + "\n" + `<img src="/a.png" alt="An &amp; alt" loading="lazy" decoding="async">` + "\n<figcaption>A *title* &amp; more</figcaption>\n</figure>"}},
		{name: "figure that is a link", source: `[![a](/a.png "T")](/b)`, want: []string{`<figure>` + "\n" + `<a href="/b"><img src="/a.png"`, "<figcaption>T</figcaption>"}},
		{name: "image alone without a title", source: `![a](/a.png)`, want: []string{`<p><img`}, never: "figure"},
		{name: "image among words", source: `x ![An & alt](/a.png "T")`, want: []string{`<img src="/a.png" alt="An &amp; alt" title="T" loading="lazy" decoding="async">`}},
		{name: "image of another host", source: `![A *fine* "b" & c](https://a.example/b.png "T")`,
			want: []string{`<p><a href="https://a.example/b.png" title="T" rel="noopener">A fine “b” &amp; c</a></p>`}, never: "<img"},
		{name: "image of another host without a name", source: `![](https://a.example/b/c.png?d)`, want: []string{`<a href="https://a.example/b/c.png?d" rel="noopener">c.png</a>`}, never: "<img"},
		{name: "image that is another host", source: `![](//a.example/)`, want: []string{`<a href="//a.example/" rel="noopener">a.example</a>`}, never: "<img"},
		{name: "linked image of another host", source: `[![Build](https://a.example/b.svg)](/ci)`, want: []string{`<p><a href="/ci">Build</a></p>`}, never: "a.example"},
		{name: "image of another host in HTML", source: `<figure><img id="x" src=" https://a.example/b.png" alt="" align="left"><figcaption>c</figcaption></figure>`,
			want: []string{`<figure><a href="https://a.example/b.png" id="md-x" rel="noopener">b.png</a><figcaption>`}, never: "<img"},
		{name: "picture with files of another host", source: `<picture><source srcset="a.webp 1x, https://a.example/b.webp 2x" type="image/webp"><img src="a.png" srcset="//a.example/c.png 2x" alt="A"></picture>`,
			want: []string{`<picture><source type="image/webp"><img src="a.png" alt="A" `}, never: "a.example"},
		{name: "image of another host in a table", source: "|a|\n|-|\n|![b](http://a.example/b.png)|", want: []string{`<td><a href="http://a.example/b.png" rel="noopener">b</a></td>`}},
		{name: "picture", source: `<picture><source srcset="a.webp 1x, b.webp 2x" type="image/webp"><img src="a.png" width="3" height="2"></picture>`,
			want: []string{`<source srcset="a.webp 1x, b.webp 2x" type="image/webp">`, `width="3" height="2"`}},
		{name: "film", source: `<video src="/a.mp4" autoplay poster="/a.jpg"></video>`, want: []string{`<video src="/a.mp4" poster="/a.jpg" controls="">`}, never: "autoplay"},
		{name: "allowed HTML", source: `<figure><kbd>k</kbd><sub>s</sub><mark>m</mark><abbr title="t">a</abbr><figcaption>c</figcaption></figure>`,
			want: []string{`<figure><kbd>k</kbd><sub>s</sub><mark>m</mark><abbr title="t">a</abbr><figcaption>c</figcaption></figure>`}},
		{name: "details with Markdown", source: "<details>\n<summary>S</summary>\n\n*a*\n\n</details>\n\nb", want: []string{"<summary>S</summary>", "<p><em>a</em></p>\n</details>\n<p>b</p>"}},
		{name: "unclosed div", source: "<div>\n\na\n\nb", want: []string{"<p>b</p>\n</div>"}},
		{name: "script", source: "a\n\n<script>alert(1)</script>\n\nb", want: []string{"<p>b</p>"}, never: "alert"},
		{name: "script without an end", source: "<div>\n<script>\n\nkept\n\n</div>", want: []string{"<p>kept</p>"}, never: "script"},
		{name: "element talked about", source: "the <textarea> element\n\nmore", want: []string{"the &lt;textarea&gt; element", "<p>more</p>"}},
		{name: "style and foreign classes", source: `<p style="x" class="admin">a</p>`, want: []string{"<p>a</p>"}},
		{name: "alignment in HTML", source: `<p align="CENTER">a</p>`, want: []string{`<p class="align-center">a</p>`}},
		{name: "text in a table", source: "<table>x<tr>y<td>z</table>", want: []string{"<tbody><tr><td>x</td></tr><tr><td>y</td><td>z</td></tr></tbody>"}},
		{name: "Japanese line break", source: "日本\n語、\n「x」\nabc\ndef", want: []string{"日本語、「x」\nabc\ndef"}},
		{name: "line break before emphasis", source: "a\n*b*\n\"c\"", want: []string{"a\n<em>b</em>\n“c”"}},
		{name: "NUL and invalid UTF-8", source: "a\x00b\xffc", want: []string{"<p>ab\uFFFDc</p>"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := string(render(t, test.source).HTML)
			for _, want := range test.want {
				if !strings.Contains(got, want) {
					t.Errorf("got %q\nwant %q in it", got, want)
				}
			}
			if test.never != "" && strings.Contains(got, test.never) {
				t.Errorf("got %q, want no %q", got, test.never)
			}
		})
	}
}

func TestInline(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, source, want string }{
		{"marks", "*a* **b** `c` ~~d~~ \"e\"", "<em>a</em> <strong>b</strong> <code>c</code> <del>d</del> “e”"},
		{"link", "[a](https://example.org)", `<a href="https://example.org" rel="noopener">a</a>`},
		{"no blocks", "1984. # not\n\n- a > list", "1984. # not - a &gt; list"},
		{"no HTML blocks", "<div><h2 id=x>a</h2><p>b</div>", "ab"},
		{"no images", "a ![b](c) <img src=x>d", "a  d"},
		{"no script", "<script>alert(1)</script> [x](javascript:alert(1))", "&lt;script&gt;alert(1)&lt;/script&gt; x"},
		{"open tag", "a <em>b", "a <em>b</em>"},
		{"too long", strings.Repeat("<b>", 4_000), strings.Repeat("&lt;b&gt;", 4_000)},
		{"too many marks", strings.Repeat("*a ", 3_100), strings.TrimSpace(strings.Repeat("*a ", 3_100))},
		{"empty", "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := string(markdown.Inline(test.source, "en")); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestContents(t *testing.T) {
	t.Parallel()
	got := string(render(t, "## A\n\n#### B `c`\n\n### D\n\n## E [x](y)[^1]\n\n[^1]: n").TOC)
	want := `<ul class="toc">
<li><a href="#md-a">A</a>
<ul>
<li><a href="#md-b-c">B <code>c</code></a></li>
<li><a href="#md-d">D</a></li>
</ul>
</li>
<li><a href="#md-e-x">E x</a></li>
</ul>
`
	if strings.ReplaceAll(got, "\n", "") != strings.ReplaceAll(want, "\n", "") {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := render(t, "## A\n\n## B").TOC; got != "" {
		t.Errorf("got %q for two headings, want none", got)
	}
}

func TestReading(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, source   string
		words, minutes int
		text           string
	}{
		{"nothing", "", 0, 1, ""},
		{"prose", "## Title\n\nDon't count `code` twice, e-mail once.\n\n```go\nnot this\n```\n\nBut this[^1].\n\n[^1]: And this.",
			11, 1, "Don’t count code twice, e-mail once. But this."},
		{"table is no description", "a\n\n|b|\n|-|\n|c|\n\nd", 4, 1, "a d"},
		{"Japanese", strings.Repeat("日本語", 300), 900, 2, strings.Repeat("日本語", 300)[:299*3] + "…"},
		{"long", strings.Repeat("word ", 690), 690, 3, strings.TrimSpace(strings.Repeat("word ", 60)) + "…"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := render(t, test.source)
			if got.Words != test.words || got.Minutes != test.minutes || got.Text != test.text {
				t.Errorf("got %d words, %d minutes, %q, want %d, %d, %q", got.Words, got.Minutes, got.Text, test.words, test.minutes, test.text)
			}
		})
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, source, want string }{
		{"nothing", "", ""},
		{"code and headings", "## A *b*\n\nc`d`<br>e[^1]\n\n```go\nfmt.Print(\"f\")\n```\n\n- g\n- h\n\n|i|j|\n|-|-|\n|k|l|\n\n[^1]: m",
			`A b cd e fmt.Print("f") g h i j k l m`},
		{"no markup", "<!-- a --> <b>b</b>c &lt;d&gt; <script>e</script>", "bc <d>"},
		{"links and images", `[a](https://b.example) ![c](/d.png) ![](https://e.example/f.png)`, "a c f.png"},
		{"ruby", "<ruby>日<rp>(</rp><rt>に</rt><rp>)</rp>本</ruby>", "日本"},
		{"long", strings.Repeat("ab ", 50_000), strings.Repeat("ab ", 33_333) + "a"},
		{"long and wide", strings.Repeat("𝒳", 120_000), strings.Repeat("𝒳", 100_000)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := render(t, test.source).Plain; got != test.want {
				t.Errorf("got %.100q (%d bytes), want %.100q (%d bytes)", got, len(got), test.want, len(test.want))
			}
		})
	}
}
