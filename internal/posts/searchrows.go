package posts

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// searchRows searches as [Store.Search] does, in posts of every state, for a
// page of the authors' list. Error: ErrBusy.
func (s *Store) searchRows(ctx context.Context, f RowFilter, a Asked, w window) ([]sortedRow, error) {
	end, err := s.startSearch(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	asked, err := s.rowSearch(ctx, a, f.Zone)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	args := pgx.StrictNamedArgs{}
	inOrder, _ := f.walk()
	walk := func(only ...string) string {
		where := strings.Join(append(only, inOrder.where), " AND ")
		if w.from != nil {
			where += " AND " + w.beyond(f.sortColumn(), "p.id", args)
		}
		sql := "(SELECT " + candidate + " FROM posts p WHERE " + where + w.order(f.sortColumn(), "p.id") + " LIMIT " + strconv.Itoa(searchMost) + ")"
		if a.Filtered() { // what readers see of a tag and the like, too: it may be long ago
			sql += " UNION ALL (" + asked.newest(args, window{}, only...) + ")"
		}
		return sql
	}
	// The state is asked of what was found: an index of words knows none, and
	// would be read as far as a post in a rare state.
	sql := asked.gather(args, "true", walk) + f.sql(args, w, w.order("p.sort_key", "p.id"), "FROM "+gatheredPosts)
	return collect[sortedRow](ctx, s.pool, sql, args)
}

// rowSearch looks up the names in a search by an author. The error is
// ErrNotFound when nothing has one of them.
func (s *Store) rowSearch(ctx context.Context, a Asked, zone *time.Location) (Search, error) {
	f := Search{Words: a.Words}
	for _, name := range a.Tags {
		tag, err := s.tagRow(ctx, "t.key = @key OR t.slug = @slug", pgx.StrictNamedArgs{"key": tagKey(name), "slug": TagSlug(name)})
		if err != nil {
			return f, err
		}
		f.Tags = append(f.Tags, Tag{ID: tag.ID, Posts: tag.Posts})
	}
	find := func(sql, name string) (id int64, err error) {
		err = s.pool.QueryRow(ctx, sql, pgx.StrictNamedArgs{"name": strings.ToLower(name)}).Scan(&id)
		if errors.Is(err, pgx.ErrNoRows) {
			err = ErrNotFound
		}
		return id, err
	}
	for _, handle := range a.Authors {
		id, err := find("SELECT id FROM users WHERE handle = @name", handle)
		if err != nil {
			return f, err
		}
		f.By(id)
	}
	for _, slug := range a.Series {
		id, err := find("SELECT id FROM series WHERE slug = @name", slug)
		if err == nil && f.Series != 0 && f.Series != id { // no post has two
			err = ErrNotFound
		}
		if err != nil {
			return f, err
		}
		f.Series = id
	}
	for _, year := range a.Years {
		if year != a.Years[0] {
			return f, ErrNotFound
		}
		zone = cmp.Or(zone, time.UTC)
		f.From, f.To = time.Date(year, 1, 1, 0, 0, 0, 0, zone), time.Date(year+1, 1, 1, 0, 0, 0, 0, zone)
	}
	return f, nil
}
