package posts

import (
	"context"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"
)

// A searchStep is one of the two ways to find a page of posts that contain
// words. Words that many posts contain are found soonest by walking the posts
// in the order of the list; words that few contain by the index of words and
// sorting. Left to choose, PostgreSQL guesses how common a word is, and a
// wrong guess reads every post.
type searchStep int

const (
	noSearch   searchStep = iota
	walkNewest            // of rowsWindow posts from the cursor on
	lookUp                // in the index of words, rowsMost posts at most
)

const (
	// rowsWindow is how many posts are walked. A word that does not fill a
	// page from them is in one post of a hundred at most, if it is spread evenly.
	rowsWindow = 1000
	// rowsMost bounds what is fetched and sorted of a word that only old
	// posts have, and those in great number: some of them are not found then.
	rowsMost = 10_000
)

const (
	words         = "websearch_to_tsquery('simple', @query)"
	containsWords = "p.search @@ " + words
)

// posts returns the FROM item p, and the condition on it, that finds posts
// which fulfil where and contain the words.
func (s searchStep) posts(where, order string) (source, condition string) {
	if s == walkNewest {
		return "(SELECT * FROM posts p WHERE " + where + order + " LIMIT " + strconv.Itoa(rowsWindow) + ") p", containsWords
	}
	// This limit keeps the page's order and limit out, which would make it a walk.
	return "(SELECT * FROM posts p WHERE " + where + " AND " + containsWords + " LIMIT " + strconv.Itoa(rowsMost) + ") p", "true"
}

// search runs the query for a page of posts that contain words: by the walk,
// and when that does not fill the page by the index.
func search[T any](ctx context.Context, s *Store, query string, w window,
	sql func(window, searchStep) (string, pgx.StrictNamedArgs),
) ([]T, error) {
	end, err := s.startSearch(ctx)
	if err != nil {
		return nil, err
	}
	defer end()

	text, args := sql(w, walkNewest)
	walked, err := collect[T](ctx, s.pool, text, args)
	if err != nil || len(walked) > w.limit {
		return walked, err
	}
	inIndex, err := s.inIndex(ctx, query)
	if err != nil || !inIndex {
		return walked, err
	}
	text, args = sql(w, lookUp)
	return collect[T](ctx, s.pool, text, args)
}

// inIndex tells whether the index of words can answer a query. It cannot when
// posts are asked for by what they do not contain ("-this", "this or -that"):
// PostgreSQL would read them all, so that only the walk answers.
func (s *Store) inIndex(ctx context.Context, query string) (bool, error) {
	var yes bool
	err := s.pool.QueryRow(ctx, "SELECT querytree("+words+") NOT IN ('', 'T')",
		pgx.StrictNamedArgs{"query": query}).Scan(&yes)
	if err != nil {
		return false, fmt.Errorf("reading a search: %w", err)
	}
	return yes, nil
}
