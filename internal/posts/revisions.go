package posts

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// RevisionKind says how a text came about.
type RevisionKind string

const (
	KindAutosave  RevisionKind = "autosave"
	KindSave      RevisionKind = "save" // of a draft, or what a post said when its history began
	KindPublish   RevisionKind = "publish"
	KindSchedule  RevisionKind = "schedule"
	KindUpdate    RevisionKind = "update"
	KindUnpublish RevisionKind = "unpublish"
	KindTrash     RevisionKind = "trash"
	KindUntrash   RevisionKind = "untrash"
	KindRestore   RevisionKind = "restore" // of a text before, into the form
	KindDiscard   RevisionKind = "discard" // of what the form said beyond the post
	KindImport    RevisionKind = "import"
	KindOther     RevisionKind = "other" // changed elsewhere, such as by renaming a tag
	KindAside     RevisionKind = "aside" // could not be merged
)

// MaxRevisionName is how many characters the name of a revision may have.
const MaxRevisionName = 200

// revisionsPageSize is how many revisions a page of the history shows.
const revisionsPageSize = 50

// RevisionRow is what the history shows of a revision.
type RevisionRow struct {
	ID, PostID, Edit int64
	Kind             RevisionKind
	Name             string
	Title            string
	AuthorName       string
	Bytes            int // of the Markdown
	CreatedAt        time.Time
	UpdatedAt        time.Time
	Current          bool // whether the form shows it
	Applied          bool // whether the post says it
}

// Revision is a text of a post's history.
type Revision struct {
	RevisionRow
	Content
}

const revisionColumns = `r.id, r.post_id, r.edit, r.kind, r.name, coalesce(r.fields->>'title', '') AS title, u.name AS author_name,
	octet_length(r.markdown) AS bytes, r.created_at, r.updated_at,
	coalesce(r.kind <> 'aside' AND r.edit = w.edit, false) AS current,
	coalesce(r.kind <> 'aside' AND r.edit = w.applied, false) AS applied`

const revisionTables = ` FROM revisions r JOIN users u ON u.id = r.author_id LEFT JOIN working_copies w ON w.post_id = r.post_id`

// Revisions returns a page of a post's history, newest first, from before the
// revision with that id; 0 is the first page. older is the id to go on before,
// 0 at the end.
func (s *Store) Revisions(ctx context.Context, postID, before int64) (page []RevisionRow, older int64, err error) {
	args := pgx.StrictNamedArgs{"post_id": postID, "limit": revisionsPageSize + 1}
	where := " WHERE r.post_id = @post_id"
	if before != 0 {
		where += " AND r.id < @before"
		args["before"] = before
	}
	page, err = collect[RevisionRow](ctx, s.pool, "SELECT "+revisionColumns+revisionTables+where+" ORDER BY r.id DESC LIMIT @limit", args)
	if err != nil {
		return nil, 0, fmt.Errorf("reading the history of post %d: %w", postID, err)
	}
	if len(page) > revisionsPageSize {
		page = page[:revisionsPageSize]
		older = page[len(page)-1].ID
	}
	return page, older, nil
}

// Revision returns one. Errors: ErrNotFound.
func (s *Store) Revision(ctx context.Context, postID, id int64) (Revision, error) {
	return s.revision(ctx, "r.id = @id AND r.post_id = @post_id", pgx.StrictNamedArgs{"id": id, "post_id": postID})
}

// RevisionBefore returns the text that a post had before that revision.
// Errors: ErrNotFound.
func (s *Store) RevisionBefore(ctx context.Context, postID, id int64) (Revision, error) {
	return s.revision(ctx, "r.post_id = @post_id AND r.id < @id AND r.kind <> 'aside' ORDER BY r.id DESC LIMIT 1",
		pgx.StrictNamedArgs{"id": id, "post_id": postID})
}

// Aside returns the newest text of an author that could not be merged, when the
// author kept nothing since. Errors: ErrNotFound.
func (s *Store) Aside(ctx context.Context, postID, authorID int64) (Revision, error) {
	newest, err := s.revision(ctx, "r.id = (SELECT id FROM revisions WHERE post_id = @post_id AND author_id = @author_id ORDER BY id DESC LIMIT 1)",
		pgx.StrictNamedArgs{"post_id": postID, "author_id": authorID})
	if err == nil && newest.Kind != KindAside {
		return Revision{}, ErrNotFound
	}
	return newest, err
}

func (s *Store) revision(ctx context.Context, where string, args pgx.StrictNamedArgs) (Revision, error) {
	found, err := collect[Revision](ctx, s.pool, "SELECT "+revisionColumns+", r.fields, r.markdown"+revisionTables+" WHERE "+where, args)
	if err != nil {
		return Revision{}, fmt.Errorf("reading a revision: %w", err)
	}
	if len(found) == 0 {
		return Revision{}, ErrNotFound
	}
	return found[0], nil
}

