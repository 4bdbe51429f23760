package posts

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

// The words that are kept have so many characters.
const (
	minWord = 3
	maxWord = 40
)

const (
	// correctMost is how many words of a search are looked up.
	correctMost = 6
	// similarMost is how many words are compared with each of them.
	similarMost = 2000
)

// hasWord tells whether readers see the post that is noted with a word w of the
// table words, and it still has the word: not in the title of a draft alone.
const hasWord = `EXISTS (
	SELECT FROM posts p WHERE p.id = w.post_id AND ` + visible + `
		AND p.lexemes @@ websearch_to_tsquery(text_config(p.language)::regconfig, w.word))`

// Respell returns a search with the words that no title and no tag has replaced
// by the one that is most like them, or "" when there is nothing to replace. It
// may find nothing all the same.
func (s *Store) Respell(ctx context.Context, typed string) (string, error) {
	typed = strings.Map(plainQuote, typed)
	spans := wordSpans(typed)
	spans = spans[:min(len(spans), correctMost)]
	if len(spans) == 0 {
		return "", nil
	}
	asked := make([]string, len(spans))
	for i, w := range spans {
		asked[i] = cases.Lower(language.Und).String(typed[w.from:w.to])
	}
	type pair struct{ Asked, Word string }
	pairs, err := collect[pair](ctx, s.pool, `
		SELECT a.word AS asked, s.word FROM unnest(@words::text[]) a (word), LATERAL (
			SELECT w.word FROM words w
			WHERE word_trigrams(w.word) && word_trigrams(a.word)
				AND char_length(w.word) BETWEEN char_length(a.word) - 2 AND char_length(a.word) + 2
			LIMIT `+fmt.Sprint(similarMost)+`) s`, pgx.StrictNamedArgs{"words": asked})
	if err != nil {
		return "", fmt.Errorf("finding words that are alike: %w", err)
	}
	best := map[string]string{}
	for _, p := range pairs {
		if closer(p.Asked, p.Word, best[p.Asked]) {
			best[p.Asked] = p.Word
		}
	}
	if best, err = s.keepSeen(ctx, best); err != nil {
		return "", err
	}
	var out strings.Builder
	done, changed := 0, false
	for i, w := range spans {
		word, ok := best[asked[i]]
		if !ok || word == asked[i] {
			continue
		}
		out.WriteString(typed[done:w.from] + word)
		done, changed = w.to, true
	}
	if !changed {
		return "", nil
	}
	out.WriteString(typed[done:])
	return out.String(), nil
}

// keepSeen drops the words that readers can find nowhere.
func (s *Store) keepSeen(ctx context.Context, best map[string]string) (map[string]string, error) {
	words := make([]string, 0, len(best))
	for _, word := range best {
		words = append(words, word)
	}
	type seen struct{ Word string }
	found, err := collect[seen](ctx, s.pool, "SELECT w.word FROM words w WHERE w.word = ANY (@words) AND "+hasWord,
		pgx.StrictNamedArgs{"words": words})
	if err != nil {
		return nil, fmt.Errorf("looking where words are: %w", err)
	}
	kept := map[string]string{}
	for asked, word := range best {
		for _, f := range found {
			if f.Word == word {
				kept[asked] = word
			}
		}
	}
	return kept, nil
}

// closer tells whether a word is like the one that was asked for, and more so
// than another one ("" for none).
func closer(asked, word, than string) bool {
	a, b := []rune(asked), []rune(word)
	allowed := 1 + min(2, max(0, len(a)-2)/4) // 1 up to 5 letters, 2 up to 9, then 3
	d := distance(a, b)
	if d > allowed {
		return false
	}
	if than == "" {
		return true
	}
	if other := distance(a, []rune(than)); d != other {
		return d < other
	}
	if first := a[0] == b[0]; first != strings.HasPrefix(than, string(a[0])) {
		return first
	}
	return word < than
}

// distance counts the letters to insert, drop, replace or swap with their
// neighbour to make one word the other (optimal string alignment).
func distance(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
