package posts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Get returns a post for its authors, or ErrNotFound.
func (s *Store) Get(ctx context.Context, id int64) (Stored, error) {
	return get(ctx, s.pool, id)
}

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// get reads from the pool or within a transaction.
func get(ctx context.Context, db querier, id int64) (Stored, error) {
	rows, err := db.Query(ctx, `
		SELECT p.id, p.version, p.title, p.slug, p.summary, p.markdown, p.language, p.cover,
			(SELECT coalesce(array_agg(t.name ORDER BY x.place), '{}')
			 FROM unnest(p.tag_ids) WITH ORDINALITY AS x (id, place) JOIN tags t ON t.id = x.id) AS tags,
			(SELECT coalesce(array_agg(c.handle ORDER BY x.place), '{}')
			 FROM unnest(p.coauthor_ids) WITH ORDINALITY AS x (id, place) JOIN users c ON c.id = x.id) AS coauthors,
			p.author_id, p.status, p.published_at, nullif(p.unpublish_at, 'infinity'), p.review_at IS NOT NULL,
			p.created_at, p.updated_at, p.trashed_at, `+stateOf+` AS state,
			u.name AS author_name, u.handle AS written_by, p.html, p.toc, p.minutes,
			p.kind, p.cover_alt, p.cover_x, p.cover_y, p.featured, p.meta_title, p.meta_description, p.canonical, p.noindex,
			coalesce((SELECT s.title FROM series s WHERE s.id = p.series_id), '') AS series, p.series_place,
			coalesce((SELECT o.slug FROM posts o WHERE o.translation_id = p.translation_id AND o.id <> p.id
				ORDER BY o.id LIMIT 1), '') AS translation_of
		FROM posts p JOIN users u ON u.id = p.author_id
		WHERE p.id = @id`, pgx.StrictNamedArgs{"id": id})
	if err != nil {
		return Stored{}, fmt.Errorf("reading post %d: %w", id, err)
	}
	stored, err := pgx.CollectExactlyOneRow(rows, scanStored)
	if errors.Is(err, pgx.ErrNoRows) {
		return Stored{}, ErrNotFound
	}
	if err != nil {
		return Stored{}, fmt.Errorf("reading post %d: %w", id, err)
	}
	return stored, nil
}

func scanStored(row pgx.CollectableRow) (Stored, error) {
	var s Stored
	var publishedAt, unpublishAt *time.Time
	err := row.Scan(&s.ID, &s.Version, &s.Title, &s.Slug, &s.Summary, &s.Markdown, &s.Language, &s.Cover,
		&s.Tags, &s.Coauthors, &s.AuthorID, &s.Status, &publishedAt, &unpublishAt, &s.Review,
		&s.CreatedAt, &s.UpdatedAt, &s.TrashedAt, &s.State, &s.AuthorName, &s.WrittenBy, &s.HTML, &s.TOC, &s.Minutes,
		&s.Kind, &s.CoverAlt, &s.CoverX, &s.CoverY, &s.Featured, &s.MetaTitle, &s.MetaDescription, &s.CanonicalURL, &s.NoIndex,
		&s.Series, &s.SeriesPlace, &s.TranslationOf)
	if publishedAt != nil {
		s.PublishedAt = *publishedAt
	}
	if unpublishAt != nil {
		s.UnpublishAt = *unpublishAt
	}
	s.Visible, s.Scheduled = s.State == StatePublished, s.State == StateScheduled
	return s, err
}

// Save stores a draft: a new post when id is 0, else over the version of the
// post that the author began with. A slug that the author did not choose gets
// a number when it is taken. An address at which readers saw a post leads to
// it from then on. A new post whose key is known is the post that was made
// with it: sent twice it is stored once, changed meanwhile it is an update.
//
// Errors: Invalid, ErrNotFound, *ConflictError.
func (s *Store) Save(ctx context.Context, id, version int64, d Draft) (Stored, error) {
	c, err := render(d)
	if err != nil {
		return Stored{}, err
	}
	var stored Stored
	err = s.write(ctx, func(tx pgx.Tx) error {
		if id == 0 {
			stored, err = createOnce(ctx, tx, c)
		} else {
			stored, err = update(ctx, tx, id, version, c, "")
		}
		if err != nil {
			return err
		}
		return s.follow(ctx, tx, stored)
	})
	return stored, err
}

