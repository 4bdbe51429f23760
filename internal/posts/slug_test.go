package posts_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"broadsheet/internal/posts"
)

func TestSlugify(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"words", "Hello, World!", "hello-world"},
		{"apostrophe", "Don't panic — it’s fine", "dont-panic-its-fine"},
		{"accents", "Crème brûlée à l'ancienne", "creme-brulee-a-lancienne"},
		{"letters that do not decompose", "Straße, Øresund, Łódź", "strasse-oresund-lodz"},
		{"accents on those", "Ǽon, Ǿre", "aeon-ore"},
		{"letters drawn in a special way", "𝐁𝐨𝐥𝐝 ﬁx™, Ｇｏ ２, ϔ", "bold-fix-go-2-υ"},
		{"Japanese", "日本語の タイトル", "日本語の-タイトル"},
		{"vowel signs stay", "हिन्दी में", "हिन्दी-में"},
		{"Arabic", "مرحبا بالعالم", "مرحبا-بالعالم"},
		{"path", "../../etc/passwd", "etc-passwd"},
		{"markup", "<script>alert(1)</script>", "script-alert-1-script"},
		{"nothing", "!!! 🚀", ""},
		{"long", strings.Repeat("word ", 40), strings.TrimSuffix(strings.Repeat("word-", 16), "-")},
		{"long without a gap", strings.Repeat("x", 300), strings.Repeat("x", 80)},
		{"invalid UTF-8", "a\xffb", "a-b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := posts.Slugify(tt.in); got != tt.want {
				t.Errorf("Slugify(%q): got %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestTagSlugsDiffer(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"C": "c", "C#": "c-sharp", "C++": "c-plus-plus", "C/C++": "c-c-plus-plus", "F#": "f-sharp",
		".NET": "dot-net", "NET": "net", "Node.js": "node-js", "web api": "web-api", "R&D": "r-and-d",
		"日本": "日本", "Größe": "grosse", "🚀": "u-1f680", "100%": "100-percent",
	}
	for name, slug := range want {
		if got := posts.TagSlug(name); got != slug {
			t.Errorf("TagSlug(%q): got %q, want %q", name, got, slug)
		}
	}
}

// FuzzSlugify checks that a slug is always a safe, stable last part of an address.
func FuzzSlugify(f *testing.F) {
	for _, seed := range []string{"Hello", "a/../b", "\u0301\u0301", "ǅ", "İstanbul", "\xff\x00", "ﬁx", "Å", "Ǽ", "ϔ", "ﷺ"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		slug := posts.Slugify(s)
		if !utf8.ValidString(slug) || strings.ContainsAny(slug, "/\\?#%. \x00") || strings.HasPrefix(slug, "-") || strings.HasSuffix(slug, "-") {
			t.Errorf("Slugify(%q): got %q", s, slug)
		}
		for _, r := range slug {
			if unicode.IsUpper(r) || unicode.IsSpace(r) || unicode.IsControl(r) {
				t.Errorf("Slugify(%q): got %q, which has %q", s, slug, r)
			}
		}
		if again := posts.Slugify(slug); again != slug {
			t.Errorf("Slugify(%q): got %q, and of that %q", s, slug, again)
		}
		if posts.TagSlug(s) == "" && strings.TrimSpace(s) != "" {
			t.Errorf("TagSlug(%q): got nothing", s)
		}
	})
}
