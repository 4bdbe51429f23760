package posts

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

// State is what authors sort their posts by.
type State string

const (
	StateAll       State = ""
	StateDraft     State = "draft"
	StateScheduled State = "scheduled"
	StatePublished State = "published"
	StatePage      State = "page" // pages in any state
)

// rowsPageSize is how many posts the authors' list shows at once.
const rowsPageSize = 20

// Row is what the authors' list shows of a post.
type Row struct {
	ID          int64
	Version     int64
	Kind        Kind
	Slug        string
	Title       string // of a draft as it was typed last
	AuthorName  string
	Status      Status
	PublishedAt *time.Time // nil: a draft without a date
	UpdatedAt   time.Time
	Scheduled   bool
	Changed     bool // whether its form says something that the post does not say yet
	TagNames    []string
}

// RowFilter says which posts the authors' list holds and which page is asked for.
type RowFilter struct {
	State         State
	Query         string         // what to search for, read by ParseSearch
	Zone          *time.Location // in which a year that is searched for begins; nil is UTC
	After, Before string         // cursors from a RowPage; at most one of them
	Limit         int            // 0 means 20
}

// RowPage is one page of the authors' list: published and scheduled posts by
// their date, drafts and all posts by their last change, newest first.
type RowPage struct {
	Rows         []Row
	Newer, Older string // as in Listing
	AtTop        bool   // as in Listing
}

// Rows returns a page of the authors' list. Errors: ErrBadCursor, ErrBusy.
func (s *Store) Rows(ctx context.Context, f RowFilter) (RowPage, error) {
	scope := "rows state=" + string(f.State) + " query=" + f.Query
	w, err := newWindow(f.After, f.Before, scope, cmp.Or(f.Limit, rowsPageSize))
	if err != nil {
		return RowPage{}, err
	}
	var rows []Row
	if asked := ParseSearch(f.Query); asked.Empty() {
		args := pgx.StrictNamedArgs{}
		rows, err = collect[Row](ctx, s.pool, f.sql(args, w, "posts p"), args)
	} else {
		rows, err = s.searchRows(ctx, f, asked, w)
	}
	if err != nil {
		return RowPage{}, fmt.Errorf("listing posts for authors: %w", err)
	}

	rows, newer, older := cut(w, rows, f.position)
	return RowPage{Rows: rows, Newer: newer.cursor(scope), Older: older.cursor(scope), AtTop: w.backward && newer == nil}, nil
}

// sortColumn is the time that the list is in the order of.
func (f RowFilter) sortColumn() string {
	if f.State == StateScheduled || f.State == StatePublished {
		return "p.published_at"
	}
	return "p.updated_at"
}

func (f RowFilter) position(r Row) position {
	if f.sortColumn() == "p.published_at" {
		return position{*r.PublishedAt, r.ID}
	}
	return position{r.UpdatedAt, r.ID}
}

// condition is which posts p of the source are listed.
func (f RowFilter) condition(args pgx.StrictNamedArgs, w window) string {
	where := map[State]string{
		StateAll:       "p.trashed_at IS NULL",
		StateDraft:     "p.status = 'draft' AND p.trashed_at IS NULL",
		StateScheduled: scheduled,
		StatePublished: visible,
		StatePage:      "p.kind = 'page' AND p.trashed_at IS NULL",
	}[f.State]
	if w.from != nil {
		where += " AND " + w.beyond(f.sortColumn(), "p.id", args)
	}
	return where
}

// sql returns the query for a page of the posts p of a source, and one row more.
func (f RowFilter) sql(args pgx.StrictNamedArgs, w window, source string) string {
	return `
		SELECT p.id, p.version, p.kind, p.slug,
			CASE WHEN p.status = 'draft' THEN coalesce(typed.title, p.title) ELSE p.title END AS title,
			typed.title IS NOT NULL AS changed, u.name AS author_name, p.status, p.published_at, p.updated_at,
			` + scheduled + ` AS scheduled,
			(SELECT coalesce(array_agg(t.name ORDER BY x.place), '{}')
			 FROM unnest(p.tag_ids) WITH ORDINALITY AS x (id, place) JOIN tags t ON t.id = x.id) AS tag_names
		FROM ` + source + ` JOIN users u ON u.id = p.author_id
		LEFT JOIN LATERAL (
			SELECT coalesce(r.fields->>'title', '') AS title FROM working_copies c
			JOIN revisions r ON r.post_id = c.post_id AND r.edit = c.edit AND r.kind <> 'aside'
			WHERE c.post_id = p.id AND c.changed
		) typed ON true
		WHERE ` + f.condition(args, w) + w.order(f.sortColumn(), "p.id") + " LIMIT " + strconv.Itoa(w.limit+1)
}

// Empty tells whether there is no post at all.
func (s *Store) Empty(ctx context.Context) (bool, error) {
	var empty bool
	if err := s.pool.QueryRow(ctx, "SELECT NOT EXISTS (SELECT FROM posts)").Scan(&empty); err != nil {
		return false, fmt.Errorf("looking whether there are posts: %w", err)
	}
	return empty, nil
}
