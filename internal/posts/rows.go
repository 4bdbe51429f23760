package posts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// State is what becomes of a post, which authors sort theirs by.
type State string

const (
	StateAll         State = ""
	StateDraft       State = "draft"
	StateReview      State = "review" // a draft that waits for somebody to publish it
	StateScheduled   State = "scheduled"
	StatePublished   State = "published"
	StateUnpublished State = "unpublished" // readers saw it, and do not any more

	// These are for the list only.
	StateChanged State = "changed" // seen by readers, or soon, and with changes that they do not see
	StatePage    State = "page"    // pages in any state
)

// Sort is the order of the authors' list.
type Sort string

const (
	SortDefault   Sort = ""          // by date for what is scheduled or published, else by the last change
	SortUpdated   Sort = "updated"   // the last change first
	SortPublished Sort = "published" // what has no date first, then the latest date
	SortTitle     Sort = "title"     // from A to Z
)

// rowsPageSize is how many posts the authors' list shows at once.
const rowsPageSize = 20

// Row is what the authors' list shows of a post.
type Row struct {
	ID          int64
	Version     int64
	Kind        Kind
	Slug        string
	Title       string   // of a draft as it was typed last
	AuthorNames []string // who wrote it, its author first
	Status      Status
	PublishedAt *time.Time // nil: a draft without a date
	UpdatedAt   time.Time
	State       State
	Changed     bool // whether its form says something that the post does not say yet
	TagNames    []string
}

// RowFilter says which posts the authors' list holds and which page is asked for.
type RowFilter struct {
	State         State
	Sort          Sort
	Author        string         // handle of who wrote it, alone or with others, "" for all
	Tag           string         // name or slug, "" for all
	Query         string         // what to search for, read by ParseSearch
	Zone          *time.Location // in which a year that is searched for begins; nil is UTC
	After, Before string         // cursors from a RowPage; at most one of them
	Limit         int            // 0 means 20

	authorIs    int64 // the author's id, where there is no Author
	author, tag int64 // of Author and Tag, 0 for all
	coauthor    bool  // whether there are posts in which the author is not named first
}

// RowPage is one page of the authors' list.
type RowPage struct {
	Rows []Row
	// As in Listing. A page may have no rows, or few, and lead on: more is not
	// looked at at once.
	Newer, Older string
	AtTop        bool // as in Listing
}

// sortedRow is a row and its place in the order.
type sortedRow struct {
	Row
	SortAt   time.Time
	SortText string
}

func (r sortedRow) position() position { return position{r.SortAt, r.ID, r.SortText} }

// Rows returns a page of the authors' list. Errors: ErrBadCursor, ErrBusy.
func (s *Store) Rows(ctx context.Context, f RowFilter) (RowPage, error) {
	if f.Sort == SortDefault {
		f.Sort = SortUpdated
		if f.State == StateScheduled || f.State == StatePublished {
			f.Sort = SortPublished
		}
	}
	scope := fmt.Sprintf("rows state=%s sort=%s author=%s tag=%s query=%s", f.State, f.Sort, f.Author, f.Tag, f.Query)
	newIn, cursor := newWindow, (*position).cursor
	if f.Sort == SortTitle {
		newIn, cursor = newTextWindow, (*position).textCursor
	}
	w, err := newIn(f.After, f.Before, scope, cmp.Or(f.Limit, rowsPageSize))
	if err != nil {
		return RowPage{}, err
	}
	rows, end, err := s.sortedRows(ctx, f, w)
	if err != nil {
		return RowPage{}, fmt.Errorf("listing posts for authors: %w", err)
	}
	rows, newer, older := cut(w, rows, sortedRow.position)
	if end != nil && w.backward {
		newer = cmp.Or(newer, end)
	} else if end != nil {
		older = cmp.Or(older, end)
	}
	page := RowPage{Newer: cursor(newer, scope), Older: cursor(older, scope), AtTop: w.backward && newer == nil}
	for _, r := range rows {
		page.Rows = append(page.Rows, r.Row)
	}
	return page, nil
}

// sortedRows returns the rows of a window and one more. end is how far it has
// looked when it did not look to the end.
func (s *Store) sortedRows(ctx context.Context, f RowFilter, w window) (rows []sortedRow, end *position, err error) {
	if asked := ParseSearch(f.Query); !asked.Empty() {
		if f.Author != "" {
			asked.Authors = append(asked.Authors, f.Author)
		}
		if f.Tag != "" {
			asked.Tags = append(asked.Tags, f.Tag)
		}
		rows, err = s.searchRows(ctx, f, asked, w)
		return rows, nil, err
	}
	tagPosts, err := s.findNames(ctx, &f)
	if errors.Is(err, ErrNotFound) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	walk, whole := f.walk()
	args := pgx.StrictNamedArgs{}
	if !whole {
		few, err := s.few(ctx, f, tagPosts)
		if err != nil {
			return nil, nil, err
		}
		if few != nil {
			args["few"] = few
			rows, err = collect[sortedRow](ctx, s.pool, f.sql(args, w, w.order("p.sort_key", "p.id"), "FROM posts p WHERE p.id = ANY(@few)"), args)
			return rows, nil, err
		}
	}
	rows, err = collect[sortedRow](ctx, s.pool, f.sql(args, w, walk.order(w, "p.sort_key"), walk.sql(f, args, w)), args)
	if err == nil && !whole && len(rows) <= w.limit {
		end, err = s.walkEnd(ctx, f, walk, w)
	}
	return rows, end, err
}

