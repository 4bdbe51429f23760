package posts

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A searchStep is one of the two ways to find a page of posts that contain
// words. Words that many posts contain are found soonest by walking the posts
// in the order of the list; words that few contain by the index of words and
// sorting. Left to choose, PostgreSQL guesses how common a word is, and a
// wrong guess reads every post.
type searchStep int

const (
	walkNewest searchStep = iota // of searchWindow posts from the cursor on
	lookUp                       // in the index of words
)

// searchWindow is how many posts are walked. A word that does not fill a page
// from them is in one post of a hundred at most, if it is spread evenly.
const searchWindow = 1000

const containsWords = "p.search @@ websearch_to_tsquery('simple', @query)"

// posts returns the FROM item p, and the condition on it, that finds posts
// which fulfil where and contain the words.
func (s searchStep) posts(where, order string) (source, condition string) {
	if s == walkNewest {
		return "(SELECT * FROM posts p WHERE " + where + order + " LIMIT " + strconv.Itoa(searchWindow) + ") p", containsWords
	}
	// OFFSET 0 keeps the page's order and limit out, which would make it a walk.
	return "(SELECT * FROM posts p WHERE " + where + " AND " + containsWords + " OFFSET 0) p", "true"
}

// search runs a page's query: once, or for a search that the walk does not
// fill, once by each step.
func search[T any](ctx context.Context, pool *pgxpool.Pool, query string, w window,
	sql func(window, searchStep) (string, pgx.StrictNamedArgs),
) ([]T, error) {
	for step := walkNewest; ; step++ {
		text, args := sql(w, step)
		found, err := pool.Query(ctx, text, args)
		if err != nil {
			return nil, err
		}
		rows, err := pgx.CollectRows(found, pgx.RowToStructByName[T])
		if err != nil || query == "" || step == lookUp || len(rows) > w.limit {
			return rows, err
		}
	}
}
