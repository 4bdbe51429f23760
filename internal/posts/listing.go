package posts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Filter says which posts a listing holds and which page of it is asked for.
type Filter struct {
	Tags   []Tag // posts that carry all of them
	Author int64 // posts that they wrote, alone or with others; not together with Tags
	Series int64 // posts of that series, by date and not in its order; not together with Tags
	// Posts published from one time on, before the other; zero is without end.
	From, To      time.Time
	After, Before string // cursors from a Listing; at most one of them
	Limit         int    // posts on the page; 0 means PageSize
}

// Listing is one page of posts, newest first.
type Listing struct {
	Posts []Card
	Newer string // cursor for Filter.Before; "" when these are the newest
	Older string // cursor for Filter.After; "" when these are the oldest
	// AtTop says that a page asked for with Before reached the newest post:
	// it may be short, and the first page is the better answer.
	AtTop bool
	// No post that comes, goes or moves outside of these two times, both
	// included, changes the page. Zero is without end.
	Newest, Oldest time.Time
}

// scanLimit bounds how many posts are looked at for one page of three or more
// tags, where no index holds the answer in order. Such a page can come out
// short or empty; its cursor ahead then goes on where the search stopped.
const scanLimit = 2000

const cardColumns = `p.id, p.version, p.render_version, p.kind, p.slug, p.title, p.language,
	p.cover, p.cover_alt, p.cover_x, p.cover_y, p.featured, p.excerpt, p.more,
	p.minutes, p.published_at, p.updated_at, p.author_id, p.coauthor_ids, p.tag_ids`

// Listing returns a page of the posts that readers may see. It costs the same
// at every depth and for every tag: rows are read in the order of an index,
// from the cursor on. Errors: ErrBadCursor.
func (s *Store) Listing(ctx context.Context, f Filter) (Listing, error) {
	w, err := newWindow(f.After, f.Before, f.scope(), cmp.Or(f.Limit, PageSize))
	if err != nil {
		return Listing{}, err
	}
	sql, args := f.sql(w)
	cards, err := collect[Card](ctx, s.pool, sql, args)
	if err != nil {
		return Listing{}, fmt.Errorf("listing posts: %w", err)
	}

	var begin, end time.Time // of what was looked at
	if w.from != nil {
		begin = w.from.at
	}
	if len(cards) > w.limit {
		end = cards[w.limit].PublishedAt
	}
	cards, newer, older := cut(w, cards, func(c Card) position { return position{at: c.PublishedAt, id: c.ID} })
	if len(f.Tags) > 2 {
		ahead := &older
		if w.backward {
			ahead = &newer
		}
		if *ahead == nil {
			if *ahead, err = s.scanEnd(ctx, f, w); err != nil {
				return Listing{}, err
			}
			if *ahead != nil {
				end = (*ahead).at
			}
		}
	}
	if err := s.addNames(ctx, cards); err != nil {
		return Listing{}, fmt.Errorf("listing posts: %w", err)
	}
	l := Listing{
		Posts: cards,
		Newer: newer.cursor(f.scope()), Older: older.cursor(f.scope()),
		AtTop:  w.backward && newer == nil,
		Newest: begin, Oldest: end,
	}
	if w.backward {
		l.Newest, l.Oldest = end, begin
	}
	if l.Newest.IsZero() {
		l.Newest = f.To
	}
	if l.Oldest.IsZero() {
		l.Oldest = f.From
	}
	return l, nil
}

// collect runs a query whose columns are T's fields.
func collect[T any](ctx context.Context, pool *pgxpool.Pool, sql string, args pgx.StrictNamedArgs) ([]T, error) {
	rows, err := pool.Query(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[T])
}

// scope names the listing that a cursor belongs to.
func (f Filter) scope() string {
	ids := make([]string, len(f.Tags))
	for i, t := range f.Tags {
		ids[i] = strconv.FormatInt(t.ID, 10)
	}
	slices.Sort(ids)
	scope := "posts tags=" + strings.Join(ids, ",")
	if f.Author != 0 {
		scope += " author=" + strconv.FormatInt(f.Author, 10)
	}
	if f.Series != 0 {
		scope += " series=" + strconv.FormatInt(f.Series, 10)
	}
	if !f.From.IsZero() || !f.To.IsZero() {
		scope += " from=" + f.From.UTC().Format(time.RFC3339) + " to=" + f.To.UTC().Format(time.RFC3339)
	}
	return scope
}

