package postgrestest_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"broadsheet/internal/postgres/explain"
	"broadsheet/internal/postgrestest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

func one[T any](t *testing.T, ctx context.Context, pool *pgxpool.Pool, sql string) T {
	t.Helper()
	rows, err := pool.Query(ctx, sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	value, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[T])
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return value
}

func TestNewIsMigratedAndItsOwn(t *testing.T) {
	t.Parallel()
	first, second := postgrestest.New(t), postgrestest.New(t)
	if version := one[int](t, t.Context(), first, "SELECT version FROM schema_migrations"); version < 1 {
		t.Errorf("got schema version %d, want a migrated one", version)
	}
	const name = "SELECT current_database()::text"
	if a, b := one[string](t, t.Context(), first, name), one[string](t, t.Context(), second, name); a == b {
		t.Errorf("two databases of a test have the same name %q", a)
	}
}

func TestNewRecords(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	ctx, recorder := explain.Record(t.Context())
	one[int](t, ctx, pool, "SELECT 1")
	if got := recorder.Queries(); len(got) != 1 || got[0].SQL != "SELECT 1" {
		t.Errorf("got queries %v, want SELECT 1", got)
	}
}

func TestNewEmptyURLHasNoSchema(t *testing.T) {
	t.Parallel()
	pool, err := pgxpool.New(t.Context(), postgrestest.NewEmptyURL(t))
	if err != nil {
		t.Fatalf("connecting: %v", err)
	}
	defer pool.Close()
	if n := one[int](t, t.Context(), pool, "SELECT count(*)::int FROM pg_tables WHERE schemaname = 'public'"); n != 0 {
		t.Errorf("got %d tables, want none", n)
	}
}

func TestDatabasesAreDropped(t *testing.T) {
	t.Parallel()
	var name string
	t.Run("inner", func(t *testing.T) {
		name = one[string](t, t.Context(), postgrestest.New(t), "SELECT current_database()::text")
	})
	const count = "SELECT count(*)::int FROM pg_database WHERE datname = '%s'"
	if n := one[int](t, t.Context(), postgrestest.New(t), fmt.Sprintf(count, name)); n != 0 {
		t.Errorf("got %d databases %s after its test, want none", n, name)
	}
}

// The tests that are run in a test binary of their own, by TestSources.
func TestInner(t *testing.T) {
	t.Parallel()
	postgrestest.New(t)
}

func TestSources(t *testing.T) {
	t.Parallel()
	url := postgrestest.NewEmptyURL(t)
	tests := []struct {
		name, source, url string
		ok                bool
		want              string
	}{
		{"a URL", "url", url, true, "PostgreSQL from url"},
		{"a URL that is not set", "url", "", false, "BROADSHEET_TEST_DATABASE_URL is not set"},
		{"a URL where nothing is", "url", "postgres://u@/d?host=/nowhere", false, "no such file or directory"},
		{"an unknown source", "nonsense", url, false, "want testcontainers, url or local"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(os.Args[0], "-test.run=^TestInner$", "-test.v")
			cmd.Env = append(os.Environ(), "BROADSHEET_TEST_POSTGRES="+tt.source, "BROADSHEET_TEST_DATABASE_URL="+tt.url)
			out, err := cmd.CombinedOutput()
			if (err == nil) != tt.ok || !strings.Contains(string(out), tt.want) {
				t.Errorf("got error %v and\n%s\nwant success %v and %q", err, out, tt.ok, tt.want)
			}
			if strings.Contains(string(out), "SKIP") {
				t.Errorf("got\n%s\nwant no test skipped", out)
			}
		})
	}
}
