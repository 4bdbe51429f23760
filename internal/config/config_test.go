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
	if c.DatabaseURL != "" || c.Data != "./.broadsheet" || !c.Migrate || c.Demo || c.MaxConns != 0 ||
		c.OpsListen != "" || c.CacheSize != 64_000_000 || c.CacheFile != "" || c.CDN || c.WebSubHub != "" || c.ReadyWithoutDatabase {
		t.Errorf("got %+v", c)
	}
}

func TestEveryProblemIsReportedAtOnce(t *testing.T) {
	t.Parallel()
	_, err := config.Load(env(
		"BROADSHEET_LISTEN=nowhere", "BROADSHEET_MIGRATE=perhaps", "BROADSHEET_LOG=xml",
		"BROADSHEET_DB_MAX_CONNS=1", "BROADSHEET_TRUSTED_PROXIES=10.0.0.0/8,home", "BROADSHEET_BASE_URL=blog",
		"BROADSHEET_OPS_LISTEN=9090", "BROADSHEET_CACHE_SIZE=much", "BROADSHEET_CDN=which", "BROADSHEET_WEBSUB_HUB=hub", "BROADSHEET_READY_WITHOUT_DATABASE=so"))
	if err == nil {
		t.Fatal("got no error")
	}
	for _, name := range []string{
		"BROADSHEET_LISTEN", "BROADSHEET_MIGRATE", "BROADSHEET_LOG",
		"BROADSHEET_DB_MAX_CONNS", "BROADSHEET_TRUSTED_PROXIES", "BROADSHEET_BASE_URL",
		"BROADSHEET_OPS_LISTEN", "BROADSHEET_CACHE_SIZE", "BROADSHEET_CDN", "BROADSHEET_WEBSUB_HUB", "BROADSHEET_READY_WITHOUT_DATABASE",
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

func TestCacheSize(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, value string
		want        int64 // -1: a problem
	}{
		{"off", "0", 0},
		{"off, with a unit", "0MB", 0},
		{"bytes", "5000000", 5_000_000},
		{"megabytes", "64MB", 64_000_000},
		{"mebibytes", "64MiB", 64 << 20},
		{"lower case", "2mib", 2 << 20},
		{"a space", "2 MB", 2_000_000},
		{"kilobytes", "4096kB", 4_096_000},
		{"the smallest", "1MB", 1_000_000},
		{"leading zeros", "0008MB", 8_000_000},
		{"unit forgotten", "64", -1},
		{"too small", "999kB", -1},
		{"negative", "-1", -1},
		{"negative megabytes", "-64MB", -1},
		{"plus", "+64MB", -1},
		{"fractional", "1.5GB", -1},
		{"fractional, comma", "1,5GB", -1},
		{"exponent", "1e9", -1},
		{"not a number", "NaN", -1},
		{"a word", "much", -1},
		{"unit alone", "MB", -1},
		{"unknown unit", "64MX", -1},
		{"bits", "64Mbit", -1},
		{"two numbers", "64MB 1", -1},
		{"other digits", "٦٤MB", -1},
		{"more than any machine has", "4000000TB", -1},
		{"more than an int64 with its unit", "99999999TiB", -1},
		{"more than an int64", "99999999999999999999", -1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, err := config.Load(env("BROADSHEET_CACHE_SIZE=" + tt.value))
			if tt.want < 0 {
				if err == nil || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), tt.value) {
					t.Errorf("got %d and error %v, want one line that names the value", c.CacheSize, err)
				}
				return
			}
			if err != nil || c.CacheSize != tt.want {
				t.Errorf("got %d and error %v, want %d", c.CacheSize, err, tt.want)
			}
		})
	}
}

func FuzzCacheSize(f *testing.F) {
	for _, v := range []string{"64MB", "0", "-1", "9223372036854775807", "9007199254740993KiB", "1 tib"} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, value string) {
		c, err := config.Load(env("BROADSHEET_CACHE_SIZE=" + value))
		if c.CacheSize < 0 || err != nil && c.CacheSize != 0 || c.CacheSize > 0 && c.CacheSize < 1_000_000 {
			t.Errorf("%q: got %d and error %v", value, c.CacheSize, err)
		}
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: got %q, want one line", value, err)
		}
	})
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
