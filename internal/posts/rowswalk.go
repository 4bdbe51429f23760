package posts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"
)

// rowsLookedAt is how many posts the authors' list looks at for one page when
// no index has the list that is asked for.
const rowsLookedAt = 2000

// walk is a range of an index that has posts in the order of the list.
type walk struct {
	where  string
	within string // the index's first column, when it has the order within that
}

// byChange are the states that have an index by the last change.
var byChange = []State{StateDraft, StateReview, StateUnpublished, StatePage}

// walk returns the range to walk. whole tells that it has just the posts that
// are listed; else they are picked out of it.
func (f RowFilter) walk() (_ walk, whole bool) {
	only := f.tag == 0 && !f.coauthor // the other filters are all that there are
	byAuthor := f.author != 0 && !f.coauthor
	// One of a list has no single value for PostgreSQL, so that no other index
	// will do: it might otherwise look for an author's few posts among all.
	const author = " AND p.author_id = ANY (ARRAY[@author::bigint])"
	switch {
	case f.Sort == SortPublished && (f.State == StatePublished || f.State == StateScheduled):
		if byAuthor {
			return walk{f.stateIs() + author, "p.author_id"}, only
		}
		return walk{f.stateIs(), ""}, only
	case f.Sort == SortUpdated && byAuthor:
		return walk{"p.trashed_at IS NULL" + author, "p.author_id"}, only && f.State == StateAll
	case f.Sort == SortUpdated && slices.Contains(byChange, f.State):
		return walk{f.stateIs(), ""}, only
	}
	return walk{"p.trashed_at IS NULL", ""}, only && !byAuthor && f.State == StateAll
}

// sql is the walk from the window's beginning on, without what it selects.
func (k walk) sql(f RowFilter, args pgx.StrictNamedArgs, w window) string {
	at, where := f.sortColumn(), k.where
	if k.within != "" {
		args["author"] = f.author
	}
	if w.from != nil {
		where += " AND " + w.beyond(at, "p.id", args)
	}
	return "FROM posts p WHERE " + where + k.order(w, at) + " LIMIT " + strconv.Itoa(rowsLookedAt)
}

// order is the index's, at being what the list is in the order of.
func (k walk) order(w window, at string) string {
	if k.within != "" {
		return w.orderWithin(k.within, at, "p.id")
	}
	return w.order(at, "p.id")
}

// walkEnd returns the position at which a walk stopped, nil when it went to the
// end.
func (s *Store) walkEnd(ctx context.Context, f RowFilter, k walk, w window) (*position, error) {
	args := pgx.StrictNamedArgs{"looked_at": rowsLookedAt}
	back := w
	back.backward = !w.backward
	at, text, order := f.sortColumn()+" AS at", "''", back.order("at", "id")
	if f.Sort == SortTitle {
		at, text, order = "p.updated_at AS at", f.sortColumn(), back.order("text", "id")
	}
	var end position
	err := s.pool.QueryRow(ctx, `
		SELECT at, id, text FROM (
			SELECT at, id, text, count(*) OVER () AS seen FROM (
				SELECT `+at+`, p.id, `+text+` AS text `+k.sql(f, args, w)+`
			) walked
		) counted
		WHERE seen = @looked_at`+order+" LIMIT 1", args).Scan(&end.at, &end.id, &end.text)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking how far a list was read: %w", err)
	}
	return &end, nil
}

// few returns the posts that one of the filters lets through, when these are
// few enough to look at them all; else nil.
func (s *Store) few(ctx context.Context, f RowFilter, tagPosts int64) ([]int64, error) {
	var narrow []string
	switch f.State {
	case StateChanged:
		narrow = append(narrow, "SELECT c.post_id FROM working_copies c WHERE c.changed")
	case StateScheduled:
		narrow = append(narrow, "SELECT p.id FROM posts p WHERE "+scheduled+" ORDER BY p.published_at DESC, p.id DESC")
	case StateDraft, StateReview, StateUnpublished, StatePage:
		narrow = append(narrow, "SELECT p.id FROM posts p WHERE "+f.stateIs()+" ORDER BY p.updated_at DESC, p.id DESC")
	}
	if f.tag != 0 && tagPosts <= rowsLookedAt {
		narrow = append(narrow, "SELECT p.id FROM posts p WHERE p.tag_ids @> ARRAY[@tag::bigint] AND p.trashed_at IS NULL")
	}
	if f.author != 0 {
		most := " LIMIT " + strconv.Itoa(rowsLookedAt+1)
		narrow = append(narrow, `SELECT id FROM (
			(SELECT p.id FROM posts p WHERE p.author_id = ANY (ARRAY[@author::bigint]) AND p.trashed_at IS NULL
				ORDER BY p.author_id, p.updated_at DESC, p.id DESC`+most+`)
			UNION ALL (SELECT p.id FROM posts p WHERE `+coauthoredRows+most+`)) written`)
	}
	for _, sql := range narrow {
		args := pgx.NamedArgs{"tag": f.tag, "author": f.author}
		rows, err := s.pool.Query(ctx, sql+" LIMIT "+strconv.Itoa(rowsLookedAt+1), args)
		if err != nil {
			return nil, err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil {
			return nil, err
		}
		if len(ids) <= rowsLookedAt {
			return append([]int64{}, ids...), nil
		}
	}
	return nil, nil
}
