package accounts

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxHandle leaves room for a number within what the schema allows.
const maxHandle = 60 // characters

// makeHandle makes the last part of an author's address from a name:
// lower-case letters and digits joined by hyphens, accents left out.
func makeHandle(name string) string {
	var b strings.Builder
	gap := false
	count := 0
	for _, r := range norm.NFKD.String(strings.ToLower(name)) {
		switch {
		case unicode.Is(unicode.Mn, r), r == '\'', r == '’':
			// Zoë → zoe, O'Hara → ohara
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			gap = b.Len() > 0
		case count < maxHandle:
			if gap {
				b.WriteByte('-')
				count++
			}
			gap = false
			b.WriteRune(r)
			count++
		}
	}
	if b.Len() == 0 {
		return "author"
	}
	return norm.NFC.String(b.String())
}
