package posts

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"broadsheet/internal/markdown"
)

const (
	// TextMost is how many bytes of HTML a text may have to be read along with
	// others, and TextsMost how many all of them may have together: a post can
	// have megabytes.
	TextMost  = 256 << 10
	TextsMost = 1 << 20
)

// Text is what a feed says of a post besides its card.
type Text struct {
	ID          int64
	CreatedAt   time.Time
	Description string        // plain text
	HTML        markdown.HTML // "" when it is longer than is read
}

// Texts returns the texts of those posts that readers may see, by their ids.
// Of long ones, and those behind many others in the order of the ids, the HTML
// is left in the table.
func (s *Store) Texts(ctx context.Context, ids []int64) (map[int64]Text, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT id, created_at, description,
			CASE WHEN size <= @most AND sum(size) FILTER (WHERE size <= @most) OVER (ORDER BY place) <= @all_most
				THEN html ELSE '' END AS html
		FROM (
			SELECT p.id, p.created_at, p.description, p.html, octet_length(p.html) AS size, wanted.place
			FROM unnest(@ids::bigint[]) WITH ORDINALITY AS wanted (id, place) JOIN posts p ON p.id = wanted.id
			WHERE `+visible+`
		) sized`,
		pgx.StrictNamedArgs{"ids": ids, "most": TextMost, "all_most": TextsMost})
	if err != nil {
		return nil, fmt.Errorf("reading texts: %w", err)
	}
	texts := make(map[int64]Text, len(ids))
	read, err := pgx.CollectRows(rows, pgx.RowToStructByName[Text])
	if err != nil {
		return nil, fmt.Errorf("reading texts: %w", err)
	}
	for _, t := range read {
		texts[t.ID] = t
	}
	return texts, nil
}

// Original is a post as its author wrote it.
type Original struct {
	Card
	Summary   string // Markdown
	Markdown  string
	Canonical string // address at which the post appeared first, "" for here
}

// Original returns what was written of the post at an address. Errors: as of
// [Store.Post].
func (s *Store) Original(ctx context.Context, slug string) (Original, error) {
	found, err := collect[Original](ctx, s.pool, "SELECT "+cardColumns+`, p.summary, p.markdown, p.canonical
		FROM posts p WHERE p.slug = @slug AND `+listed, pgx.StrictNamedArgs{"slug": slug})
	if err != nil {
		return Original{}, fmt.Errorf("reading what was written of %q: %w", slug, err)
	}
	if len(found) == 0 {
		return Original{}, s.forwarding(ctx, KindPost, slug)
	}
	card := []Card{found[0].Card}
	if err := s.addNames(ctx, card); err != nil {
		return Original{}, fmt.Errorf("reading what was written of %q: %w", slug, err)
	}
	found[0].Card = card[0]
	return found[0], nil
}
