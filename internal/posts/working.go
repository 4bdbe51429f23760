package posts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"broadsheet/internal/merge"
)

// Working is the text that the form of a post shows: of a draft or of a
// published post, where readers do not see it before somebody saves it.
type Working struct {
	PostID  int64
	Edit    int64 // numbers the texts of the post
	Version int64 // of the post that it was last compared with
	Content
	Changed    bool // whether the post itself says something else
	AuthorID   int64
	AuthorName string // of who wrote last
	UpdatedAt  time.Time
	State      State // of the post
}

var (
	// ErrTrashed says that the post is in the trash.
	ErrTrashed = errors.New("posts: in the trash")
	// ErrNeedBase says that the text which a change began with is not kept any
	// more: whoever sent the change may have it.
	ErrNeedBase = errors.New("posts: base needed")
	// ErrEdited says that the text was changed since it was looked at.
	ErrEdited = errors.New("posts: edited meanwhile")
)

// Writing is what an author typed.
type Writing struct {
	// Edit is the number of the text that the author began with; 0 when the
	// form does not say, as those of before this was kept.
	Edit    int64
	Version int64 // of the post that the form showed, for when there is no Edit
	Content
	Base     *Content // the text that the author began with, where the sender has it
	NoBase   bool     // whether to go without rather than to ask for it
	AuthorID int64
}

// copyRow is the row of a working copy.
type copyRow struct {
	PostID, Edit, Applied, Version, AuthorID int64
	Digest                                   []byte
	Changed                                  bool
	UpdatedAt                                time.Time
	AuthorName                               string

	Revision int64 // the row with its text
	Open     bool  // whether the next autosave may replace it
	Shown    bool  // whether it needs no mark before somebody begins with it
}

// openFor is how long autosaves of one author are one revision.
const openFor = "interval '5 minutes'"

const selectCopy = `
	SELECT w.post_id, w.edit, w.applied, w.version, w.author_id, w.digest, w.changed, w.updated_at, u.name AS author_name,
		r.id AS revision, r.kind <> 'autosave' OR r.shown AS shown,
		r.kind = 'autosave' AND NOT r.shown AND NOT r.kept AND r.created_at > now() - ` + openFor + ` AS open
	FROM working_copies w
	JOIN revisions r ON r.post_id = w.post_id AND r.edit = w.edit AND r.kind <> 'aside'
	JOIN users u ON u.id = w.author_id
	WHERE w.post_id = @id`

// findCopy returns nil when there is none.
func findCopy(ctx context.Context, db querier, id int64) (*copyRow, error) {
	rows, err := db.Query(ctx, selectCopy, pgx.StrictNamedArgs{"id": id})
	if err != nil {
		return nil, fmt.Errorf("reading the working copy of post %d: %w", id, err)
	}
	w, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByName[copyRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the working copy of post %d: %w", id, err)
	}
	return w, nil
}

// textAt returns the text with this number, nil when it is not kept.
func textAt(ctx context.Context, db querier, id, edit int64) (*Content, error) {
	rows, err := db.Query(ctx, "SELECT fields, markdown FROM revisions WHERE post_id = @id AND edit = @edit AND kind <> 'aside'",
		pgx.StrictNamedArgs{"id": id, "edit": edit})
	if err != nil {
		return nil, fmt.Errorf("reading text %d of post %d: %w", edit, id, err)
	}
	t, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByName[Content])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading text %d of post %d: %w", edit, id, err)
	}
	return t, nil
}

// working puts a working copy and its text together.
func (w copyRow) working(t Content, s Stored) Working {
	return Working{
		PostID: w.PostID, Edit: w.Edit, Version: w.Version, Content: t, Changed: w.Changed,
		AuthorID: w.AuthorID, AuthorName: w.AuthorName, UpdatedAt: w.UpdatedAt, State: s.State,
	}
}

