package migrations_test

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"broadsheet/internal/postgres"
	"broadsheet/internal/postgrestest"
	"broadsheet/migrations"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

func TestFilesArePairsNumberedWithoutGaps(t *testing.T) {
	t.Parallel()
	ups, err := fs.Glob(migrations.FS, "*.up.sql")
	if err != nil {
		t.Fatalf("listing: %v", err)
	}
	all, err := fs.Glob(migrations.FS, "*")
	if err != nil {
		t.Fatalf("listing: %v", err)
	}
	if len(ups) == 0 || len(all) != 2*len(ups) {
		t.Errorf("got %d files, of which %d go up, want pairs", len(all), len(ups))
	}
	for i, up := range ups {
		if number := fmt.Sprintf("%06d_", i+1); !strings.HasPrefix(up, number) {
			t.Errorf("got %s, want the next to be %sname.up.sql", up, number)
		}
		if down := strings.TrimSuffix(up, ".up.sql") + ".down.sql"; !slices.Contains(all, down) {
			t.Errorf("%s has no %s", up, down)
		}
	}
}

// Each step taken back and made again gives the schema it gave at first, and
// with all of them taken back nothing is left.
func TestEveryStepGoesUpDownAndUp(t *testing.T) {
	t.Parallel()
	url := postgrestest.NewEmptyURL(t)
	ups, err := fs.Glob(migrations.FS, "*.up.sql")
	if err != nil {
		t.Fatalf("listing: %v", err)
	}
	m := postgres.Migrator{URL: url, Source: migrations.FS, Log: slog.New(slog.DiscardHandler)}
	if err := m.Up(t.Context()); err != nil {
		t.Fatalf("up: %v", err)
	}
	complete := schema(t, url)

	if err := m.Down(t.Context(), len(ups)); err != nil {
		t.Fatalf("down: %v", err)
	}
	if left := schema(t, url); len(left) != 0 {
		t.Errorf("after all the way down there is still\n%s", strings.Join(left, "\n"))
	}
	if err := m.Up(t.Context()); err != nil {
		t.Fatalf("up again: %v", err)
	}
	for i := range ups {
		if err := m.Down(t.Context(), i+1); err != nil {
			t.Fatalf("down %d: %v", i+1, err)
		}
		if err := m.Up(t.Context()); err != nil {
			t.Fatalf("up from %d below: %v", i+1, err)
		}
		if diff := cmp.Diff(complete, schema(t, url)); diff != "" {
			t.Errorf("after %d down and up again (-first +now):\n%s", i+1, diff)
		}
	}
}

// A server of the version before writes while the newest step is made: in
// whatever order it comes to the tables, the step is made in the end.
func TestTheNewestStepIsMadeUnderWriters(t *testing.T) {
	t.Parallel()
	for name, order := range map[string][2]string{
		"posts first": {"UPDATE posts SET title = 'x'", "UPDATE tags SET description = 'x'"},
		"tags first":  {"UPDATE tags SET description = 'x'", "UPDATE posts SET title = 'x'"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := postgrestest.NewURL(t)
			m := postgres.Migrator{URL: url, Source: migrations.FS, Log: slog.New(slog.DiscardHandler)}
			if err := m.Down(t.Context(), 1); err != nil {
				t.Fatalf("down: %v", err)
			}
			writer, watcher := connect(t, url), connect(t, url)
			tx, err := writer.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := tx.Exec(t.Context(), order[0]); err != nil {
				t.Fatal(err)
			}
			up := make(chan error, 1)
			go func() { up <- m.Up(t.Context()) }()
			for waits := false; !waits && len(up) == 0; {
				err := watcher.QueryRow(t.Context(), `
					SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted
						AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`).Scan(&waits)
				if err != nil {
					t.Fatal(err)
				}
			}
			// PostgreSQL may choose to end the writer, which tries again.
			if _, err := tx.Exec(t.Context(), order[1]); err == nil {
				err = tx.Commit(t.Context())
				if err != nil {
					t.Fatal(err)
				}
			} else if err := tx.Rollback(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := <-up; err != nil {
				t.Errorf("up: %v", err)
			}
			status, err := m.Status(t.Context())
			if err != nil || status.Dirty || len(status.Pending) > 0 {
				t.Errorf("got status %+v, error %v, want the latest", status, err)
			}
		})
	}
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatalf("connecting: %v", err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// schema describes all that migrations can make, a line for each thing. The
// order of columns is part of it, as it is of SELECT *.
func schema(t *testing.T, url string) []string {
	t.Helper()
	conn := connect(t, url)
	defer conn.Close(t.Context()) // before the next step of the schema
	rows, err := conn.Query(t.Context(), `
WITH ours AS (
    SELECT c.oid, c.relname, c.relkind, c.reloptions FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relname NOT LIKE 'schema\_migrations%'
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
)
SELECT format('relation %s kind %s options %s', relname, relkind, reloptions) FROM ours
UNION ALL
SELECT format('column %s.%s %s %s %s %s identity %s generated %s default %s statistics %s', o.relname,
    row_number() OVER (PARTITION BY o.oid ORDER BY a.attnum), a.attname, format_type(a.atttypid, a.atttypmod),
    CASE WHEN a.attnotnull THEN 'not null' END, a.attcollation::regcollation, a.attidentity, a.attgenerated,
    pg_get_expr(d.adbin, d.adrelid), a.attstattarget)
FROM ours o JOIN pg_attribute a ON a.attrelid = o.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = o.oid AND d.adnum = a.attnum
UNION ALL
SELECT format('constraint %s on %s %s', conname, conrelid::regclass, pg_get_constraintdef(c.oid))
FROM pg_constraint c JOIN ours o ON o.oid = c.conrelid
UNION ALL
SELECT format('index %s', pg_get_indexdef(i.indexrelid)) FROM pg_index i JOIN ours o ON o.oid = i.indexrelid
UNION ALL
SELECT format('trigger %s', pg_get_triggerdef(g.oid))
FROM pg_trigger g JOIN ours o ON o.oid = g.tgrelid WHERE NOT g.tgisinternal
UNION ALL
SELECT format('view %s %s', relname, pg_get_viewdef(oid)) FROM ours WHERE relkind IN ('v', 'm')
UNION ALL
SELECT format('sequence %s', s) FROM ours o JOIN pg_sequences s ON s.sequencename = o.relname
UNION ALL
SELECT format('function %s', pg_get_functiondef(p.oid)) FROM pg_proc p
WHERE p.pronamespace = 'public'::regnamespace AND p.prokind <> 'a'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
UNION ALL
SELECT format('type %s %s %s', y.typname, y.typtype, (SELECT string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder)
    FROM pg_enum e WHERE e.enumtypid = y.oid))
FROM pg_type y WHERE y.typnamespace = 'public'::regnamespace AND y.typtype IN ('e', 'd', 'r')
UNION ALL
SELECT format('text search configuration %s', cfgname) FROM pg_ts_config WHERE cfgnamespace = 'public'::regnamespace
UNION ALL
SELECT format('extended statistics %s', pg_get_statisticsobjdef(oid)) FROM pg_statistic_ext
UNION ALL
SELECT format('extension %s', extname) FROM pg_extension WHERE extname <> 'plpgsql'
UNION ALL
SELECT format('schema %s', nspname) FROM pg_namespace
WHERE nspname <> 'public' AND nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema'
ORDER BY 1`)
	if err != nil {
		t.Fatalf("describing the schema: %v", err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("describing the schema: %v", err)
	}
	return lines
}
