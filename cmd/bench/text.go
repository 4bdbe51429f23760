package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"

	"broadsheet/internal/markdown"
)

// paragraphs is how many different ones the posts are made of.
const paragraphs = 5000

// A paragraph is a piece of the seeded posts.
type paragraph struct {
	title, text string // text without marks
	source      string // Markdown
	html        markdown.HTML
}

// compose makes the paragraphs, the same ones every time. Their words are as
// frequent as those of a language: the n-th about 1/n as much as the first.
var compose = sync.OnceValues(func() ([]paragraph, error) {
	random := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(random, 1.05, 3, 20_000)
	words := func(n int) []string {
		w := make([]string, n)
		for i := range w {
			w[i] = word(int(zipf.Uint64()))
		}
		return w
	}
	all := make([]paragraph, paragraphs)
	for i := range all {
		w := words(38 + random.IntN(12))
		p := paragraph{title: sentence(words(3 + random.IntN(5))), text: sentence(w) + "."}
		w[4] = "*" + w[4] + "*"
		w[9] = "[" + w[9] + "](https://example.org/" + w[9] + ")"
		p.source = sentence(w) + "."
		doc, err := markdown.Render(p.source, "en")
		if err != nil {
			return nil, fmt.Errorf("rendering a paragraph: %w", err)
		}
		p.html = doc.HTML
		all[i] = p
	}
	return all, nil
})

// word returns the n-th word of a language of open syllables.
func word(n int) string {
	const consonants, vowels = "bdfgklmnprstvz", "aeiou"
	const syllables = len(consonants) * len(vowels)
	var b strings.Builder
	for n += syllables; n > 0; n /= syllables { // at least two syllables
		s := n % syllables
		b.WriteByte(consonants[s/len(vowels)])
		b.WriteByte(vowels[s%len(vowels)])
	}
	return b.String()
}

func sentence(words []string) string {
	s := strings.Join(words, " ")
	return strings.ToUpper(s[:1]) + s[1:]
}
