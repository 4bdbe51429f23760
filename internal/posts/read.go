package posts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Post returns the post at an address. Errors: ErrNotFound, ErrGone, and
// *MovedError when the address was the post's before.
func (s *Store) Post(ctx context.Context, slug string) (Post, error) {
	rows, err := s.pool.Query(ctx, `
		WITH page AS (
			SELECT `+cardColumns+`, p.summary, p.description, p.html, p.toc, p.words
			FROM posts p WHERE p.slug = @slug AND `+visible+`
		)
		SELECT page.*,
			coalesce(newer.id, 0) AS newer_id, coalesce(newer.published_at, @no_time) AS newer_at,
			coalesce(newer.slug, '') AS newer_slug, coalesce(newer.title, '') AS newer_title,
			coalesce(older.id, 0) AS older_id, coalesce(older.published_at, @no_time) AS older_at,
			coalesce(older.slug, '') AS older_slug, coalesce(older.title, '') AS older_title
		FROM page LEFT JOIN LATERAL (
			SELECT p.id, p.published_at, p.slug, p.title FROM posts p
			WHERE `+visible+` AND (p.published_at, p.id) > (page.published_at, page.id)
			ORDER BY p.published_at, p.id LIMIT 1
		) newer ON true
		LEFT JOIN LATERAL (
			SELECT p.id, p.published_at, p.slug, p.title FROM posts p
			WHERE `+visible+` AND (p.published_at, p.id) < (page.published_at, page.id)
			ORDER BY p.published_at DESC, p.id DESC LIMIT 1
		) older ON true`, pgx.StrictNamedArgs{"slug": slug, "no_time": time.Time{}})
	if err != nil {
		return Post{}, fmt.Errorf("finding post %q: %w", slug, err)
	}
	post, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Post])
	if errors.Is(err, pgx.ErrNoRows) {
		return Post{}, s.forwarding(ctx, slug)
	}
	if err != nil {
		return Post{}, fmt.Errorf("finding post %q: %w", slug, err)
	}
	card := []Card{post.Card}
	if err := s.addNames(ctx, card); err != nil {
		return Post{}, fmt.Errorf("finding post %q: %w", slug, err)
	}
	post.Card = card[0]
	return post, nil
}

// forwarding says where the post that had this address went.
func (s *Store) forwarding(ctx context.Context, slug string) error {
	var deleted bool
	var now string
	err := s.pool.QueryRow(ctx, `
		SELECT o.post_id IS NULL, coalesce(p.slug, '')
		FROM old_slugs o LEFT JOIN posts p ON p.id = o.post_id AND `+visible+`
		WHERE o.slug = @slug`, pgx.StrictNamedArgs{"slug": slug}).Scan(&deleted, &now)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return ErrNotFound
	case err != nil:
		return fmt.Errorf("finding where post %q went: %w", slug, err)
	case deleted:
		return ErrGone
	case now == "":
		return ErrNotFound
	}
	return &MovedError{Slug: now}
}

// Recent returns links to the newest n posts.
func (s *Store) Recent(ctx context.Context, n int) ([]Link, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT p.slug, p.title FROM posts p WHERE `+visible+`
		ORDER BY p.published_at DESC, p.id DESC LIMIT @n`, pgx.StrictNamedArgs{"n": n})
	if err != nil {
		return nil, fmt.Errorf("finding recent posts: %w", err)
	}
	links, err := pgx.CollectRows(rows, pgx.RowToStructByName[Link])
	if err != nil {
		return nil, fmt.Errorf("finding recent posts: %w", err)
	}
	return links, nil
}
