package posts

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// CalendarMost is how many posts of one month a calendar shows.
const CalendarMost = 500

// CalendarPost is what a calendar shows of a post.
type CalendarPost struct {
	ID          int64
	Kind        Kind
	Title       string
	PublishedAt time.Time
	Scheduled   bool
}

// Calendar returns the posts and pages whose date is in a span, the first
// first; of more than CalendarMost the first of these.
func (s *Store) Calendar(ctx context.Context, from, to time.Time) ([]CalendarPost, error) {
	found, err := collect[CalendarPost](ctx, s.pool, `
		SELECT p.id, p.kind, p.title, p.published_at, `+scheduled+` AS scheduled
		FROM posts p WHERE p.status = 'published' AND p.published_at >= @from AND p.published_at < @to
		ORDER BY p.published_at, p.id LIMIT @most`,
		pgx.StrictNamedArgs{"from": from, "to": to, "most": CalendarMost})
	if err != nil {
		return nil, fmt.Errorf("reading the calendar: %w", err)
	}
	return found, nil
}

// NextScheduled returns the posts that appear next, so many at most.
func (s *Store) NextScheduled(ctx context.Context, limit int) ([]CalendarPost, error) {
	found, err := collect[CalendarPost](ctx, s.pool, `
		SELECT p.id, p.kind, p.title, p.published_at, true AS scheduled
		FROM posts p WHERE `+scheduled+` ORDER BY p.published_at, p.id LIMIT @limit`, pgx.StrictNamedArgs{"limit": limit})
	if err != nil {
		return nil, fmt.Errorf("reading what is scheduled: %w", err)
	}
	return found, nil
}

// Waiting is a text that an author has written and readers do not see.
type Waiting struct {
	ID        int64 // of the post
	Title     string
	UpdatedAt time.Time
	Revision  int64 // of a text that was set aside, else 0

	AuthorNames []string `db:"-"` // of one in review
}

// Unpublished returns the drafts that an author changed last, and the posts
// whose changes readers do not see, so many of each at most, newest first.
func (s *Store) Unpublished(ctx context.Context, authorID int64, limit int) (drafts, changes []Waiting, err error) {
	page, err := s.Rows(ctx, RowFilter{State: StateDraft, authorIs: authorID, Limit: limit})
	if err != nil {
		return nil, nil, err
	}
	for _, r := range page.Rows {
		drafts = append(drafts, Waiting{ID: r.ID, Title: r.Title, UpdatedAt: r.UpdatedAt})
	}
	changes, err = collect[Waiting](ctx, s.pool, `
		SELECT p.id, p.title, c.updated_at, 0 AS revision
		FROM (
			SELECT post_id, updated_at FROM working_copies
			WHERE author_id = ANY (ARRAY[@author::bigint]) AND changed
			ORDER BY author_id, updated_at DESC, post_id DESC LIMIT `+waitingLookedAt+`
		) c CROSS JOIN LATERAL (SELECT * FROM posts WHERE id = c.post_id LIMIT 1) p
		WHERE p.status = 'published' ORDER BY c.updated_at DESC, p.id DESC LIMIT @limit`,
		pgx.StrictNamedArgs{"author": authorID, "limit": limit})
	if err != nil {
		return nil, nil, fmt.Errorf("reading what is not published: %w", err)
	}
	return drafts, changes, nil
}

const waitingLookedAt = "500"

// InReview returns the drafts that wait for somebody to publish them, so many
// at most, the last that was changed first.
func (s *Store) InReview(ctx context.Context, limit int) ([]Waiting, error) {
	page, err := s.Rows(ctx, RowFilter{State: StateReview, Limit: limit})
	if err != nil {
		return nil, err
	}
	var waiting []Waiting
	for _, r := range page.Rows {
		waiting = append(waiting, Waiting{ID: r.ID, Title: r.Title, UpdatedAt: r.UpdatedAt, AuthorNames: r.AuthorNames})
	}
	return waiting, nil
}

// Asides returns the texts of an author that could not be merged in the last
// 30 days, so many at most, newest first.
func (s *Store) Asides(ctx context.Context, authorID int64, limit int) ([]Waiting, error) {
	found, err := collect[Waiting](ctx, s.pool, `
		SELECT r.post_id AS id, coalesce(nullif(r.fields->>'title', ''), p.title) AS title, r.updated_at, r.id AS revision
		FROM (
			SELECT * FROM revisions WHERE author_id = ANY (ARRAY[@author::bigint]) AND kind = 'aside' AND updated_at > now() - interval '30 days'
			ORDER BY author_id, updated_at DESC LIMIT @limit
		) r CROSS JOIN LATERAL (SELECT * FROM posts WHERE id = r.post_id LIMIT 1) p
		WHERE p.trashed_at IS NULL ORDER BY r.updated_at DESC`,
		pgx.StrictNamedArgs{"author": authorID, "limit": limit})
	if err != nil {
		return nil, fmt.Errorf("reading what was set aside: %w", err)
	}
	return found, nil
}
