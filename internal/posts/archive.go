package posts

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// Month is a month in which posts appeared, by the site's time zone.
type Month struct {
	Month time.Time // its first day, UTC
	Posts int64     // that readers may see
}

// Archive returns the months that have posts, newest first: counters that
// writes keep, less the few posts that are scheduled for later or whose time is
// just over. Callers do not change it.
func (s *Store) Archive(ctx context.Context) ([]Month, error) {
	s.memory.mu.RLock()
	months, generation := s.memory.archive, s.memory.generation
	s.memory.mu.RUnlock()
	if months != nil {
		return months, nil
	}
	rows, err := s.pool.Query(ctx, `
		SELECT * FROM (
			SELECT a.month, a.posts - coalesce(s.posts, 0) AS posts
			FROM archive a LEFT JOIN (
				SELECT post_month(published_at) AS month, count(*) AS posts FROM (
					SELECT p.published_at, p.kind FROM posts p WHERE `+scheduled+`
					UNION ALL
					SELECT p.published_at, p.kind FROM posts p WHERE `+over+` AND p.unpublish_at < 'infinity'
				) unseen WHERE kind = 'post' GROUP BY 1
			) s USING (month)
		) months WHERE posts > 0 ORDER BY month DESC`)
	if err != nil {
		return nil, fmt.Errorf("reading the archive: %w", err)
	}
	months, err = pgx.CollectRows(rows, pgx.RowToStructByName[Month])
	if err != nil {
		return nil, fmt.Errorf("reading the archive: %w", err)
	}
	s.memory.rememberSet(generation, func(m *memory) { m.archive = months })
	return months, nil
}

// Author is who wrote posts, alone or with others.
type Author struct {
	ID     int64
	Handle string
	Name   string
	Bio    string // inline Markdown
}

// Author returns the author with that handle, or ErrNotFound when readers may
// see no post of theirs.
func (s *Store) Author(ctx context.Context, handle string) (Author, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT u.id, u.handle, u.name, u.bio FROM users u
		WHERE u.handle = @handle AND (
			(SELECT true FROM posts p WHERE p.author_id = ANY (ARRAY[u.id]) AND `+listed+`
				ORDER BY p.author_id, p.published_at DESC, p.id DESC LIMIT 1)
			OR (SELECT true FROM post_authors a JOIN posts p ON p.id = a.post_id
				WHERE a.author_id = ANY (ARRAY[u.id]) AND a.published_at <= now() AND `+listed+`
				ORDER BY a.author_id DESC, a.published_at DESC, a.post_id DESC LIMIT 1))`,
		pgx.StrictNamedArgs{"handle": handle})
	if err != nil {
		return Author{}, fmt.Errorf("finding author %q: %w", handle, err)
	}
	authors, err := pgx.CollectRows(rows, pgx.RowToStructByName[Author])
	if err != nil {
		return Author{}, fmt.Errorf("finding author %q: %w", handle, err)
	}
	if len(authors) == 0 {
		return Author{}, ErrNotFound
	}
	return authors[0], nil
}

// Featured returns the newest featured post, or ErrNotFound.
func (s *Store) Featured(ctx context.Context) (Card, error) {
	s.memory.mu.RLock()
	known, generation := s.memory.featured, s.memory.generation
	s.memory.mu.RUnlock()
	if known == nil {
		cards, err := collect[Card](ctx, s.pool, "SELECT "+cardColumns+" FROM posts p WHERE "+listed+
			" AND p.featured ORDER BY p.published_at DESC, p.id DESC LIMIT 1", pgx.StrictNamedArgs{})
		if err != nil {
			return Card{}, fmt.Errorf("finding the featured post: %w", err)
		}
		known = &Card{}
		if len(cards) > 0 {
			known = &cards[0]
		}
		s.memory.rememberSet(generation, func(m *memory) { m.featured = known })
	}
	if known.ID == 0 {
		return Card{}, ErrNotFound
	}
	card := []Card{*known}
	card[0].TagIDs, card[0].CoauthorIDs = slices.Clone(known.TagIDs), slices.Clone(known.CoauthorIDs)
	if err := s.addNames(ctx, card); err != nil {
		return Card{}, fmt.Errorf("finding the featured post: %w", err)
	}
	return card[0], nil
}
