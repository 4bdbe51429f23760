package accounts

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxHandle leaves room for a number within what the schema allows.
const maxHandle = 60 // characters

// makeHandle makes the last part of an author's address from a name:
// lower-case letters and digits of any script, joined by hyphens, without the
// accents of Latin and Greek letters.
func makeHandle(name string) string {
	var b strings.Builder
	var accented, gap bool
	count := 0
	for _, r := range norm.NFKD.String(strings.ToLower(name)) {
		switch {
		case count >= maxHandle:
		case unicode.IsMark(r):
			// Zoë → zoe; in other scripts a mark is a vowel.
			if !accented && !gap && b.Len() > 0 {
				b.WriteRune(r)
				count++
			}
		case r == '\'' || r == '’':
			// O'Hara → ohara
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if gap {
				b.WriteByte('-')
				count++
			}
			gap, accented = false, unicode.In(r, unicode.Latin, unicode.Greek)
			b.WriteRune(r)
			count++
		default:
			gap = b.Len() > 0
		}
	}
	if b.Len() == 0 {
		return "author"
	}
	return norm.NFC.String(b.String())
}
