package posts

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// IndexStale indexes up to limit posts again whose index of words is not what
// it should be: those last written by a version of the server that had none,
// and those with a tag that has another name now. It returns how many there
// were; searches find all others by what they say, in the transaction that
// wrote them. Several copies of the server may run it at once.
func (s *Store) IndexStale(ctx context.Context, limit int) (int, error) {
	var n int
	err := s.write(ctx, func(tx pgx.Tx) (err error) {
		if n, err = indexUnfilled(ctx, tx, limit); err != nil || n > 0 {
			return err
		}
		n, err = indexRenamed(ctx, tx, limit)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("indexing posts again: %w", err)
	}
	return n, nil
}

// Naming a column that the index depends on has the trigger fill it in.
func indexUnfilled(ctx context.Context, tx pgx.Tx, limit int) (int, error) {
	tag, err := tx.Exec(ctx, `
		UPDATE posts SET render_version = render_version WHERE id = ANY (ARRAY(
			SELECT id FROM posts WHERE lexemes IS NULL ORDER BY id LIMIT @limit FOR UPDATE SKIP LOCKED))`,
		pgx.StrictNamedArgs{"limit": limit})
	if err != nil || tag.RowsAffected() == 0 {
		return 0, err
	}
	return int(tag.RowsAffected()), noteSearch(ctx, tx)
}

// indexRenamed indexes the newest posts of a renamed tag that were not yet.
func indexRenamed(ctx context.Context, tx pgx.Tx, limit int) (int, error) {
	var tag int64
	err := tx.QueryRow(ctx, "SELECT tag_id FROM renamed_tags ORDER BY tag_id LIMIT 1 FOR UPDATE SKIP LOCKED").Scan(&tag)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	var ids []int64
	err = tx.QueryRow(ctx, `
		WITH next AS MATERIALIZED (
			SELECT t.published_at, t.post_id FROM renamed_tags r JOIN post_tags t ON t.tag_id = r.tag_id AND t.with_id = r.tag_id
			WHERE r.tag_id = @tag AND (t.published_at, t.post_id) < (r.published_at, r.post_id)
			ORDER BY t.published_at DESC, t.post_id DESC LIMIT @limit
		), moved AS (
			UPDATE renamed_tags r SET published_at = n.published_at, post_id = n.post_id
			FROM (SELECT * FROM next ORDER BY published_at, post_id LIMIT 1) n WHERE r.tag_id = @tag
		)
		SELECT coalesce(array_agg(post_id), '{}') FROM next`, pgx.StrictNamedArgs{"tag": tag, "limit": limit}).Scan(&ids)
	if err != nil {
		return 0, err
	}
	if len(ids) == 0 {
		_, err = tx.Exec(ctx, "DELETE FROM renamed_tags WHERE tag_id = @tag", pgx.StrictNamedArgs{"tag": tag})
		return 1, err
	}
	_, err = tx.Exec(ctx, `
		UPDATE posts SET lexemes = post_lexemes(language, title, summary, tag_ids, plain) WHERE id = ANY (@ids)`,
		pgx.StrictNamedArgs{"ids": ids})
	if err != nil {
		return 0, err
	}
	return len(ids), noteSearch(ctx, tx)
}

// noteSearch has the pages of searches made anew.
func noteSearch(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, "SELECT note_changes('{search}')")
	return err
}
