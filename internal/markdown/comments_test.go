package markdown_test

import (
	"strings"
	"testing"

	"broadsheet/internal/markdown"
)

func TestWithoutComments(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, source, want string }{
		{"none", "a < b -- c", "a < b -- c"},
		{"in a line", "a <!-- secret --> b", "a  b"},
		{"over lines", "a <!-- sec\nret --> b", "a  b"},
		{"alone", "a\n\n<!-- secret -->\n\nb", "a\n\n\n\nb"},
		{"alone over lines", "a\n\n<!--\nsecret\n\nmore\n-->\n\nb", "a\n\n\n\nb"},
		{"where the excerpt ends", "a\n\n<!--more-->\n\nb", "a\n\n\n\nb"},
		{"in an element", "<div>\n<!-- secret --><b>x</b><!-- two -->\n</div>", "<div>\n<b>x</b>\n</div>"},
		{"without an end", "a\n\n<!-- secret", "a\n\n"},
		{"in a quote", "> a\n>\n> <!-- secret\n> more -->\n> b", "> a\n>\n> > \n> b"},
		{"in code", "`<!-- shown -->` and\n\n```\n<!-- shown -->\n```\n\n    <!-- shown -->", "`<!-- shown -->` and\n\n```\n<!-- shown -->\n```\n\n    <!-- shown -->"},
		{"escaped", `a \<!-- shown -->`, `a \<!-- shown -->`},
	} {
		got, err := markdown.WithoutComments(tt.source, "en")
		if err != nil || got != tt.want {
			t.Errorf("%s: got %q, %v, want %q", tt.name, got, err, tt.want)
		}
	}
}

func FuzzWithoutComments(f *testing.F) {
	f.Add("a <!-- b --> c\n\n> <!-- d\n> e -->")
	f.Fuzz(func(t *testing.T, source string) {
		got, err := markdown.WithoutComments(source, "en")
		if err == nil && len(got) > len(source) {
			t.Errorf("got more than there was: %q", got)
		}
		if err == nil && !strings.Contains(source, "<!--") && got != source {
			t.Errorf("got %q of a text without comments", got)
		}
	})
}
