package accounts_test

import (
	"errors"
	"testing"

	"broadsheet/internal/accounts"
	"broadsheet/internal/postgrestest"
)

func start(t *testing.T, store *accounts.Store, user accounts.User) string {
	t.Helper()
	token, err := store.StartSession(t.Context(), user.ID)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// wantSession checks that the session is alive, or that it is over.
func wantSession(t *testing.T, store *accounts.Store, token string, alive bool) {
	t.Helper()
	_, err := store.Session(t.Context(), token)
	if alive && err != nil {
		t.Errorf("got error %v, want a session", err)
	}
	if !alive && !errors.Is(err, accounts.ErrNoSession) {
		t.Errorf("got error %v, want ErrNoSession", err)
	}
}

func TestSession(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	store := accounts.NewStore(pool)
	made := add(t, store, jane())
	first, second := start(t, store, made), start(t, store, made)
	if got, err := store.Session(t.Context(), first); err != nil || got != made {
		t.Errorf("got %+v, error %v, want %+v", got, err, made)
	}
	var stored int
	if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM sessions WHERE token_hash = $1`, []byte(first)).Scan(&stored); err != nil || stored != 0 {
		t.Errorf("got %d sessions found by the token itself, error %v, want its hash alone stored", stored, err)
	}
	for _, token := range []string{"", "x", "\x00", "\xff", first + "x"} {
		wantSession(t, store, token, false)
	}
	for range 2 {
		if err := store.EndSession(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		wantSession(t, store, first, false)
	}
	wantSession(t, store, second, true)
}

func TestSessionsExpire(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, change string
		alive        bool
	}{
		{"unused for 11 hours", `seen_at = now() - interval '11 hours'`, true},
		{"unused for 12 hours", `seen_at = now() - interval '12 hours'`, false},
		{"used for 29 days", `created_at = now() - interval '29 days'`, true},
		{"used for 30 days", `created_at = now() - interval '30 days'`, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			pool := postgrestest.New(t)
			store := accounts.NewStore(pool)
			made := add(t, store, jane())
			token := start(t, store, made)
			if _, err := pool.Exec(t.Context(), `UPDATE sessions SET `+test.change); err != nil {
				t.Fatal(err)
			}
			wantSession(t, store, token, test.alive)
			wantSession(t, store, token, test.alive)

			want := 1 // the new one
			if test.alive {
				want++
				var seen bool
				if err := pool.QueryRow(t.Context(), `SELECT seen_at > now() - interval '1 minute' FROM sessions`).Scan(&seen); err != nil || !seen {
					t.Errorf("got seen now %t, error %v, want true", seen, err)
				}
			}
			start(t, store, made)
			var rows int
			if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM sessions`).Scan(&rows); err != nil || rows != want {
				t.Errorf("got %d rows after another sign-in, error %v, want %d", rows, err, want)
			}
		})
	}
}

func TestResettingAPasswordEndsSessions(t *testing.T) {
	t.Parallel()
	store := accounts.NewStore(postgrestest.New(t))
	made := add(t, store, jane())
	john := jane()
	john.Name, john.Email = "John", "john@example.com"
	token, others := start(t, store, made), start(t, store, add(t, store, john))

	const newPassword = "staple gun on a wall"
	if err := store.ResetPassword(t.Context(), " JANE@example.com", newPassword, blogTitle); err != nil {
		t.Fatal(err)
	}
	wantSession(t, store, token, false)
	wantSession(t, store, others, true)
	if _, err := store.SignIn(t.Context(), "jane@example.com", password, client); !errors.Is(err, accounts.ErrWrongPassword) {
		t.Errorf("the old password: got error %v, want ErrWrongPassword", err)
	}
	if _, err := store.SignIn(t.Context(), "jane@example.com", newPassword, client); err != nil {
		t.Errorf("the new password: got error %v, want none", err)
	}
	for _, email := range []string{"nobody@example.com", "", "a\x00@example.com"} {
		if err := store.ResetPassword(t.Context(), email, newPassword, blogTitle); !errors.Is(err, accounts.ErrNotFound) {
			t.Errorf("resetting %q: got error %v, want ErrNotFound", email, err)
		}
	}
	var invalid accounts.Invalid
	if err := store.ResetPassword(t.Context(), "jane@example.com", "short", blogTitle); !errors.As(err, &invalid) || invalid["password"].Key == "" {
		t.Errorf("a short password: got error %v, want Invalid", err)
	}
}

