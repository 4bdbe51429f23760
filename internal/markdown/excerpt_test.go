package markdown_test

import (
	"strings"
	"testing"
)

func TestExcerpt(t *testing.T) {
	t.Parallel()
	words := func(n int) string { return strings.TrimSpace(strings.Repeat("word ", n)) }
	lines := func(n int) string { return "```\n" + strings.Repeat("line\n", n) + "```" }
	tests := []struct {
		name, source, want string
		more               bool
	}{
		{"whole post", "a\n\nb", "<p>a</p>\n<p>b</p>\n", false},
		{"empty", "", "", false},
		{"only a heading", "# a", "", false},
		{"marker", "a\n\n<!--more-->\n\nb", "<p>a</p>\n", true},
		{"marker with spaces, in a line", "a <!-- more --> b\n\nc", "<p>a </p>\n", true},
		{"marker at the end", "a\n\n<!--more-->", "<p>a</p>\n", false},
		{"marker first", "<!--more-->\n\na", "<p>a</p>\n", false},
		{"marker in a list", "- a\n\n  <!--more-->\n\n- b\n\nc", "<ul>\n<li>\n<p>a</p>\n</li>\n</ul>\n", true},
		{"marker in code", "```\n<!--more-->\n```\n\nb", "<pre tabindex=\"0\"><code>&lt;!--more--&gt;\n</code></pre>\n<p>b</p>\n", false},
		{"leading heading", "# Intro\n\na", "<p>a</p>\n", false},
		{"headings below the card's", "a\n\n# b\n\n## c\n\nd", "<p>a</p>\n<h3>b</h3>\n<h4>c</h4>\n<p>d</p>\n", false},
		{"ends before a heading", words(40) + "\n\n## b\n\nc", "<p>" + words(40) + "</p>\n", true},
		{"ends before a rule", "a\n\n---\n\nb", "<p>a</p>\n", true},
		{"ends at the goal", words(60) + "\n\n" + words(60) + "\n\nc", "<p>" + words(60) + "</p>\n<p>" + words(60) + "</p>\n", true},
		{"ends before a long block", words(60) + "\n\n" + words(200), "<p>" + words(60) + "</p>\n", true},
		{"ends before long code", "a\n\n" + lines(16), "<p>a</p>\n", true},
		{"keeps short code", "a\n\n" + lines(2), "<p>a</p>\n<pre tabindex=\"0\"><code>line\nline\n</code></pre>\n", false},
		{"ends before a promise", words(20) + "\n\nSuch as:\n\n" + lines(30), "<p>" + words(20) + "</p>\n", true},
		{"skips long code at the start", lines(30) + "\n\nb", "<p>b</p>\n", true},
		{"long first paragraph", words(300), "<p>" + words(300) + "</p>\n", false},
		{"far too long first paragraph", strings.Repeat("*word* ", 500) + "\n\nb", "<p>" + words(100) + "…</p>\n", true},
		{"long first list", strings.Repeat("- "+words(50)+"\n", 20), "<ul>\n" + strings.Repeat("<li>"+words(50)+"</li>\n", 2) + "</ul>\n", true},
		{"footnotes", "a[^1] b\n\n[^1]: n", "<p>a b</p>\n", false},
		{"links within the post", "[a](#b) [c](/d)", `<p>a <a href="/d">c</a></p>` + "\n", false},
		{"one image", "![](a) x\n\n![](b)\n\n![](c) d", `<p><img src="a" alt="" loading="lazy" decoding="async"> x</p>` + "\n\n<p> d</p>\n", false},
		{"nothing to see at the start", "<style>a{}</style>\n\n<a name=\"x\"></a>\n\n<!-- c -->\n\n# a\n\nb\n\n# c", "<p>b</p>\n", true},
		{"cut in HTML", "<div>\n\na\n\n<!--more-->\n\nb\n\n</div>", "<div>\n<p>a</p>\n</div>", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := render(t, test.source)
			if withoutBlankLines(string(got.Excerpt)) != withoutBlankLines(test.want) || got.More != test.more {
				t.Errorf("got %q, more %t\nwant %q, more %t", got.Excerpt, got.More, test.want, test.more)
			}
		})
	}
}

func withoutBlankLines(text string) string {
	return strings.TrimSpace(strings.ReplaceAll(text, "\n\n", "\n"))
}