// findNames finds out of whom and of which tag the list is. Error: ErrNotFound.
func (s *Store) findNames(ctx context.Context, f *RowFilter) (tagPosts int64, err error) {
	f.author = f.authorIs
	if f.Author != "" {
		err := s.pool.QueryRow(ctx, "SELECT id FROM users WHERE handle = @name", pgx.StrictNamedArgs{"name": strings.ToLower(f.Author)}).Scan(&f.author)
		if errors.Is(err, pgx.ErrNoRows) {
			return 0, ErrNotFound
		}
		if err != nil {
			return 0, err
		}
	}
	if f.author != 0 {
		err := s.pool.QueryRow(ctx, "SELECT EXISTS (SELECT FROM posts p WHERE "+coauthoredRows+")", pgx.StrictNamedArgs{"author": f.author}).Scan(&f.coauthor)
		if err != nil {
			return 0, err
		}
	}
	if f.Tag != "" {
		tag, err := s.tagRow(ctx, "t.key = @key OR t.slug = @slug", pgx.StrictNamedArgs{"key": tagKey(f.Tag), "slug": TagSlug(f.Tag)})
		if err != nil {
			return 0, err
		}
		f.tag, tagPosts = tag.ID, tag.Posts
	}
	return tagPosts, nil
}

// coauthoredRows is the condition for posts p in which an author is not named
// first. An index has these, in no order.
const coauthoredRows = "p.coauthor_ids <> '{}' AND p.coauthor_ids @> ARRAY[@author::bigint] AND p.trashed_at IS NULL"

// sortColumn is what the list is in the order of.
func (f RowFilter) sortColumn() string {
	switch {
	case f.Sort == SortTitle:
		return `(left(lower(p.title), 40) COLLATE "C")`
	case f.Sort == SortUpdated:
		return "p.updated_at"
	case f.State == StateScheduled || f.State == StatePublished:
		return "p.published_at"
	}
	return "coalesce(p.published_at, '9999-12-31 00:00:00+00'::timestamptz)"
}

// stateIs is the condition for posts p in the state.
func (f RowFilter) stateIs() string {
	return map[State]string{
		StateAll:         "p.trashed_at IS NULL",
		StateDraft:       "p.status = 'draft' AND p.trashed_at IS NULL AND p.review_at IS NULL AND p.unpublished_at IS NULL",
		StateReview:      "p.status = 'draft' AND p.trashed_at IS NULL AND p.review_at IS NOT NULL",
		StateUnpublished: "p.status = 'draft' AND p.trashed_at IS NULL AND p.review_at IS NULL AND p.unpublished_at IS NOT NULL",
		StateChanged:     "p.status = 'published' AND p.trashed_at IS NULL AND EXISTS (SELECT FROM working_copies c WHERE c.post_id = p.id AND c.changed)",
		StateScheduled:   scheduled,
		StatePublished:   visible,
		StatePage:        "p.kind = 'page' AND p.trashed_at IS NULL",
	}[f.State]
}

// condition is which posts p of a source are listed.
func (f RowFilter) condition(args pgx.StrictNamedArgs, w window) string {
	where := f.stateIs()
	if f.author != 0 {
		where += " AND (p.author_id = @author OR p.coauthor_ids @> ARRAY[@author::bigint])"
		args["author"] = f.author
	}
	if f.tag != 0 {
		where += " AND p.tag_ids @> ARRAY[@tag::bigint]"
		args["tag"] = f.tag
	}
	if w.from != nil {
		where += " AND " + w.beyond(f.sortColumn(), "p.id", args)
	}
	return where
}

// sql returns the query for a page of the posts p of a source (FROM …), and one
// row more, in that order. What is shown of them is looked up for these rows alone.
func (f RowFilter) sql(args pgx.StrictNamedArgs, w window, order, source string) string {
	args["limit"] = w.limit + 1
	at, text := "p.sort_key", "''"
	if f.Sort == SortTitle {
		at, text = "p.updated_at", at
	}
	return `
		SELECT p.id, p.version, p.kind, p.slug,
			CASE WHEN p.status = 'draft' THEN coalesce(typed.title, p.title) ELSE p.title END AS title,
			typed.title IS NOT NULL AS changed, p.status, p.published_at, p.updated_at,
			` + stateOf + ` AS state,
			ARRAY(SELECT u.name FROM unnest(p.author_id || p.coauthor_ids) WITH ORDINALITY AS x (id, place)
				JOIN users u ON u.id = x.id ORDER BY x.place) AS author_names,
			(SELECT coalesce(array_agg(t.name ORDER BY x.place), '{}')
			 FROM unnest(p.tag_ids) WITH ORDINALITY AS x (id, place) JOIN tags t ON t.id = x.id) AS tag_names,
			` + at + ` AS sort_at, ` + text + ` AS sort_text
		FROM (
			SELECT p.* FROM (SELECT p.*, ` + f.sortColumn() + " AS sort_key " + source + `) p
			WHERE ` + f.condition(args, w) + order + ` LIMIT @limit
		) p
		LEFT JOIN LATERAL (
			SELECT coalesce(r.fields->>'title', '') AS title FROM working_copies c
			JOIN revisions r ON r.post_id = c.post_id AND r.edit = c.edit AND r.kind <> 'aside'
			WHERE c.post_id = p.id AND c.changed
		) typed ON true` + order
}

// Empty tells whether there is no post at all.
func (s *Store) Empty(ctx context.Context) (bool, error) {
	var empty bool
	if err := s.pool.QueryRow(ctx, "SELECT NOT EXISTS (SELECT FROM posts)").Scan(&empty); err != nil {
		return false, fmt.Errorf("looking whether there are posts: %w", err)
	}
	return empty, nil
}
