package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/term"

	"broadsheet/internal/accounts"
	"broadsheet/internal/config"
	"broadsheet/internal/site"
)

type userCmd struct {
	Add   userAddCmd   `cmd:"" help:"Add somebody who can sign in."`
	List  userListCmd  `cmd:"" help:"List everybody."`
	Reset userResetCmd `cmd:"" help:"Set a new password and end the user's sessions."`
}

type userAddCmd struct {
	usesDatabase
	Email        string `arg:"" help:"The address to sign in with."`
	Name         string `required:"" help:"The name that stands on posts."`
	Role         string `default:"owner" enum:"owner,editor,author,contributor" help:"owner, editor, author or contributor."`
	PasswordFile string `required:"" placeholder:"FILE" help:"File that holds the password; - reads it from standard input."`
}

type userListCmd struct{ usesDatabase }

type userResetCmd struct {
	usesDatabase
	Email        string `arg:"" help:"The address to sign in with."`
	PasswordFile string `required:"" placeholder:"FILE" help:"File that holds the new password; - reads it from standard input."`
}

func (c userAddCmd) Run(a *app) error {
	password, err := a.password(c.PasswordFile)
	if err != nil {
		return err
	}
	return a.withDatabase(func(_ config.Config, pool *pgxpool.Pool) error {
		settings, err := site.NewStore(pool).Get(a.ctx)
		if err != nil {
			return err
		}
		user, err := accounts.NewStore(pool).Add(a.ctx, accounts.NewUser{
			Email: c.Email, Name: c.Name, Password: password, Role: accounts.Role(c.Role),
		}, settings.Title)
		if err != nil {
			return explain(err)
		}
		fmt.Fprintf(a.stdout, "added %s <%s>, %s\n", user.Name, user.Email, user.Role)
		return nil
	})
}

func (userListCmd) Run(a *app) error {
	return a.withDatabase(func(_ config.Config, pool *pgxpool.Pool) error {
		users, err := accounts.NewStore(pool).List(a.ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "NAME\tE-MAIL\tROLE\tSINCE")
		for _, u := range users {
			email := u.Email
			if email == "" {
				email = "(cannot sign in)"
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", u.Name, email, u.Role, u.CreatedAt.Format("2006-01-02"))
		}
		return w.Flush()
	})
}

func (c userResetCmd) Run(a *app) error {
	password, err := a.password(c.PasswordFile)
	if err != nil {
		return err
	}
	return a.withDatabase(func(_ config.Config, pool *pgxpool.Pool) error {
		settings, err := site.NewStore(pool).Get(a.ctx)
		if err != nil {
			return err
		}
		err = accounts.NewStore(pool).ResetPassword(a.ctx, c.Email, password, settings.Title)
		if errors.Is(err, accounts.ErrNotFound) {
			return fmt.Errorf("nobody signs in as %s; see broadsheet user list", c.Email)
		}
		if err != nil {
			return explain(err)
		}
		fmt.Fprintf(a.stdout, "%s has a new password, and all sessions have ended\n", c.Email)
		return nil
	})
}

// password reads a password, without the line's end behind it.
func (a *app) password(file string) (string, error) {
	source := a.stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return "", fmt.Errorf("reading the password: %w", err)
		}
		defer f.Close()
		source = f
	} else if f, ok := source.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprint(a.stderr, "Password: ")
		typed, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(a.stderr)
		return string(typed), err
	}
	content, err := io.ReadAll(io.LimitReader(source, 1<<16))
	if err != nil {
		return "", fmt.Errorf("reading the password: %w", err)
	}
	return strings.TrimRight(string(content), "\r\n"), nil
}

// explain writes what is wrong with the fields of a form for the terminal.
func explain(err error) error {
	var invalid accounts.Invalid
	if !errors.As(err, &invalid) {
		return err
	}
	var messages []string
	for _, field := range slices.Sorted(maps.Keys(invalid)) {
		messages = append(messages, field+": "+invalid[field].String())
	}
	return errors.New(strings.Join(messages, "\n"))
}