// follow starts what follows when readers see a post, or will.
func (s *Store) follow(ctx context.Context, tx pgx.Tx, stored Stored) error {
	if stored.Status != StatusPublished || s.Saved == nil {
		return nil
	}
	return s.Saved(ctx, tx, stored)
}

// Saving says how the text of a form is stored.
type Saving struct {
	Edit      int64 // number of the text that the draft is made of, by [Store.Merge]
	Publishes bool  // whether the author may decide what readers see
	Moves     bool  // whether the author wants readers to see the post, or not to, whatever it was
	AsItIs    bool  // whether a draft that is in review stays so, and another one not
}

var (
	// ErrMoved says that somebody published or unpublished the post meanwhile.
	ErrMoved = errors.New("posts: published or unpublished meanwhile")
	// ErrNotTheirs says that the author may not change what readers see.
	ErrNotTheirs = errors.New("posts: the author may not publish")
)

// SaveText stores the text of a post's form, which readers then see if the
// draft says so. ErrEdited says that there is a later text than the one it was
// made of, and nothing was stored. Errors: also ErrMoved, ErrNotTheirs, Invalid,
// ErrNotFound, ErrTrashed.
func (s *Store) SaveText(ctx context.Context, id int64, how Saving, d Draft) (Stored, error) {
	c, err := render(d)
	if err != nil {
		return Stored{}, err
	}
	var stored Stored
	err = s.write(ctx, func(tx pgx.Tx) error {
		was, w, _, err := lockText(ctx, tx, id, true)
		if err != nil {
			return err
		}
		live := was.State == StatePublished || was.State == StateScheduled
		switch {
		case w.Edit != how.Edit:
			return ErrEdited
		case !how.Publishes && (was.Status == StatusPublished || d.Status == StatusPublished):
			return ErrNotTheirs
		case !how.Moves && live != (d.Status == StatusPublished):
			return ErrMoved
		case how.AsItIs && !live:
			c.Review = was.Review
		}
		if stored, err = change(ctx, tx, was, c); err != nil {
			return err
		}
		w.Changed = false // what it said is what the post says now
		if _, _, err = adopt(ctx, tx, w, ContentOf(stored), stored, kindOf(was, stored), d.AuthorID); err != nil {
			return err
		}
		return s.follow(ctx, tx, stored)
	})
	if err != nil {
		return Stored{}, wrap("storing a text", err)
	}
	return stored, nil
}

// kindOf says what a save did.
func kindOf(was, now Stored) RevisionKind {
	switch {
	case now.Status == StatusDraft && was.Status == StatusDraft:
		return KindSave
	case now.Status == StatusDraft:
		return KindUnpublish
	case now.Scheduled && !was.Scheduled:
		return KindSchedule
	case was.Status == StatusDraft:
		return KindPublish
	}
	return KindUpdate
}

// createOnce makes a post, or finds the one that was made of the same form.
func createOnce(ctx context.Context, tx pgx.Tx, c columns) (Stored, error) {
	stored, err := create(ctx, tx, c)
	var known *knownError
	if errors.As(err, &known) {
		return saveAgain(ctx, tx, known.id, c)
	}
	if err != nil {
		return Stored{}, err
	}
	_, err = begin(ctx, tx, stored, kindOf(Stored{Draft: Draft{Status: StatusDraft}}, stored), c.AuthorID)
	return stored, err
}