// Open returns the text that the form of a post begins with, and the post. From
// now on that text stays, so that what is made of it can be merged. Errors:
// ErrNotFound; ErrTrashed with the post.
func (s *Store) Open(ctx context.Context, id int64) (Working, Stored, error) {
	stored, err := s.Get(ctx, id)
	if err != nil {
		return Working{}, Stored{}, err
	}
	if stored.Trashed() {
		return Working{}, stored, ErrTrashed
	}
	w, err := findCopy(ctx, s.pool, id)
	if err != nil {
		return Working{}, Stored{}, err
	}
	if w != nil && w.Shown && w.inLine(stored) {
		if !w.Changed {
			return w.working(ContentOf(stored), stored), stored, nil
		}
		t, err := textAt(ctx, s.pool, id, w.Edit)
		if err == nil && t != nil {
			return w.working(*t, stored), stored, nil
		}
		if err != nil {
			return Working{}, Stored{}, err
		}
	}
	var open Working
	err = s.write(ctx, func(tx pgx.Tx) error {
		var text Content
		if stored, w, text, err = lockText(ctx, tx, id, true); err != nil {
			return err
		}
		open = w.working(text, stored)
		_, err := tx.Exec(ctx, "UPDATE revisions SET shown = true WHERE id = @id AND NOT shown", pgx.StrictNamedArgs{"id": w.Revision})
		return err
	})
	if err != nil {
		return Working{}, stored, wrap("opening a post", err)
	}
	return open, stored, nil
}

// HasChanges tells whether the form of a post says something that the post does not.
func (s *Store) HasChanges(ctx context.Context, id int64) (bool, error) {
	var changed bool
	err := s.pool.QueryRow(ctx, "SELECT EXISTS (SELECT FROM working_copies WHERE post_id = @id AND changed)",
		pgx.StrictNamedArgs{"id": id}).Scan(&changed)
	if err != nil {
		return false, fmt.Errorf("looking for changes of post %d: %w", id, err)
	}
	return changed, nil
}

func (w copyRow) inLine(s Stored) bool {
	return w.Version == s.Version && string(w.Digest) == string(ContentOf(s).digest())
}

// lockText holds a post and all that belongs to it until the transaction ends,
// and returns its text. The text is in line with what the post says now, as far
// as the post's version tells, and wholly with exactly. Errors: ErrNotFound;
// ErrTrashed with the post.
func lockText(ctx context.Context, tx pgx.Tx, id int64, exactly bool) (Stored, *copyRow, Content, error) {
	s, err := lockHead(ctx, tx, id)
	if err != nil {
		return s, nil, Content{}, err
	}
	w, err := findCopy(ctx, tx, id)
	if err != nil {
		return Stored{}, nil, Content{}, err
	}
	if w != nil && w.Version == s.Version && !exactly { // an autosave reads no whole post
		text, err := textAt(ctx, tx, id, w.Edit)
		if err != nil {
			return Stored{}, nil, Content{}, err
		}
		return s, w, *text, nil
	}
	if s, err = get(ctx, tx, id); err != nil {
		return Stored{}, nil, Content{}, err
	}
	w, text, err := lineUp(ctx, tx, s, w)
	return s, w, text, err
}

// lockHead locks a post and returns what little of it says in which state it is.
func lockHead(ctx context.Context, tx pgx.Tx, id int64) (Stored, error) {
	s := Stored{ID: id}
	err := tx.QueryRow(ctx, "SELECT p.version, p.status, p.trashed_at, "+stateOf+" FROM posts p WHERE p.id = @id FOR NO KEY UPDATE",
		pgx.StrictNamedArgs{"id": id}).Scan(&s.Version, &s.Status, &s.TrashedAt, &s.State)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return Stored{}, ErrNotFound
	case err != nil:
		return Stored{}, fmt.Errorf("locking post %d: %w", id, err)
	}
	s.Visible, s.Scheduled = s.State == StatePublished, s.State == StateScheduled
	if s.Trashed() {
		return s, ErrTrashed
	}
	return s, nil
}

// lineUp returns the text of a locked post. What was changed of the post
// elsewhere (by an import, by renaming a tag, by an older copy of the server)
// is merged into it.
func lineUp(ctx context.Context, tx pgx.Tx, s Stored, w *copyRow) (*copyRow, Content, error) {
	if w == nil {
		w, err := begin(ctx, tx, s, KindSave, s.AuthorID)
		return w, ContentOf(s), err
	}
	text, err := textAt(ctx, tx, s.ID, w.Edit)
	switch {
	case err != nil:
		return nil, Content{}, err
	case w.inLine(s):
		return w, *text, nil
	case string(w.Digest) == string(ContentOf(s).digest()): // only its version grew
		w.Version = s.Version
		_, err := tx.Exec(ctx, "UPDATE working_copies SET version = @version WHERE post_id = @id",
			pgx.StrictNamedArgs{"id": s.ID, "version": s.Version})
		return w, *text, err
	}
	return adopt(ctx, tx, w, *text, s, KindOther, s.AuthorID)
}

