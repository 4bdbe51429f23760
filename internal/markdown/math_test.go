package markdown_test

import (
	"strings"
	"testing"

	"broadsheet/internal/markdown"
)

func TestFormulas(t *testing.T) {
	t.Parallel()
	const (
		x     = "<math><mi>x</mi></math>"
		block = `<span class="math-scroll" tabindex="0" role="region" aria-label="Formula 1"><math display="block">`
		xs    = block + "<mi>x</mi></math></span>"
		minus = block + `<mrow><mi>a</mi><mo>−</mo><mi>b</mi></mrow></math></span>`
	)
	tests := []struct{ name, source, want string }{
		{"inline", "so $x$, and ($x$)", "<p>so " + x + ", and (" + x + ")</p>"},
		{"prices", "$5 and $6", "<p>$5 and $6</p>"},
		{"prices in thousands", "$20,000 and US$30,000", "<p>$20,000 and US$30,000</p>"},
		{"space after the first", "$ x$", "<p>$ x$</p>"},
		{"space before the last", "$x $", "<p>$x $</p>"},
		{"digit after the last", "$x$5", "<p>$x$5</p>"},
		{"a price and a formula", "$5, then $x$", "<p>$5, then " + x + "</p>"},
		{"nothing", "$$ $$ $$", "<p>$$ $$ $$</p>"},
		{"escaped", `\$x$ and $x\$`, "<p>$x$ and $x$</p>"},
		{"variables", "$HOME and $PATH", "<p>$HOME and $PATH</p>"},
		{"over two lines", "a $x\n= y$ b", "<p>a <math><mrow><mi>x</mi><mo>=</mo><mi>y</mi></mrow></math> b</p>"},
		{"not over paragraphs", "a $x\n\ny$ b", "<p>a $x</p>\n<p>y$ b</p>"},
		{"no emphasis inside", "$a_1 b_2$ *c*", "<p><math><mrow><msub><mi>a</mi><mn>1</mn></msub><msub><mi>b</mi><mn>2</mn></msub></mrow></math> <em>c</em></p>"},
		{"no formula in code", "`$x$`", "<p><code>$x$</code></p>"},
		{"code first", "`$` x `$`", "<p><code>$</code> x <code>$</code></p>"},
		{"GitHub's", "$`x`$", "<p>" + x + "</p>"},
		{"in emphasis", "**$x$**", "<p><strong>" + x + "</strong></p>"},
		{"in a heading's link", "### $x$", `<div class="heading"><h3 id="md-x">` + x + `</h3><a class="anchor" href="#md-x" aria-label="Link to x">#</a></div>`},
		{"in a table", "|a|\n|-|\n|$x$|", "<td>" + x + "</td>"},
		{"unknown command", `$\nosuch<b>{x}$`, `<p><code class="language-tex">$\nosuch&lt;b&gt;{x}$</code></p>`},
		{"display", "$$x$$", "<p>" + xs + "</p>"},
		{"display over lines", "$$\nx\n$$", "<p>" + xs + "</p>"},
		{"display with a list's mark", "$$\na\n- b\n$$", "<p>" + minus + "</p>"},
		{"display in a paragraph", "a\n$$\na\n- b\n$$\nc", "<p>a</p>\n<p>" + minus + "</p>\n<p>c</p>"},
		{"display among words", "a $$ x $$ b", "<p>a " + xs + " b</p>"},
		{"display before words", "$$x$$ b", "<p>" + xs + " b</p>"},
		{"display in a quote", "> $$\n> a\n> - b\n> $$\n>\n> c", "<blockquote>\n<p>" + minus + "</p>\n<p>c</p>"},
		{"display in a list", "- $$\n  x\n  $$\n- b", "<li>\n<p>" + xs + "</p>\n</li>"},
		{"display without an end", "$$\nx *y*\n\nz", "<p>$$\nx <em>y</em></p>\n<p>z</p>"},
		{"display with an end among words", "$$\nx $$ y", "<p>" + xs + " y</p>"},
		{"display in a quote without an end", "> $$\n> x\n\ny$$", "<p>$$\nx</p>\n</blockquote>\n<p>y$$</p>"},
		{"unknown command on display", "$$\n\\nosuch\n$$", "<p><code class=\"language-tex\">$$\n\\nosuch\n$$</code></p>"},
		{"process", "$$ is the shell's number", "<p>$$ is the shell’s number</p>"},
		{"fence", "```math\nx\n```", "<p>" + xs + "</p>"},
		{"of an author", `<math><mi onclick="x">x</mi></math>`, "<p>x</p>"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := string(render(t, test.source).HTML); !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestFormulaInSummary(t *testing.T) {
	t.Parallel()
	got := string(markdown.Inline("for $x$ and $5, $$x$$", "en"))
	want := `for <math><mi>x</mi></math> and $5, <math display="block"><mi>x</mi></math>`
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestManyFormulas shows what is over the bound as it was written.
func TestManyFormulas(t *testing.T) {
	t.Parallel()
	formula := "$" + strings.Repeat("x", 9_000) + "$\n\n"
	got := string(render(t, strings.Repeat(formula, 40)).HTML)
	if converted, kept := strings.Count(got, "<math>"), strings.Count(got, `<code class="language-tex">`); converted != 29 || kept != 11 {
		t.Errorf("got %d formulas and %d as they were written, want 29 and 11", converted, kept)
	}
}
