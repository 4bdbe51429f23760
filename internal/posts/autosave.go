package posts

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"broadsheet/internal/merge"
)

// Autosave keeps what an author typed, without a look at whether it is valid,
// and without changing the post. Where somebody else wrote since the text that
// the author began with, both are merged; merged tells whether the text that
// is kept now is another one than was sent.
//
// Errors: ErrTextTooLarge, ErrTextInvalid, ErrNotFound, ErrTrashed,
// ErrNeedBase, *TextConflictError.
func (s *Store) Autosave(ctx context.Context, id int64, typed Writing) (kept Working, merged bool, err error) {
	return s.reconcile(ctx, id, typed, false, func(ctx context.Context, tx pgx.Tx, stored Stored, w *copyRow, now, text Content) error {
		return keep(ctx, tx, stored, w, now, text, typed)
	})
}

// Merge returns what Autosave would keep, and keeps nothing unless it cannot
// be merged. Errors: as of [Store.Autosave].
func (s *Store) Merge(ctx context.Context, id int64, typed Writing) (working Working, merged bool, err error) {
	return s.reconcile(ctx, id, typed, true, func(context.Context, pgx.Tx, Stored, *copyRow, Content, Content) error { return nil })
}

// AutosaveNew makes a draft of what an author typed into an empty form. The
// draft's key makes that one post however often it is sent. Errors: as of
// [Store.Autosave].
func (s *Store) AutosaveNew(ctx context.Context, d Draft, typed Writing) (kept Working, merged bool, err error) {
	if _, err := typed.Content.whole(); err != nil {
		return Working{}, false, err
	}
	c, err := render(d.draftRow())
	if err != nil {
		return Working{}, false, err
	}
	var id int64
	err = s.write(ctx, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, "SELECT id FROM posts WHERE create_key = @key", pgx.StrictNamedArgs{"key": nullable(c.Key)}).Scan(&id)
		if !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		stored, err := create(ctx, tx, c)
		if err != nil {
			return err
		}
		id = stored.ID
		_, err = begin(ctx, tx, stored, KindSave, d.AuthorID)
		return err
	})
	if err != nil {
		return Working{}, false, wrap("making a post of what was typed", err)
	}
	typed.Edit = cmp.Or(typed.Edit, 1)
	return s.Autosave(ctx, id, typed)
}

// reconcile merges what was typed with what is kept and hands the result on.
func (s *Store) reconcile(ctx context.Context, id int64, typed Writing, exactly bool,
	then func(ctx context.Context, tx pgx.Tx, stored Stored, w *copyRow, now, text Content) error,
) (kept Working, merged bool, err error) {
	mine, err := typed.Content.whole()
	if err != nil {
		return Working{}, false, err
	}
	var conflict *TextConflictError
	err = s.write(ctx, func(tx pgx.Tx) error {
		conflict = nil
		stored, w, now, err := lockText(ctx, tx, id, exactly)
		if err != nil {
			return err
		}
		if mine.Fields["written_by"] == "" { // a form that does not ask leaves it
			mine.Fields["written_by"] = now.Fields["written_by"]
		}
		text := mine
		if typed.Edit != w.Edit && (typed.Edit != 0 || typed.Version != w.Version || w.Changed) {
			text, conflict, err = together(ctx, tx, w, typed, mine, now)
			if err != nil {
				return err
			}
		}
		if conflict != nil {
			conflict.Working = w.working(now, stored)
			_, err := tx.Exec(ctx, "UPDATE revisions SET shown = true WHERE id = @id AND NOT shown", pgx.StrictNamedArgs{"id": w.Revision})
			if err != nil {
				return err
			}
			return setAside(ctx, tx, id, typed, mine)
		}
		if err := then(ctx, tx, stored, w, now, text); err != nil {
			return err
		}
		kept, merged = w.working(text, stored), !text.equal(mine)
		return nil
	})
	if err != nil {
		return Working{}, false, wrap("keeping what was typed", err)
	}
	if conflict != nil {
		return Working{}, false, conflict
	}
	return kept, merged, nil
}

