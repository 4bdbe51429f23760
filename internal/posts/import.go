package posts

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Source is the file that an imported post comes from. Path identifies it
// when the import is run again; Digest tells whether it changed.
type Source struct {
	Path   string
	Digest [sha256.Size]byte
}

// Outcome is what an import did with a file.
type Outcome string

const (
	Created    Outcome = "created"
	Updated    Outcome = "updated"
	Unchanged  Outcome = "unchanged"
	EditedHere Outcome = "edited here" // since the last import, so the post was left alone
)

// Import stores a post that comes from a file, once however often it is run.
// A slug that another post has gets a number. The same file found by another
// path (the import was given a folder above or below) is known again by its
// content, and from then on by either path. With dryRun nothing is stored, the outcome is what would be, and
// the draft needs no author, who may not be there yet.
//
// Errors: Invalid.
func (s *Store) Import(ctx context.Context, src Source, d Draft, dryRun bool) (Outcome, Stored, error) {
	c, err := render(d)
	if err != nil {
		return "", Stored{}, err
	}
	c.slugTyped = false // numbered rather than refused

	var outcome Outcome
	var stored Stored
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
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
	var id, version int64
	var same bool
	err := tx.QueryRow(ctx, `
		SELECT post_id, post_version, digest = @digest FROM imports
		WHERE source = @source
		   OR digest = @digest AND (right(source, length(@source) + 1) = '/' || @source
		                         OR right(@source, length(source) + 1) = '/' || source)
		ORDER BY source = @source DESC, source LIMIT 1`,
		pgx.StrictNamedArgs{"source": src.Path, "digest": src.Digest[:]}).Scan(&id, &version, &same)
	if errors.Is(err, pgx.ErrNoRows) {
		if dryRun {
			return Created, Stored{}, nil
		}
		stored, err := create(ctx, tx, c)
		if err != nil {
			return "", Stored{}, err
		}
		return Created, stored, remember(ctx, tx, src, stored.ID, stored.Version)
	}
	if err != nil {
		return "", Stored{}, fmt.Errorf("looking for an earlier import of %q: %w", src.Path, err)
	}
	was, err := get(ctx, tx, id)
	if err != nil {
		return "", Stored{}, err
	}
	if same {
		if !dryRun {
			err = remember(ctx, tx, src, id, version)
		}
		return Unchanged, was, err
	}
	if was.Version != version {
		return EditedHere, was, nil
	}
	if was.Title != c.Title && !c.PublishedAt.IsZero() && !was.PublishedAt.Equal(c.PublishedAt) {
		return "", Stored{}, Invalid{"source": fmt.Sprintf("“%s” was imported from a file of this path before and has another title and date; "+
			"if this is another post, give the file another name", was.Title)}
	}
	if dryRun {
		return Updated, was, nil
	}
	c.slugTyped = c.Slug == was.Slug
	stored, err := update(ctx, tx, id, version, c)
	if err != nil {
		return "", Stored{}, err
	}
	return Updated, stored, remember(ctx, tx, src, stored.ID, stored.Version)
}

// remember notes the file that a post came from, under every path that it was
// found by.
func remember(ctx context.Context, tx pgx.Tx, src Source, id, version int64) error {
	_, err := tx.Exec(ctx, `
		WITH other_paths AS (
			UPDATE imports SET digest = @digest, post_version = @version WHERE post_id = @id AND source <> @source
		)
		INSERT INTO imports (source, post_id, digest, post_version) VALUES (@source, @id, @digest, @version)
		ON CONFLICT (source) DO UPDATE
		SET post_id = excluded.post_id, digest = excluded.digest, post_version = excluded.post_version`,
		pgx.StrictNamedArgs{"source": src.Path, "id": id, "digest": src.Digest[:], "version": version})
	if err != nil {
		return fmt.Errorf("noting the import of %q: %w", src.Path, err)
	}
	return nil
}
