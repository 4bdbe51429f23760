package posts

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"broadsheet/internal/markdown"
)

// RenderStale renders again up to limit posts that an older renderer made,
// and returns how many. Several copies of the server may run it at once: each
// takes posts that no other has. A post keeps its HTML when the new renderer
// refuses it.
func (s *Store) RenderStale(ctx context.Context, limit int) (int, error) {
	var count int
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT id, title, summary, markdown, language FROM posts
			WHERE render_version < @version ORDER BY render_version LIMIT @limit
			FOR UPDATE SKIP LOCKED`, pgx.StrictNamedArgs{"version": markdown.Version, "limit": limit})
		if err != nil {
			return fmt.Errorf("finding posts to render again: %w", err)
		}
		type stale struct {
			ID                                 int64
			Title, Summary, Markdown, Language string
		}
		found, err := pgx.CollectRows(rows, pgx.RowToStructByName[stale])
		if err != nil {
			return fmt.Errorf("finding posts to render again: %w", err)
		}
		batch := &pgx.Batch{}
		for _, p := range found {
			c, err := render(Draft{Title: p.Title, Summary: p.Summary, Markdown: p.Markdown, Language: p.Language, Status: StatusDraft})
			if err != nil {
				batch.Queue("UPDATE posts SET render_version = @version WHERE id = @id",
					pgx.StrictNamedArgs{"version": markdown.Version, "id": p.ID})
				continue
			}
			batch.Queue(`
				UPDATE posts SET html = @html, excerpt = @excerpt, more = @more, toc = @toc,
					description = @description, plain = @plain, words = @words, minutes = @minutes, render_version = @render_version
				WHERE id = @id`, pgx.StrictNamedArgs{
				"id": p.ID, "html": c.doc.HTML, "excerpt": c.excerpt, "more": c.more, "toc": c.doc.TOC,
				"description": c.description, "plain": searchText(c.doc.Plain), "words": c.doc.Words, "minutes": c.doc.Minutes,
				"render_version": markdown.Version,
			})
		}
		count = len(found)
		if err := tx.SendBatch(ctx, batch).Close(); err != nil {
			return fmt.Errorf("storing posts rendered again: %w", err)
		}
		return nil
	})
	return count, err
}
