package posts

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Post returns the post at an address. Errors: ErrNotFound, ErrGone, and
// *MovedError when the address was the post's before.
func (s *Store) Post(ctx context.Context, slug string) (Post, error) {
	return s.read(ctx, KindPost, slug, `
		LEFT JOIN LATERAL (
			SELECT p.id, p.published_at, p.slug, p.title FROM posts p
			WHERE `+listed+` AND (p.published_at, p.id) > (page.published_at, page.id)
			ORDER BY p.published_at, p.id LIMIT 1
		) newer ON true
		LEFT JOIN LATERAL (
			SELECT p.id, p.published_at, p.slug, p.title FROM posts p
			WHERE `+listed+` AND (p.published_at, p.id) < (page.published_at, page.id)
			ORDER BY p.published_at DESC, p.id DESC LIMIT 1
		) older ON true`)
}

// Page returns the page at an address, which has no neighbours. Errors: as of
// [Store.Post].
func (s *Store) Page(ctx context.Context, slug string) (Post, error) {
	const none = "(VALUES (NULL::bigint, NULL::timestamptz, NULL::text, NULL::text))"
	return s.read(ctx, KindPage, slug, "CROSS JOIN "+none+" newer (id, published_at, slug, title) CROSS JOIN "+none+" older (id, published_at, slug, title)")
}

// relatedShown is how many related posts are shown.
const relatedShown = 3

// read finds a post of that kind; neighbours joins newer and older to page.
func (s *Store) read(ctx context.Context, kind Kind, slug, neighbours string) (Post, error) {
	rows, err := s.pool.Query(ctx, `
		WITH page AS (
			SELECT `+cardColumns+`, p.summary, p.description, p.html, p.toc, p.words,
				p.meta_title, p.meta_description, p.canonical, p.noindex, coalesce(p.series_id, 0) AS series_id,
				p.related_ids, p.translation_id
			FROM posts p WHERE p.slug = @slug AND p.kind = @kind AND `+visible+`
		)
		SELECT `+strings.ReplaceAll(cardColumns, "p.", "page.")+`, page.summary, page.description, page.html, page.toc, page.words,
			page.meta_title, page.meta_description, page.canonical, page.noindex, page.series_id,
			ARRAY(
				SELECT (p.id, p.slug, p.title) FROM unnest(page.related_ids) WITH ORDINALITY AS r (id, place) JOIN posts p ON p.id = r.id
				WHERE `+listed+` ORDER BY r.place LIMIT @related
			) AS related, page.related_ids,
			ARRAY(
				SELECT (p.id, p.slug, p.title, p.language) FROM posts p
				WHERE p.translation_id = page.translation_id AND p.id <> page.id AND p.kind = page.kind AND `+visible+`
				ORDER BY p.language, p.id LIMIT @translations
			) AS translations,
			ARRAY(
				SELECT p.id FROM posts p WHERE p.translation_id = page.translation_id AND p.id <> page.id
				ORDER BY p.id LIMIT @translations
			) AS translation_ids,
			coalesce(newer.id, 0) AS newer_id, coalesce(newer.published_at, @no_time) AS newer_at,
			coalesce(newer.slug, '') AS newer_slug, coalesce(newer.title, '') AS newer_title,
			coalesce(older.id, 0) AS older_id, coalesce(older.published_at, @no_time) AS older_at,
			coalesce(older.slug, '') AS older_slug, coalesce(older.title, '') AS older_title
		FROM page `+neighbours, pgx.StrictNamedArgs{
		"kind": kind, "slug": slug, "no_time": time.Time{}, "related": relatedShown, "translations": maxTranslations,
	})
	if err != nil {
		return Post{}, fmt.Errorf("finding %s %q: %w", kind, slug, err)
	}
	post, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Post])
	if errors.Is(err, pgx.ErrNoRows) {
		return Post{}, s.forwarding(ctx, kind, slug)
	}
	if err != nil {
		return Post{}, fmt.Errorf("finding %s %q: %w", kind, slug, err)
	}
	card := []Card{post.Card}
	if err := s.addNames(ctx, card); err != nil {
		return Post{}, fmt.Errorf("finding %s %q: %w", kind, slug, err)
	}
	post.Card = card[0]
	if post.SeriesID != 0 {
		if post.Series, err = s.seriesPart(ctx, post.SeriesID, post.ID); err != nil {
			return Post{}, err
		}
	}
	return post, nil
}

// forwarding says where what had this address went. A post's address may also
// be a page's by now, or the other way round.
func (s *Store) forwarding(ctx context.Context, kind Kind, slug string) error {
	var deleted bool
	var nowKind Kind
	var now string
	err := s.pool.QueryRow(ctx, `
		SELECT false, p.kind, p.slug FROM posts p WHERE p.slug = @slug AND p.kind <> @kind AND `+visible+`
		UNION ALL
		SELECT o.post_id IS NULL OR EXISTS (SELECT FROM posts t WHERE t.id = o.post_id AND t.trashed_at IS NOT NULL),
			coalesce(p.kind, ''), coalesce(p.slug, '')
		FROM old_slugs o LEFT JOIN posts p ON p.id = o.post_id AND `+visible+`
		WHERE o.slug = @slug
		LIMIT 1`, pgx.StrictNamedArgs{"slug": slug, "kind": kind}).Scan(&deleted, &nowKind, &now)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return ErrNotFound
	case err != nil:
		return fmt.Errorf("finding where %q went: %w", slug, err)
	case deleted:
		return ErrGone
	case now == "":
		return ErrNotFound
	}
	return &MovedError{Kind: nowKind, Slug: now}
}

// Recent returns links to the newest n posts.
func (s *Store) Recent(ctx context.Context, n int) ([]Link, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT p.id, p.slug, p.title FROM posts p WHERE `+listed+`
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