// sql returns the query for a page and one row more. Clauses are added only
// when asked for: one query for all cases would lose its index.
func (f Filter) sql(w window) (string, pgx.StrictNamedArgs) {
	args := pgx.StrictNamedArgs{}
	source, at, id, where := "posts p", "p.published_at", "p.id", listed
	if f.Author != 0 {
		return f.byAuthor(w, args), args
	}
	if len(f.Tags) > 0 {
		at, id = "t.published_at", "t.post_id"
		where = f.listed(args)
		source = "post_tags t JOIN posts p ON p.id = t.post_id AND p.unpublish_at > now()"
	}
	if f.Series != 0 {
		where += " AND p.series_id = @series"
		args["series"] = f.Series
	}
	where += f.within(w, at, id, args)
	if len(f.Tags) > 2 {
		// Walk the two rarest tags together and look each post up for the others.
		source = "(SELECT t.published_at, t.post_id FROM post_tags t WHERE " + where +
			w.order(at, id) + " LIMIT " + strconv.Itoa(scanLimit) + ") t JOIN posts p ON p.id = t.post_id AND p.unpublish_at > now()"
		where = "p.tag_ids @> @all_tags"
		args["all_tags"] = tagIDs(f.Tags)
	}
	return "SELECT " + cardColumns + " FROM " + source + " WHERE " + where +
		w.order(at, id) + " LIMIT " + strconv.Itoa(w.limit+1), args
}

// within returns the further conditions for a page: its times and its cursor.
func (f Filter) within(w window, at, id string, args pgx.StrictNamedArgs) (where string) {
	if !f.From.IsZero() {
		where += " AND " + at + " >= @from"
		args["from"] = f.From
	}
	if !f.To.IsZero() {
		where += " AND " + at + " < @to"
		args["to"] = f.To
	}
	if w.from != nil {
		where += " AND " + w.beyond(at, id, args)
	}
	return where
}

// byAuthor returns the query for the posts of an author: the two ranges of those
// in which they are named first and of the others, put together in their order.
// One of a list has no single value for PostgreSQL, so that no index will do but
// the author's: it might otherwise look for few posts among all.
func (f Filter) byAuthor(w window, args pgx.StrictNamedArgs) string {
	args["author"] = f.Author
	limit := " LIMIT " + strconv.Itoa(w.limit+1)
	return "SELECT * FROM ((SELECT " + cardColumns + " FROM posts p WHERE " + listed + " AND p.author_id = ANY (ARRAY[@author::bigint])" +
		f.within(w, "p.published_at", "p.id", args) + w.orderWithin("p.author_id", "p.published_at", "p.id") + limit +
		") UNION ALL (SELECT " + cardColumns + " FROM post_authors a JOIN posts p ON p.id = a.post_id WHERE " + coauthored +
		f.within(w, "a.published_at", "a.post_id", args) + w.order("a.published_at", "a.post_id") + limit +
		")) each" + w.order("published_at", "id") + limit
}

// coauthored is the condition for the rows a of post_authors, joined to posts p,
// that list what readers see of an author's.
const coauthored = "a.author_id = @author AND a.published_at <= now() AND " + listed

// listed returns the condition for the rows of post_tags that list one tag,
// or the two rarest of several together.
func (f Filter) listed(args pgx.StrictNamedArgs) string {
	tags := slices.SortedFunc(slices.Values(f.Tags), func(a, b Tag) int { return int(a.Posts - b.Posts) })
	a, b := tags[0].ID, tags[min(1, len(tags)-1)].ID
	args["tag"], args["with"] = min(a, b), max(a, b)
	return "t.tag_id = @tag AND t.with_id = @with AND t.published_at <= now()"
}

// scanEnd returns the position at which the search for three or more tags
// stopped, nil when it has seen all candidates.
func (s *Store) scanEnd(ctx context.Context, f Filter, w window) (*position, error) {
	args := pgx.StrictNamedArgs{}
	where := f.listed(args)
	if w.from != nil {
		where += " AND " + w.beyond("t.published_at", "t.post_id", args)
	}
	args["limit"] = scanLimit
	back := window{backward: !w.backward}
	var end position
	err := s.pool.QueryRow(ctx, `
		SELECT published_at, post_id FROM (
			SELECT published_at, post_id, count(*) OVER () AS seen FROM (
				SELECT t.published_at, t.post_id FROM post_tags t
				WHERE `+where+w.order("t.published_at", "t.post_id")+` LIMIT @limit
			) candidates
		) counted
		WHERE seen = @limit`+back.order("published_at", "post_id")+" LIMIT 1", args).Scan(&end.at, &end.id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking how far several tags were searched: %w", err)
	}
	return &end, nil
}

// beyond returns the condition for rows past the cursor. Comparing rows as a
// whole is what lets PostgreSQL start in the index at that place.
func (w window) beyond(at, id string, args pgx.StrictNamedArgs) string {
	args["from_at"], args["from_id"] = any(w.from.at), w.from.id
	if w.byText {
		args["from_at"] = w.from.text
	}
	if w.rising() {
		return "(" + at + ", " + id + ") > (@from_at, @from_id)"
	}
	return "(" + at + ", " + id + ") < (@from_at, @from_id)"
}

func (w window) order(at, id string) string {
	if w.rising() {
		return " ORDER BY " + at + ", " + id
	}
	return " ORDER BY " + at + " DESC, " + id + " DESC"
}

// orderWithin is the order in an index that has the column of the posts p that
// is asked for before the other two.
func (w window) orderWithin(column, at, id string) string {
	if w.backward {
		return " ORDER BY " + column + " DESC, " + at + ", " + id
	}
	return " ORDER BY " + column + ", " + at + " DESC, " + id + " DESC"
}
