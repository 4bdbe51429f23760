package posts

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Suggestions are what an author may want to choose again.
type Suggestions struct {
	Series []string // titles of the newest series
	Tags   []string // names that posts got lately, those of most posts first
}

// Suggestions looks at the newest series and at the posts saved last, so that
// it costs the same on any blog.
func (s *Store) Suggestions(ctx context.Context) (Suggestions, error) {
	var found Suggestions
	err := s.pool.QueryRow(ctx, `
		SELECT ARRAY(SELECT title FROM series ORDER BY id DESC LIMIT 100), ARRAY(
			SELECT t.name FROM (
				SELECT tag_id, count(*) AS posts
				FROM (SELECT tag_ids FROM posts ORDER BY updated_at DESC, id DESC LIMIT 50) latest, unnest(tag_ids) tag_id
				GROUP BY tag_id ORDER BY 2 DESC, 1 LIMIT @tags
			) used JOIN tags t ON t.id = used.tag_id ORDER BY used.posts DESC, t.id)`,
		pgx.StrictNamedArgs{"tags": 12}).Scan(&found.Series, &found.Tags)
	if err != nil {
		return Suggestions{}, fmt.Errorf("finding what to suggest: %w", err)
	}
	return found, nil
}
