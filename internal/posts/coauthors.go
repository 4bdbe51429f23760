package posts

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// cleanHandles returns handles as they are kept, each once.
func cleanHandles(typed []string) []string {
	var handles []string
	for _, handle := range typed {
		if handle = handleKey(handle); handle != "" && !slices.Contains(handles, handle) {
			handles = append(handles, handle)
		}
	}
	return handles
}

func handleKey(handle string) string { return strings.ToLower(strings.TrimSpace(handle)) }

// ensureCoauthors finds those with whom the author wrote. Errors: Invalid.
func (c *columns) ensureCoauthors(ctx context.Context, tx pgx.Tx) error {
	c.coauthorIDs = []int64{}
	if len(c.Coauthors) == 0 {
		return nil
	}
	ids := map[string]int64{}
	rows, err := tx.Query(ctx, "SELECT handle, id FROM users WHERE handle = ANY (@handles)", pgx.StrictNamedArgs{"handles": c.Coauthors})
	if err != nil {
		return fmt.Errorf("finding co-authors: %w", err)
	}
	var handle string
	var id int64
	_, err = pgx.ForEachRow(rows, []any{&handle, &id}, func() error {
		ids[handle] = id
		return nil
	})
	if err != nil {
		return fmt.Errorf("finding co-authors: %w", err)
	}
	for _, handle := range c.Coauthors {
		id, ok := ids[handle]
		if !ok {
			return Invalid{"coauthors": {Key: "problem.coauthors.unknown", Args: []any{handle}}}
		}
		c.coauthorIDs = append(c.coauthorIDs, id)
	}
	return nil
}

// AuthorsByHandle returns those who have one of the handles, in the order of
// these.
func (s *Store) AuthorsByHandle(ctx context.Context, handles []string) ([]Author, error) {
	if len(handles) == 0 {
		return nil, nil
	}
	authors, err := collect[Author](ctx, s.pool, `
		SELECT u.id, u.handle, u.name, u.bio FROM users u WHERE u.handle = ANY (@handles)
		ORDER BY array_position(@handles::text[], u.handle)`, pgx.StrictNamedArgs{"handles": cleanHandles(handles)})
	if err != nil {
		return nil, fmt.Errorf("finding authors: %w", err)
	}
	return authors, nil
}
