package posts

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Codes of https://www.postgresql.org/docs/current/errcodes-appendix.html.
const (
	uniqueViolation      = "23505"
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
)

// write runs f in a transaction. One that PostgreSQL ended only because of
// another at the same moment is run again, twice at most.
func (s *Store) write(ctx context.Context, f func(pgx.Tx) error) error {
	const tries = 3
	var err error
	for range tries {
		if err = pgx.BeginFunc(ctx, s.pool, f); !collided(err) {
			break
		}
	}
	return err
}

func collided(err error) bool {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return false
	}
	switch pg.Code {
	case deadlockDetected, serializationFailure:
		return true
	case uniqueViolation: // of a number that was free when we looked
		return pg.ConstraintName == "posts_slug_key"
	}
	return false
}
