package markdown_test

import (
	"strings"
	"testing"
)

func TestCode(t *testing.T) {
	t.Parallel()
	const highlighted = `<span class="kd">var</span>`
	tests := []struct {
		name, info string
		want       []string
		never      string
	}{
		{"language", "go", []string{`<pre class="chroma" tabindex="0"><code class="language-go">` + highlighted}, ""},
		{"alias in capitals", "Golang", []string{`class="language-Golang"`, highlighted}, ""},
		{"file extension", "main.go", []string{highlighted}, ""},
		{"none", "", []string{`<pre tabindex="0"><code>var a = 1` + "\n"}, "chroma"},
		{"language's name", "golang", []string{`<figcaption class="code-title"><span class="code-language">Go</span></figcaption>`}, ""},
		{"no language", "text", []string{`<pre class="chroma" tabindex="0"><code class="language-text">`}, "figure"},
		{"diagram", "mermaid", []string{`<span class="code-language">Mermaid</span></figcaption>`, `<code class="language-mermaid">var a = 1`}, ""},
		{"unknown", "nosuch", []string{`<span class="code-language">nosuch</span>`, `<pre tabindex="0"><code class="language-nosuch">var a = 1`}, "chroma"},
		{"Hugo's lines", "go {hl_lines=[1,\"3-4\"]}", []string{`<span class="hl">` + highlighted, `<span class="hl"><span class="nf">c`}, ""},
		{"Gatsby's lines", "go{2}", []string{`"language-go"`, `<span class="hl"><span class="kd">func</span> <span class="nf">b`}, ""},
		{"title", `go title="ma\"in & <co>.go"`, []string{`<figure class="code"><figcaption class="code-title">`, "</figure>", highlighted}, "<co>"},
		{"title after a colon", "go:main.go", []string{`<figcaption class="code-title">main.go<span class="code-language">Go</span></figcaption>`, highlighted}, ""},
		{"title alone", `title="x.txt"`, []string{`<figcaption class="code-title">x.txt</figcaption>`}, "chroma"},
		{"rustdoc", "go,ignore", []string{`"language-go"`, highlighted}, ""},
		{"Pandoc", "{.go .numberLines}", []string{`"language-go"`, highlighted}, ""},
		{"hostile", `"><script>alert(1)</script>`, []string{"<pre"}, "script"},
		{"huge lines", "go {99999999999999999999-3, hl_lines=[}", []string{highlighted}, `class="hl"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := string(render(t, "```"+test.info+"\nvar a = 1\nfunc b() {}\nc()\nd()\n```").HTML)
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

func TestCodeTooLongToHighlight(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, code string }{
		{"block", strings.Repeat("var a = 1\n", 10_000)},
		{"line", strings.Repeat("var a = 1;", 1_000)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := string(render(t, "```go\n"+test.code+"\n```").HTML); strings.Contains(got, "chroma") {
				t.Errorf("got %.100q, want it plain", got)
			}
		})
	}
}
