// Package accounts keeps the people who write: who they are, how they prove
// it, how guessing is slowed down, and who is signed in.
package accounts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"broadsheet/internal/texts"
)

var (
	// ErrNotFound says that there is no such user.
	ErrNotFound = errors.New("accounts: not found")
	// ErrWrongPassword says that the e-mail address is unknown or the password
	// is not its own; which of the two is nobody's business.
	ErrWrongPassword = errors.New("accounts: wrong e-mail address or password")
	// ErrNoSession says that a session never was, has ended or has expired.
	ErrNoSession = errors.New("accounts: no session")
	// ErrBadCode says that a set-up code is unknown or too old.
	ErrBadCode = errors.New("accounts: bad set-up code")
	// ErrAlreadySetUp says that somebody can sign in already.
	ErrAlreadySetUp = errors.New("accounts: already set up")
)

// TooManyError says that an account or an address failed to sign in too often.
type TooManyError struct{ RetryAfter time.Duration }

func (e *TooManyError) Error() string {
	return fmt.Sprintf("accounts: too many failed sign-ins, try again in %s", e.RetryAfter)
}

// Invalid says what is wrong with an account, by field ("name", "email",
// "bio", "language", "password", "current").
type Invalid map[string]texts.Message

func (e Invalid) Error() string {
	messages := make([]string, 0, len(e))
	for field, message := range e {
		messages = append(messages, field+": "+message.String())
	}
	slices.Sort(messages)
	return "accounts: " + strings.Join(messages, "; ")
}

func (e Invalid) say(field, key string, args ...any) { e[field] = texts.Message{Key: key, Args: args} }

// err makes nil of a map without messages.
func (e Invalid) err() error {
	if len(e) == 0 {
		return nil
	}
	return e
}

// Role says what somebody may do.
type Role string

const (
	RoleOwner       Role = "owner"       // everything
	RoleEditor      Role = "editor"      // write, and publish what others ask them to look at
	RoleAuthor      Role = "author"      // write and publish, but not change the blog's settings
	RoleContributor Role = "contributor" // write, and ask for review; others publish
)

// Publishes tells whether somebody may decide what readers see.
func (r Role) Publishes() bool { return r == RoleOwner || r == RoleEditor || r == RoleAuthor }

// User is somebody who writes. Email is "" for an author named by an import.
type User struct {
	ID        int64
	Handle    string
	Name      string
	Email     string
	Bio       string // inline Markdown
	Language  string // in which the admin's pages speak to the user, "" for the browser's
	Role      Role
	CreatedAt time.Time
}

const userColumns = `u.id, u.handle, u.name, coalesce(u.email, '') AS email, u.bio, u.language, u.role, u.created_at`

// Store keeps accounts.
type Store struct {
	pool    *pgxpool.Pool
	hashing chan struct{} // a slot for each password that may be hashed at once
}

// NewStore returns a store on a pool whose schema is migrated.
func NewStore(pool *pgxpool.Pool) *Store {
	return &Store{pool: pool, hashing: make(chan struct{}, hashesAtOnce)}
}

// User returns a user, or ErrNotFound.
func (s *Store) User(ctx context.Context, id int64) (User, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+userColumns+` FROM users u WHERE u.id = @id`,
		pgx.StrictNamedArgs{"id": id})
	if err != nil {
		return User{}, fmt.Errorf("finding user %d: %w", id, err)
	}
	user, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[User])
	if errors.Is(err, pgx.ErrNoRows) {
		return User{}, ErrNotFound
	}
	if err != nil {
		return User{}, fmt.Errorf("finding user %d: %w", id, err)
	}
	return user, nil
}

// List returns everybody, in the order in which they came.
func (s *Store) List(ctx context.Context) ([]User, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+userColumns+` FROM users u ORDER BY u.id`)
	if err != nil {
		return nil, fmt.Errorf("listing users: %w", err)
	}
	users, err := pgx.CollectRows(rows, pgx.RowToStructByName[User])
	if err != nil {
		return nil, fmt.Errorf("listing users: %w", err)
	}
	return users, nil
}

// storeError makes Invalid of a broken rule that only the database can see,
// and says of any other error what was being done.
func storeError(doing string, err error) error {
	var broken *pgconn.PgError
	if errors.As(err, &broken) && broken.ConstraintName == "users_email_key" {
		return Invalid{"email": {Key: "problem.email.taken"}}
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// Author is who may stand by a post.
type Author struct{ Handle, Name string }

// Author returns whoever has the handle, or ErrNotFound.
func (s *Store) Author(ctx context.Context, handle string) (Author, error) {
	if !isText(handle) {
		return Author{}, ErrNotFound
	}
	author := Author{Handle: handle}
	err := s.pool.QueryRow(ctx, "SELECT name FROM users WHERE handle = @handle", pgx.StrictNamedArgs{"handle": handle}).Scan(&author.Name)
	if errors.Is(err, pgx.ErrNoRows) {
		return Author{}, ErrNotFound
	}
	if err != nil {
		return Author{}, fmt.Errorf("finding author %q: %w", handle, err)
	}
	return author, nil
}

// Authors returns at most 200 of them in the order of their names.
func (s *Store) Authors(ctx context.Context) ([]Author, error) {
	rows, err := s.pool.Query(ctx, "SELECT handle, name FROM users ORDER BY name, id LIMIT 200")
	if err != nil {
		return nil, fmt.Errorf("listing authors: %w", err)
	}
	authors, err := pgx.CollectRows(rows, pgx.RowToStructByName[Author])
	if err != nil {
		return nil, fmt.Errorf("listing authors: %w", err)
	}
	return authors, nil
}
