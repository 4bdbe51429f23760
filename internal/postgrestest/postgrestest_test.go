package postgrestest_test

import (
	"testing"

	"broadsheet/internal/postgrestest"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

func TestNewIsMigratedAndItsOwn(t *testing.T) {
	t.Parallel()
	first, second := postgrestest.New(t), postgrestest.New(t)
	var a, b string
	var version int
	for _, name := range []*string{&a, &b} {
		pool := first
		if name == &b {
			pool = second
		}
		err := pool.QueryRow(t.Context(), "SELECT current_database(), version FROM schema_migrations").Scan(name, &version)
		if err != nil {
			t.Fatalf("asking for the schema's version: %v", err)
		}
	}
	if a == b {
		t.Errorf("two databases of a test have the same name %q", a)
	}
	if version < 1 {
		t.Errorf("got schema version %d, want a migrated one", version)
	}
}
