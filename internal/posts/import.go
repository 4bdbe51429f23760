package posts

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Source is the file that an imported post comes from. Site and Path identify
// it when the import is run again; Digest tells whether it changed.
type Source struct {
	Site   string // a name of the importer's choice
	Path   string // in the site, slash-separated
	Digest [sha256.Size]byte
}

// Outcome is what an import did with a file.
type Outcome string

const (
	Created   Outcome = "created"
	Updated   Outcome = "updated"
	Unchanged Outcome = "unchanged"
	// The post was changed here since the last import, and left alone.
	EditedHere Outcome = "edited here"
	// The post was deleted here since the last import, and does not come back.
	DeletedHere Outcome = "deleted here"
)

// Import stores a post that comes from a file, once however often it is run.
// A slug that another post has gets a number; one that is another than at the
// last import moves the post. A file that was found in another site before
// (the folder was moved, or the import was given one above or below) is known
// again by its content and the end of its path, and from then on in either.
// With dryRun nothing is stored, the outcome is what would be, and the draft
// needs no author, who may not be there yet. There is no post with
// DeletedHere, nor with Created after a dry run.
//
// Errors: Invalid.
func (s *Store) Import(ctx context.Context, src Source, d Draft, dryRun bool) (Outcome, Stored, error) {
	c, err := render(d)
	if err != nil {
		return "", Stored{}, err
	}
	var outcome Outcome
	var stored Stored
	err = s.write(ctx, func(tx pgx.Tx) error {
		outcome, stored, err = importOne(ctx, tx, src, c, dryRun)
		return err
	})
	return outcome, stored, err
}

func importOne(ctx context.Context, tx pgx.Tx, src Source, c columns, dryRun bool) (Outcome, Stored, error) {
	// Imports that run at once take turns, file by file: the second to bring a
	// file must see what the first made of it.
	if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtextextended('broadsheet import', 0))"); err != nil {
		return "", Stored{}, fmt.Errorf("waiting for another import: %w", err)
	}
	asked := "" // the address that the file names
	if c.slugTyped {
		asked = c.Slug
	}
	c.slugTyped = false // numbered rather than refused

	last, err := lastImport(ctx, tx, src)
	if errors.Is(err, pgx.ErrNoRows) {
		if dryRun {
			return Created, Stored{}, nil
		}
		stored, err := create(ctx, tx, c)
		if err != nil {
			return "", Stored{}, err
		}
		return Created, stored, remember(ctx, tx, src, imported{&stored.ID, stored.Version, asked, true})
	}
	if err != nil {
		return "", Stored{}, err
	}
	if last.same && !dryRun { // perhaps in another site
		if err := remember(ctx, tx, src, last); err != nil {
			return "", Stored{}, err
		}
	}
	if last.postID == nil {
		return DeletedHere, Stored{}, nil
	}
	was, err := get(ctx, tx, *last.postID)
	if err != nil {
		return "", Stored{}, err
	}
	if was.Trashed() {
		return DeletedHere, Stored{}, nil
	}
	copied, err := findCopy(ctx, tx, was.ID)
	switch {
	case err != nil:
		return "", Stored{}, err
	case last.same:
		return Unchanged, was, nil
	case was.Version != last.version, copied != nil && copied.Changed:
		return EditedHere, was, nil
	case dryRun:
		return Updated, was, nil
	}
	if asked != "" && asked != last.slug && asked != was.Slug { // the file moved: so does the post
		if c.Slug, err = freeSlug(ctx, tx, was.ID, c); err != nil {
			return "", Stored{}, err
		}
		c.slugTyped = true
	}
	stored, err := update(ctx, tx, was.ID, was.Version, c, KindImport)
	if err != nil {
		return "", Stored{}, err
	}
	return Updated, stored, remember(ctx, tx, src, imported{&stored.ID, stored.Version, asked, true})
}

// imported is what the last import noted of a file.
type imported struct {
	postID  *int64 // nil when the post was deleted since
	version int64  // of the post, as the import left it
	slug    string // that the file named, "" for none
	same    bool   // whether it would make the same post now
}

// lastImport returns pgx.ErrNoRows for a file that is new.
func lastImport(ctx context.Context, tx pgx.Tx, src Source) (last imported, err error) {
	err = tx.QueryRow(ctx, `
		SELECT post_id, post_version, slug, digest = @digest FROM imports
		WHERE site = @site AND path = @path
		   OR digest = @digest AND (path = @path
			OR right(path, length(@path) + 1) = '/' || @path
			OR right(@path, length(path) + 1) = '/' || path)
		ORDER BY site = @site AND path = @path DESC, site, path LIMIT 1`,
		pgx.StrictNamedArgs{"site": src.Site, "path": src.Path, "digest": src.Digest[:]}).
		Scan(&last.postID, &last.version, &last.slug, &last.same)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		err = fmt.Errorf("looking for an earlier import of %q: %w", src.Path, err)
	}
	return last, err
}

// remember notes what became of a file, wherever else it was found too.
func remember(ctx context.Context, tx pgx.Tx, src Source, now imported) error {
	_, err := tx.Exec(ctx, `
		WITH elsewhere AS (
			UPDATE imports SET digest = @digest, slug = @slug, post_version = @version
			WHERE post_id = @id AND (site, path) <> (@site, @path)
		)
		INSERT INTO imports (site, path, post_id, digest, slug, post_version)
		VALUES (@site, @path, @id, @digest, @slug, @version)
		ON CONFLICT (site, path) DO UPDATE
		SET post_id = excluded.post_id, digest = excluded.digest, slug = excluded.slug, post_version = excluded.post_version`,
		pgx.StrictNamedArgs{
			"site": src.Site, "path": src.Path, "digest": src.Digest[:],
			"id": now.postID, "slug": now.slug, "version": now.version,
		})
	if err != nil {
		return fmt.Errorf("noting the import of %q: %w", src.Path, err)
	}
	return nil
}
