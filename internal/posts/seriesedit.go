package posts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"broadsheet/internal/texts"
)

// SeriesRow is a series as authors see it, whether readers see it or not.
type SeriesRow struct {
	Series
	Posts int64 // in any state; at most SeriesPlaces are counted
}

// SeriesPlaces is how many posts of a series can be put in order at once.
const SeriesPlaces = 1000

// seriesRowsPageSize is how many series the authors' list shows at once.
const seriesRowsPageSize = 50

// SeriesRows returns a page of all series in the order of their slugs,
// beginning after that slug, "" for the first page. next is the slug to go on
// after, "" at the end.
func (s *Store) SeriesRows(ctx context.Context, after string) (series []SeriesRow, next string, err error) {
	series, err = collect[SeriesRow](ctx, s.pool, `
		SELECT s.id, s.slug, s.title, s.description,
			(SELECT count(*) FROM (SELECT FROM posts p WHERE p.series_id = s.id LIMIT @most) counted) AS posts
		FROM series s WHERE s.slug > @after ORDER BY s.slug LIMIT @limit`,
		pgx.StrictNamedArgs{"after": after, "limit": seriesRowsPageSize + 1, "most": SeriesPlaces})
	if err != nil {
		return nil, "", fmt.Errorf("listing series for authors: %w", err)
	}
	if len(series) > seriesRowsPageSize {
		series = series[:seriesRowsPageSize]
		next = series[seriesRowsPageSize-1].Slug
	}
	return series, next, nil
}

// SeriesPost is a post of a series as authors see it.
type SeriesPost struct {
	ID          int64
	Title       string
	Place       int32 // 0: by its date, after those that have one
	Status      Status
	PublishedAt *time.Time
}

// SeriesRow returns a series and its posts in their order, of which there are
// at most SeriesPlaces, or ErrNotFound.
func (s *Store) SeriesRow(ctx context.Context, id int64) (Series, []SeriesPost, error) {
	rows, err := s.pool.Query(ctx, "SELECT s.id, s.slug, s.title, s.description FROM series s WHERE s.id = @id", pgx.StrictNamedArgs{"id": id})
	if err != nil {
		return Series{}, nil, fmt.Errorf("finding a series: %w", err)
	}
	series, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Series])
	if errors.Is(err, pgx.ErrNoRows) {
		return Series{}, nil, ErrNotFound
	}
	if err != nil {
		return Series{}, nil, fmt.Errorf("finding a series: %w", err)
	}
	posts, err := collect[SeriesPost](ctx, s.pool, inSeries(seriesPostColumns, "true", false, SeriesPlaces),
		pgx.StrictNamedArgs{"series": id})
	if err != nil {
		return Series{}, nil, fmt.Errorf("listing the posts of a series: %w", err)
	}
	return series, posts, nil
}

// SeriesDraft is all that an author may say about a series.
type SeriesDraft struct {
	Title       string
	Slug        string // "": made from the title
	Description string
	Places      map[int64]int32 // by the post's id; posts that are left out stay where they are
	Was         map[int64]int32 // the places that its author saw, of those known
}

// PlacedError says that somebody else has put posts elsewhere since an author
// looked who puts them elsewhere, too. Nothing was stored.
type PlacedError struct {
	Places map[int64]int32 // where they are now, by the post's id
}

func (e *PlacedError) Error() string {
	return fmt.Sprintf("posts: %d posts of a series were put elsewhere meanwhile", len(e.Places))
}

// Validate returns nil or an Invalid with everything that is wrong.
func (d SeriesDraft) Validate() error {
	bad := Invalid{}
	checkLines(bad, line{"title", d.Title, MaxTitle}, line{"slug", d.Slug, MaxSlug}, line{"description", d.Description, MaxDescription})
	if strings.TrimSpace(d.Title) == "" && !bad.says("title") {
		bad.say("title", "problem.title.series")
	}
	checkSlug(bad, d.Slug)
	for _, place := range d.Places {
		if place < 0 {
			bad.say("places", "problem.place")
		}
	}
	return bad.err()
}

// SaveSeries stores what a draft says of a series. The address that it had
// leads to the one that it has now. The version of posts that get another place
// grows. Errors: Invalid, ErrNotFound, *PlacedError.
func (s *Store) SaveSeries(ctx context.Context, id int64, d SeriesDraft) error {
	if err := d.Validate(); err != nil {
		return err
	}
	d.Title = strings.Join(strings.Fields(d.Title), " ")
	d.Slug = cmp.Or(spell(d.Slug), TagSlug(d.Title))
	d.Description = strings.TrimSpace(strings.ReplaceAll(d.Description, "\r\n", "\n"))
	err := s.write(ctx, func(tx pgx.Tx) error { return saveSeries(ctx, tx, id, d) })
	var placed *PlacedError
	if errors.As(err, &placed) {
		return placed
	}
	if err != nil {
		return wrap("storing a series", err)
	}
	return nil
}

