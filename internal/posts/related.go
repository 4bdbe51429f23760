package posts

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

const (
	maxTranslations = 50
	relatedKept     = 8 // some of them may not be visible
)

// ensureOthers finds the authors, the series and the translations that a draft
// names; id is that of the post, 0 for a new one. Errors: Invalid.
func (c *columns) ensureOthers(ctx context.Context, tx pgx.Tx, id int64) (err error) {
	if c.seriesID, err = ensureSeries(ctx, tx, c.Series); err != nil {
		return fmt.Errorf("making series %q: %w", c.Series, err)
	}
	if c.WrittenBy != "" {
		err := tx.QueryRow(ctx, "SELECT id FROM users WHERE handle = @handle", pgx.StrictNamedArgs{"handle": c.WrittenBy}).Scan(&c.writerID)
		if errors.Is(err, pgx.ErrNoRows) {
			return Invalid{"written_by": {Key: "problem.written-by"}}
		}
		if err != nil {
			return fmt.Errorf("finding author %q: %w", c.WrittenBy, err)
		}
	}
	if err := c.ensureCoauthors(ctx, tx); err != nil {
		return err
	}
	if c.TranslationOf == "" {
		return nil
	}
	// The first of several translations gives all of them its id.
	err = tx.QueryRow(ctx, `
		UPDATE posts SET translation_id = coalesce(translation_id, id)
		WHERE slug = @slug AND id <> @id RETURNING translation_id`,
		pgx.StrictNamedArgs{"slug": c.TranslationOf, "id": id}).Scan(&c.translationID)
	if errors.Is(err, pgx.ErrNoRows) {
		return Invalid{"translation_of": {Key: "problem.translation", Args: []any{c.TranslationOf}}}
	}
	if err != nil {
		return fmt.Errorf("finding the post that was translated: %w", err)
	}
	// The others show it from now on. That they changed is nowhere in their rows.
	_, err = tx.Exec(ctx, `
		SELECT note_changes(ARRAY(SELECT 'post:' || o.id FROM posts o WHERE o.translation_id = @translation AND o.id <> @id))
		WHERE NOT EXISTS (SELECT FROM posts p WHERE p.id = @id AND p.translation_id = @translation)`,
		pgx.StrictNamedArgs{"translation": c.translationID, "id": id})
	if err != nil {
		return fmt.Errorf("telling the other translations: %w", err)
	}
	return nil
}

// related finds the posts that are closest to a post that is to have these
// tags: first by the tags they share, of which a rare one says more, then by
// the words of its title that their texts hold. It looks at the newest posts of
// the rarest tags only, so that it costs the same on any blog. Posts of the same
// series are found by the series.
func (c columns) related(ctx context.Context, tx pgx.Tx, id int64, tagIDs []int64) ([]int64, error) {
	ids := []int64{}
	if len(tagIDs) == 0 || c.Kind != KindPost {
		return ids, nil
	}
	err := tx.QueryRow(ctx, `
		WITH title AS (
			SELECT string_agg(quote_literal(word), ' | ')::tsquery AS words
			FROM (SELECT word FROM unnest(tsvector_to_array(to_tsvector('simple', @title))) word
				WHERE length(word) > 3 LIMIT 12) words
		), rare AS (
			SELECT t.id, 1 / ln(2.8 + t.post_count) AS weight FROM tags t
			WHERE t.id = ANY (@tag_ids) ORDER BY t.post_count, t.id LIMIT 5
		), candidate AS (
			SELECT c.post_id, sum(rare.weight) AS shared FROM rare, LATERAL (
				SELECT t.post_id FROM post_tags t WHERE t.tag_id = rare.id AND t.with_id = rare.id AND t.post_id <> @id
				ORDER BY t.published_at DESC, t.post_id DESC LIMIT 30
			) c GROUP BY c.post_id ORDER BY 2 DESC, 1 DESC LIMIT 30
		), best AS (
			SELECT p.id, c.shared + coalesce(ts_rank(p.search, title.words), 0)
				- CASE WHEN p.language = @language THEN 0 ELSE 1 END AS score
			FROM title, candidate c JOIN posts p ON p.id = c.post_id
			WHERE p.series_id IS NULL OR p.series_id <> @series
			ORDER BY score DESC, p.id DESC LIMIT @kept
		)
		SELECT coalesce(array_agg(id ORDER BY score DESC, id DESC), '{}') FROM best`, pgx.StrictNamedArgs{
		"id": id, "tag_ids": tagIDs, "title": searchText(c.Title), "language": c.Language, "series": c.seriesID, "kept": relatedKept,
	}).Scan(&ids)
	if err != nil {
		return nil, fmt.Errorf("finding related posts: %w", err)
	}
	return ids, nil
}
