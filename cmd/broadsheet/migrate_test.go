package main

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"broadsheet/internal/postgrestest"
	"broadsheet/migrations"
)

func execute(t *testing.T, database, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// latest returns the version of the schema that this program knows.
func latest(t *testing.T) int {
	t.Helper()
	steps, err := fs.Glob(migrations.FS, "*.up.sql")
	if err != nil || len(steps) == 0 {
		t.Fatalf("got migrations %v, error %v", steps, err)
	}
	return len(steps)
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	e := env{"DATABASE_URL": postgrestest.NewEmptyURL(t)}
	status := func(want ...string) {
		t.Helper()
		got := strings.Join(strings.Fields(succeeds(t, e, "migrate", "status")), " ")
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("got status %q, want %q in it", got, w)
			}
		}
	}
	status("schema version 0", "pending 1 init")
	// Looking changes nothing.
	status("schema version 0", "pending 1 init")

	// Only serve and migrate move a schema.
	for _, command := range []string{"user list", "import markdown . --dry-run"} {
		broadsheet(t, e, strings.Fields(command)...).fails(t, "version 0", "broadsheet migrate up", "start the server")
	}
	status("schema version 0", "pending 1 init")

	e["BROADSHEET_MIGRATE"] = "false"
	for _, command := range []string{"user list", "serve", "import markdown ."} {
		broadsheet(t, e, strings.Fields(command)...).fails(t, "version 0", "broadsheet migrate up", "BROADSHEET_MIGRATE")
	}

	if r := broadsheet(t, e, "migrate", "up"); r.err != nil || strings.Count(r.log, "migrated the schema") == 0 {
		t.Errorf("migrate up: got error %v and log %q, want a line for each step", r.err, r.log)
	}
	if got := succeeds(t, e, "migrate", "status"); strings.Contains(got, "pending") || strings.Contains(got, "version  0") {
		t.Errorf("got status\n%s\nwant nothing pending", got)
	}
	succeeds(t, e, "migrate", "up")
	succeeds(t, e, "user", "list")

	broadsheet(t, e, "migrate", "down", "0").fails(t, "want 1 or more")
	succeeds(t, e, "migrate", "down", "1000")
	status("schema version 0", "pending 1 init")

	delete(e, "BROADSHEET_MIGRATE")
	serve(t, e).greets()
	status(fmt.Sprintf("schema version %d", latest(t)))
}

func TestSchemaThatMustNotBeTouched(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, sql string
		want      []string
	}{
		{"newer", "UPDATE schema_migrations SET version = 999", []string{"newer than this program", "version 999", "restore a backup"}},
		{"dirty", "UPDATE schema_migrations SET dirty = true", []string{"in doubt", "restore a backup", "broadsheet migrate force"}},
	}
	for _, tt := range tests {
		for _, command := range []string{"serve", "user list", "import markdown .", "migrate up", "migrate down", "migrate status"} {
			t.Run(tt.name+"/"+command, func(t *testing.T) {
				t.Parallel()
				e := env{"DATABASE_URL": postgrestest.NewURL(t), "BROADSHEET_LISTEN": "127.0.0.1:0"}
				execute(t, e["DATABASE_URL"], tt.sql)
				for _, migrate := range []string{"true", "false"} {
					e["BROADSHEET_MIGRATE"] = migrate
					broadsheet(t, e, strings.Fields(command)...).fails(t, tt.want...)
				}
			})
		}
	}
}

func TestMigrateForce(t *testing.T) {
	t.Parallel()
	e := env{"DATABASE_URL": postgrestest.NewURL(t)}
	version := strconv.Itoa(latest(t))
	execute(t, e["DATABASE_URL"], "UPDATE schema_migrations SET dirty = true")
	broadsheet(t, e, "migrate", "force", "999").fails(t, "no version 999")
	broadsheet(t, e, "user", "list").fails(t, "broadsheet migrate force "+version)
	succeeds(t, e, "migrate", "force", version)
	succeeds(t, e, "user", "list")
}
