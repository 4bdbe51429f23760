package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"broadsheet/internal/config"
)

func env(pairs ...string) func(string) string {
	return func(name string) string {
		for _, pair := range pairs {
			if n, v, _ := strings.Cut(pair, "="); n == name {
				return v
			}
		}
		return ""
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	c, err := config.Load(env())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.BaseURL.String(), "http://localhost:8080"; got != want {
		t.Errorf("base URL: got %q, want %q", got, want)
	}
	if c.DatabaseURL != "" || c.Data != "./.broadsheet" || !c.Migrate || c.Demo || c.MaxConns != 0 {
		t.Errorf("got %+v", c)
	}
}

func TestEveryProblemIsReportedAtOnce(t *testing.T) {
	t.Parallel()
	_, err := config.Load(env(
		"BROADSHEET_LISTEN=nowhere", "BROADSHEET_MIGRATE=perhaps", "BROADSHEET_LOG=xml",
		"BROADSHEET_DB_MAX_CONNS=1", "BROADSHEET_TRUSTED_PROXIES=10.0.0.0/8,home", "BROADSHEET_BASE_URL=blog"))
	if err == nil {
		t.Fatal("got no error")
	}
	for _, name := range []string{
		"BROADSHEET_LISTEN", "BROADSHEET_MIGRATE", "BROADSHEET_LOG",
		"BROADSHEET_DB_MAX_CONNS", "BROADSHEET_TRUSTED_PROXIES", "BROADSHEET_BASE_URL",
	} {
		if strings.Count(err.Error(), name) != 1 {
			t.Errorf("got %q, want it to name %s once", err, name)
		}
	}
}

func TestBaseURL(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, value, want string }{
		{"https", "https://blog.example.org", "https://blog.example.org"},
		{"trailing slash", "https://blog.example.org/", "https://blog.example.org"},
		{"port", "http://10.0.0.1:3000", "http://10.0.0.1:3000"},
		{"no scheme", "blog.example.org", ""},
		{"other scheme", "ftp://blog.example.org", ""},
		{"a path", "https://example.org/blog", ""},
		{"credentials", "https://me:pw@example.org", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, err := config.Load(env("BROADSHEET_BASE_URL=" + tt.value))
			if tt.want == "" {
				if err == nil {
					t.Errorf("got %v, want an error", c.BaseURL)
				}
				return
			}
			if err != nil || c.BaseURL.String() != tt.want {
				t.Errorf("got %v, %v, want %q", c.BaseURL, err, tt.want)
			}
		})
	}
}

func TestPasswordFromFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("p@ss/word?#\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(env("DATABASE_URL=postgres://blog@db/blog", "DATABASE_PASSWORD_FILE="+file))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.DatabaseURL, "postgres://blog:p%40ss%2Fword%3F%23@db/blog"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}

	_, err = config.Load(env("DATABASE_URL=postgres://blog:secret@db/blog", "DATABASE_PASSWORD_FILE="+file))
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("two passwords: got %v, want an error that tells none of them", err)
	}
	if _, err := config.Load(env("DATABASE_URL_FILE=" + file + ".missing")); err == nil {
		t.Error("missing file: got no error")
	}
}