func create(ctx context.Context, tx pgx.Tx, c columns) (Stored, error) {
	tagIDs, err := ensureTags(ctx, tx, c.Tags)
	if err != nil {
		return Stored{}, err
	}
	if err := c.ensureOthers(ctx, tx, 0); err != nil {
		return Stored{}, err
	}
	related, err := c.related(ctx, tx, 0, tagIDs)
	if err != nil {
		return Stored{}, err
	}
	for {
		slug, err := freeSlug(ctx, tx, 0, c)
		if err != nil {
			return Stored{}, err
		}
		var id int64
		err = tx.QueryRow(ctx, `
			INSERT INTO posts (slug, title, summary, language, cover, status, published_at, updated_at,
				author_id, coauthor_ids, tag_ids, markdown, html, excerpt, more, toc, description, plain, words, minutes,
				render_version, create_key, kind, series_id, series_place, featured, cover_alt, cover_x, cover_y,
				meta_title, meta_description, canonical, noindex, translation_id, related_ids, unpublish_at, review_at)
			VALUES (@slug, @title, @summary, @language, @cover, @status,
				coalesce(@published_at, CASE @status WHEN 'published' THEN now() END), coalesce(@updated_at, now()),
				coalesce(@writer_id, @author_id::bigint), array_remove(@coauthor_ids::bigint[], coalesce(@writer_id, @author_id::bigint)), @tag_ids, @markdown, @html, @excerpt, @more, @toc, @description, @plain, @words, @minutes,
				@render_version, @create_key, @kind, @series_id, @series_place, @featured, @cover_alt, @cover_x, @cover_y,
				@meta_title, @meta_description, @canonical, @noindex, @translation_id, @related_ids,
				coalesce(@unpublish_at::timestamptz, 'infinity'), CASE WHEN @review THEN now() END)
			ON CONFLICT DO NOTHING
			RETURNING id`, c.args(tagIDs, pgx.StrictNamedArgs{
			"slug": slug, "author_id": c.AuthorID, "create_key": nullable(c.Key), "related_ids": related,
		})).Scan(&id)
		if err == nil {
			return get(ctx, tx, id)
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return Stored{}, fmt.Errorf("storing post %q: %w", slug, err)
		}
		// Either the form was sent twice, or the slug is taken.
		err = tx.QueryRow(ctx, "SELECT id FROM posts WHERE create_key = @key",
			pgx.StrictNamedArgs{"key": nullable(c.Key)}).Scan(&id)
		if err == nil {
			return Stored{}, &knownError{id}
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return Stored{}, fmt.Errorf("looking for a post sent twice: %w", err)
		}
		if c.slugTyped {
			return Stored{}, slugTaken(slug)
		}
		// Somebody took the slug since we looked.
	}
}

// knownError says that a post was made with the key before.
type knownError struct{ id int64 }

func (e *knownError) Error() string { return fmt.Sprintf("posts: made before, as post %d", e.id) }

// saveAgain saves a new post whose form made a post before. It may have been
// changed since its author went back: then it is a change of the post's first
// version.
func saveAgain(ctx context.Context, tx pgx.Tx, id int64, c columns) (Stored, error) {
	if _, err := lockHead(ctx, tx, id); err != nil {
		return Stored{}, err
	}
	stored, err := get(ctx, tx, id)
	if err != nil {
		return Stored{}, err
	}
	w, err := findCopy(ctx, tx, id)
	switch {
	case err != nil:
		return Stored{}, err
	case w != nil && w.Changed:
		return Stored{}, &ConflictError{Stored: stored}
	case c.saidBy(stored):
		return stored, nil
	}
	return update(ctx, tx, id, 1, c, "")
}

// update saves over a version. kind is what to say of it in the history, "" for
// what became of the post.
func update(ctx context.Context, tx pgx.Tx, id, version int64, c columns, kind RevisionKind) (Stored, error) {
	was, err := lock(ctx, tx, id, version)
	if err != nil {
		return Stored{}, err
	}
	found, err := findCopy(ctx, tx, id)
	if err != nil {
		return Stored{}, err
	}
	w, text, err := lineUp(ctx, tx, was, found)
	if err != nil {
		return Stored{}, err
	}
	stored, err := change(ctx, tx, was, c)
	if err != nil {
		return Stored{}, err
	}
	_, _, err = adopt(ctx, tx, w, text, stored, cmp.Or(kind, kindOf(was, stored)), c.AuthorID)
	return stored, err
}

