package posts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"
)

// Series are posts to be read in an order.
type Series struct {
	ID          int64
	Slug        string
	Title       string
	Description string
}

// SeriesPart is a post's place in its series.
type SeriesPart struct {
	Series
	Number int    // of this post, from 1 on
	Posts  []Link // that readers may see, in the series' order, at most seriesShown
}

// seriesShown is how many posts of a series a post's page names. A series of
// more is shown by its own page.
const seriesShown = 100

const seriesOrder = "p.series_place, p.published_at, p.id"

// SeriesBySlug returns the series with that slug, or ErrNotFound when no post
// that readers may see is in it.
func (s *Store) SeriesBySlug(ctx context.Context, slug string) (Series, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT s.id, s.slug, s.title, s.description FROM series s
		WHERE s.slug = @slug AND EXISTS (SELECT FROM posts p WHERE p.series_id = s.id AND `+listed+`)`,
		pgx.StrictNamedArgs{"slug": slug})
	if err != nil {
		return Series{}, fmt.Errorf("finding series %q: %w", slug, err)
	}
	series, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Series])
	if errors.Is(err, pgx.ErrNoRows) {
		return Series{}, ErrNotFound
	}
	if err != nil {
		return Series{}, fmt.Errorf("finding series %q: %w", slug, err)
	}
	return series, nil
}

// SeriesPosts returns a page of a series in its order, beginning after the post
// of that id, 0 for the first page. next is the id to go on after, 0 at the end. Nothing
// comes after a post that readers do not see in the series.
func (s *Store) SeriesPosts(ctx context.Context, series, after int64) (cards []Card, next int64, err error) {
	const most = 50
	sql, args := "SELECT "+cardColumns+" FROM posts p WHERE p.series_id = @series AND "+listed, pgx.StrictNamedArgs{"series": series}
	if after != 0 {
		sql += " AND (" + seriesOrder + ") > (SELECT " + seriesOrder + " FROM posts p WHERE p.id = @after AND p.series_id = @series AND " + listed + ")"
		args["after"] = after
	}
	cards, err = collect[Card](ctx, s.pool, sql+" ORDER BY "+seriesOrder+" LIMIT "+strconv.Itoa(most+1), args)
	if err != nil {
		return nil, 0, fmt.Errorf("listing a series: %w", err)
	}
	if len(cards) > most {
		cards = cards[:most]
		next = cards[most-1].ID
	}
	if err := s.addNames(ctx, cards); err != nil {
		return nil, 0, fmt.Errorf("listing a series: %w", err)
	}
	return cards, next, nil
}

// seriesPart returns the place of a post, nil when it is beyond those shown.
func (s *Store) seriesPart(ctx context.Context, series, post int64) (*SeriesPart, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT s.id, s.slug, s.title, s.description, p.id, p.slug, p.title
		FROM series s JOIN posts p ON p.series_id = s.id
		WHERE s.id = @series AND `+listed+` ORDER BY `+seriesOrder+" LIMIT "+strconv.Itoa(seriesShown),
		pgx.StrictNamedArgs{"series": series})
	if err != nil {
		return nil, fmt.Errorf("finding a post's series: %w", err)
	}
	var part SeriesPart
	var link Link
	_, err = pgx.ForEachRow(rows, []any{&part.ID, &part.Slug, &part.Title, &part.Description, &link.ID, &link.Slug, &link.Title}, func() error {
		part.Posts = append(part.Posts, link)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("finding a post's series: %w", err)
	}
	part.Number = 1 + slices.IndexFunc(part.Posts, func(l Link) bool { return l.ID == post })
	if part.Number == 0 {
		return nil, nil
	}
	return &part, nil
}

// ensureSeries returns the id of the series with that title, and makes it when
// there is none; 0 for no title.
func ensureSeries(ctx context.Context, tx pgx.Tx, title string) (int64, error) {
	if title == "" {
		return 0, nil
	}
	for n := 1; ; n++ {
		var id int64
		err := tx.QueryRow(ctx, "SELECT id FROM series WHERE key = @key", pgx.StrictNamedArgs{"key": tagKey(title)}).Scan(&id)
		if !errors.Is(err, pgx.ErrNoRows) {
			return id, err
		}
		slug := TagSlug(title)
		if n > 1 {
			slug += "-" + strconv.Itoa(n)
		}
		err = tx.QueryRow(ctx, `
			INSERT INTO series (key, slug, title) VALUES (@key, @slug, @title)
			ON CONFLICT DO NOTHING RETURNING id`,
			pgx.StrictNamedArgs{"key": tagKey(title), "slug": slug, "title": title}).Scan(&id)
		if !errors.Is(err, pgx.ErrNoRows) {
			return id, err
		}
	}
}
