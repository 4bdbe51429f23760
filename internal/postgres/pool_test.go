package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/postgres"
	"broadsheet/internal/postgrestest"

	"github.com/jackc/pgx/v5/pgxpool"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

func open(t *testing.T, config postgres.Config) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.Open(t.Context(), config)
	if err != nil {
		t.Fatalf("opening: %v", err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// with adds a setting to a URL.
func with(t *testing.T, address, name, value string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatalf("parsing the test database's URL: %v", err)
	}
	query := u.Query()
	query.Set(name, value)
	u.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20")
	return u.String()
}

func TestSessionSettings(t *testing.T) {
	t.Parallel()
	address := postgrestest.NewEmptyURL(t)
	tests := []struct {
		name, url, setting, want string
	}{
		{"application name", address, "application_name", "broadsheet"},
		{"time zone", address, "timezone", "UTC"},
		{"statement timeout", address, "statement_timeout", "5s"},
		{"lock timeout", address, "lock_timeout", "3s"},
		{"idle in transaction", address, "idle_in_transaction_session_timeout", "10s"},
		{"plans", address, "plan_cache_mode", "force_generic_plan"},
		{"the URL wins", with(t, address, "statement_timeout", "7s"), "statement_timeout", "7s"},
		{"the URL's options win", with(t, address, "options", "-c lock_timeout=7s"), "lock_timeout", "7s"},
		{"the URL's name wins", with(t, address, "application_name", "psql"), "application_name", "psql"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got string
			pool := open(t, postgres.Config{URL: tt.url})
			if err := pool.QueryRow(t.Context(), "SELECT current_setting($1)", tt.setting).Scan(&got); err != nil {
				t.Fatalf("asking for %s: %v", tt.setting, err)
			}
			if got != tt.want {
				t.Errorf("got %s %q, want %q", tt.setting, got, tt.want)
			}
		})
	}
}

func TestPoolSettings(t *testing.T) {
	t.Parallel()
	const address = "postgres://u:p@localhost/d"
	tests := []struct {
		name   string
		config postgres.Config
		get    func(*pgxpool.Config) any
		want   any
	}{
		{"max conns by the config", postgres.Config{URL: address, MaxConns: 9},
			func(c *pgxpool.Config) any { return c.MaxConns }, int32(9)},
		{"max conns by the URL", postgres.Config{URL: address + "?pool_max_conns=3", MaxConns: 9},
			func(c *pgxpool.Config) any { return c.MaxConns }, int32(3)},
		{"max conns by default", postgres.Config{URL: address},
			func(c *pgxpool.Config) any { return c.MaxConns >= 4 }, true},
		{"connect timeout", postgres.Config{URL: address},
			func(c *pgxpool.Config) any { return c.ConnConfig.ConnectTimeout }, 2 * time.Second},
		{"connect timeout by the URL", postgres.Config{URL: address + "?connect_timeout=7"},
			func(c *pgxpool.Config) any { return c.ConnConfig.ConnectTimeout }, 7 * time.Second},
		{"idle time by the URL", postgres.Config{URL: address + "?pool_max_conn_idle_time=7s"},
			func(c *pgxpool.Config) any { return c.MaxConnIdleTime }, 7 * time.Second},
		{"lifetime is spread", postgres.Config{URL: address},
			func(c *pgxpool.Config) any { return c.MaxConnLifetimeJitter > 0 }, true},
		{"key and value pairs", postgres.Config{URL: "host=h user=u password='p q' dbname=d port=6"},
			func(c *pgxpool.Config) any { return c.ConnConfig.Password + " " + fmt.Sprint(c.ConnConfig.Port) }, "p q 6"},
		{"a line's end is no part", postgres.Config{URL: address + "\n"},
			func(c *pgxpool.Config) any { return c.ConnConfig.Database }, "d"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := tt.get(open(t, tt.config).Config()); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestMalformedURL(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"",
		"localhost/Zq7",
		"user:Zq7@localhost/db",
		"mysql://user:Zq7@localhost/db",
		"Postgres://user:Zq7@localhost/db",
		"postgres://user:Zq7/Xk9@localhost/db",
		"postgres://user:12/Xk9@localhost/db",
		"postgres://user:12?Xk9=Zq7@localhost/db",
		"postgres://user:12#Xk9@localhost/db",
		"postgres://user:Zq7@Xk9@localhost/db",
		"postgres://user:Zq7%Xk9@localhost/db",
		"postgres://user:Zq7@localhost:Xk9/db",
		"postgres://user:Zq7@localhost:99999/db",
		"postgres://user:Zq7@localhost/db?sslmode=Xk9",
		"postgres://user:Zq7@localhost/db?connect_timeout=Xk9",
		"postgres://user:Zq7@localhost/db?pool_max_conns=Xk9",
		"postgres://user:Zq7@localhost/db?sslrootcert=/Xk9",
		"host=localhost password=Zq7 Xk9",
		"host=localhost password='Zq7",
		"host=localhost port=Xk9 password=Zq7",
		"password=invalid`: Zq7 Xk9",
	} {
		t.Run(address, func(t *testing.T) {
			t.Parallel()
			_, err := postgres.Open(t.Context(), postgres.Config{URL: address})
			if !errors.Is(err, postgres.ErrURL) {
				t.Fatalf("got error %v, want ErrURL", err)
			}
			for _, secret := range []string{"Zq7", "Xk9", "\n"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("got %q, which gives %q away", err, secret)
				}
			}
		})
	}
}

// Whatever a password holds: either the URL is refused without a word of it,
// or it is taken for the password and nothing else.
func FuzzPasswordStaysSecret(f *testing.F) {
	for _, special := range []string{"", "/", "?", "#", "@", ":", "%", "%2F", "%zz", "[", "]", "?a=", "/?a=b&", "://", ",", " ", "=", "\\", "'", "\x00", "#@", "@:1/"} {
		f.Add(special)
	}
	f.Fuzz(func(t *testing.T, special string) {
		for _, shape := range []string{
			"postgres://user:Zq7%sXk9@localhost:5432/db",
			"postgresql://user:Zq7%sXk9@/db?host=/tmp&sslmode=disable",
			"postgres://user:12%sXk9@localhost",
		} {
			pool, err := postgres.Open(context.Background(), postgres.Config{URL: fmt.Sprintf(shape, special)})
			shown := ""
			if err != nil {
				shown = err.Error()
			} else {
				c := pool.Config().ConnConfig
				shown = fmt.Sprint(c.Host, c.Port, c.Database, c.User, c.RuntimeParams)
				pool.Close()
			}
			if strings.Contains(shown, "Zq7") || strings.Contains(shown, "Xk9") {
				t.Errorf("%q in a password: %q shows a part of it", special, shown)
			}
		}
	})
}
