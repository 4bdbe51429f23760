package tex_test

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"broadsheet/internal/markdown/tex"
)

func TestMathML(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, source, want string }{
		{"letters and numbers", "E = mc^2", "<mrow><mi>E</mi><mo>=</mo><mi>m</mi><msup><mi>c</mi><mn>2</mn></msup></mrow>"},
		{"decimals", "3.14,15", "<mn>3.14,15</mn>"},
		{"decimal comma in braces", "2{,}5", `<mrow><mn>2</mn><mo lspace="0" rspace="0">,</mo><mn>5</mn></mrow>`},
		{"list of numbers", "1, 2", "<mrow><mn>1</mn><mo>,</mo><mn>2</mn></mrow>"},
		{"both scripts, either order", "x^2_i x_i^2", strings.Repeat("<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>", 2)},
		{"script of one digit", "x^10", "<msup><mi>x</mi><mn>1</mn></msup><mn>0</mn>"},
		{"primes", "f''(x)", "<msup><mi>f</mi><mo>′′</mo></msup>"},
		{"prime and power", "f'^2", "<msup><mi>f</mi><mrow><mo>′</mo><mn>2</mn></mrow></msup>"},
		{"script without a base", "{}^{14}C", "<msup><mrow></mrow><mn>14</mn></msup><mi>C</mi>"},
		{"sign", "a = -b - c", `<mo>=</mo><mo form="prefix">−</mo><mi>b</mi><mo>−</mo><mi>c</mi>`},
		{"fraction", `\frac{a}{b+1}`, "<mfrac><mi>a</mi><mrow><mi>b</mi><mo>+</mo><mn>1</mn></mrow></mfrac>"},
		{"fraction without braces", `\frac12`, "<mfrac><mn>1</mn><mn>2</mn></mfrac>"},
		{"roots", `\sqrt 2 \sqrt[3]{x}`, "<msqrt><mn>2</mn></msqrt><mroot><mi>x</mi><mn>3</mn></mroot>"},
		{"binomial", `\binom nk`, `<mfrac linethickness="0"><mi>n</mi><mi>k</mi></mfrac>`},
		{"sum", `\sum_{i=1}^n i`, "<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover><mi>i</mi>"},
		{"integral", `\int_0^1 x\,dx`, `<msubsup><mo>∫</mo><mn>0</mn><mn>1</mn></msubsup><mi>x</mi><mspace width="0.1667em"></mspace><mi>d</mi><mi>x</mi>`},
		{"limits asked for", `\int\limits_a^b`, `<munderover><mo movablelimits="false">∫</mo><mi>a</mi><mi>b</mi></munderover>`},
		{"limit", `\lim_{x\to0}x`, `<munder><mo movablelimits="true" lspace="0" rspace="0">lim</mo>`},
		{"function", `2\sin x`, `<mn>2</mn><mspace width="0.1667em"></mspace><mi>sin</mi><mspace width="0.1667em"></mspace><mi>x</mi>`},
		{"named function", `\operatorname{rank} A`, "<mi>rank</mi>"},
		{"accents", `\hat x \vec{AB}`, `<mover accent="true"><mi>x</mi><mo stretchy="false">^</mo></mover><mover accent="true"><mrow><mi>A</mi><mi>B</mi></mrow><mo stretchy="false">→</mo></mover>`},
		{"brace below", `\underbrace{x}_{n}`, `<munder><munder accentunder="true"><mi>x</mi><mo stretchy="true">⏟</mo></munder><mi>n</mi></munder>`},
		{"fonts", `\mathbb R \mathcal{L} \mathbf{xy} \mathrm{d}x \boldsymbol\alpha`,
			`<mi>ℝ</mi><mi>ℒ</mi><mi>𝐱𝐲</mi><mi mathvariant="normal">d</mi><mi>x</mi><mi>𝜶</mi>`},
		{"words", `x \text{ if } 50\,\%`, "<mi>x</mi><mtext>\u00a0if\u00a0</mtext>"},
		{"brackets", `(x]`, `<mo form="prefix" stretchy="false">(</mo><mi>x</mi><mo form="postfix" stretchy="false">]</mo>`},
		{"brackets that grow", `\left( x \middle| y \right.`, `<mo form="prefix" fence="true" stretchy="true">(</mo><mi>x</mi><mo form="infix" fence="true" stretchy="true">|</mo><mi>y</mi>`},
		{"large brackets", `\bigl\langle x`, `<mo form="prefix" stretchy="true" minsize="1.2em" maxsize="1.2em">⟨</mo>`},
		{"matrix", `\begin{pmatrix} a & b \\ c & d \\ \end{pmatrix}`, `<mtable><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd></mtr><mtr><mtd><mi>c</mi></mtd><mtd><mi>d</mi></mtd></mtr></mtable><mo form="postfix" fence="true" stretchy="true">)</mo>`},
		{"cases", `\begin{cases} 1 & x > 0 \\ 0 & \text{else} \end{cases}`, `<mtd class="align-left"><mtext>else</mtext></mtd></mtr></mtable>`},
		{"aligned", `\begin{aligned} a &= b \\[1ex] &= c \end{aligned}`, `<mtr><mtd class="align-right"></mtd><mtd class="align-left"><mrow><mo form="infix">=</mo><mi>c</mi></mrow></mtd></mtr></mtable>`},
		{"array", `\begin{array}{l|r} a & b \end{array}`, `<mtd class="align-left"><mi>a</mi></mtd><mtd class="align-right"><mi>b</mi></mtd>`},
		{"lines", `a \\ b`, "</mtr><mtr>"},
		{"negation", `a \not= b`, "<mo>=\u0338</mo>"},
		{"sets", `\{x \in A \mid x \notin B\}`, `<mo form="prefix" stretchy="false">{</mo><mi>x</mi><mo>∈</mo><mi>A</mi><mo>∣</mo>`},
		{"characters of Unicode", "α ≤ ∑", "<mi>α</mi><mo>≤</mo><mo>∑</mo>"},
		{"comment", "a % b\n c", "<mi>a</mi><mi>c</mi>"},
		{"what HTML takes for its own", `a < b \&`, "<mo>&lt;</mo><mi>b</mi><mi>&amp;</mi>"},
		{"switch of style", `\displaystyle\sum x`, `<mstyle displaystyle="true" scriptlevel="0"><mrow><mo>∑</mo><mi>x</mi></mrow></mstyle>`},
		{"number of an equation", `x \tag{1}`, "<mtext>(1)</mtext>"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := tex.MathML(test.source, false)
			if err != nil {
				t.Fatalf("MathML(%q): %v", test.source, err)
			}
			if !strings.Contains(got, test.want) {
				t.Errorf("MathML(%q): got %s, want %s in it", test.source, got, test.want)
			}
			checkArguments(t, got)
		})
	}
	if got, err := tex.MathML("x", true); err != nil || got != `<math display="block"><mi>x</mi></math>` {
		t.Errorf("got %q, %v for display, want it as a block", got, err)
	}
}

