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
	Number         int    // of this post, from 1 on
	Total          int    // posts that readers may see
	Previous, Next *Link  // nil at the ends
	First          int    // number of the first of Posts
	Posts          []Link // around this one, in the series' order, at most seriesShown
}

// seriesShown is how many posts of a series a post's page names.
const seriesShown = 100

// seriesCounted is how many posts a series may have for its posts to be
// numbered. Numbering looks at all of them.
const seriesCounted = 1000

// seriesPageSize is how many posts the page of a series shows at once.
const seriesPageSize = 50

// inSeries returns a query for the first posts p of @series that meet the
// condition, in the series' order: those with a place, and then the others by
// date. Either are a range of an index. after has them begin after that of @after.
func inSeries(columns, condition string, after bool, limit int) string {
	numbered, dated := "", ""
	if after {
		// The one is a range after no row at all where the post has no place,
		// the other one from the beginning on where it has.
		const of = " FROM posts a WHERE a.id = @after AND a.series_id = @series AND a.status = 'published' AND a.published_at <= now() AND a.unpublish_at > now()"
		numbered = " AND (p.series_place, p.published_at, p.id) > (SELECT a.series_place, a.published_at, a.id" + of + " AND a.series_place > 0)"
		dated = " AND (p.published_at, p.id) > (SELECT CASE a.series_place WHEN 0 THEN a.published_at ELSE '-infinity' END, a.id" + of + ")"
	}
	most := " LIMIT " + strconv.Itoa(limit)
	// As in Search.newest, an order that names the series leaves no other index.
	const (
		from  = "(SELECT * FROM posts p WHERE p.series_id = ANY (ARRAY[@series::bigint]) AND p.series_place "
		order = " ORDER BY p.series_id, p.series_place, p.published_at, p.id"
	)
	return "SELECT " + columns + " FROM (" +
		from + "> 0 AND " + condition + numbered + order + most + ") UNION ALL " +
		from + "= 0 AND " + condition + dated + order + most + ")) p " +
		"ORDER BY p.series_place = 0, p.series_place, p.published_at, p.id" + most
}

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
// of that id, 0 for the first page. first is the number of its first post, 0
// where the series has too many to be numbered; next is the id to go on after,
// 0 at the end. Nothing comes after a post that readers do not see in the series.
func (s *Store) SeriesPosts(ctx context.Context, series, after int64) (cards []Card, first int, next int64, err error) {
	args := pgx.StrictNamedArgs{"series": series}
	if after != 0 {
		args["after"] = after
	}
	cards, err = collect[Card](ctx, s.pool, inSeries(cardColumns, listed, after != 0, seriesPageSize+1), args)
	if err != nil {
		return nil, 0, 0, fmt.Errorf("listing a series: %w", err)
	}
	if len(cards) > seriesPageSize {
		cards = cards[:seriesPageSize]
		next = cards[seriesPageSize-1].ID
	}
	if err := s.addNames(ctx, cards); err != nil {
		return nil, 0, 0, fmt.Errorf("listing a series: %w", err)
	}
	if after == 0 || len(cards) == 0 {
		return cards, 1, next, nil
	}
	parts, err := s.seriesParts(ctx, series)
	if err != nil {
		return nil, 0, 0, err
	}
	return cards, 1 + slices.IndexFunc(parts, func(l Link) bool { return l.ID == cards[0].ID }), next, nil
}

// seriesParts returns the posts of a series in its order, at most one more than
// seriesCounted.
func (s *Store) seriesParts(ctx context.Context, series int64) ([]Link, error) {
	parts, err := collect[Link](ctx, s.pool, inSeries("p.id, p.slug, p.title", listed, false, seriesCounted+1), pgx.StrictNamedArgs{"series": series})
	if err != nil {
		return nil, fmt.Errorf("numbering a series: %w", err)
	}
	return parts, nil
}

// seriesPart returns the place of a post, nil where the series has too many
// posts to be numbered.
func (s *Store) seriesPart(ctx context.Context, series, post int64) (*SeriesPart, error) {
	parts, err := s.seriesParts(ctx, series)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(parts, func(l Link) bool { return l.ID == post })
	if at < 0 || len(parts) > seriesCounted {
		return nil, nil
	}
	part := SeriesPart{Number: at + 1, Total: len(parts)}
	if at > 0 {
		part.Previous = &parts[at-1]
	}
	if at+1 < len(parts) {
		part.Next = &parts[at+1]
	}
	begin := max(0, min(at-seriesShown/2, len(parts)-seriesShown))
	part.First, part.Posts = begin+1, parts[begin:min(len(parts), begin+seriesShown)]
	err = s.pool.QueryRow(ctx, "SELECT s.id, s.slug, s.title, s.description FROM series s WHERE s.id = @id",
		pgx.StrictNamedArgs{"id": series}).Scan(&part.ID, &part.Slug, &part.Title, &part.Description)
	if errors.Is(err, pgx.ErrNoRows) { // deleted a moment ago
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("finding a post's series: %w", err)
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
