package merge_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"broadsheet/internal/merge"
)

// marked writes a merge as one text: conflicts are [base|mine|theirs].
func marked(parts []merge.Part) string {
	var b strings.Builder
	for _, p := range parts {
		if p.Conflict {
			fmt.Fprintf(&b, "[%s|%s|%s]", p.Base, p.Mine, p.Theirs)
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

func TestText(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, base, mine, theirs, want string }{
		{"nothing", "", "", "", ""},
		{"one changed", "a b\n", "a c\n", "a b\n", "a c\n"},
		{"both the same", "a\n", "b\n", "b\n", "b\n"},
		{"other lines", "1\n\n2\n\n3\n", "one\n\n2\n\n3\n", "1\n\n2\n\nthree\n", "one\n\n2\n\nthree\n"},
		{"next lines", "- a\n- b\n", "- a x\n- b\n", "- a\n- b y\n", "- a x\n- b y\n"},
		{"other words of a line", "The heron stands in the water.", "The grey heron stands in the water.", "The heron stands in deep water.", "The grey heron stands in deep water."},
		{"the same word", "Two stands.\n", "Two flies.\n", "Two stands still.\n", "Two [stands|flies|stands still].\n"},
		{"both go on writing", "One.\n", "One.\n\nMine.\n", "One.\n\nTheirs.\n", "One.\n\n[|Mine|Theirs].\n"},
		{"one wrote on where the other stopped", "One.", "One. Two", "One. Two. Three.", "One. Two. Three."},
		{"one wrote on in the same line", "They", "They st and", "They st", "They st and"},
		{"only blanks differ", "a", "b ", "b", "b "},
		{"removed and changed", "a\nb c\nd\n", "a\nd\n", "a\nb x c\nd\n", "a\n[b c\n||b x c\n]d\n"},
		{"removed and added elsewhere", "a\nb\nc\nd\n", "a\nc\nd\n", "a\nb\nc\nd\ne\n", "a\nc\nd\ne\n"},
		{"all anew", "a", "b", "c", "[a|b|c]"},
		{"no base", "", "x y", "x z", "x [|y|z]"},
		{"conflicts a word apart", "a b c d e f g", "1 b 2 d e f g", "3 b 4 d e f g", "[a b c |1 b 2 |3 b 4 ]d e f g"},
		{"without blanks between words", "鷺は水に立つ。", "青い鷺は水に立つ。", "鷺は川に立つ。", "青い鷺は川に立つ。"},
		{"marks stay on their letters", "ข้าวกิน", "ข้าวมกิน", "ข้าวกินดี", "ข้าวมกินดี"},
		{"Arabic", "يقف مالك الحزين في الماء", "يقف مالك الحزين الرمادي في الماء", "يقف مالك الحزين في الماء العميق", "يقف مالك الحزين الرمادي في الماء العميق"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := marked(merge.Text(test.base, test.mine, test.theirs)); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestTwo(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, mine, theirs, want string }{
		{"the same", "a\nb\n", "a\nb\n", "a\nb\n"},
		{"another word", "a x c\n", "a y c\n", "a [|x |y ]c\n"},
		{"more here", "a\nb\n", "a\n", "a\n[|b\n|]"},
		{"more there", "a\n", "a\nb\n", "a\n[||b\n]"},
	} {
		if got := marked(merge.Two(test.mine, test.theirs)); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestBothKeepsWordsApart(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ mine, theirs, want string }{
		{"a", "b", "a b"}, {"a ", "b", "a b"}, {"a\n", "b\n", "a\nb\n"}, {"a\nb", "c", "a\nb\nc"}, {"", "b", "b"}, {"a", "", "a"}, {"a", "\nb", "a\nb"},
	} {
		if got := merge.Both(test.mine, test.theirs); got != test.want {
			t.Errorf("%q and %q: got %q, want %q", test.mine, test.theirs, got, test.want)
		}
	}
}

func TestFields(t *testing.T) {
	t.Parallel()
	if got, ok := merge.Value("a", "a", "b"); got != "b" || !ok {
		t.Errorf("theirs changed: got %q, %t", got, ok)
	}
	if got, ok := merge.Value("a", "b", "a"); got != "b" || !ok {
		t.Errorf("mine changed: got %q, %t", got, ok)
	}
	if got, ok := merge.Value("a", "b", "c"); ok {
		t.Errorf("both changed: got %q, want a conflict", got)
	}
	list := func(s string) []string { return strings.Fields(s) }
	for _, test := range []struct{ base, mine, theirs, want string }{
		{"a b", "a b c", "a b d", "a b d c"},
		{"a b", "b", "a b d", "b d"},
		{"a b", "a b", "b a", "b a"},
		{"a b", "b a", "a b", "b a"},
		{"a", "A b", "a c", "a c b"},
		{"a b", "", "a b c", "c"},
		{"", "x", "X", "X"},
	} {
		if diff := cmp.Diff(list(test.want), merge.Set(list(test.base), list(test.mine), list(test.theirs), strings.ToLower)); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", test, diff)
		}
	}
}

// check holds a merge against what the package promises.
func check(t *testing.T, base, mine, theirs string) {
	t.Helper()
	parts := merge.Text(base, mine, theirs)

	swapped := merge.Text(base, theirs, mine)
	for i := range swapped {
		swapped[i].Mine, swapped[i].Theirs = swapped[i].Theirs, swapped[i].Mine
	}
	if diff := cmp.Diff(parts, swapped); diff != "" {
		t.Errorf("the other way round (-mine first +theirs first):\n%s", diff)
	}
	if n := len(slices.DeleteFunc(slices.Clone(parts), func(p merge.Part) bool { return !p.Conflict })); n > merge.MaxConflicts {
		t.Errorf("got %d conflicts", n)
	}
	for i, p := range parts {
		if !p.Conflict && (p.Text == "" || i > 0 && !parts[i-1].Conflict) {
			t.Errorf("part %d of %q could be left out or joined", i, marked(parts))
		}
		if p.Conflict && (p.Mine == p.Theirs || p.Mine == p.Base || p.Theirs == p.Base) {
			t.Errorf("part %d of %q is no conflict", i, marked(parts))
		}
	}

	// Words that stand in the result or in a conflict.
	kept := map[string]int{}
	for _, p := range parts {
		for _, text := range []string{p.Text, p.Mine, p.Theirs} {
			for _, w := range merge.Words(text) {
				kept[strings.TrimSpace(w)]++
			}
		}
	}
	count := func(text string) map[string]int {
		n := map[string]int{}
		for _, w := range merge.Words(text) {
			n[strings.TrimSpace(w)]++
		}
		return n
	}
	inBase, inMine, inTheirs := count(base), count(mine), count(theirs)
	for side, words := range map[string]map[string]int{"mine": inMine, "theirs": inTheirs} {
		for w, n := range words {
			if kept[w] < n-inBase[w] {
				t.Errorf("%q, which %s added %d times, is there %d times\nbase %q\nmine %q\ntheirs %q\ngot %q", w, side, n-inBase[w], kept[w], base, mine, theirs, marked(parts))
			}
		}
	}
	for w, n := range inBase {
		if n == 1 && inMine[w] == 1 && inTheirs[w] == 1 && kept[w] == 0 {
			t.Errorf("%q, which both kept, is lost\nbase %q\nmine %q\ntheirs %q\ngot %q", w, base, mine, theirs, marked(parts))
		}
	}

	for name, same := range map[string][3]string{
		"nothing of mine":   {base, theirs, theirs},
		"nothing of theirs": {mine, base, mine},
		"the same of both":  {mine, mine, mine},
	} {
		if got, ok := merge.Clean(merge.Text(base, same[0], same[1])); !ok || got != same[2] {
			t.Errorf("%s: got %q, want %q", name, got, same[2])
		}
	}
	for _, p := range [][2]string{{base, mine}, {mine, theirs}} {
		var old, new strings.Builder
		for _, piece := range merge.Compare(p[0], p[1]) {
			if piece.Kind != merge.New {
				old.WriteString(piece.Text)
			}
			if piece.Kind != merge.Old {
				new.WriteString(piece.Text)
			}
		}
		if old.String() != p[0] || new.String() != p[1] {
			t.Errorf("comparing %q with %q gave %q and %q", p[0], p[1], old.String(), new.String())
		}
	}
	var m, th strings.Builder
	for _, p := range merge.Two(mine, theirs) {
		m.WriteString(p.Text + p.Mine)
		th.WriteString(p.Text + p.Theirs)
	}
	if m.String() != mine || th.String() != theirs {
		t.Errorf("two texts without a base came back as %q and %q, want %q and %q", m.String(), th.String(), mine, theirs)
	}
}

func FuzzText(f *testing.F) {
	f.Add("a b c\n", "a x c\n", "a b c d\n")
	f.Add("", "a", "b")
	f.Add("a\n\nb\n", "a\nb", "\n\n\n")
	f.Add("é \xff \x00", "é", "鷺は水")
	f.Fuzz(check)
}

// Random edits of random texts, of few words so that much is alike.
func TestNoWordIsLost(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	word := func() string {
		blank := []string{" ", " ", " ", "\n", "\n\n", ", ", ". "}
		return fmt.Sprintf("w%d", random.IntN(30)) + blank[random.IntN(len(blank))]
	}
	edit := func(words []string) []string {
		words = slices.Clone(words)
		for range random.IntN(6) {
			from := random.IntN(len(words) + 1)
			to := min(len(words), from+random.IntN(4))
			var put []string
			for range random.IntN(4) {
				put = append(put, word())
			}
			words = slices.Replace(words, from, to, put...)
		}
		return words
	}
	for range 3000 {
		var base []string
		for range random.IntN(40) {
			base = append(base, word())
		}
		check(t, strings.Join(base, ""), strings.Join(edit(base), ""), strings.Join(edit(base), ""))
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// Words that are all different, as in a text of two people who write at once:
// each that a side added, and each that nobody removed, is there once.
func TestEachWordOfTwoWritersIsThere(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	next := 0
	word := func() string {
		next++
		return fmt.Sprintf("word%d%s", next, []string{" ", " ", " ", ".\n\n", "\n"}[random.IntN(5)])
	}
	for range 300 {
		var base, mine, theirs []string
		removed := map[string]bool{}
		for range 200 {
			w := word()
			base = append(base, w)
			for _, side := range []*[]string{&mine, &theirs} {
				switch random.IntN(20) {
				case 0:
					removed[w] = true
				case 1:
					*side = append(*side, w, word())
				default:
					*side = append(*side, w)
				}
			}
		}
		var all strings.Builder
		for _, p := range merge.Text(strings.Join(base, ""), strings.Join(mine, ""), strings.Join(theirs, "")) {
			all.WriteString(p.Text + " " + p.Mine + " " + p.Theirs + " ")
		}
		there := map[string]bool{}
		for _, w := range strings.FieldsFunc(all.String(), func(r rune) bool { return strings.ContainsRune(" .\n", r) }) {
			there[w] = true
		}
		for _, w := range slices.Concat(base, mine, theirs) {
			if !removed[w] && !there[strings.Trim(w, " .\n")] {
				t.Fatalf("seed %d: %q is lost", seed, w)
			}
		}
	}
}

// Texts of a megabyte made to be hard: what is counted is the work that the
// engine may do, so that these end at all is the test. Two of them are what a
// person could have.
func TestHostileTexts(t *testing.T) {
	t.Parallel()
	const size = 1 << 20
	random := rand.New(rand.NewPCG(1, 2))
	noise := func(unit func() string) string {
		var b strings.Builder
		for b.Len() < size {
			b.WriteString(unit())
		}
		return b.String()
	}
	ab := func() string { return []string{"a ", "b ", "a\n", "b\n"}[random.IntN(4)] }
	digits := func() string { return fmt.Sprintf("%d\n", random.IntN(1000)) }
	book := noise(func() string { return fmt.Sprintf("Sentence %d of a long book. ", random.IntN(1<<30)) })
	for name, texts := range map[string][3]string{
		"two letters":            {noise(ab), noise(ab), noise(ab)},
		"a thousand lines":       {noise(digits), noise(digits), noise(digits)},
		"one sign":               {strings.Repeat("#", size), strings.Repeat("#", size-1), strings.Repeat("#", size/2)},
		"line ends":              {strings.Repeat("\n", size), strings.Repeat("\n", size-1), strings.Repeat("\r\n", size/2)},
		"ideographs":             {strings.Repeat("水立", size/6), strings.Repeat("立水", size/6), strings.Repeat("水", size/3)},
		"from nothing":           {"", noise(ab), noise(digits)},
		"a book of one line":     {book, strings.Replace(book, "long", "short", 300), strings.Replace(book, " of", " from", 300)},
		"a book that went round": {book, book[size/2:] + book[:size/2], book + "End."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var all strings.Builder
			for _, p := range merge.Text(texts[0], texts[1], texts[2]) {
				all.WriteString(p.Text + p.Mine + p.Theirs)
			}
			if all.Len() < max(len(texts[1]), len(texts[2]))/2 {
				t.Errorf("got %d bytes of %d and %d", all.Len(), len(texts[1]), len(texts[2]))
			}
			merge.Two(texts[1], texts[2])
		})
	}
}

func BenchmarkText(b *testing.B) {
	var text strings.Builder
	for i := range 50_000 {
		fmt.Fprintf(&text, "word%d ", i%5000)
		if i%80 == 79 {
			text.WriteString("\n\n")
		}
	}
	base := text.String()
	mine, theirs := strings.Replace(base, "word100 ", "mine ", 5), strings.Replace(base, "word200 ", "theirs ", 5)
	b.ReportAllocs()
	for b.Loop() {
		merge.Text(base, mine, theirs)
	}
}
