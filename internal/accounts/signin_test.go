package accounts_test

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"broadsheet/internal/accounts"
	"broadsheet/internal/postgrestest"
)

var client = netip.MustParseAddr("192.0.2.1")

func TestSignIn(t *testing.T) {
	t.Parallel()
	store := accounts.NewStore(postgrestest.New(t))
	made := add(t, store, jane())
	if _, err := store.EnsureAuthor(t.Context(), "Nobody"); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, email, password string
		want                  error
	}{
		{"right", "jane@example.com", password, nil},
		{"address in other case, with space", " JANE@example.COM ", password, nil},
		{"wrong password", "jane@example.com", password + "!", accounts.ErrWrongPassword},
		{"password in other case", "jane@example.com", strings.ToUpper(password), accounts.ErrWrongPassword},
		{"password with space", "jane@example.com", password + " ", accounts.ErrWrongPassword},
		{"unknown account", "john@example.com", password, accounts.ErrWrongPassword},
		{"author without an account", "", "", accounts.ErrWrongPassword},
		{"NUL", "jane@example.com\x00", password, accounts.ErrWrongPassword},
		{"not UTF-8", "\xff@example.com", password, accounts.ErrWrongPassword},
		{"NUL in the password", "jane@example.com", "\x00", accounts.ErrWrongPassword},
		{"password of 1 MB", "jane@example.com", strings.Repeat("a", 1<<20), accounts.ErrWrongPassword},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := store.SignIn(t.Context(), test.email, test.password, client)
			if !errors.Is(err, test.want) {
				t.Fatalf("got error %v, want %v", err, test.want)
			}
			if err == nil && got != made {
				t.Errorf("got %+v, want %+v", got, made)
			}
		})
	}
}

func TestSixtyGuessesAtOnce(t *testing.T) {
	t.Parallel()
	store := accounts.NewStore(postgrestest.New(t))
	add(t, store, jane())
	var looked, refused atomic.Int64
	var wait sync.WaitGroup
	for range 60 {
		wait.Go(func() {
			_, err := store.SignIn(t.Context(), "jane@example.com", "a wrong guess", client)
			var tooMany *accounts.TooManyError
			switch {
			case errors.Is(err, accounts.ErrWrongPassword):
				looked.Add(1)
			case errors.As(err, &tooMany) && tooMany.RetryAfter > 14*time.Minute && tooMany.RetryAfter <= 15*time.Minute:
				refused.Add(1)
			default:
				t.Errorf("got error %v, want ErrWrongPassword or *TooManyError of about 15 minutes", err)
			}
		})
	}
	wait.Wait()
	if looked.Load() != 5 || refused.Load() != 55 {
		t.Errorf("got %d guesses looked at and %d refused, want 5 and 55", looked.Load(), refused.Load())
	}
	var tooMany *accounts.TooManyError
	if _, err := store.SignIn(t.Context(), "JANE@EXAMPLE.COM", password, client); !errors.As(err, &tooMany) {
		t.Errorf("the right password afterwards: got error %v, want *TooManyError", err)
	}
}

func TestNobodyLocksAnotherOut(t *testing.T) {
	t.Parallel()
	store := accounts.NewStore(postgrestest.New(t))
	made := add(t, store, jane())
	stranger := netip.MustParseAddr("198.51.100.1")
	var tooMany *accounts.TooManyError
	for range 7 {
		_, err := store.SignIn(t.Context(), "jane@example.com", "a wrong guess", stranger)
		if !errors.Is(err, accounts.ErrWrongPassword) && !errors.As(err, &tooMany) {
			t.Fatalf("got error %v, want ErrWrongPassword or *TooManyError", err)
		}
	}
	change := accounts.Change{Name: "Jane Doe", Email: "jane@example.org", Current: password}
	if err := store.Change(t.Context(), made.ID, change, blogTitle, ""); err != nil {
		t.Errorf("the owner's change: got error %v, want none", err)
	}
	change.Email, change.Current = "jane@example.com", "a wrong guess"
	for range 6 {
		_ = store.Change(t.Context(), made.ID, change, blogTitle, "")
	}
	if _, err := store.SignIn(t.Context(), "jane@example.org", password, client); err != nil {
		t.Errorf("the owner, after guesses within a stolen session: got error %v, want none", err)
	}
	if _, err := store.SignIn(t.Context(), "jane@example.com", password, stranger); !errors.As(err, &tooMany) {
		t.Errorf("the stranger: got error %v, want *TooManyError", err)
	}
}

