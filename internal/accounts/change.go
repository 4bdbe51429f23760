package accounts

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Change is what somebody may change of the own account.
type Change struct {
	Name, Email string
	Bio         string // inline Markdown, shown with the posts
	Language    string // of the admin's pages, "" for the browser's
	Current     string // the password of today: asked for when the e-mail address or the password changes
	New         string // "": the password stays
}

// Change changes an account. A new password ends the user's sessions but for
// the one whose token is given. Guessing of the current password is slowed
// down by itself: it keeps nobody from signing in. Errors: ErrNotFound, Invalid,
// *TooManyError.
func (s *Store) Change(ctx context.Context, id int64, c Change, blogTitle, token string) error {
	before, err := s.User(ctx, id)
	if err != nil {
		return err
	}
	invalid := Invalid{}
	c.Name = invalid.checkName(c.Name)
	c.Email = invalid.checkEmail(c.Email)
	c.Bio = invalid.checkBio(c.Bio)
	if !isText(c.Language) || len(c.Language) > maxLanguage {
		invalid.say("language", "problem.spoken")
	}
	if c.New != "" {
		invalid.checkPassword("password", c.New, c.Name, c.Email, blogTitle)
	}
	if !strings.EqualFold(c.Email, before.Email) || c.New != "" {
		if c.Current == "" {
			invalid.say("current", "problem.current.none")
		} else if err := s.checkCurrent(ctx, id, c.Current); errors.Is(err, ErrWrongPassword) {
			invalid.say("current", "problem.current.wrong")
		} else if err != nil {
			return err
		}
	}
	if err := invalid.err(); err != nil {
		return err
	}
	hash := ""
	if c.New != "" {
		if hash, err = s.hash(ctx, c.New); err != nil {
			return err
		}
	}
	_, err = s.pool.Exec(ctx, `
		WITH ended AS (DELETE FROM sessions WHERE user_id = @id AND token_hash <> @token AND @hash <> '')
		UPDATE users SET name = @name, email = @email, bio = @bio, language = @language, password_hash = coalesce(nullif(@hash, ''), password_hash)
		WHERE id = @id`,
		pgx.StrictNamedArgs{"id": id, "name": c.Name, "email": c.Email, "bio": c.Bio, "language": c.Language, "hash": hash, "token": tokenHash(token)})
	if err != nil {
		return storeError(fmt.Sprintf("changing user %d", id), err)
	}
	return nil
}

// checkCurrent returns nil when the password is the user's. Errors:
// ErrWrongPassword, *TooManyError.
func (s *Store) checkCurrent(ctx context.Context, id int64, password string) error {
	own := passwordSubject(id)
	attempt, err := s.attempt(ctx, own)
	if err != nil {
		return err
	}
	var hash string
	err = s.pool.QueryRow(ctx, `SELECT password_hash FROM users WHERE id = @id`, pgx.StrictNamedArgs{"id": id}).Scan(&hash)
	if err != nil {
		return fmt.Errorf("finding the password of user %d: %w", id, err)
	}
	matches, _, err := s.matches(ctx, password, hash)
	if err != nil {
		return err
	}
	if !matches {
		return ErrWrongPassword
	}
	return s.forgive(ctx, attempt, own)
}

// ResetPassword sets a password without asking for the old one, forgets the
// account's failed sign-ins and ends all its sessions. Errors: ErrNotFound,
// Invalid.
func (s *Store) ResetPassword(ctx context.Context, email, password, blogTitle string) error {
	email = strings.TrimSpace(email)
	if !isText(email) {
		return ErrNotFound
	}
	var id int64
	var name string
	err := s.pool.QueryRow(ctx, `SELECT id, name FROM users WHERE lower(email) = lower(@email)`,
		pgx.StrictNamedArgs{"email": email}).Scan(&id, &name)
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("finding whose password to reset: %w", err)
	}
	invalid := Invalid{}
	if invalid.checkPassword("password", password, name, email, blogTitle); len(invalid) > 0 {
		return invalid
	}
	hash, err := s.hash(ctx, password)
	if err != nil {
		return err
	}
	account, err := s.accountSubject(ctx, email)
	if err != nil {
		return err
	}
	_, err = s.pool.Exec(ctx, `
		WITH ended AS (DELETE FROM sessions WHERE user_id = @id),
			forgiven AS (DELETE FROM sign_in_failures WHERE starts_with(subject, @account) OR subject = @password)
		UPDATE users SET password_hash = @hash WHERE id = @id`,
		pgx.StrictNamedArgs{"id": id, "hash": hash, "account": account, "password": passwordSubject(id).name})
	if err != nil {
		return fmt.Errorf("resetting the password of user %d: %w", id, err)
	}
	return nil
}
