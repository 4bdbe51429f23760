package merge

import (
	"strings"
	"unicode"
)

// numbers gives tokens numbers, the same to the same.
type numbers map[string]int32

func (n numbers) of(tokens []string) []int32 {
	ids := make([]int32, len(tokens))
	for i, t := range tokens {
		id, ok := n[t]
		if !ok {
			id = int32(len(n))
			n[t] = id
		}
		ids[i] = id
	}
	return ids
}

// lines splits a text after its line ends.
func lines(s string) []string {
	tokens := make([]string, 0, strings.Count(s, "\n")+1)
	for line := range strings.Lines(s) {
		tokens = append(tokens, line)
	}
	return tokens
}

// unspaced are scripts that put no blanks between words: each letter, with the
// marks on it, is a word of its own there.
var unspaced = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar,
}

// words splits a text into words, the signs between them and line ends, each
// with the blanks after it.
func words(s string) []string {
	const word, letter, sign, lineEnd = 1, 2, 3, 4
	tokens := make([]string, 0, len(s)/6+1)
	start, before, afterBlank := 0, 0, false
	for i, r := range s {
		kind := sign
		switch {
		case r == '\n':
			kind = lineEnd
		case unicode.IsSpace(r):
			afterBlank = true
			continue
		case unicode.IsMark(r):
			kind = before
			if before != word && before != letter {
				kind = word
			}
			if before == letter && !afterBlank {
				continue
			}
		case r >= 0x0E00 && unicode.In(r, unspaced...):
			kind = letter
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			kind = word
		}
		if i > start && (afterBlank || kind != before || kind == lineEnd || kind == letter) {
			tokens = append(tokens, s[start:i])
			start = i
		}
		before, afterBlank = kind, false
	}
	if start < len(s) {
		tokens = append(tokens, s[start:])
	}
	return tokens
}