// together merges what was typed with what was kept since.
func together(ctx context.Context, tx pgx.Tx, w *copyRow, typed Writing, mine, now Content) (Content, *TextConflictError, error) {
	if mine.equal(now) { // sent again, most likely
		return mine, nil, nil
	}
	base, err := textAt(ctx, tx, w.PostID, typed.Edit)
	if err != nil {
		return Content{}, nil, err
	}
	if base == nil && typed.Base != nil {
		sent, err := typed.Base.whole()
		if err != nil {
			return Content{}, nil, err
		}
		base = &sent
	}
	if base == nil && !typed.NoBase {
		return Content{}, nil, ErrNeedBase
	}
	fields, conflicts, parts := mergeTexts(base, mine, now)
	markdown, ok := merge.Clean(parts)
	if !ok || len(conflicts) > 0 {
		return Content{}, &TextConflictError{Fields: fields, Conflict: conflicts, Markdown: parts}, nil
	}
	text, err := Content{fields, markdown}.whole()
	return text, nil, err
}

// keep stores a text: in place of the author's last one where that is a few
// minutes old and nobody began with it, else beside it.
func keep(ctx context.Context, tx pgx.Tx, stored Stored, w *copyRow, now, text Content, typed Writing) error {
	if text.equal(now) {
		return nil
	}
	if w.Open && w.AuthorID == typed.AuthorID && w.Edit == typed.Edit {
		w.Edit++
		tag, err := tx.Exec(ctx, `
			UPDATE revisions SET edit = @edit, fields = @fields, markdown = @markdown, updated_at = now()
			WHERE id = @id AND NOT kept AND NOT shown`,
			pgx.StrictNamedArgs{"id": w.Revision, "edit": w.Edit, "fields": text.Fields, "markdown": text.Markdown})
		if err == nil && tag.RowsAffected() == 0 { // somebody has named it since, or begun with it
			w.Edit--
			err = addRevision(ctx, tx, w, text, KindAutosave, stored.Status, typed.AuthorID)
		}
		if err != nil {
			return fmt.Errorf("keeping text %d of post %d: %w", w.Edit, w.PostID, err)
		}
	} else if err := addRevision(ctx, tx, w, text, KindAutosave, stored.Status, typed.AuthorID); err != nil {
		return err
	}
	err := tx.QueryRow(ctx, `
		SELECT NOT EXISTS (SELECT FROM revisions WHERE post_id = @id AND edit = @applied AND kind <> 'aside'
			AND fields = @fields AND markdown = @markdown)`,
		pgx.StrictNamedArgs{"id": w.PostID, "applied": w.Applied, "fields": text.Fields, "markdown": text.Markdown}).Scan(&w.Changed)
	if err != nil {
		return fmt.Errorf("comparing the text of post %d: %w", w.PostID, err)
	}
	return w.store(ctx, tx)
}

// setAside keeps a text that could not be merged. Sent again with more words at
// its end it is one; another text, perhaps of another tab, stands beside it.
func setAside(ctx context.Context, tx pgx.Tx, id int64, typed Writing, text Content) error {
	args := pgx.StrictNamedArgs{
		"id": id, "edit": typed.Edit, "author_id": typed.AuthorID, "fields": text.Fields, "markdown": text.Markdown,
	}
	tag, err := tx.Exec(ctx, `
		UPDATE revisions SET fields = @fields, markdown = @markdown, updated_at = now()
		WHERE id = (SELECT id FROM revisions WHERE post_id = @id ORDER BY id DESC LIMIT 1)
			AND kind = 'aside' AND author_id = @author_id AND edit = @edit
			AND fields = @fields AND starts_with(@markdown, markdown) AND created_at > now() - `+openFor, args)
	if err == nil && tag.RowsAffected() == 0 {
		_, err = tx.Exec(ctx, `
			INSERT INTO revisions (post_id, edit, author_id, kind, fields, markdown)
			VALUES (@id, @edit, @author_id, 'aside', @fields, @markdown)`, args)
	}
	if err != nil {
		return fmt.Errorf("keeping a text aside: %w", err)
	}
	return nil
}