// begin keeps the text of a post that has no working copy.
func begin(ctx context.Context, tx pgx.Tx, s Stored, kind RevisionKind, author int64) (*copyRow, error) {
	t := ContentOf(s)
	_, err := tx.Exec(ctx, `
		WITH copy AS (
			INSERT INTO working_copies (post_id, edit, applied, version, digest, author_id, updated_at)
			VALUES (@id, 1, 1, @version, @digest, @author_id, @at)
			ON CONFLICT (post_id) DO UPDATE SET edit = working_copies.edit + 1, applied = working_copies.edit + 1,
				version = excluded.version, digest = excluded.digest, changed = false
			RETURNING edit
		)
		INSERT INTO revisions (post_id, edit, author_id, kind, status, fields, markdown, shown, created_at, updated_at)
		SELECT @id, edit, @author_id, @kind, @status, @fields, @markdown, true, @at, @at FROM copy`,
		pgx.StrictNamedArgs{
			"id": s.ID, "version": s.Version, "digest": t.digest(), "author_id": author, "at": s.UpdatedAt,
			"kind": kind, "status": s.Status, "fields": t.Fields, "markdown": t.Markdown,
		})
	if err != nil {
		return nil, fmt.Errorf("keeping the text of post %d: %w", s.ID, err)
	}
	return findCopy(ctx, tx, s.ID)
}

// adopt notes that a post says something else now. What its working copy says
// beyond that stays there, merged; what cannot be merged stays as it is there,
// and the post's text is a revision.
func adopt(ctx context.Context, tx pgx.Tx, w *copyRow, text Content, s Stored, kind RevisionKind, author int64) (*copyRow, Content, error) {
	now := ContentOf(s)
	staged := text
	if w.Changed {
		was, err := textAt(ctx, tx, s.ID, w.Applied)
		if err != nil {
			return nil, Content{}, err
		}
		fields, conflicts, markdown := mergeTexts(was, text, now)
		for _, c := range conflicts {
			fields[c.Field] = c.Mine
		}
		staged.Fields = fields
		if merged, ok := merge.Clean(markdown); ok && len(merged) <= MaxMarkdown {
			staged.Markdown = merged
		}
	}
	changed := w.Changed && !staged.equal(now)
	stagedBy := w.AuthorID
	if err := addRevision(ctx, tx, w, now, kind, s.Status, author); err != nil {
		return nil, Content{}, err
	}
	w.Applied, w.Version, w.Digest, w.Changed = w.Edit, s.Version, now.digest(), false
	if err := w.store(ctx, tx); err != nil {
		return nil, Content{}, err
	}
	if changed {
		if err := addRevision(ctx, tx, w, staged, KindAutosave, s.Status, stagedBy); err != nil {
			return nil, Content{}, err
		}
		w.Changed = true
		now = staged
		if err := w.store(ctx, tx); err != nil {
			return nil, Content{}, err
		}
	}
	found, err := findCopy(ctx, tx, s.ID)
	return found, now, err
}

// addRevision keeps a text under the next number.
func addRevision(ctx context.Context, tx pgx.Tx, w *copyRow, t Content, kind RevisionKind, status Status, author int64) error {
	w.Edit++
	w.AuthorID = author
	err := tx.QueryRow(ctx, `
		INSERT INTO revisions (post_id, edit, author_id, kind, status, fields, markdown)
		VALUES (@id, @edit, @author_id, @kind, @status, @fields, @markdown) RETURNING id`,
		pgx.StrictNamedArgs{
			"id": w.PostID, "edit": w.Edit, "author_id": author, "kind": kind, "status": status,
			"fields": t.Fields, "markdown": t.Markdown,
		}).Scan(&w.Revision)
	if err != nil {
		return fmt.Errorf("keeping text %d of post %d: %w", w.Edit, w.PostID, err)
	}
	return nil
}

// store writes the row.
func (w *copyRow) store(ctx context.Context, tx pgx.Tx) error {
	err := tx.QueryRow(ctx, `
		UPDATE working_copies SET edit = @edit, applied = @applied, version = @version, digest = @digest,
			author_id = @author_id, changed = @changed, updated_at = now()
		WHERE post_id = @id
		RETURNING updated_at, (SELECT name FROM users WHERE id = @author_id)`,
		pgx.StrictNamedArgs{
			"id": w.PostID, "edit": w.Edit, "applied": w.Applied, "version": w.Version, "digest": w.Digest,
			"author_id": w.AuthorID, "changed": w.Changed,
		}).Scan(&w.UpdatedAt, &w.AuthorName)
	if err != nil {
		return fmt.Errorf("storing the working copy of post %d: %w", w.PostID, err)
	}
	return nil
}
