package posts

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"broadsheet/internal/markdown"
)

// A stale post is one that an older renderer made.
type stale struct {
	ID, Version                        int64
	Title, Summary, Markdown, Language string
}

// RenderStale renders again up to limit posts that an older renderer made, and
// returns how many it has done with: stored, or found saved meanwhile. No post
// is locked while it is rendered, so that authors never wait; several copies
// of the server may run it at once, and what one has stored stays. A post keeps
// its HTML when the new renderer refuses it.
func (s *Store) RenderStale(ctx context.Context, limit int) (int, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT id, version, title, summary, markdown, language FROM posts
		WHERE render_version < @render_version ORDER BY render_version LIMIT @limit`,
		pgx.StrictNamedArgs{"render_version": markdown.Version, "limit": limit})
	if err != nil {
		return 0, fmt.Errorf("finding posts to render again: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[stale])
	if err != nil {
		return 0, fmt.Errorf("finding posts to render again: %w", err)
	}
	for done, p := range found {
		if err := ctx.Err(); err != nil {
			return done, err
		}
		if err := s.renderAgain(ctx, p); err != nil {
			return done, fmt.Errorf("rendering post %d again: %w", p.ID, err)
		}
	}
	return len(found), nil
}

func (s *Store) renderAgain(ctx context.Context, p stale) error {
	set, args := "render_version = @render_version", pgx.StrictNamedArgs{"render_version": markdown.Version}
	c, err := render(Draft{Title: p.Title, Summary: p.Summary, Markdown: p.Markdown, Language: p.Language, Status: StatusDraft})
	if err == nil {
		set, args = setRendered, c.rendered()
	}
	args["id"], args["version"] = p.ID, p.Version
	_, err = s.pool.Exec(ctx, "UPDATE posts SET "+set+
		" WHERE id = @id AND version = @version AND render_version < @render_version", args)
	return err
}
