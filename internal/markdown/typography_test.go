package markdown_test

import (
	"testing"

	"broadsheet/internal/markdown"
)

func TestTypography(t *testing.T) {
	t.Parallel()
	tests := []struct{ language, source, want string }{
		{"en", `"a 'b' c"`, "“a ‘b’ c”"},
		{"en-GB", `"a"`, "“a”"},
		{"", `"a"`, "“a”"},
		{"tlh", `"a"`, "“a”"},
		{"de", `"a 'b' c"`, "„a ‚b‘ c“"},
		{"de-AT", `"a"`, "„a“"},
		{"de_CH", `"a 'b'"`, "«a ‹b›»"},
		{"fr", `"a 'b'"`, "«\u202fa “b”\u202f»"},
		{"es", `"a"`, "«a»"},
		{"it", `"a"`, "«a»"},
		{"nl", `"a"`, "“a”"},
		{"pl", `"a"`, "„a”"},
		{"sv", `"a"`, "”a”"},
		{"da", `"a"`, "»a«"},
		{"cs", `"a"`, "„a“"},
		{"ru", `"а 'б'"`, "«а „б“»"},
		{"pt-BR", `"a"`, "“a”"},
		{"ja", `彼は"日本"と'x'`, "彼は「日本」と『x』"},
		{"zh-Hant-TW", `"x"`, "「x」"},
		{"en", `don't, the readers' letters, the '90s, 'tis, rock 'n' roll`, "don’t, the readers’ letters, the ’90s, ’tis, rock ’n’ roll"},
		{"en", `'test' and ("x") and "*y*" and *"z"*`, "‘test’ and (“x”) and “<em>y</em>” and <em>“z”</em>"},
		{"en", `"[a](/b)"`, `“<a href="/b">a</a>”`},
		{"en", `a 5" by 3' board, \"kept\"`, `a 5&#34; by 3&#39; board, &#34;kept&#34;`},
		{"en", "1990--2000, so---well, a -- b", "1990–2000, so—well, a – b"},
		{"en", "run with --flag, [--other] or -----", "run with --flag, [--other] or -----"},
		{"en", "wait... and go test ./... and ../", "wait… and go test ./... and ../"},
		{"en", "`\"a\" -- ...` <kbd title=\"--\">", "<code>&#34;a&#34; -- ...</code> <kbd title=\"--\"></kbd>"},
	}
	for _, test := range tests {
		t.Run(test.language+" "+test.source, func(t *testing.T) {
			t.Parallel()
			if got := string(markdown.Inline(test.source, test.language)); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