func saveSeries(ctx context.Context, tx pgx.Tx, id int64, d SeriesDraft) error {
	var was string
	err := tx.QueryRow(ctx, "SELECT slug FROM series WHERE id = @id FOR NO KEY UPDATE", pgx.StrictNamedArgs{"id": id}).Scan(&was)
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotFound
	}
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE series SET key = @key, title = @title, slug = @slug, description = @description WHERE id = @id`,
		pgx.StrictNamedArgs{"id": id, "key": tagKey(d.Title), "title": d.Title, "slug": d.Slug, "description": d.Description})
	if err != nil {
		return takenBy(err, map[string]taken{
			"series_key_key":  {"title", texts.Message{Key: "problem.series.taken"}},
			"series_slug_key": {"slug", texts.Message{Key: "problem.series.slug-taken", Args: []any{d.Slug}}},
		})
	}
	if was != d.Slug {
		_, err = tx.Exec(ctx, `
			WITH now AS (DELETE FROM old_series_slugs WHERE slug = @now)
			INSERT INTO old_series_slugs (slug, series_id) VALUES (@was, @id)
			ON CONFLICT (slug) DO UPDATE SET series_id = excluded.series_id`,
			pgx.StrictNamedArgs{"id": id, "was": was, "now": d.Slug})
		if err != nil {
			return fmt.Errorf("keeping the address: %w", err)
		}
	}
	var ids []int64
	var places []int32
	for _, post := range slices.Sorted(maps.Keys(d.Places)) {
		if was, known := d.Was[post]; !known || was != d.Places[post] { // what its author left alone stays wherever it is
			ids, places = append(ids, post), append(places, d.Places[post])
		}
	}
	if err := d.placed(ctx, tx, id, ids); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE posts p SET series_place = o.place, version = version + 1
		FROM unnest(@ids::bigint[], @places::integer[]) o (id, place)
		WHERE p.id = o.id AND p.series_id = @series AND p.series_place <> o.place`,
		pgx.StrictNamedArgs{"series": id, "ids": ids, "places": places})
	return err
}

// placed locks the posts that are to be moved, and returns a *PlacedError when
// some are not where their author saw them.
func (d SeriesDraft) placed(ctx context.Context, tx pgx.Tx, series int64, ids []int64) error {
	rows, err := tx.Query(ctx, `
		SELECT p.id, p.series_place FROM posts p WHERE p.id = ANY (@ids) AND p.series_id = @series ORDER BY p.id FOR NO KEY UPDATE`,
		pgx.StrictNamedArgs{"series": series, "ids": ids})
	if err != nil {
		return fmt.Errorf("locking the posts of a series: %w", err)
	}
	moved := map[int64]int32{}
	var id int64
	var place int32
	_, err = pgx.ForEachRow(rows, []any{&id, &place}, func() error {
		if was, known := d.Was[id]; known && place != was && place != d.Places[id] {
			moved[id] = place
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("locking the posts of a series: %w", err)
	}
	if len(moved) > 0 {
		return &PlacedError{moved}
	}
	return nil
}

// SeriesParts returns the series of that title and its posts but one, in their
// order: SeriesPlaces, and one more where there are more. Error: ErrNotFound.
func (s *Store) SeriesParts(ctx context.Context, title string, but int64) (Series, []SeriesPost, error) {
	if !utf8.ValidString(title) || strings.ContainsRune(title, 0) {
		return Series{}, nil, ErrNotFound
	}
	series, err := collect[Series](ctx, s.pool, "SELECT s.id, s.slug, s.title, s.description FROM series s WHERE s.key = @key",
		pgx.StrictNamedArgs{"key": tagKey(title)})
	if err != nil {
		return Series{}, nil, fmt.Errorf("finding a series: %w", err)
	}
	if len(series) == 0 {
		return Series{}, nil, ErrNotFound
	}
	parts, err := collect[SeriesPost](ctx, s.pool, inSeries(seriesPostColumns, "p.id <> @but", false, SeriesPlaces+1),
		pgx.StrictNamedArgs{"series": series[0].ID, "but": but})
	if err != nil {
		return Series{}, nil, fmt.Errorf("listing the parts of a series: %w", err)
	}
	return series[0], parts, nil
}

const seriesPostColumns = "p.id, p.title, p.series_place AS place, p.status, p.published_at"

// DeleteSeries deletes a series. Its posts stay, in none, and their versions
// grow. Errors: ErrNotFound.
func (s *Store) DeleteSeries(ctx context.Context, id int64) error {
	err := s.write(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE posts SET series_id = NULL, series_place = 0, version = version + 1 WHERE series_id = @id`,
			pgx.StrictNamedArgs{"id": id})
		if err != nil {
			return err
		}
		deleted, err := tx.Exec(ctx, "DELETE FROM series WHERE id = @id", pgx.StrictNamedArgs{"id": id})
		if err == nil && deleted.RowsAffected() == 0 {
			return ErrNotFound
		}
		return err
	})
	if err != nil {
		return wrap("deleting a series", err)
	}
	return nil
}
