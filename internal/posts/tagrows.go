package posts

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
)

// TagRow is a tag as authors see it, whether posts carry it or not.
type TagRow struct {
	ID          int64
	Slug        string
	Name        string
	Description string
	Image       string
	Posts       int64 // published, those scheduled for later included
}

const tagRowColumns = "t.id, t.slug, t.name, t.description, t.image, t.post_count AS posts"

// tagRowsPageSize is how many tags the authors' list shows at once.
const tagRowsPageSize = 100

// TagRows returns a page of all tags in the order of their slugs, beginning
// with the first that is not before from; after leaves out one of that slug.
// next is the slug to go on after, "" at the end.
func (s *Store) TagRows(ctx context.Context, from string, after bool) (tags []TagRow, next string, err error) {
	than := ">="
	if after {
		than = ">"
	}
	tags, err = collect[TagRow](ctx, s.pool, "SELECT "+tagRowColumns+" FROM tags t WHERE t.slug "+than+" @from ORDER BY t.slug LIMIT @limit",
		pgx.StrictNamedArgs{"from": from, "limit": tagRowsPageSize + 1})
	if err != nil {
		return nil, "", fmt.Errorf("listing tags for authors: %w", err)
	}
	if len(tags) > tagRowsPageSize {
		tags = tags[:tagRowsPageSize]
		next = tags[tagRowsPageSize-1].Slug
	}
	return tags, next, nil
}

// TagRow returns a tag for its authors, or ErrNotFound.
func (s *Store) TagRow(ctx context.Context, id int64) (TagRow, error) {
	return s.tagRow(ctx, "t.id = @id", pgx.StrictNamedArgs{"id": id})
}

// TagNamed returns the tag that people call so, or ErrNotFound.
func (s *Store) TagNamed(ctx context.Context, name string) (TagRow, error) {
	if !utf8.ValidString(name) || strings.ContainsRune(name, 0) {
		return TagRow{}, ErrNotFound
	}
	return s.tagRow(ctx, "t.key = @key", pgx.StrictNamedArgs{"key": tagKey(name)})
}

func (s *Store) tagRow(ctx context.Context, where string, args pgx.StrictNamedArgs) (TagRow, error) {
	rows, err := s.pool.Query(ctx, "SELECT "+tagRowColumns+" FROM tags t WHERE "+where, args)
	if err != nil {
		return TagRow{}, fmt.Errorf("finding a tag: %w", err)
	}
	tag, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[TagRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return TagRow{}, ErrNotFound
	}
	if err != nil {
		return TagRow{}, fmt.Errorf("finding a tag: %w", err)
	}
	return tag, nil
}

// TagMoved returns the slug of the tag that had this slug before or took in
// the one that had it, or ErrNotFound when there is none that readers may see.
func (s *Store) TagMoved(ctx context.Context, slug string) (string, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT t.slug FROM (`+selectTag+`) t JOIN old_tag_slugs o ON o.tag_id = t.id WHERE o.slug = @slug`,
		pgx.StrictNamedArgs{"slug": slug})
	return oneSlug(rows, err)
}

// SeriesMoved returns the slug of the series that had this slug before, or
// ErrNotFound when there is none that readers may see.
func (s *Store) SeriesMoved(ctx context.Context, slug string) (string, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT s.slug FROM series s JOIN old_series_slugs o ON o.series_id = s.id
		WHERE o.slug = @slug AND EXISTS (SELECT FROM posts p WHERE p.series_id = s.id AND `+listed+`)`,
		pgx.StrictNamedArgs{"slug": slug})
	return oneSlug(rows, err)
}

func oneSlug(rows pgx.Rows, err error) (string, error) {
	if err != nil {
		return "", fmt.Errorf("finding where an address went: %w", err)
	}
	slug, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[string])
	if errors.Is(err, pgx.ErrNoRows) {
		return "", ErrNotFound
	}
	if err != nil {
		return "", fmt.Errorf("finding where an address went: %w", err)
	}
	return slug, nil
}
