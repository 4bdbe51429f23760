package markdown_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"broadsheet/internal/markdown"
)

// TestBounds gives Render what is made to hurt it. That it comes back at all is
// the point; the test's time limit is far below what these cost unbounded.
func TestBounds(t *testing.T) {
	t.Parallel()
	much := func(piece string) string { return strings.Repeat(piece, 1<<18/len(piece)) }
	halves := func(a, b string) string { return strings.Repeat(a, 1<<17/len(a)) + strings.Repeat(b, 1<<17/len(b)) }
	var footnotes, manyFootnotes, references, languages, list strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&manyFootnotes, "[^%d]:\n", i)
	}
	for i := range 20_000 {
		fmt.Fprintf(&footnotes, "[^%d]: x\n\n", i)
		fmt.Fprintf(&references, "[%d]: /x\n\n", i)
	}
	for i := range 20_000 {
		fmt.Fprintf(&languages, "```l%d\n```\n", i)
	}
	for i := range 700 {
		list.WriteString(strings.Repeat("  ", i) + "- a\n")
	}
	wideTable := "|" + strings.Repeat("a|", 50_000) + "\n|" + strings.Repeat("-|", 50_000) + "\n" + strings.Repeat("|\n", 1_000)
	longReference := "[a]: /" + strings.Repeat("x", 400_000) + "\n\n" + strings.Repeat("[a]\n\n", 100_000)

	tests := []struct{ name, source, refused string }{
		{"size", strings.Repeat("a", 1<<20+1), "longer than 1 MB"},
		{"quotes", strings.Repeat(">", 10_000) + "a", "nested"},
		{"quotes with tabs", much(">\t"), "nested"},
		{"lists", list.String(), "nested"},
		{"lists in a line", strings.Repeat("- ", 10_000) + "a", "nested"},
		{"images in images", strings.Repeat("![", 10_000) + strings.Repeat("](a)", 10_000), "nested"},
		{"emphasis in emphasis", strings.Repeat("*a **b ", 200) + strings.Repeat("** a*", 200), "nested"},
		{"HTML", much("<div>\n\n"), "nested"},
		{"brackets", much("["), "brackets"},
		{"closed brackets", halves("[", "]"), "brackets"},
		{"links without an end", much("[a]("), "brackets"},
		{"asterisks", much("*a **a *a "), "emphasis marks"},
		{"asterisks and underlines", much("*a_ "), "emphasis marks"},
		{"links in links", strings.Repeat("[", 10_000) + strings.Repeat("](a)", 10_000), "brackets"},
		{"100,000 footnotes", manyFootnotes.String(), "footnotes"},
		{"footnotes", footnotes.String(), "footnotes"},
		{"wide table", wideTable, "cells"},
		{"escaped pipes", "|a|\n|-|\n" + strings.Repeat("|`\\|`|\n", 4_000), "pipes"},
		{"lines", much("[a]: /x\n"), "lines"},
		{"long reference", longReference, "addresses"},
		{"headings", strings.Repeat("# a\n", 1<<18), "page of more than"},
		{"long table", "|a|b|\n|-|-|\n" + strings.Repeat("|1|2|\n", 10_000), "lines"},
		{"tables", strings.Repeat("|a|b|\n|-|-|\n"+strings.Repeat("|1|2|\n", 1_000)+"\n", 30), "cells"},
		{"callouts in callouts", strings.Repeat("> ", 10_000) + "[!NOTE]", "nested"},
		{"callouts", much("> [!NOTE]\n\n"), ""},
		{"dollars", strings.Repeat("$", 10_000), ""},
		{"dollars with words", much("$a "), ""},
		{"dollars in pairs", much("$$a "), ""},
		{"dollars in lines", strings.Repeat("a$\n", 4_000), ""},
		{"formulas", much("$a$ "), ""},
		{"formulas without an end", much("$$\na\n\n"), ""},
		{"deep formula", "$" + strings.Repeat("{", 4_000) + "x" + strings.Repeat("}", 4_000) + "$", ""},
		{"fractions in fractions", "$" + strings.Repeat(`\frac`, 1_900) + "$", ""},
		{"long formulas", strings.Repeat("$"+strings.Repeat("|", 9_000)+"$ ", 30), "page of more than"},
		{"quotation marks", much(`"a 'b `), ""},
		{"backticks", much("`a``b"), ""},
		{"angle brackets", much("<a "), ""},
		{"comments", much("x <!-- "), ""},
		{"references", references.String(), ""},
		{"languages", languages.String(), ""},
		{"code", much("```go\n" + strings.Repeat("a+b;\n", 2_000) + "```\n"), ""},
		{"bold in paragraphs", much("<b>x<p>y</p></b>\n\n"), ""},
		{"attributes", "<p\n" + much("a=b\n") + ">", ""},
		{"list items", much("<li>"), ""},
		{"spaces", much(" "), ""},
		{"rules", much("---\n"), ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := markdown.Render(test.source, "en")
			switch {
			case test.refused == "" && err != nil:
				t.Errorf("got %v, want it rendered", err)
			case test.refused != "":
				var refused *markdown.Error
				if !errors.As(err, &refused) || !strings.Contains(refused.Error(), test.refused) {
					t.Errorf("got error %v, want an *Error that says %q", err, test.refused)
				}
			}
		})
	}
}

func TestDepthThatPeopleWrite(t *testing.T) {
	t.Parallel()
	var list strings.Builder
	for i := range 20 {
		list.WriteString(strings.Repeat("  ", i) + "- a\n")
	}
	render(t, list.String())
	render(t, strings.Repeat("> ", 40)+"a")
	render(t, strings.Repeat("<div>", 100)+"a")
}
