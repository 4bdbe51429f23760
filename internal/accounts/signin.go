package accounts

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/jackc/pgx/v5"
)

// SignIn returns the user whom an e-mail address and a password belong to.
// addr is the client's. Errors: ErrWrongPassword, and *TooManyError when the
// account or the address has failed too often; then the password is not even
// looked at. Failures from one network do not keep others from signing in.
func (s *Store) SignIn(ctx context.Context, email, password string, addr netip.Addr) (User, error) {
	email = strings.TrimSpace(email)
	if !isText(email) || len(email) > maxEmail || len(password) > 4*maxPassword {
		email, password = "", ""
	}
	account, err := s.accountSubject(ctx, email)
	if err != nil {
		return User{}, err
	}
	own, subjects := signInSubjects(account, addr)
	attempt, err := s.attempt(ctx, subjects...)
	if err != nil {
		return User{}, err
	}
	var id int64
	var hash string
	err = s.pool.QueryRow(ctx, `SELECT id, password_hash FROM users WHERE lower(email) = lower(@email)`,
		pgx.StrictNamedArgs{"email": email}).Scan(&id, &hash)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return User{}, fmt.Errorf("finding who signs in: %w", err)
	}
	matches, outdated, err := s.matches(ctx, password, hash)
	if err != nil {
		return User{}, err
	}
	if !matches {
		return User{}, ErrWrongPassword
	}
	if err := s.forgive(ctx, attempt, own); err != nil {
		return User{}, err
	}
	if outdated {
		if err := s.rehash(ctx, id, password, hash); err != nil {
			return User{}, err
		}
	}
	return s.User(ctx, id)
}

// rehash hashes a password with today's parameters, unless it was changed meanwhile.
func (s *Store) rehash(ctx context.Context, id int64, password, old string) error {
	hash, err := s.hash(ctx, password)
	if err != nil {
		return err
	}
	_, err = s.pool.Exec(ctx, `UPDATE users SET password_hash = @hash WHERE id = @id AND password_hash = @old`,
		pgx.StrictNamedArgs{"hash": hash, "id": id, "old": old})
	if err != nil {
		return fmt.Errorf("hashing the password of user %d anew: %w", id, err)
	}
	return nil
}
