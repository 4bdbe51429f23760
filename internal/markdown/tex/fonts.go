package tex

import "strings"

// font is an alphabet for letters, "" for the usual one. Unicode has most of
// them as characters of their own, which is all that MathML Core knows.
type font string

var fonts = map[string]font{
	"mathrm": "rm", "rm": "rm", "mathnormal": "", "mathit": "it", "mathbf": "bf", "boldsymbol": "bi", "bm": "bi", "mathbb": "bb",
	"mathcal": "cal", "mathscr": "cal", "mathfrak": "frak", "mathsf": "sf", "mathtt": "tt",
}

// inFont reads an argument whose letters are of a font.
func (p *parser) inFont(f font) atom {
	outer := p.font
	p.font = f
	content := p.argument()
	p.font = outer
	return atom{mathML: content}
}

// alphabet is where the letters of a font begin in Unicode; 0 where it has none.
type alphabet struct{ upper, lower, digit, upperGreek, lowerGreek rune }

var alphabets = map[font]alphabet{
	"it":   {upper: 0x1D434, lower: 0x1D44E, upperGreek: 0x1D6E2, lowerGreek: 0x1D6FC},
	"bf":   {upper: 0x1D400, lower: 0x1D41A, digit: 0x1D7CE, upperGreek: 0x1D6A8, lowerGreek: 0x1D6C2},
	"bi":   {upper: 0x1D468, lower: 0x1D482, digit: 0x1D7CE, upperGreek: 0x1D71C, lowerGreek: 0x1D736},
	"cal":  {upper: 0x1D49C, lower: 0x1D4B6},
	"frak": {upper: 0x1D504, lower: 0x1D51E},
	"bb":   {upper: 0x1D538, lower: 0x1D552, digit: 0x1D7D8},
	"sf":   {upper: 0x1D5A0, lower: 0x1D5BA, digit: 0x1D7E2},
	"tt":   {upper: 0x1D670, lower: 0x1D68A, digit: 0x1D7F6},
}

// older are letters that Unicode had before it had the alphabets.
var older = map[font]map[rune]rune{
	"it":   {'h': 'ℎ'},
	"cal":  {'B': 'ℬ', 'E': 'ℰ', 'F': 'ℱ', 'H': 'ℋ', 'I': 'ℐ', 'L': 'ℒ', 'M': 'ℳ', 'R': 'ℛ', 'e': 'ℯ', 'g': 'ℊ', 'o': 'ℴ'},
	"frak": {'C': 'ℭ', 'H': 'ℌ', 'I': 'ℑ', 'R': 'ℜ', 'Z': 'ℨ'},
	"bb":   {'C': 'ℂ', 'H': 'ℍ', 'N': 'ℕ', 'P': 'ℙ', 'Q': 'ℚ', 'R': 'ℝ', 'Z': 'ℤ'},
}

// apply writes a text in the font; what the font lacks stays as it is.
func (f font) apply(text string) string {
	a, known := alphabets[f]
	if !known {
		return text
	}
	return strings.Map(func(r rune) rune {
		if old, ok := older[f][r]; ok {
			return old
		}
		switch {
		case r >= 'A' && r <= 'Z':
			return a.upper + r - 'A'
		case r >= 'a' && r <= 'z':
			return a.lower + r - 'a'
		case r >= '0' && r <= '9' && a.digit != 0:
			return a.digit + r - '0'
		case r >= 'Α' && r <= 'Ω' && a.upperGreek != 0:
			return a.upperGreek + r - 'Α'
		case r >= 'α' && r <= 'ω' && a.lowerGreek != 0:
			return a.lowerGreek + r - 'α'
		}
		return r
	}, text)
}
