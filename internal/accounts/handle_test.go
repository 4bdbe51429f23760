package accounts_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"broadsheet/internal/accounts"
)

func FuzzMakeHandle(f *testing.F) {
	for _, name := range []string{"Zoë O'Hara", "हिन्दी लेखक", "山田 太郎", "ﷺ", "İ", "--", "\xff", strings.Repeat("ﷺ", 100)} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		handle := accounts.MakeHandle(name)
		if n := utf8.RuneCountInString(handle); n == 0 || n > 70 {
			t.Errorf("handle of %q: got %d characters, want 1 to 70, with room for a number", name, n)
		}
		if strings.HasPrefix(handle, "-") || strings.HasSuffix(handle, "-") || strings.Contains(handle, "--") {
			t.Errorf("handle of %q: got %q, want single hyphens within", name, handle)
		}
		for _, r := range handle {
			if r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
				t.Errorf("handle of %q: got %q with %U, want letters, digits and hyphens", name, handle, r)
			}
		}
	})
}
