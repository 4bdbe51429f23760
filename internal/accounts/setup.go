package accounts

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// querier is a pool, or a transaction on it.
type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// A set-up code opens the set-up page for so long.
const codeLifetime = "interval '24 hours'"

// NeedsSetUp says whether nobody can sign in yet.
func (s *Store) NeedsSetUp(ctx context.Context) (bool, error) {
	var needed bool
	err := s.pool.QueryRow(ctx, `SELECT NOT EXISTS (SELECT FROM users WHERE password_hash <> '')`).Scan(&needed)
	if err != nil {
		return false, fmt.Errorf("asking whether somebody can sign in: %w", err)
	}
	return needed, nil
}

// NewSetUpCode returns a code that opens the set-up page once within a day.
// Codes given out before stay good: each copy of the server gives out its own.
func (s *Store) NewSetUpCode(ctx context.Context) (string, error) {
	code := rand.Text()
	hash := sha256.Sum256([]byte(code))
	_, err := s.pool.Exec(ctx, `
		WITH old AS (DELETE FROM setup_codes WHERE created_at < now() - `+codeLifetime+`)
		INSERT INTO setup_codes (code_hash) VALUES (@hash)`,
		pgx.StrictNamedArgs{"hash": hash[:]})
	if err != nil {
		return "", fmt.Errorf("keeping a set-up code: %w", err)
	}
	return code, nil
}

// CheckSetUpCode returns nil for a code that SetUp would take now, else
// ErrBadCode or ErrAlreadySetUp.
func (s *Store) CheckSetUpCode(ctx context.Context, code string) error {
	return checkCode(ctx, s.pool, code)
}

// SetUp makes the owner's account, the first with which anybody can sign in,
// and ends all codes. Of several attempts at once exactly one succeeds.
// Errors: ErrAlreadySetUp, ErrBadCode, Invalid.
func (s *Store) SetUp(ctx context.Context, code string, n NewUser, blogTitle string) (User, error) {
	// Hashing is costly: only for those who know a code.
	if err := s.CheckSetUpCode(ctx, code); err != nil {
		return User{}, err
	}
	n.Role = RoleOwner
	return s.add(ctx, n, blogTitle, func(tx pgx.Tx) error {
		if err := lock(ctx, tx, "setup"); err != nil {
			return err
		}
		if err := checkCode(ctx, tx, code); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM setup_codes`)
		return err
	})
}

func checkCode(ctx context.Context, db querier, code string) error {
	hash := sha256.Sum256([]byte(code))
	var setUp, good bool
	err := db.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM users WHERE password_hash <> ''),
			EXISTS (SELECT FROM setup_codes WHERE code_hash = @hash AND created_at > now() - `+codeLifetime+`)`,
		pgx.StrictNamedArgs{"hash": hash[:]}).Scan(&setUp, &good)
	switch {
	case err != nil:
		return fmt.Errorf("checking a set-up code: %w", err)
	case setUp:
		return ErrAlreadySetUp
	case !good:
		return ErrBadCode
	}
	return nil
}
