package accounts

import (
	"cmp"
	_ "embed"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The words and runs of keys of which the most common passwords are made.
//
//go:embed common.txt
var commonWords string

// plainSigns undoes the usual ways of dressing a word up.
var plainSigns = strings.NewReplacer("@", "a", "4", "a", "3", "e", "1", "i", "!", "i", "0", "o", "$", "s", "5", "s", "7", "t")

// guessable says whether little is left of a password without the words that
// everybody tries first: "Password123456!" is, "correct horse battery" is not.
func guessable(password string, own []string) bool {
	const enough = 6 // characters, and as many different ones in the whole
	words := strings.Fields(strings.ToLower(commonWords))
	for _, text := range own {
		words = append(words, strings.FieldsFunc(strings.ToLower(text), isSeparator)...)
	}
	// The longest first, so that "password" is not left as "word".
	slices.SortFunc(words, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	var pairs []string
	for _, word := range words {
		if utf8.RuneCountInString(word) > 2 {
			pairs = append(pairs, word, "")
		}
	}
	without := strings.NewReplacer(pairs...)

	folded := strings.ToLower(password)
	return differentRunes(folded) < enough ||
		utf8.RuneCountInString(without.Replace(folded)) < enough ||
		utf8.RuneCountInString(without.Replace(plainSigns.Replace(folded))) < enough
}

func isSeparator(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

func differentRunes(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}