// change writes the columns over a post that is locked.
func change(ctx context.Context, tx pgx.Tx, was Stored, c columns) (Stored, error) {
	id := was.ID
	if !c.slugTyped && was.Status == StatusPublished {
		c.Slug = was.Slug // a published post keeps its address until the author says otherwise
	}
	tagIDs, err := ensureTags(ctx, tx, c.Tags)
	if err != nil {
		return Stored{}, err
	}
	if err := c.ensureOthers(ctx, tx, id); err != nil {
		return Stored{}, err
	}
	related, err := c.related(ctx, tx, id, tagIDs)
	if err != nil {
		return Stored{}, err
	}
	if c.Slug, err = freeSlug(ctx, tx, id, c); err != nil {
		return Stored{}, err
	}
	// Forms show minutes: a date sent back as shown keeps its finer parts, and
	// with them the post's place in the listings.
	if c.PublishedAt.Equal(was.PublishedAt.Truncate(time.Minute)) {
		c.PublishedAt = was.PublishedAt
	}
	if c.UnpublishAt.Equal(was.UnpublishAt.Truncate(time.Minute)) {
		c.UnpublishAt = was.UnpublishAt
	}
	_, err = tx.Exec(ctx, `
		UPDATE posts SET slug = @slug, title = @title, summary = @summary, language = @language, cover = @cover,
			status = @status,
			published_at = CASE @status WHEN 'published'
				THEN coalesce(@published_at, CASE status WHEN 'published' THEN published_at END, now())
				ELSE @published_at END,
			unpublish_at = coalesce(@unpublish_at::timestamptz, 'infinity'), review_at = CASE WHEN @review THEN coalesce(review_at, now()) END,
			updated_at = coalesce(@updated_at, now()), version = version + 1, tag_ids = @tag_ids,
			author_id = coalesce(@writer_id::bigint, author_id), coauthor_ids = array_remove(@coauthor_ids::bigint[], coalesce(@writer_id::bigint, author_id)),
			markdown = @markdown, kind = @kind, series_id = @series_id, series_place = @series_place,
			featured = @featured, cover_alt = @cover_alt, cover_x = @cover_x, cover_y = @cover_y,
			meta_title = @meta_title, meta_description = @meta_description, canonical = @canonical, noindex = @noindex,
			translation_id = @translation_id, related_ids = @related_ids, `+setRendered+`
		WHERE id = @id`, c.args(tagIDs, pgx.StrictNamedArgs{"id": id, "related_ids": related}))
	if pg := (*pgconn.PgError)(nil); errors.As(err, &pg) && pg.Code == uniqueViolation && c.slugTyped {
		return Stored{}, slugTaken(c.Slug)
	}
	if err != nil {
		return Stored{}, fmt.Errorf("storing post %d: %w", id, err)
	}
	stored, err := get(ctx, tx, id)
	if err != nil {
		return Stored{}, err
	}
	if was.seen() && (stored.Slug != was.Slug || !stored.Visible) {
		return stored, keepAddress(ctx, tx, was.Slug, &id)
	}
	return stored, nil
}

// lock holds the post until the transaction ends and checks that it is still
// at the version that the author began with.
func lock(ctx context.Context, tx pgx.Tx, id, version int64) (Stored, error) {
	if _, err := tx.Exec(ctx, "SELECT FROM posts WHERE id = @id FOR UPDATE", pgx.StrictNamedArgs{"id": id}); err != nil {
		return Stored{}, fmt.Errorf("locking post %d: %w", id, err)
	}
	was, err := get(ctx, tx, id)
	if err != nil {
		return Stored{}, err
	}
	if was.Version != version {
		return Stored{}, &ConflictError{Stored: was}
	}
	return was, nil
}

// Delete removes a post at that version. The addresses at which readers saw it
// say 410 Gone from then on. Errors: ErrNotFound, *ConflictError.
func (s *Store) Delete(ctx context.Context, id, version int64) error {
	return s.write(ctx, func(tx pgx.Tx) error {
		was, err := lock(ctx, tx, id, version)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "DELETE FROM posts WHERE id = @id", pgx.StrictNamedArgs{"id": id}); err != nil {
			return fmt.Errorf("deleting post %d: %w", id, err)
		}
		if !was.seen() {
			return nil
		}
		return keepAddress(ctx, tx, was.Slug, nil)
	})
}
