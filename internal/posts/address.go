package posts

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// freeSlug numbers a slug that was made from the title when another post has
// it, or had it and is found by it still. The address of a deleted post is
// free. A typed one is left for the unique index to judge.
func freeSlug(ctx context.Context, tx pgx.Tx, id int64, c columns) (string, error) {
	if c.slugTyped {
		return c.Slug, nil
	}
	var free string
	err := tx.QueryRow(ctx, `
		WITH RECURSIVE tried (n, slug) AS (
			SELECT 1, @slug::text
			UNION ALL
			SELECT n + 1, left(@slug, @max - length('-' || n + 1)) || '-' || n + 1 FROM tried
			WHERE EXISTS (SELECT FROM posts p WHERE p.slug = tried.slug AND p.id <> @id)
			   OR EXISTS (SELECT FROM old_slugs o WHERE o.slug = tried.slug AND o.post_id <> @id)
		)
		SELECT slug FROM tried ORDER BY n DESC LIMIT 1`,
		pgx.StrictNamedArgs{"slug": c.Slug, "max": MaxSlug, "id": id}).Scan(&free)
	if err != nil {
		return "", fmt.Errorf("looking for a free slug: %w", err)
	}
	return free, nil
}

// keepAddress lets the address at which readers saw the post lead to it. Does
// a later post take the address, readers find that one there.
func keepAddress(ctx context.Context, tx pgx.Tx, slug string, postID *int64) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO old_slugs (slug, post_id) VALUES (@slug, @post_id)
		ON CONFLICT (slug) DO UPDATE SET post_id = excluded.post_id`,
		pgx.StrictNamedArgs{"slug": slug, "post_id": postID})
	if err != nil {
		return fmt.Errorf("keeping the address %q: %w", slug, err)
	}
	return nil
}

func slugTaken(slug string) error {
	return Invalid{"slug": {Key: "problem.slug.taken", Args: []any{slug}}}
}
