package markdown

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// quotes are the quotation marks of a language, outer and inner ones.
type quotes struct{ open, close, innerOpen, innerClose string }

// quotesByLanguage has the marks of a language, or of a language and region
// where they differ. A no-break space stands between guillemets and the text
// where the language asks for one (U+202F is the narrow one).
var quotesByLanguage = func() map[string]quotes {
	var (
		english    = quotes{"“", "”", "‘", "’"}
		german     = quotes{"„", "“", "‚", "‘"}
		polish     = quotes{"„", "”", "‚", "’"}
		swedish    = quotes{"”", "”", "’", "’"}
		guillemets = quotes{"«", "»", "“", "”"}
		russian    = quotes{"«", "»", "„", "“"}
		danish     = quotes{"»", "«", "›", "‹"}
		corner     = quotes{"「", "」", "『", "』"}
	)
	byLanguage := map[string]quotes{
		"fr": {"«\u202f", "\u202f»", "“", "”"}, "fr-ch": {"«\u202f", "\u202f»", "‹\u202f", "\u202f›"},
		"de-ch": {"«", "»", "‹", "›"}, "it-ch": {"«", "»", "‹", "›"},
		"no": {"«", "»", "‘", "’"}, "nb": {"«", "»", "‘", "’"}, "nn": {"«", "»", "‘", "’"},
		"hu": {"„", "”", "»", "«"}, "sr": {"„", "”", "’", "’"}, "he": {"”", "”", "’", "’"},
		"pt-br": english,
	}
	for languages, marks := range map[string]quotes{
		"en nl ga cy tr th ko zh hi vi id": english,
		"de cs sk sl is lt bg et lv ka":    german,
		"pl ro hr":                         polish,
		"sv fi":                            swedish,
		"es it pt ca gl eu el sq":          guillemets,
		"ru uk be hy kk":                   russian,
		"da":                               danish,
		"ja zh-tw zh-hk zh-hant":           corner,
	} {
		for _, language := range strings.Fields(languages) {
			byLanguage[language] = marks
		}
	}
	return byLanguage
}()

// quotesOf finds the marks for a BCP 47 tag: those of its longest known
// prefix, else the English ones.
func quotesOf(language string) quotes {
	tag := strings.ToLower(strings.ReplaceAll(language, "_", "-"))
	for tag != "" {
		if marks, ok := quotesByLanguage[tag]; ok {
			return marks
		}
		tag = tag[:max(0, strings.LastIndexByte(tag, '-'))]
	}
	return quotesByLanguage["en"]
}

// typography is the state of the typographer in one text.
type typography struct {
	quotes    quotes
	paragraph ast.Node // the one the quotes were opened in
	open      int      // double quotes
	innerOpen int      // single quotes
}

var typographyKey = parser.NewContextKey()

// typographer makes typographic quotes, dashes and ellipses of ASCII ones. It
// looks at the characters on both sides alone, so that code-like text in prose
// (--flag, ./..., 5") stays as it is. A backslash keeps any of them.
type typographer struct{}

func (typographer) Trigger() []byte { return []byte(`"'-.`) }

func (typographer) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	state, ok := pc.Get(typographyKey).(*typography)
	if !ok {
		return nil
	}
	if state.paragraph != parent {
		*state = typography{quotes: state.quotes, paragraph: parent}
	}
	line, _ := block.PeekLine()
	before := block.PrecendingCharacter()
	var replacement string
	length := 1
	switch line[0] {
	case '"':
		replacement = state.double(before, runeAt(line, 1))
	case '\'':
		replacement = state.single(before, line[1:])
	case '-':
		for length < len(line) && line[length] == '-' {
			length++
		}
		replacement = dash(length, before, runeAt(line, length))
	case '.':
		if strings.HasPrefix(string(line[:min(3, len(line))]), "...") && before != '/' && before != '.' && runeAt(line, 3) != '/' {
			replacement, length = "…", 3
		}
	}
	if replacement == "" {
		return nil
	}
	block.Advance(length)
	return ast.NewString([]byte(replacement))
}

func (t *typography) double(before, after rune) string {
	canOpen, canClose := flanks(before, after)
	switch {
	case insideWord(before, after) && t.open == 0:
		return "" // 3"x5
	case canClose && t.open > 0:
		t.open--
		return t.quotes.close
	case canOpen && !(canClose && unicode.IsDigit(before)):
		t.open++
		return t.quotes.open
	case canClose && !unicode.IsDigit(before):
		return t.quotes.close // opened in another paragraph, or in a link
	}
	return ""
}

func (t *typography) single(before rune, rest []byte) string {
	const apostrophe = "’"
	after := runeAt(rest, 0)
	canOpen, canClose := flanks(before, after)
	switch {
	case insideWord(before, after):
		return apostrophe // don't
	case canClose && t.innerOpen > 0:
		t.innerOpen--
		return t.quotes.innerClose
	case canClose && unicode.IsDigit(before):
		return "" // 5'
	case canClose && !canOpen:
		return apostrophe // the readers' letters
	case canOpen && elided(rest):
		return apostrophe // the '90s
	case canOpen:
		t.innerOpen++
		return t.quotes.innerOpen
	}
	return ""
}

// flanks says whether a quote between two characters can open or close, as
// CommonMark says it of emphasis.
func flanks(before, after rune) (canOpen, canClose bool) {
	spaceBefore, spaceAfter := unicode.IsSpace(before), unicode.IsSpace(after)
	punctBefore, punctAfter := isMark(before), isMark(after)
	canOpen = !spaceAfter && (!punctAfter || spaceBefore || punctBefore)
	canClose = !spaceBefore && (!punctBefore || spaceAfter || punctAfter)
	return canOpen, canClose
}

func isMark(r rune) bool { return unicode.IsPunct(r) || unicode.IsSymbol(r) }

// insideWord reports whether both are letters of one word.
func insideWord(before, after rune) bool {
	isLetter := func(r rune) bool { return !unicode.IsSpace(r) && !isMark(r) && !isWide(r) }
	return isLetter(before) && isLetter(after)
}

// isWide reports whether r is of a script without spaces between words, its
// punctuation included.
func isWide(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo) ||
		r >= 0x3000 && r <= 0x303f || r >= 0xff00 && r <= 0xff60
}

// elided reports whether what follows an apostrophe is a short form: '90s, 'tis.
func elided(rest []byte) bool {
	word := rest[:min(len(rest), 6)]
	if end := strings.IndexFunc(string(word), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }); end >= 0 {
		word = word[:end]
	}
	switch strings.ToLower(string(word)) {
	case "tis", "twas", "em", "til", "cause", "bout", "round", "n":
		return true
	}
	return len(word) >= 2 && len(word) <= 3 && util.IsNumeric(word[0]) && util.IsNumeric(word[1]) && (len(word) == 2 || word[2] == 's')
}

// dash is the dash for two or three hyphens between words or numbers. Where
// they follow no word, they start an option of a command.
func dash(length int, before, after rune) string {
	spaced := unicode.IsSpace(before) && unicode.IsSpace(after)
	joined := !unicode.IsSpace(after) && (unicode.IsLetter(before) || unicode.IsDigit(before) || strings.ContainsRune(`.,!?)"'*_…”’`, before))
	if !spaced && !joined {
		return ""
	}
	switch length {
	case 2:
		return "–"
	case 3:
		return "—"
	}
	return ""
}

// runeAt is the character at an offset, a space after the end.
func runeAt(line []byte, offset int) rune {
	if offset >= len(line) {
		return ' '
	}
	r, _ := utf8.DecodeRune(line[offset:])
	return r
}
