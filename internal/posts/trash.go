package posts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// trashTime is how long posts stay in the trash.
const trashTime = "interval '30 days'"

// TrashDays is how many days posts stay in the trash.
const TrashDays = 30

// Trash puts a post at that version into the trash, from where it can be taken
// back for 30 days. The addresses at which readers saw it say 410 Gone. Errors:
// ErrNotFound, ErrTrashed, *ConflictError.
func (s *Store) Trash(ctx context.Context, id, version, authorID int64) (Stored, error) {
	return s.move(ctx, id, version, authorID, KindTrash, func(_ context.Context, _ pgx.Tx, was Stored) (state, error) {
		if was.Trashed() {
			return state{}, ErrTrashed
		}
		return state{StatusDraft, was.PublishedAt, true}, nil
	})
}

// Untrash takes a post out of the trash: it is a draft then. Errors:
// ErrNotFound when it is not there (any more), *ConflictError.
func (s *Store) Untrash(ctx context.Context, id, version, authorID int64) (Stored, error) {
	return s.move(ctx, id, version, authorID, KindUntrash, func(_ context.Context, _ pgx.Tx, was Stored) (state, error) {
		if !was.Trashed() {
			return state{}, ErrNotFound
		}
		return state{StatusDraft, was.PublishedAt, false}, nil
	})
}

// Undo takes back that a post was published, scheduled, unpublished or put into
// the trash, which made it that version: its state is then what it was, its
// text stays. Errors: ErrNotFound when nothing is to be undone, *ConflictError.
func (s *Store) Undo(ctx context.Context, id, version, authorID int64) (Stored, error) {
	return s.move(ctx, id, version, authorID, "", func(ctx context.Context, tx pgx.Tx, was Stored) (state, error) {
		rows, err := tx.Query(ctx, `
			SELECT kind, status, fields->>'published_at' FROM revisions
			WHERE post_id = @id AND kind NOT IN ('aside', 'autosave', 'restore', 'discard') ORDER BY edit DESC LIMIT 2`, pgx.StrictNamedArgs{"id": id})
		if err != nil {
			return state{}, err
		}
		type step struct {
			kind   RevisionKind
			status Status
			date   string
		}
		steps, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (st step, err error) {
			return st, row.Scan(&st.kind, &st.status, &st.date)
		})
		if err != nil || len(steps) < 2 {
			return state{}, errors.Join(err, ErrNotFound)
		}
		switch steps[0].kind {
		case KindPublish, KindSchedule, KindUnpublish, KindTrash:
		default:
			return state{}, ErrNotFound
		}
		before := state{status: steps[1].status, publishedAt: was.PublishedAt}
		if date, err := time.Parse(time.RFC3339Nano, steps[1].date); err == nil {
			before.publishedAt = date
		} else if before.status == StatusDraft {
			before.publishedAt = time.Time{}
		}
		return before, nil
	})
}

// Unpublish makes a draft of a post whose time is over. Readers do not see it
// any more as it is; but lists would have to skip it for ever. Error:
// ErrNotFound when there is nothing to do.
func (s *Store) Unpublish(ctx context.Context, id int64) error {
	post, err := s.Get(ctx, id)
	if err != nil {
		return err
	}
	_, err = s.move(ctx, id, post.Version, post.AuthorID, KindUnpublish, func(_ context.Context, _ pgx.Tx, was Stored) (state, error) {
		if was.Status != StatusPublished || was.State != StateUnpublished {
			return state{}, ErrNotFound
		}
		return state{StatusDraft, was.PublishedAt, false}, nil
	})
	return err
}

// state is what readers may see of a post.
type state struct {
	status      Status
	publishedAt time.Time
	trashed     bool
}

