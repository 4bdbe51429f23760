package posts_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"broadsheet/internal/posts"
)

func TestParseSearch(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]posts.Asked{
		"":                                    {},
		"  ":                                  {},
		"two  words":                          {Words: "two words"},
		"go tag:go author:ada":                {Words: "go", Tags: []string{"go"}, Authors: []string{"ada"}},
		`TAG:"Web design" x tag:go`:           {Words: "x", Tags: []string{"Web design", "go"}},
		"series:a-b year:2024 year:1999":      {Series: []string{"a-b"}, Years: []int{2024, 1999}},
		`"in tag:go quotes" -tag:go -out`:     {Words: `"in tag:go quotes" -tag:go -out`},
		"year:soon year:20244 year:0000 tag:": {Words: "year:soon year:20244 year:0000 tag:"},
		`“a phrase” «another»`:                {Words: `"a phrase" "another"`},
		`„so“ -「kami desu」 tag:„Web design“`: {Words: `"so" -"kami desu"`, Tags: []string{"Web design"}},
		`"unbalanced tag:go`:                 {Words: `"unbalanced tag:go`},
		`tag:"unbalanced go`:                 {Tags: []string{"unbalanced go"}},
		"http://example.org a:b":             {Words: "http://example.org a:b"},
	} {
		if diff := cmp.Diff(want, posts.ParseSearch(text)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

func FuzzParseSearch(f *testing.F) {
	for _, text := range []string{`go "a b" -c tag:go`, `tag:"`, "\x00\xff", `%_\'`, "or or -", "author:\u2003x", "“”", "year:2024\"", "-\"a"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a := posts.ParseSearch(text)
		for _, part := range append(append(append([]string{a.Words}, a.Tags...), a.Authors...), a.Series...) {
			if len(part) > len(text)*3 || utf8.ValidString(text) && !utf8.ValidString(part) {
				t.Errorf("%q: got %q", text, part)
			}
		}
		// Words hold no more filters, unless a quotation was taken apart.
		if again := posts.ParseSearch(a.Words); !strings.Contains(text, `"`) && cmp.Diff(again.Words, a.Words) != "" {
			t.Errorf("%q: words %q are read again as %+v", text, a.Words, again)
		}
		typed := strings.ToValidUTF8(text, "")
		for _, w := range posts.WordsOf(typed) {
			if n := utf8.RuneCountInString(w); n < 3 || n > 40 || !strings.Contains(typed, w) {
				t.Errorf("%q: got word %q", text, w)
			}
		}
	})
}
