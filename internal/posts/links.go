package posts

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// MaxPreviewLinks is how many preview links of a post may work at once.
const MaxPreviewLinks = 20

// ErrTooManyLinks says that a post has all the preview links that it may have.
var ErrTooManyLinks = errors.New("posts: too many preview links")

// PreviewLink lets people without an account see a post as its form shows it.
type PreviewLink struct {
	ID         int64
	AuthorName string // of who made it
	CreatedAt  time.Time
	ExpiresAt  time.Time
}

// PreviewLinks returns the links to a post that work, newest first.
func (s *Store) PreviewLinks(ctx context.Context, postID int64) ([]PreviewLink, error) {
	links, err := collect[PreviewLink](ctx, s.pool, `
		SELECT l.id, u.name AS author_name, l.created_at, l.expires_at
		FROM preview_links l JOIN users u ON u.id = l.author_id
		WHERE l.post_id = @post_id AND l.expires_at > now()
		ORDER BY l.id DESC LIMIT @limit`, pgx.StrictNamedArgs{"post_id": postID, "limit": 2 * MaxPreviewLinks})
	if err != nil {
		return nil, fmt.Errorf("listing the preview links of post %d: %w", postID, err)
	}
	return links, nil
}

// MakePreviewLink makes a link to a post that works for so long, and returns its
// token, of which only the hash is stored. Links that have expired, of whichever
// post, are removed on the way. Errors: ErrNotFound, ErrTrashed, ErrTooManyLinks.
func (s *Store) MakePreviewLink(ctx context.Context, postID, authorID int64, lasts time.Duration) (token string, expires time.Time, err error) {
	token = rand.Text()
	err = s.pool.QueryRow(ctx, `
		WITH old AS (
			DELETE FROM preview_links WHERE id IN (
				SELECT id FROM preview_links WHERE expires_at <= now() LIMIT 1000 FOR UPDATE SKIP LOCKED)
		)
		INSERT INTO preview_links (token_hash, post_id, author_id, expires_at)
		SELECT @token, p.id, @author_id, now() + @lasts::interval FROM posts p
		WHERE p.id = @post_id AND p.trashed_at IS NULL
			AND (SELECT count(*) FROM preview_links l WHERE l.post_id = @post_id AND l.expires_at > now()) < @max
		FOR KEY SHARE OF p
		RETURNING expires_at`, pgx.StrictNamedArgs{
		"token": linkHash(token), "post_id": postID, "author_id": authorID, "lasts": lasts, "max": MaxPreviewLinks,
	}).Scan(&expires)
	if err == nil {
		return token, expires, nil
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return "", time.Time{}, fmt.Errorf("making a preview link of post %d: %w", postID, err)
	}
	stored, err := s.Get(ctx, postID)
	switch {
	case err != nil:
		return "", time.Time{}, err
	case stored.Trashed():
		return "", time.Time{}, ErrTrashed
	}
	return "", time.Time{}, ErrTooManyLinks
}

// WithdrawPreviewLink ends a link of a post. One that is over already is no error.
func (s *Store) WithdrawPreviewLink(ctx context.Context, postID, id int64) error {
	_, err := s.pool.Exec(ctx, "DELETE FROM preview_links WHERE id = @id AND post_id = @post_id",
		pgx.StrictNamedArgs{"id": id, "post_id": postID})
	if err != nil {
		return fmt.Errorf("withdrawing preview link %d of post %d: %w", id, postID, err)
	}
	return nil
}

// Shared is what a preview link leads to.
type Shared struct {
	Content             // as the form of the post shows it
	Changed   bool      // whether the post itself says something else
	Post      Stored    // as it is
	ExpiresAt time.Time // when the link ends
}

// Shared returns what a preview link leads to. It changes nothing. Errors:
// ErrNotFound when the link is over, or its post in the trash.
func (s *Store) Shared(ctx context.Context, token string) (Shared, error) {
	var id int64
	var shared Shared
	err := s.pool.QueryRow(ctx, "SELECT post_id, expires_at FROM preview_links WHERE token_hash = @token AND expires_at > now()",
		pgx.StrictNamedArgs{"token": linkHash(token)}).Scan(&id, &shared.ExpiresAt)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return Shared{}, ErrNotFound
	case err != nil:
		return Shared{}, fmt.Errorf("finding a preview link: %w", err)
	}
	if shared.Post, err = s.Get(ctx, id); err != nil {
		return Shared{}, err
	}
	if shared.Post.Trashed() {
		return Shared{}, ErrNotFound
	}
	w, err := findCopy(ctx, s.pool, id)
	if err != nil {
		return Shared{}, err
	}
	if w != nil && w.Changed {
		switch text, err := textAt(ctx, s.pool, id, w.Edit); {
		case err != nil:
			return Shared{}, err
		case text != nil: // else it was saved meanwhile
			shared.Content, shared.Changed = *text, true
			return shared, nil
		}
	}
	shared.Content = ContentOf(shared.Post)
	return shared, nil
}

func linkHash(token string) []byte {
	hash := sha256.Sum256([]byte(token))
	return hash[:]
}