func TestGuessesFromEverywhereAreDelayed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		failures   int
		last, want time.Duration
	}{
		{0, 0, 0},
		{99, 0, 0},
		{100, 0, time.Second},
		{100, 400 * time.Millisecond, 600 * time.Millisecond},
		{100, 2 * time.Second, 0},
		{120, 0, 4 * time.Second},
		{159, 0, 32 * time.Second},
		{160, 0, time.Minute},
		{1_000_000, 0, time.Minute},
		{1_000_000, time.Minute, 0},
	} {
		if got := accounts.AccountDelay(test.failures, test.last); got != test.want {
			t.Errorf("%d failures, the last %s ago: got %s, want %s", test.failures, test.last, got, test.want)
		}
	}

	pool := postgrestest.New(t)
	store := accounts.NewStore(pool)
	add(t, store, jane())
	if _, err := store.SignIn(t.Context(), "jane@example.com", "a wrong guess", netip.MustParseAddr("198.51.100.1")); !errors.Is(err, accounts.ErrWrongPassword) {
		t.Fatal(err)
	}
	if _, err := pool.Exec(t.Context(), `
		INSERT INTO sign_in_failures (subject, failed_at)
		SELECT subject, clock_timestamp() FROM sign_in_failures, generate_series(1, 500)
		WHERE subject ~ '^account:[0-9a-f]+$'`); err != nil {
		t.Fatal(err)
	}
	var tooMany *accounts.TooManyError
	if _, err := store.SignIn(t.Context(), "jane@example.com", password, client); !errors.As(err, &tooMany) || tooMany.RetryAfter > time.Minute {
		t.Errorf("after 501 failures from elsewhere: got error %v, want *TooManyError of a minute at most", err)
	}
	if err := store.ResetPassword(t.Context(), "jane@example.com", password, blogTitle); err != nil {
		t.Fatal(err)
	}
	if _, err := store.SignIn(t.Context(), "jane@example.com", password, client); err != nil {
		t.Errorf("after a reset: got error %v, want none", err)
	}
}

func TestGuessingIsSlowedDownByAddress(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, addr, same, other string }{
		{"IPv4", "192.0.2.7", "::ffff:192.0.2.7", "192.0.2.8"},
		{"IPv6, by network", "2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			store := accounts.NewStore(postgrestest.New(t))
			add(t, store, jane())
			for i := range 20 {
				_, err := store.SignIn(t.Context(), string(rune('a'+i))+"@example.com", "a wrong guess", netip.MustParseAddr(test.addr))
				if !errors.Is(err, accounts.ErrWrongPassword) {
					t.Fatalf("guess %d: got error %v, want ErrWrongPassword", i+1, err)
				}
			}
			var tooMany *accounts.TooManyError
			if _, err := store.SignIn(t.Context(), "jane@example.com", password, netip.MustParseAddr(test.same)); !errors.As(err, &tooMany) {
				t.Errorf("from %s: got error %v, want *TooManyError", test.same, err)
			}
			if _, err := store.SignIn(t.Context(), "jane@example.com", password, netip.MustParseAddr(test.other)); err != nil {
				t.Errorf("from %s: got error %v, want none", test.other, err)
			}
		})
	}
}

func TestFailuresAreForgotten(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	store := accounts.NewStore(pool)
	add(t, store, jane())
	guess := func(times int) {
		t.Helper()
		for range times {
			if _, err := store.SignIn(t.Context(), "jane@example.com", "a wrong guess", client); !errors.Is(err, accounts.ErrWrongPassword) {
				t.Fatalf("got error %v, want ErrWrongPassword", err)
			}
		}
	}
	signIn := func() {
		t.Helper()
		if _, err := store.SignIn(t.Context(), "jane@example.com", password, client); err != nil {
			t.Fatalf("signing in: got error %v, want none", err)
		}
	}
	failures := func() (n int) {
		t.Helper()
		if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM sign_in_failures`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	guess(4)
	signIn()
	guess(4)
	if got := failures(); got != 4+8+8 {
		t.Errorf("got %d failures, want 4 of the account from there, 8 of the account and 8 of the address", got)
	}
	guess(1)
	if _, err := pool.Exec(t.Context(), `UPDATE sign_in_failures SET failed_at = failed_at - interval '15 minutes'`); err != nil {
		t.Fatal(err)
	}
	guess(1)
	if got := failures(); got != 3 {
		t.Errorf("after 15 minutes: got %d failures, want the 3 of one guess", got)
	}
	guess(4)
	if err := store.ResetPassword(t.Context(), "jane@example.com", password, blogTitle); err != nil {
		t.Fatal(err)
	}
	signIn()
}

func TestOutdatedHashesAreRenewed(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	store := accounts.NewStore(pool)
	made := add(t, store, jane())
	weak := argon2id.Params{Memory: 8, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}
	old, err := argon2id.CreateHash(password, &weak)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(t.Context(), `UPDATE users SET password_hash = $1`, old); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := store.SignIn(t.Context(), "jane@example.com", password, client); err != nil {
			t.Fatal(err)
		}
		var hash string
		if err := pool.QueryRow(t.Context(), `SELECT password_hash FROM users WHERE id = $1`, made.ID).Scan(&hash); err != nil {
			t.Fatal(err)
		}
		if want := "$argon2id$v=19$m=47104,t=1,p=1$"; !strings.HasPrefix(hash, want) {
			t.Errorf("got hash %q, want one that begins with %q", hash, want)
		}
	}
}

func TestSignInGivesUpWithItsContext(t *testing.T) {
	t.Parallel()
	store := accounts.NewStore(postgrestest.New(t))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := store.SignIn(ctx, "jane@example.com", password, client); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want context.Canceled", err)
	}
}
