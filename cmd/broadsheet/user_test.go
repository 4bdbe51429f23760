package main

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"broadsheet/internal/accounts"
	"broadsheet/internal/postgres"
	"broadsheet/internal/postgrestest"
)

// written returns a file that holds text.
func written(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// signIn tells whether somebody can sign in.
func signIn(t *testing.T, database, email, with string) error {
	t.Helper()
	pool, err := postgres.Open(t.Context(), postgres.Config{URL: database})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	_, err = accounts.NewStore(pool).SignIn(t.Context(), email, with, netip.MustParseAddr("192.0.2.1"))
	return err
}

func TestUsers(t *testing.T) {
	t.Parallel()
	e := env{"DATABASE_URL": postgrestest.NewURL(t)}
	if got, want := succeeds(t, e, "user", "add", "ada@example.org", "--name", "Ada Lovelace", "--password-file", written(t, "difference engine\r\n")),
		"added Ada Lovelace <ada@example.org>, owner\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	r := broadsheetWithInput(t, e, "analytical engine\n", "user", "add", "charles@example.org", "--name=Charles Babbage", "--role=author", "--password-file=-")
	if want := "added Charles Babbage <charles@example.org>, author\n"; r.err != nil || r.out != want {
		t.Errorf("got %q (error %v), want %q", r.out, r.err, want)
	}
	for email, with := range map[string]string{"ada@example.org": "difference engine", "charles@example.org": "analytical engine"} {
		if err := signIn(t, e["DATABASE_URL"], email, with); err != nil {
			t.Errorf("signing %s in: %v", email, err)
		}
	}

	list := succeeds(t, e, "user", "list")
	for _, want := range []string{"NAME", "Ada Lovelace", "ada@example.org", "owner", "Charles Babbage", "charles@example.org", "author"} {
		if !strings.Contains(list, want) {
			t.Errorf("got list\n%s\nwant %q in it", list, want)
		}
	}
	if strings.Contains(list, "engine") || strings.Contains(list, "argon2") {
		t.Errorf("got list\n%s\nwith a password", list)
	}

	if got := succeeds(t, e, "user", "reset", "ada@example.org", "--password-file", written(t, "punched cards of silk")); !strings.Contains(got, "ada@example.org has a new password") {
		t.Errorf("got %q, want it to say what happened", got)
	}
	if err := signIn(t, e["DATABASE_URL"], "ada@example.org", "punched cards of silk"); err != nil {
		t.Errorf("signing in with the new password: %v", err)
	}
	if err := signIn(t, e["DATABASE_URL"], "ada@example.org", "difference engine"); err == nil {
		t.Error("the old password still opens the door")
	}
}

func TestUsersThatAreRefused(t *testing.T) {
	t.Parallel()
	e := env{"DATABASE_URL": postgrestest.NewURL(t)}
	good, short := written(t, "difference engine"), written(t, "short")
	succeeds(t, e, "user", "add", "ada@example.org", "--name=Ada", "--password-file", good)
	tests := []struct {
		name string
		args []string
		want []string
	}{
		{"e-mail", []string{"add", "nonsense", "--name=A", "--password-file", good}, []string{"email: "}},
		{"short password", []string{"add", "a@example.org", "--name=A", "--password-file", short}, []string{"password: "}},
		{"empty password", []string{"add", "a@example.org", "--name=A", "--password-file=-"}, []string{"password: "}},
		{"all at once", []string{"add", "nonsense", "--name= ", "--password-file", short}, []string{"email: ", "\nname: ", "\npassword: "}},
		{"taken", []string{"add", "ADA@example.org", "--name=A", "--password-file", good}, []string{"email: "}},
		{"no such file", []string{"add", "a@example.org", "--name=A", "--password-file=/no/such/file"}, []string{"reading the password", "/no/such/file"}},
		{"unknown", []string{"reset", "nobody@example.org", "--password-file", good}, []string{"nobody signs in as nobody@example.org", "broadsheet user list"}},
		{"reset to a short one", []string{"reset", "ada@example.org", "--password-file", short}, []string{"password: "}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := broadsheet(t, e, append([]string{"user"}, tt.args...)...)
			r.fails(t, tt.want...)
			if r.out != "" {
				t.Errorf("got output %q, want none", r.out)
			}
		})
	}
}