// move changes the state of a post and nothing else. kind "" is for what it is
// called by what became of the post.
func (s *Store) move(ctx context.Context, id, version, authorID int64, kind RevisionKind,
	to func(context.Context, pgx.Tx, Stored) (state, error),
) (stored Stored, err error) {
	err = s.write(ctx, func(tx pgx.Tx) error {
		was, err := lock(ctx, tx, id, version)
		if err != nil {
			return err
		}
		found, err := findCopy(ctx, tx, id)
		if err != nil {
			return err
		}
		w, text, err := lineUp(ctx, tx, was, found)
		if err != nil {
			return err
		}
		now, err := to(ctx, tx, was)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			UPDATE posts SET status = @status, published_at = @published_at, trashed_at = CASE WHEN @trashed THEN now() END,
				updated_at = now(), version = version + 1
			WHERE id = @id`,
			pgx.StrictNamedArgs{"id": id, "status": now.status, "published_at": nullable(now.publishedAt), "trashed": now.trashed})
		if err != nil {
			return fmt.Errorf("moving post %d: %w", id, err)
		}
		if stored, err = get(ctx, tx, id); err != nil {
			return err
		}
		if was.seen() && !stored.Visible {
			if err := keepAddress(ctx, tx, was.Slug, &id); err != nil {
				return err
			}
		}
		if kind == "" {
			kind = kindOf(was, stored)
			if was.Trashed() {
				kind = KindUntrash
			}
		}
		if _, _, err = adopt(ctx, tx, w, text, stored, kind, authorID); err != nil {
			return err
		}
		return s.follow(ctx, tx, stored)
	})
	if err != nil {
		return Stored{}, wrap("moving a post", err)
	}
	return stored, nil
}

// TrashRow is what the trash shows of a post.
type TrashRow struct {
	ID, Version int64
	Kind        Kind
	Title       string
	AuthorName  string
	TrashedAt   time.Time
	PurgedAt    time.Time // when it goes for good
}

// TrashPage is one page of the trash, newest first.
type TrashPage struct {
	Rows         []TrashRow
	Newer, Older string // as in Listing
	AtTop        bool   // as in Listing
}

// TrashRows returns a page of the trash. Errors: ErrBadCursor.
func (s *Store) TrashRows(ctx context.Context, after, before string) (TrashPage, error) {
	const scope = "trash"
	w, err := newWindow(after, before, scope, rowsPageSize)
	if err != nil {
		return TrashPage{}, err
	}
	args := pgx.StrictNamedArgs{"limit": w.limit + 1}
	where := "p.trashed_at > now() - " + trashTime
	if w.from != nil {
		where += " AND " + w.beyond("p.trashed_at", "p.id", args)
	}
	rows, err := collect[TrashRow](ctx, s.pool, `
		SELECT p.id, p.version, p.kind, p.title, u.name AS author_name, p.trashed_at, p.trashed_at + `+trashTime+` AS purged_at
		FROM posts p JOIN users u ON u.id = p.author_id
		WHERE `+where+w.order("p.trashed_at", "p.id")+" LIMIT @limit", args)
	if err != nil {
		return TrashPage{}, fmt.Errorf("listing the trash: %w", err)
	}
	rows, newer, older := cut(w, rows, func(r TrashRow) position { return position{at: r.TrashedAt, id: r.ID} })
	return TrashPage{Rows: rows, Newer: newer.cursor(scope), Older: older.cursor(scope), AtTop: w.backward && newer == nil}, nil
}

// Purge deletes a post for good that is in the trash at that version. Errors:
// ErrNotFound when it is not there (any more), *ConflictError.
func (s *Store) Purge(ctx context.Context, id, version int64) error {
	stored, err := s.Get(ctx, id)
	if err == nil && !stored.Trashed() {
		err = ErrNotFound
	}
	if err != nil {
		return err
	}
	return s.Delete(ctx, id, version)
}

// EmptyTrash removes posts for good whose time in the trash is over, so many at
// once, and returns how many there were.
func (s *Store) EmptyTrash(ctx context.Context, limit int) (int, error) {
	tag, err := s.pool.Exec(ctx, `
		DELETE FROM posts WHERE id IN (
			SELECT id FROM posts WHERE trashed_at < now() - `+trashTime+`
			ORDER BY trashed_at LIMIT @limit FOR UPDATE SKIP LOCKED)`, pgx.StrictNamedArgs{"limit": limit})
	if err != nil {
		return 0, fmt.Errorf("emptying the trash: %w", err)
	}
	return int(tag.RowsAffected()), nil
}