// NameRevision gives a revision a name, with which it stays for ever; "" takes
// the name away. Errors: Invalid, ErrNotFound.
func (s *Store) NameRevision(ctx context.Context, postID, id int64, name string) error {
	name = strings.Join(strings.Fields(name), " ")
	bad := Invalid{}
	checkLines(bad, line{"name", name, MaxRevisionName})
	if err := bad.err(); err != nil {
		return err
	}
	tag, err := s.pool.Exec(ctx, "UPDATE revisions SET name = @name, kept = kept OR @name <> '' WHERE id = @id AND post_id = @post_id",
		pgx.StrictNamedArgs{"id": id, "post_id": postID, "name": name})
	if err != nil {
		return fmt.Errorf("naming a revision: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return ErrNotFound
	}
	return nil
}

// Restore puts a revision into the form of its post: its field of that name
// ("markdown" is the text), or all of it with "". The post itself stays as it
// is until somebody saves. Errors: ErrNotFound, ErrTrashed.
func (s *Store) Restore(ctx context.Context, postID, id int64, field string, authorID int64) error {
	r, err := s.Revision(ctx, postID, id)
	if err != nil {
		return err
	}
	return s.replace(ctx, postID, KindRestore, authorID, func(now Content, _ Stored) (Content, error) {
		text, err := r.Content.whole()
		if err != nil || field == "" {
			return text, err
		}
		if field == "markdown" {
			now.Markdown = text.Markdown
			return now, nil
		}
		value, ok := text.Fields[field]
		if !ok {
			return Content{}, ErrNotFound
		}
		now.Fields = maps.Clone(now.Fields)
		now.Fields[field] = value
		return now, nil
	})
}

// Discard puts into the form of a post what the post itself says. What the form
// said stays in the history. edit is its number; ErrEdited says that there is a
// later one. Errors: also ErrNotFound, ErrTrashed.
func (s *Store) Discard(ctx context.Context, postID, edit, authorID int64) error {
	return s.replace(ctx, postID, KindDiscard, authorID, func(_ Content, stored Stored) (Content, error) { return ContentOf(stored), nil }, edit)
}

// replace puts another text into the form of a post.
func (s *Store) replace(ctx context.Context, postID int64, kind RevisionKind, authorID int64, by func(Content, Stored) (Content, error), edit ...int64) error {
	err := s.write(ctx, func(tx pgx.Tx) error {
		stored, w, now, err := lockText(ctx, tx, postID, true)
		if err != nil {
			return err
		}
		if len(edit) > 0 && edit[0] != w.Edit {
			return ErrEdited
		}
		text, err := by(now, stored)
		if err != nil {
			return err
		}
		if text.equal(now) && kind != KindDiscard {
			return nil
		}
		// What is replaced stays for good: nobody may have meant to lose it.
		if _, err := tx.Exec(ctx, "UPDATE revisions SET kept = true WHERE id = @id", pgx.StrictNamedArgs{"id": w.Revision}); err != nil {
			return err
		}
		if err := addRevision(ctx, tx, w, text, kind, stored.Status, authorID); err != nil {
			return err
		}
		w.Changed = !text.equal(ContentOf(stored))
		return w.store(ctx, tx)
	})
	if err != nil {
		return wrap("replacing a text", err)
	}
	return nil
}

// ThinRevisions removes autosaves older than a day of which a later text was
// kept within the same hour. It looks at so many at once, each of them once,
// and returns how many it has done with.
func (s *Store) ThinRevisions(ctx context.Context, limit int) (int, error) {
	var done int
	err := s.pool.QueryRow(ctx, `
		WITH batch AS MATERIALIZED (
			SELECT id, post_id, edit, created_at FROM revisions
			WHERE kind = 'autosave' AND NOT kept AND created_at < now() - interval '1 day'
			ORDER BY created_at LIMIT @limit FOR UPDATE SKIP LOCKED
		), judged AS (
			SELECT b.id, coalesce(later.kind IN ('autosave', 'save', 'publish', 'schedule', 'update', 'unpublish')
				AND date_trunc('hour', later.created_at) = date_trunc('hour', b.created_at), false) AS superseded
			FROM batch b LEFT JOIN LATERAL (
				SELECT r.kind, r.created_at FROM revisions r
				WHERE r.post_id = b.post_id AND r.edit > b.edit AND r.kind <> 'aside' ORDER BY r.edit LIMIT 1
			) later ON true
		), gone AS (
			DELETE FROM revisions r USING judged j WHERE r.id = j.id AND j.superseded
		), stays AS (
			UPDATE revisions r SET kept = true FROM judged j WHERE r.id = j.id AND NOT j.superseded
		)
		SELECT count(*) FROM judged`, pgx.StrictNamedArgs{"limit": limit}).Scan(&done)
	if err != nil {
		return 0, fmt.Errorf("thinning out autosaves: %w", err)
	}
	return done, nil
}
