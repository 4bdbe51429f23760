package posts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// MaxDescription is how long the description of a tag or of a series may be.
const MaxDescription = 2000 // characters

// TagDraft is all that an author may say about a tag.
type TagDraft struct {
	Name        string
	Slug        string // "": made from the name
	Description string
	Image       string // address of one on this site: /…, "" for none
}

// Validate returns nil or an Invalid with everything that is wrong.
func (d TagDraft) Validate() error {
	bad := Invalid{}
	checkLines(bad, line{"name", d.Name, MaxTagName}, line{"slug", d.Slug, MaxSlug},
		line{"description", d.Description, MaxDescription}, line{"image", d.Image, MaxCover})
	if bad["name"] == "" {
		switch {
		case tagKey(d.Name) == "":
			bad["name"] = "Give the tag a name."
		case strings.Contains(d.Name, ","):
			bad["name"] = "A tag cannot hold a comma: in a post's form, commas separate tags."
		}
	}
	checkSlug(bad, d.Slug)
	if problem := coverProblem(d.Image); problem != "" && bad["image"] == "" {
		bad["image"] = problem
	}
	return bad.err()
}

// SaveTag stores what a draft says of a tag. The address that it had leads to
// the one that it has now. Errors: Invalid, ErrNotFound.
func (s *Store) SaveTag(ctx context.Context, id int64, d TagDraft) (TagRow, error) {
	if err := d.Validate(); err != nil {
		return TagRow{}, err
	}
	d.Name, d.Slug = cleanTags([]string{d.Name})[0], cmp.Or(spell(d.Slug), TagSlug(d.Name))
	d.Description = strings.TrimSpace(strings.ReplaceAll(d.Description, "\r\n", "\n"))
	err := s.write(ctx, func(tx pgx.Tx) error {
		var was string
		err := tx.QueryRow(ctx, "SELECT slug FROM tags WHERE id = @id FOR UPDATE", pgx.StrictNamedArgs{"id": id}).Scan(&was)
		if errors.Is(err, pgx.ErrNoRows) {
			return ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("reading tag %d: %w", id, err)
		}
		_, err = tx.Exec(ctx, `
			UPDATE tags SET key = @key, name = @name, slug = @slug, description = @description, image = @image WHERE id = @id`,
			pgx.StrictNamedArgs{
				"id": id, "key": tagKey(d.Name), "name": d.Name, "slug": d.Slug, "description": d.Description, "image": d.Image,
			})
		if err != nil {
			return takenBy(err, map[string]taken{
				"tags_key_key":  {"name", "There is another tag of this name. To make one of the two, merge them."},
				"tags_slug_key": {"slug", fmt.Sprintf("Another tag has the address “%s”. Choose another one.", d.Slug)},
			})
		}
		if was == d.Slug {
			return nil
		}
		_, err = tx.Exec(ctx, `
			WITH now AS (DELETE FROM old_tag_slugs WHERE slug = @now)
			INSERT INTO old_tag_slugs (slug, tag_id) VALUES (@was, @id)
			ON CONFLICT (slug) DO UPDATE SET tag_id = excluded.tag_id`,
			pgx.StrictNamedArgs{"id": id, "was": was, "now": d.Slug})
		return err
	})
	if err != nil {
		return TagRow{}, wrap("storing a tag", err)
	}
	return s.TagRow(ctx, id)
}

type line struct {
	name, text string
	max        int // characters
}

// checkLines says which texts cannot be stored.
func checkLines(bad Invalid, lines ...line) {
	for _, l := range lines {
		switch n := utf8.RuneCountInString(l.text); {
		case !utf8.ValidString(l.text):
			bad[l.name] = "This contains bytes that are not text (invalid UTF-8). Paste it again as plain text."
		case strings.ContainsRune(l.text, 0):
			bad[l.name] = "This contains a NUL character, which cannot be stored. Remove it."
		case n > l.max:
			bad[l.name] = fmt.Sprintf("This has %d characters; %d are allowed.", n, l.max)
		}
	}
}

func checkSlug(bad Invalid, slug string) {
	if strings.TrimSpace(slug) == "" || bad["slug"] != "" {
		return
	}
	switch n := utf8.RuneCountInString(spell(slug)); {
	case n == 0:
		bad["slug"] = "Use at least one letter or digit in the address."
	case n > MaxSlug:
		bad["slug"] = fmt.Sprintf("Spelled out, this has %d characters; %d are allowed.", n, MaxSlug)
	}
}

func (e Invalid) err() error {
	if len(e) == 0 {
		return nil
	}
	return e
}

// taken is what to tell the author when a unique constraint is broken.
type taken struct{ field, message string }

// takenBy makes Invalid of a broken unique constraint, by its name.
func takenBy(err error, by map[string]taken) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == uniqueViolation {
		if t, ok := by[pg.ConstraintName]; ok {
			return Invalid{t.field: t.message}
		}
	}
	return err
}

// wrap says what was being done, but of errors that callers tell apart.
func wrap(doing string, err error) error {
	var invalid Invalid
	if errors.As(err, &invalid) || errors.Is(err, ErrNotFound) {
		return err
	}
	return fmt.Errorf("%s: %w", doing, err)
}
