package markdown_test

import (
	"strings"
	"testing"

	"broadsheet/internal/markdown"
)

func TestMarked(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, want string }{
		{"", ""},
		{"plain", "plain"},
		{"a \x02word\x03 b", "a <mark>word</mark> b"},
		{"<b>\x02<i>\x03&", "&lt;b&gt;<mark>&lt;i&gt;</mark>&amp;"},
		{"\x02open", "<mark>open</mark>"},
		{"closed\x03", "closed"},
		{"\x02a\x02b\x03c\x03", "<mark>ab</mark>c"},
	} {
		if got := string(markdown.Marked(tt.text)); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.text, got, tt.want)
		}
	}
}

func FuzzMarked(f *testing.F) {
	f.Add("a \x02word\x03 <b>")
	f.Add("\x03\x03\x02\x02\xff")
	f.Fuzz(func(t *testing.T, text string) {
		got := string(markdown.Marked(text))
		bare := strings.NewReplacer("<mark>", "", "</mark>", "").Replace(got)
		if strings.ContainsAny(bare, "<>\x02\x03\"") || strings.Count(got, "<mark>") != strings.Count(got, "</mark>") {
			t.Errorf("%q: got %q", text, got)
		}
	})
}
