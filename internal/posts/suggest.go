package posts

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

const (
	suggestedWords = 4
	suggestedPosts = 5
	// completionsMost is how many words that begin alike are looked at.
	completionsMost = 300
)

// Completions are what somebody who types a search may mean.
type Completions struct {
	Searches []string   // what was typed with its last word completed
	Posts    []CardLink // whose titles have the words, best first
}

// CardLink is what it takes to link to a post or a page.
type CardLink struct {
	Kind     Kind
	Slug     string
	Title    string
	Language string
}

// Suggest completes a search that is being typed. It looks at words of titles
// and tags alone. Errors: ErrBusy.
func (s *Store) Suggest(ctx context.Context, typed string) (Completions, error) {
	var found Completions
	head, last := lastWord(strings.Map(plainQuote, typed))
	a := ParseSearch(head)
	if last == "" && a.Words == "" {
		return found, nil
	}
	end, err := s.startSearch(ctx)
	if err != nil {
		return found, err
	}
	defer end()
	alternatives := last
	if last != "" {
		completions, err := s.completions(ctx, last)
		if err != nil {
			return found, err
		}
		for i, word := range completions {
			if i < suggestedWords && word != last {
				found.Searches = append(found.Searches, head+word)
			}
			alternatives += " or " + word
		}
	}
	found.Posts, err = collect[CardLink](ctx, s.pool, `
		WITH asked AS MATERIALIZED (
			SELECT config, websearch_to_tsquery(config::regconfig, @head) && websearch_to_tsquery(config::regconfig, @last) AS query
			FROM search_configs
		),`+loose+`, found AS MATERIALIZED (
			SELECT p.id, p.kind, p.slug, p.title, p.language FROM posts p
			WHERE ts_filter(p.lexemes, '{a}') @@ (SELECT query FROM loose) AND `+visible+`
			LIMIT 200
		)
		SELECT f.kind, f.slug, f.title, f.language
		FROM found f JOIN asked k ON k.config = text_config(f.language),
			to_tsvector(k.config::regconfig, f.title) words -- fetching those that are stored, with all of the text, takes longer
		WHERE words @@ k.query
		ORDER BY ts_rank(words, k.query) DESC, f.id DESC LIMIT `+strconv.Itoa(suggestedPosts),
		pgx.StrictNamedArgs{"head": a.Words, "last": alternatives})
	if err != nil {
		return found, fmt.Errorf("finding titles for a search: %w", err)
	}
	return found, nil
}

// completions returns the words that begin so, the shortest first.
func (s *Store) completions(ctx context.Context, prefix string) ([]string, error) {
	if n := utf8.RuneCountInString(prefix); n < 2 || n > maxWord {
		return nil, nil
	}
	rows, err := s.pool.Query(ctx, `
		SELECT word FROM (
			SELECT w.word, w.post_id FROM (
				SELECT * FROM words WHERE word >= @prefix AND word < @prefix || U&'\+10FFFF' ORDER BY word LIMIT `+strconv.Itoa(completionsMost)+`) w
			ORDER BY char_length(w.word), w.word LIMIT 16
		) w WHERE `+hasWord+` ORDER BY char_length(word), word LIMIT 8`, pgx.StrictNamedArgs{"prefix": prefix})
	if err != nil {
		return nil, fmt.Errorf("completing a word: %w", err)
	}
	words, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("completing a word: %w", err)
	}
	return words, nil
}

// lastWord divides what is being typed into the word at its end, folded, and
// what stands before it. There is none behind a space, a quotation mark that
// was closed or a filter.
func lastWord(typed string) (head, last string) {
	cut := len(typed)
	for cut > 0 {
		r, size := utf8.DecodeLastRuneInString(typed[:cut])
		if !unicode.IsLetter(r) && !unicode.IsMark(r) {
			break
		}
		cut -= size
	}
	head, last = typed[:cut], typed[cut:]
	if r, _ := utf8.DecodeLastRuneInString(head); head != "" && !unicode.IsSpace(r) && r != '"' || strings.EqualFold(last, "or") {
		return typed, ""
	}
	return head, cases.Lower(language.Und).String(last)
}
