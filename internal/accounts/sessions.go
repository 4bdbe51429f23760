package accounts

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// SessionLifetime is how long a session lasts at most, however much it is used.
const SessionLifetime = 30 * 24 * time.Hour

// A session that was not used for so long ends.
const sessionIdle = 12 * time.Hour

const sessionLives = `s.created_at > now() - @lifetime::interval AND s.seen_at > now() - @idle::interval`

// StartSession signs a user in and returns the session's token. Only the
// token's hash is stored. Sessions that have expired are removed on the way.
func (s *Store) StartSession(ctx context.Context, userID int64) (token string, err error) {
	token = rand.Text()
	_, err = s.pool.Exec(ctx, `
		WITH old AS (
			DELETE FROM sessions WHERE token_hash IN (
				SELECT s.token_hash FROM sessions s WHERE NOT (`+sessionLives+`) LIMIT 1000 FOR UPDATE SKIP LOCKED)
		)
		INSERT INTO sessions (token_hash, user_id) VALUES (@token, @user)`,
		pgx.StrictNamedArgs{"token": tokenHash(token), "user": userID, "lifetime": SessionLifetime, "idle": sessionIdle})
	if err != nil {
		return "", fmt.Errorf("starting a session of user %d: %w", userID, err)
	}
	return token, nil
}

// Session returns the user whose session it is, or ErrNoSession.
func (s *Store) Session(ctx context.Context, token string) (User, error) {
	// Most requests write nothing: once a minute is enough to keep it alive.
	user, err := one(s.pool.Query(ctx, `
		WITH seen AS (
			UPDATE sessions s SET seen_at = now()
			WHERE s.token_hash = @token AND `+sessionLives+` AND s.seen_at < now() - interval '1 minute'
		)
		SELECT `+userColumns+` FROM sessions s JOIN users u ON u.id = s.user_id
		WHERE s.token_hash = @token AND `+sessionLives,
		pgx.StrictNamedArgs{"token": tokenHash(token), "lifetime": SessionLifetime, "idle": sessionIdle}))
	if errors.Is(err, pgx.ErrNoRows) {
		return User{}, ErrNoSession
	}
	if err != nil {
		return User{}, fmt.Errorf("finding a session: %w", err)
	}
	return user, nil
}

// EndSession signs out. A session that is over already is no error.
func (s *Store) EndSession(ctx context.Context, token string) error {
	_, err := s.pool.Exec(ctx, `DELETE FROM sessions WHERE token_hash = @token`,
		pgx.StrictNamedArgs{"token": tokenHash(token)})
	if err != nil {
		return fmt.Errorf("ending a session: %w", err)
	}
	return nil
}

func tokenHash(token string) []byte {
	hash := sha256.Sum256([]byte(token))
	return hash[:]
}
