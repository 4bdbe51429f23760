package accounts

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// NewUser is what it takes to make an account.
type NewUser struct {
	Name, Email, Password string
	Role                  Role // "": an author
}

// Check returns nil, or the Invalid that Add and SetUp would return but for an
// e-mail address in use. The blog's title makes a bad password.
func (n NewUser) Check(blogTitle string) error {
	_, err := n.checked(blogTitle)
	return err
}

// checked returns n as it is to be stored, or Invalid.
func (n NewUser) checked(blogTitle string) (NewUser, error) {
	invalid := Invalid{}
	n.Name = invalid.checkName(n.Name)
	n.Email = invalid.checkEmail(n.Email)
	invalid.checkPassword("password", n.Password, n.Name, n.Email, blogTitle)
	switch n.Role {
	case "":
		n.Role = RoleAuthor
	case RoleOwner, RoleEditor, RoleAuthor, RoleContributor:
	default:
		invalid.say("role", "problem.role", string(RoleOwner), string(RoleEditor), string(RoleAuthor), string(RoleContributor))
	}
	return n, invalid.err()
}

// Add makes an account. Somebody whom an import has named already, and who
// has no account, becomes its owner and keeps the posts. The error may be
// Invalid.
func (s *Store) Add(ctx context.Context, n NewUser, blogTitle string) (User, error) {
	return s.add(ctx, n, blogTitle, func(pgx.Tx) error { return nil })
}

// add makes an account in one transaction with what has to come before it.
func (s *Store) add(ctx context.Context, n NewUser, blogTitle string, before func(pgx.Tx) error) (User, error) {
	n, err := n.checked(blogTitle)
	if err != nil {
		return User{}, err
	}
	hash, err := s.hash(ctx, n.Password)
	if err != nil {
		return User{}, err
	}
	var user User
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if err := before(tx); err != nil {
			return err
		}
		user, err = insert(ctx, tx, n, hash)
		return err
	})
	if err != nil {
		return User{}, storeError("adding a user", err)
	}
	return user, nil
}

// EnsureAuthor returns the id of the author of that name, in whatever case it
// is written, and makes one who cannot sign in when there is none. The error
// may be Invalid.
func (s *Store) EnsureAuthor(ctx context.Context, name string) (int64, error) {
	invalid := Invalid{}
	name = invalid.checkName(name)
	if err := invalid.err(); err != nil {
		return 0, err
	}
	var id int64
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if err := lock(ctx, tx, "name:"+name); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, `SELECT id FROM users WHERE lower(name) = lower(@name) ORDER BY id LIMIT 1`,
			pgx.StrictNamedArgs{"name": name}).Scan(&id)
		if !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		author, err := insert(ctx, tx, NewUser{Name: name, Role: RoleAuthor}, "")
		id = author.ID
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("finding author %q: %w", name, err)
	}
	return id, nil
}

// insert makes a user of checked values, or takes over the author of that
// name who has no account.
func insert(ctx context.Context, tx pgx.Tx, n NewUser, hash string) (User, error) {
	if err := lock(ctx, tx, "name:"+n.Name); err != nil {
		return User{}, err
	}
	args := pgx.NamedArgs{"name": n.Name, "email": n.Email, "hash": hash, "role": n.Role}
	user, err := one(tx.Query(ctx, `
		UPDATE users u SET name = @name, email = nullif(@email, ''), password_hash = @hash, role = @role
		WHERE u.id = (SELECT id FROM users WHERE lower(name) = lower(@name) AND email IS NULL ORDER BY id LIMIT 1)
		RETURNING `+userColumns, args))
	if !errors.Is(err, pgx.ErrNoRows) {
		return user, err
	}
	handle := makeHandle(n.Name)
	for i := 1; ; i++ {
		args["handle"] = handle
		if i > 1 {
			args["handle"] = fmt.Sprintf("%s-%d", handle, i)
		}
		user, err := one(tx.Query(ctx, `
			INSERT INTO users AS u (handle, name, email, password_hash, role)
			VALUES (@handle, @name, nullif(@email, ''), @hash, @role)
			ON CONFLICT ON CONSTRAINT users_handle_key DO NOTHING
			RETURNING `+userColumns, args))
		if !errors.Is(err, pgx.ErrNoRows) {
			return user, err
		}
	}
}

func one(rows pgx.Rows, err error) (User, error) {
	if err != nil {
		return User{}, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[User])
}

// lock makes transactions about the same subject, in whatever case it is
// written, follow one another.
func lock(ctx context.Context, tx pgx.Tx, subject string) error {
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended(lower(@subject), 0))`,
		pgx.StrictNamedArgs{"subject": subject})
	return err
}