func TestChange(t *testing.T) {
	t.Parallel()
	const newPassword = "staple gun on a wall"
	unchanged := accounts.Change{Name: "Jane Doe", Email: "jane@example.com"}
	tests := []struct {
		name    string
		change  func(*accounts.Change)
		field   string // that is refused; "": none
		newName string
		email   string // to sign in with afterwards
		pass    string
		others  bool // whether other sessions live on
	}{
		{"nothing", func(c *accounts.Change) {}, "", "Jane Doe", "jane@example.com", password, true},
		{"name", func(c *accounts.Change) { c.Name = "Jane Roe" }, "", "Jane Roe", "jane@example.com", password, true},
		{"case of the address", func(c *accounts.Change) { c.Email = "Jane@example.com" }, "", "Jane Doe", "jane@example.com", password, true},
		{"address without the password", func(c *accounts.Change) { c.Email = "roe@example.com" }, "current", "Jane Doe", "jane@example.com", password, true},
		{"address", func(c *accounts.Change) { c.Email, c.Current = "roe@example.com", password }, "", "Jane Doe", "roe@example.com", password, true},
		{"address in use", func(c *accounts.Change) { c.Email, c.Current = "JOHN@example.com", password }, "email", "Jane Doe", "jane@example.com", password, true},
		{"password without the old one", func(c *accounts.Change) { c.New = newPassword }, "current", "Jane Doe", "jane@example.com", password, true},
		{"password with a wrong old one", func(c *accounts.Change) { c.New, c.Current = newPassword, "wrong" }, "current", "Jane Doe", "jane@example.com", password, true},
		{"bad password", func(c *accounts.Change) { c.New, c.Current = "jane doe 1", password }, "password", "Jane Doe", "jane@example.com", password, true},
		{"password", func(c *accounts.Change) { c.New, c.Current = newPassword, password }, "", "Jane Doe", "jane@example.com", newPassword, false},
		{"no name", func(c *accounts.Change) { c.Name = "" }, "name", "Jane Doe", "jane@example.com", password, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			store := accounts.NewStore(postgrestest.New(t))
			made := add(t, store, jane())
			john := jane()
			john.Name, john.Email = "John", "john@example.com"
			add(t, store, john)
			own, other := start(t, store, made), start(t, store, made)
			change := unchanged
			test.change(&change)

			err := store.Change(t.Context(), made.ID, change, blogTitle, own)
			var invalid accounts.Invalid
			if test.field == "" && err != nil {
				t.Fatalf("got error %v, want none", err)
			}
			if test.field != "" && (!errors.As(err, &invalid) || len(invalid) != 1 || invalid[test.field].Key == "") {
				t.Fatalf("got error %v, want one message for %q", err, test.field)
			}
			wantSession(t, store, own, true)
			wantSession(t, store, other, test.others)
			got, err := store.SignIn(t.Context(), test.email, test.pass, client)
			if err != nil || got.Name != test.newName {
				t.Errorf("signing in afterwards: got %+v, error %v, want %s", got, err, test.newName)
			}
		})
	}
}

func TestGuessingTheCurrentPasswordIsSlowedDown(t *testing.T) {
	t.Parallel()
	store := accounts.NewStore(postgrestest.New(t))
	made := add(t, store, jane())
	change := accounts.Change{Name: "Jane Doe", Email: "roe@example.com", Current: "a wrong guess"}
	for range 5 {
		var invalid accounts.Invalid
		if err := store.Change(t.Context(), made.ID, change, blogTitle, ""); !errors.As(err, &invalid) {
			t.Fatalf("got error %v, want Invalid", err)
		}
	}
	change.Current = password
	var tooMany *accounts.TooManyError
	if err := store.Change(t.Context(), made.ID, change, blogTitle, ""); !errors.As(err, &tooMany) {
		t.Errorf("got error %v, want *TooManyError", err)
	}
}
