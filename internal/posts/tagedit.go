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

	"broadsheet/internal/texts"
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
	if !bad.says("name") {
		switch {
		case tagKey(d.Name) == "":
			bad.say("name", "problem.tag.name")
		case strings.Contains(d.Name, ","):
			bad.say("name", "problem.tag.comma")
		}
	}
	checkSlug(bad, d.Slug)
	if problem := coverProblem(d.Image); problem != "" && !bad.says("image") {
		bad.say("image", problem)
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
				"tags_key_key":  {"name", texts.Message{Key: "problem.tag.taken"}},
				"tags_slug_key": {"slug", texts.Message{Key: "problem.tag.slug-taken", Args: []any{d.Slug}}},
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
			bad.say(l.name, "problem.bytes")
		case strings.ContainsRune(l.text, 0):
			bad.say(l.name, "problem.nul")
		case n > l.max:
			bad.say(l.name, "problem.long", n, l.max)
		}
	}
}

func checkSlug(bad Invalid, slug string) {
	if strings.TrimSpace(slug) == "" || bad.says("slug") {
		return
	}
	switch n := utf8.RuneCountInString(spell(slug)); {
	case n == 0:
		bad.say("slug", "problem.slug.empty")
	case n > MaxSlug:
		bad.say("slug", "problem.slug.long", n, MaxSlug)
	}
}

func (e Invalid) err() error {
	if len(e) == 0 {
		return nil
	}
	return e
}

// taken is what to tell the author when a unique constraint is broken.
type taken struct {
	field   string
	message texts.Message
}

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