func TestNoFormula(t *testing.T) {
	t.Parallel()
	for _, source := range []string{
		"", " ", "{}", "{", "}", "x^", "x_", "x^a^b", "x_a_b", "^", `\`, `\nosuch`, `\frac`, `\frac{a}`, `\frac a`, `\sqrt[3`, `\left(x`, `x\right)`,
		`\left x \right`, `\middle|`, `\begin`, `\begin{nosuch}x\end{nosuch}`, `\begin{matrix}x`, `\begin{matrix}x\end{pmatrix}`, `\end{matrix}`,
		`\begin{array}x\end{array}`, `\begin{array}{p}x\end{array}`, "a & b", "#", "a $ b", `\text{a`, `\text{\b}`, `\text{$x$}`, `\not x`, `\big x`,
		`\href{javascript:alert(1)}{x}`, `\def\a{\a\a}\a`, `\newcommand{\a}{b}`, `\style{x}{y}`, "\"x\"", "\xff", "\x00",
		strings.Repeat("{", 30) + "x" + strings.Repeat("}", 30), strings.Repeat(`\sqrt`, 30) + "x", strings.Repeat("x^", 30) + "x",
		strings.Repeat(`\left(`, 30) + "x" + strings.Repeat(`\right)`, 30), strings.Repeat(`\displaystyle`, 30) + "x", strings.Repeat("x", 10_001),
	} {
		if got, err := tex.MathML(source, false); err == nil {
			t.Errorf("MathML(%.60q): got %.200s, want an error", source, got)
		}
	}
}

// checkArguments checks that elements which take a number of arguments have them.
func checkArguments(t *testing.T, mathML string) {
	t.Helper()
	want := map[string]int{"msub": 2, "msup": 2, "msubsup": 3, "munder": 2, "mover": 2, "munderover": 3, "mfrac": 2, "mroot": 2}
	type open struct {
		name     string
		children int
	}
	stack := []open{{}}
	decoder := xml.NewDecoder(strings.NewReader(mathML))
	for {
		token, err := decoder.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%v in %s", err, mathML)
		}
		switch token := token.(type) {
		case xml.StartElement:
			stack[len(stack)-1].children++
			stack = append(stack, open{name: token.Name.Local})
		case xml.EndElement:
			last := stack[len(stack)-1]
			if n, ok := want[last.name]; ok && last.children != n {
				t.Errorf("got %d arguments for %s in %s, want %d", last.children, last.name, mathML, n)
			}
			stack = stack[:len(stack)-1]
		}
	}
}

func FuzzMathML(f *testing.F) {
	for _, source := range []string{`\frac{a}{b}^2_i`, `\begin{cases}a & b \\ c\end{cases}`, `\left(\sqrt[3]{x}\right)'`, `\sum\limits_{i}^n \hat x`,
		`\text{a~b} \mathbf{AB} \big( \not= "`, `\displaystyle a \\ b & c`, `\underbrace{x}_{y} \operatorname*{argmax}_x -1{,}5`, "α≤\u0338é% x\n\\,", `\substack{a\\b}\pmod n\tag{1}`} {
		f.Add(source, true)
	}
	f.Fuzz(func(t *testing.T, source string, display bool) {
		got, err := tex.MathML(source, display)
		if err != nil {
			return
		}
		if len(got) > 200*len(source)+100 {
			t.Errorf("got %d bytes for %d", len(got), len(source))
		}
		if strings.ToValidUTF8(got, "") == got && !strings.ContainsFunc(got, func(r rune) bool {
			return r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == '\uFFFE' || r == '\uFFFF'
		}) {
			checkArguments(t, got)
		}
	})
}
