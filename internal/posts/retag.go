package posts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// retagBatch is how many posts one transaction retags. A tag of no more is
// merged or deleted as a whole or not at all.
const retagBatch = 1000

// MergeTag gives all posts of one tag another one instead, and deletes it; its
// addresses then lead to the other. A tag of more posts than one transaction
// should hold is merged in steps, each whole by itself, for as long as budget
// allows: left is then how many published posts still carry it, and calling
// again goes on. Each post's version grows, so that a form which shows the old
// tag does not bring it back unseen. Errors: Invalid about "into", ErrNotFound.
func (s *Store) MergeTag(ctx context.Context, from, into int64, budget time.Duration) (left int64, err error) {
	if from == into {
		return 0, Invalid{"into": {Key: "problem.merge.itself"}}
	}
	return s.retag(ctx, from, into, budget)
}

// DeleteTag takes a tag away from all posts that carry it, and deletes it. It
// goes in steps as MergeTag does. Errors: ErrNotFound.
func (s *Store) DeleteTag(ctx context.Context, id int64, budget time.Duration) (left int64, err error) {
	return s.retag(ctx, id, 0, budget)
}

func (s *Store) retag(ctx context.Context, from, into int64, budget time.Duration) (left int64, err error) {
	end := time.Now().Add(budget)
	for done := false; ; {
		err := s.write(ctx, func(tx pgx.Tx) error {
			done, left, err = retagStep(ctx, tx, from, into)
			return err
		})
		if err != nil {
			return 0, wrap("retagging posts", err)
		}
		if done || left > 0 && time.Now().After(end) {
			return left, nil
		}
	}
}

// retagStep retags some posts, and ends the tag when none are left.
func retagStep(ctx context.Context, tx pgx.Tx, from, into int64) (done bool, left int64, err error) {
	// Nobody can give the tag to a post meanwhile: a save that wants to waits,
	// and then finds that there is none.
	var was string
	err = tx.QueryRow(ctx, "SELECT slug FROM tags WHERE id = @from FOR UPDATE", pgx.StrictNamedArgs{"from": from}).Scan(&was)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, 0, ErrNotFound
	}
	if err != nil {
		return false, 0, err
	}
	if into != 0 {
		tag, err := tx.Exec(ctx, "SELECT FROM tags WHERE id = @into FOR KEY SHARE", pgx.StrictNamedArgs{"into": into})
		if err != nil {
			return false, 0, err
		}
		if tag.RowsAffected() == 0 {
			return false, 0, Invalid{"into": {Key: "problem.merge.deleted"}}
		}
	}
	retagged, err := tx.Exec(ctx, `
		WITH batch AS (
			(SELECT t.post_id FROM post_tags t WHERE t.tag_id = @from AND t.with_id = @from
			 ORDER BY t.published_at DESC, t.post_id DESC LIMIT @limit)
			UNION ALL
			(SELECT p.id FROM posts p WHERE p.status = 'draft' AND p.tag_ids @> ARRAY[@from::bigint] LIMIT @limit)
			LIMIT @limit
		)
		UPDATE posts p SET version = version + 1, tag_ids = CASE
			WHEN @into = 0 OR p.tag_ids @> ARRAY[@into::bigint] THEN array_remove(p.tag_ids, @from)
			ELSE array_replace(p.tag_ids, @from, @into) END
		FROM batch WHERE p.id = batch.post_id`,
		pgx.StrictNamedArgs{"from": from, "into": into, "limit": retagBatch})
	if err != nil {
		return false, 0, err
	}
	if retagged.RowsAffected() == retagBatch { // there may be more
		err = tx.QueryRow(ctx, "SELECT post_count FROM tags WHERE id = @from", pgx.StrictNamedArgs{"from": from}).Scan(&left)
		return false, left, err
	}
	if into != 0 {
		_, err = tx.Exec(ctx, `
			WITH moved AS (UPDATE old_tag_slugs SET tag_id = @into WHERE tag_id = @from)
			INSERT INTO old_tag_slugs (slug, tag_id) VALUES (@was, @into)
			ON CONFLICT (slug) DO UPDATE SET tag_id = excluded.tag_id`,
			pgx.StrictNamedArgs{"from": from, "into": into, "was": was})
		if err != nil {
			return false, 0, fmt.Errorf("keeping the address: %w", err)
		}
	}
	_, err = tx.Exec(ctx, "DELETE FROM tags WHERE id = @from", pgx.StrictNamedArgs{"from": from})
	return true, 0, err
}
