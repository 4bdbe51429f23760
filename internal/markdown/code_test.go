package markdown_test

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/chroma/v2"

	"broadsheet/internal/markdown"
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
		{"unknown", "nosuch", []string{`<pre tabindex="0"><code class="language-nosuch">var a = 1`}, "chroma"},
		{"Hugo's lines", "go {hl_lines=[1,\"3-4\"]}", []string{`<span class="hl">` + highlighted, `<span class="hl"><span class="nf">c`}, ""},
		{"Gatsby's lines", "go{2}", []string{`"language-go"`, `<span class="hl"><span class="kd">func</span> <span class="nf">b`}, ""},
		{"title", `go title="ma\"in & <co>.go"`, []string{`<figure class="code"><figcaption class="code-title">`, "</figure>", highlighted}, "<co>"},
		{"title after a colon", "go:main.go", []string{`<figcaption class="code-title">main.go</figcaption>`, highlighted}, ""},
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
			if got := string(render(t, "```go\n"+test.code+"\n```").HTML); strings.Contains(got, "<span") {
				t.Errorf("got %.100q, want it plain", got)
			}
		})
	}
}

var cssRule = regexp.MustCompile(`(?m)^(.+) \{ color: (#[0-9a-f]{6})`)

func TestChromaCSSIsReadable(t *testing.T) {
	t.Parallel()
	for _, styles := range [][2]string{{"github", "github-dark"}, {"friendly", "monokai"}, {"solarized-light", "solarized-dark"}, {"none", "none"}} {
		t.Run(styles[0], func(t *testing.T) {
			t.Parallel()
			css := markdown.ChromaCSS(styles[0], styles[1])
			light, dark, found := strings.Cut(css, "@media (prefers-color-scheme: dark) {\n")
			if !found {
				t.Fatalf("got %s, want a dark part", css)
			}
			if !strings.HasPrefix(light, "@media (prefers-color-scheme: light)") {
				t.Errorf("got %s, want rules of the light style that end with it", light)
			}
			for sheet, background := range map[string]string{light: markdown.LightBackground, dark: markdown.DarkBackground} {
				rules := cssRule.FindAllStringSubmatch(sheet, -1)
				if len(rules) == 0 {
					t.Errorf("got %s, want colours", sheet)
				}
				marked := regexp.MustCompile(`\.hl \{ .*background-color: (#[0-9a-f]{6})`).FindStringSubmatch(sheet)[1]
				for _, rule := range rules {
					for _, behind := range []string{background, marked} {
						if got := contrast(chroma.MustParseColour(rule[2]), chroma.MustParseColour(behind)); got < 4.5 {
							t.Errorf("%s: got contrast %.2f of %s on %s, want 4.5", rule[1], got, rule[2], behind)
						}
					}
				}
			}
		})
	}
}

// contrast is WCAG's ratio, computed on its own so that a slip shows.
func contrast(a, b chroma.Colour) float64 {
	luminance := func(c chroma.Colour) float64 {
		var sum float64
		for i, channel := range []uint8{c.Red(), c.Green(), c.Blue()} {
			sum += []float64{0.2126, 0.7152, 0.0722}[i] * linear(float64(channel)/255)
		}
		return sum
	}
	la, lb := luminance(a)+0.05, luminance(b)+0.05
	return max(la/lb, lb/la)
}

func TestContrast(t *testing.T) {
	t.Parallel()
	got := fmt.Sprintf("%.2f", contrast(chroma.MustParseColour("#777777"), chroma.MustParseColour("#ffffff")))
	if got != "4.48" {
		t.Errorf("got contrast %s of #777 on white, want 4.48", got)
	}
}

func linear(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}
