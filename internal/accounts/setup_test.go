package accounts_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"broadsheet/internal/accounts"
	"broadsheet/internal/postgrestest"
)

func newCode(t *testing.T, store *accounts.Store) string {
	t.Helper()
	code, err := store.NewSetUpCode(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func TestSetUpHasOneWinner(t *testing.T) {
	t.Parallel()
	store := accounts.NewStore(postgrestest.New(t))
	codes := []string{newCode(t, store), newCode(t, store)}
	var winners atomic.Int64
	var wait sync.WaitGroup
	for i := range 10 {
		wait.Go(func() {
			n := jane()
			n.Email = fmt.Sprintf("jane%d@example.com", i)
			_, err := store.SetUp(t.Context(), codes[i%2], n, blogTitle)
			if err == nil {
				winners.Add(1)
			} else if !errors.Is(err, accounts.ErrAlreadySetUp) {
				t.Errorf("got error %v, want none or ErrAlreadySetUp", err)
			}
		})
	}
	wait.Wait()
	users, err := store.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if winners.Load() != 1 || len(users) != 1 || users[0].Role != accounts.RoleOwner {
		t.Errorf("got %d winners and users %+v, want one owner", winners.Load(), users)
	}
	if needed, err := store.NeedsSetUp(t.Context()); err != nil || needed {
		t.Errorf("needs set-up: got %t, error %v, want false", needed, err)
	}
	if err := store.CheckSetUpCode(t.Context(), codes[0]); !errors.Is(err, accounts.ErrAlreadySetUp) {
		t.Errorf("the code afterwards: got error %v, want ErrAlreadySetUp", err)
	}
}

func TestSetUpCodes(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	store := accounts.NewStore(pool)
	old := newCode(t, store)
	if _, err := pool.Exec(t.Context(), `UPDATE setup_codes SET created_at = now() - interval '25 hours'`); err != nil {
		t.Fatal(err)
	}
	for _, code := range []string{"", "x", "\x00", "\xff", old} {
		if _, err := store.SetUp(t.Context(), code, jane(), blogTitle); !errors.Is(err, accounts.ErrBadCode) {
			t.Errorf("code %q: got error %v, want ErrBadCode", code, err)
		}
	}
	code := newCode(t, store)
	var rows int
	if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM setup_codes`).Scan(&rows); err != nil || rows != 1 {
		t.Errorf("got %d codes, error %v, want the new one alone", rows, err)
	}
	bad := jane()
	bad.Password = "short"
	var invalid accounts.Invalid
	if _, err := store.SetUp(t.Context(), code, bad, blogTitle); !errors.As(err, &invalid) {
		t.Errorf("a short password: got error %v, want Invalid", err)
	}
	if owner, err := store.SetUp(t.Context(), code, jane(), blogTitle); err != nil || owner.Role != accounts.RoleOwner {
		t.Errorf("the code after a mistake: got %+v, error %v, want an owner", owner, err)
	}
}
