package admin_test

import (
	"fmt"
	"strings"
	"testing"

	"broadsheet/internal/admin"
)

func TestDiff(t *testing.T) {
	t.Parallel()
	var long strings.Builder
	for i := range 20 {
		fmt.Fprintf(&long, "line %d\n", i)
	}
	tests := []struct{ name, old, new, want string }{
		{"nothing", "", "", ""},
		{"all new", "", "a b", "{+a b+}"},
		{"all gone", "a b", "", "[-a b-]"},
		{"a word", "the quick fox\n", "the slow fox\n", "the [-quick -]{+slow +}fox\n"},
		{"a word more", "the fox\n", "the brown fox\n", "the {+brown +}fox\n"},
		{"a line less", "a\nb\nc\n", "a\nc\n", "a\n[-b\n-]c\n"},
		{"lines that moved", "a\nb\n", "b\na\n", "[-a\n-]b\n{+a\n+}"},
		{"the same around", long.String(), strings.Replace(long.String(), "line 10", "line ten", 1),
			"<" + lines(0, 7) + ">" + lines(7, 10) + "line [-10-]{+ten+}\n" + lines(11, 14) + "<" + lines(14, 20) + ">"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := admin.DiffMarked(test.old, test.new); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func lines(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, "line %d\n", i)
	}
	return b.String()
}

func TestDiffOfTextsThatHaveNothingInCommon(t *testing.T) {
	t.Parallel()
	var old, new strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&old, "%d\n", i)
		fmt.Fprintf(&new, "%d\n", -i-1)
	}
	checkDiff(t, old.String(), new.String())
}

func FuzzDiff(f *testing.F) {
	f.Add("", "")
	f.Add("a\nb c\nd", "a\nb x\nd\n")
	f.Add("a a a b", "b a a")
	f.Add("\xff \n\n", "\x00\n \xff")
	f.Fuzz(func(t *testing.T, old, new string) { checkDiff(t, old, new) })
}

// checkDiff checks that a comparison holds both texts, and nothing else.
func checkDiff(t *testing.T, old, new string) {
	t.Helper()
	gotOld, gotNew, changed := admin.DiffText(old, new)
	if gotOld != old {
		t.Errorf("the old text: got %.200q, want %.200q", gotOld, old)
	}
	if gotNew != new {
		t.Errorf("the new text: got %.200q, want %.200q", gotNew, new)
	}
	if changed != (old != new) {
		t.Errorf("changed: got %t, want %t", changed, old != new)
	}
}
