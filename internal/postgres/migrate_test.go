package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"broadsheet/internal/postgres"
	"broadsheet/internal/postgrestest"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
)

// files makes migrations that each run one statement on the way up and one on
// the way down.
func files(steps ...[2]string) fstest.MapFS {
	source := make(fstest.MapFS)
	for i, step := range steps {
		source[fmt.Sprintf("%06d_step%d.up.sql", i+1, i+1)] = &fstest.MapFile{Data: []byte(step[0])}
		source[fmt.Sprintf("%06d_step%d.down.sql", i+1, i+1)] = &fstest.MapFile{Data: []byte(step[1])}
	}
	return source
}

var twoTables = files(
	[2]string{"CREATE TABLE a (id int); CREATE TABLE aa (id int);", "DROP TABLE a, aa"},
	[2]string{"CREATE TABLE b (id int)", "DROP TABLE b"},
)

func migrator(url string, source fs.FS) postgres.Migrator {
	return postgres.Migrator{URL: url, Source: source, Log: slog.New(slog.DiscardHandler)}
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

// tables names the tables that migrations made.
func tables(t *testing.T, url string) string {
	t.Helper()
	var names string
	err := connect(t, url).QueryRow(t.Context(), `
		SELECT coalesce(string_agg(tablename, ' ' ORDER BY tablename), '') FROM pg_tables
		WHERE schemaname = 'public' AND tablename <> 'schema_migrations'`).Scan(&names)
	if err != nil {
		t.Fatalf("listing tables: %v", err)
	}
	return names
}

func wantStatus(t *testing.T, m postgres.Migrator, want postgres.Status) {
	t.Helper()
	got, err := m.Status(t.Context())
	if err != nil {
		t.Fatalf("asking for the status: %v", err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("status (-want +got):\n%s", diff)
	}
}

func TestUpAndDown(t *testing.T) {
	t.Parallel()
	url := postgrestest.NewEmptyURL(t)
	m := migrator(url, twoTables)
	one, two := postgres.Migration{Version: 1, Name: "step1"}, postgres.Migration{Version: 2, Name: "step2"}

	wantStatus(t, m, postgres.Status{Latest: 2, Pending: []postgres.Migration{one, two}})
	steps := []struct {
		name   string
		run    func(context.Context) error
		tables string
		status postgres.Status
	}{
		{"up", m.Up, "a aa b", postgres.Status{Version: 2, Latest: 2}},
		{"up again", m.Up, "a aa b", postgres.Status{Version: 2, Latest: 2}},
		{"down 1", func(ctx context.Context) error { return m.Down(ctx, 1) }, "a aa",
			postgres.Status{Version: 1, Latest: 2, Pending: []postgres.Migration{two}}},
		{"down more than there are", func(ctx context.Context) error { return m.Down(ctx, 9) }, "",
			postgres.Status{Latest: 2, Pending: []postgres.Migration{one, two}}},
		{"down from nothing", func(ctx context.Context) error { return m.Down(ctx, 1) }, "",
			postgres.Status{Latest: 2, Pending: []postgres.Migration{one, two}}},
		{"up from nothing", m.Up, "a aa b", postgres.Status{Version: 2, Latest: 2}},
	}
	for _, step := range steps {
		if err := step.run(t.Context()); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if got := tables(t, url); got != step.tables {
			t.Errorf("%s: got tables %q, want %q", step.name, got, step.tables)
		}
		wantStatus(t, m, step.status)
	}
	if err := m.Down(t.Context(), 0); err == nil {
		t.Error("down 0: got no error")
	}
}

func TestStatusChangesNothing(t *testing.T) {
	t.Parallel()
	url := postgrestest.NewEmptyURL(t)
	wantStatus(t, migrator(url, fstest.MapFS{}), postgres.Status{})
	var made bool
	err := connect(t, url).QueryRow(t.Context(), "SELECT to_regclass('schema_migrations') IS NOT NULL").Scan(&made)
	if err != nil || made {
		t.Errorf("got a version table %v (error %v), want none", made, err)
	}
}

// keyValues is a URL's connection as key=value pairs.
func keyValues(t *testing.T, url string) string {
	t.Helper()
	c, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatalf("parsing the test database's URL: %v", err)
	}
	return fmt.Sprintf("host='%s' port=%d user=%s password='%s' dbname=%s sslmode=disable", c.Host, c.Port, c.User, c.Password, c.Database)
}

func TestMigrationsHaveNoTimeouts(t *testing.T) {
	t.Parallel()
	source := files([2]string{`CREATE TABLE got AS SELECT current_setting('statement_timeout') AS statement,
		current_setting('lock_timeout') AS lock, current_setting('idle_in_transaction_session_timeout') AS idle`, "DROP TABLE got"})
	url := postgrestest.NewEmptyURL(t)
	for _, address := range []string{keyValues(t, url), with(t, url, "statement_timeout", "5s")} {
		m := migrator(address, source)
		if err := m.Up(t.Context()); err != nil {
			t.Fatalf("up: %v", err)
		}
		var statement, lock, idle string
		if err := connect(t, url).QueryRow(t.Context(), "SELECT * FROM got").Scan(&statement, &lock, &idle); err != nil {
			t.Fatalf("reading: %v", err)
		}
		if statement != "0" || lock != "0" || idle != "0" {
			t.Errorf("got timeouts %s, %s and %s, want 0", statement, lock, idle)
		}
		if err := m.Down(t.Context(), 1); err != nil {
			t.Fatalf("down: %v", err)
		}
	}
}

func TestNewerSchema(t *testing.T) {
	t.Parallel()
	url := postgrestest.NewEmptyURL(t)
	if err := migrator(url, twoTables).Up(t.Context()); err != nil {
		t.Fatalf("up: %v", err)
	}
	older := migrator(url, files([2]string{"CREATE TABLE a (id int)", "DROP TABLE a"}))
	down := func(ctx context.Context) error { return older.Down(ctx, 1) }
	for name, run := range map[string]func(context.Context) error{"up": older.Up, "down": down} {
		err := run(t.Context())
		if !errors.Is(err, postgres.ErrNewerSchema) || !strings.Contains(err.Error(), "at version 2, and this program knows 1") {
			t.Errorf("%s: got error %v, want ErrNewerSchema with both versions", name, err)
		}
	}
	wantStatus(t, older, postgres.Status{Version: 2, Latest: 1})
	if got := tables(t, url); got != "a aa b" {
		t.Errorf("got tables %q, want them left alone", got)
	}
}

func TestDirtySchema(t *testing.T) {
	t.Parallel()
	url := postgrestest.NewEmptyURL(t)
	broken := migrator(url, files(
		[2]string{"CREATE TABLE a (id int)", "DROP TABLE a"},
		[2]string{"CREATE TABLE b (id int);\nCREATE TABLE b (id nonsense);", "DROP TABLE b"},
	))
	err := broken.Up(t.Context())
	if err == nil || !strings.Contains(err.Error(), `relation "b" already exists`) && !strings.Contains(err.Error(), "nonsense") {
		t.Fatalf("got error %v, want PostgreSQL's", err)
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("got error %q, want one line", err)
	}

	mended := migrator(url, files(
		[2]string{"CREATE TABLE a (id int)", "DROP TABLE a"},
		[2]string{"CREATE TABLE b (id int)", "DROP TABLE b"},
	))
	if err := mended.Up(t.Context()); !errors.Is(err, postgres.ErrDirtySchema) || !strings.Contains(err.Error(), "migrate force 2") {
		t.Errorf("got error %v, want ErrDirtySchema with the way out", err)
	}
	wantStatus(t, mended, postgres.Status{Version: 2, Latest: 2, Dirty: true})
	if err := mended.Force(t.Context(), 1); err != nil {
		t.Fatalf("force: %v", err)
	}
	if err := mended.Up(t.Context()); err != nil {
		t.Fatalf("up after force: %v", err)
	}
	if got := tables(t, url); got != "a b" {
		t.Errorf("got tables %q, want a b", got)
	}
}

func TestServersThatStartTogether(t *testing.T) {
	t.Parallel()
	url := postgrestest.NewEmptyURL(t)
	m := migrator(url, files([2]string{"CREATE TABLE a (id int); SELECT pg_sleep(0.2)", "DROP TABLE a"}))
	const servers = 3
	ended := make(chan error, servers)
	for range servers {
		go func() { ended <- m.Up(t.Context()) }()
	}
	for range servers {
		if err := <-ended; err != nil {
			t.Errorf("one of %d servers: %v", servers, err)
		}
	}
	wantStatus(t, m, postgres.Status{Version: 1, Latest: 1})
}

// running waits until a migration sleeps in the database.
func running(t *testing.T, url, like string) {
	t.Helper()
	conn := connect(t, url)
	for seen := false; !seen; {
		err := conn.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'active' AND query LIKE $1)`, like).Scan(&seen)
		if err != nil {
			t.Fatalf("looking for %q: %v", like, err)
		}
	}
}

func TestWaitForTheLockIsBounded(t *testing.T) {
	t.Parallel()
	url := postgrestest.NewEmptyURL(t)
	slow := migrator(url, files([2]string{"SELECT pg_sleep(60)", "SELECT 1"}))
	ended := make(chan error, 1)
	go func() { ended <- slow.Up(t.Context()) }()
	running(t, url, "SELECT pg_sleep%")

	second := slow
	second.LockWait = 50 * time.Millisecond
	if err := second.Up(t.Context()); err == nil || !strings.Contains(err.Error(), "another server that migrates") {
		t.Errorf("got error %v, want one about the server that migrates", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := slow.Up(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got error %v, want the context's", err)
	}

	_, err := connect(t, url).Exec(t.Context(), `SELECT pg_cancel_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND query LIKE 'SELECT pg_sleep%'`)
	if err != nil {
		t.Fatalf("ending the migration: %v", err)
	}
	if err := <-ended; err == nil {
		t.Error("got no error from a migration that was canceled")
	}
}

func TestStatusWaitsForAServerThatMigrates(t *testing.T) {
	t.Parallel()
	url := postgrestest.NewEmptyURL(t)
	holder := connect(t, url)
	if _, err := holder.Exec(t.Context(), "SELECT pg_advisory_lock(42)"); err != nil {
		t.Fatalf("holding the migration up: %v", err)
	}
	m := migrator(url, files([2]string{"SELECT pg_advisory_xact_lock(42)", "SELECT 1"}))
	ended := make(chan error, 1)
	go func() { ended <- m.Up(t.Context()) }()
	running(t, url, "SELECT pg_advisory_xact_lock%")
	looked := make(chan postgres.Status)
	go func() {
		status, err := m.Status(t.Context())
		if err != nil {
			t.Errorf("asking for the status: %v", err)
		}
		looked <- status
	}()
	running(t, url, "SELECT pg_advisory_lock($1)")
	if _, err := holder.Exec(t.Context(), "SELECT pg_advisory_unlock(42)"); err != nil {
		t.Fatalf("letting the migration go: %v", err)
	}
	if diff := cmp.Diff(postgres.Status{Version: 1, Latest: 1}, <-looked); diff != "" {
		t.Errorf("status (-want +got):\n%s", diff)
	}
	if err := <-ended; err != nil {
		t.Errorf("migrating: %v", err)
	}
}

func TestContextEndsBetweenMigrations(t *testing.T) {
	t.Parallel()
	url := postgrestest.NewEmptyURL(t)
	m := migrator(url, files(
		[2]string{"CREATE TABLE a (id int); SELECT pg_sleep(1)", "DROP TABLE a"},
		[2]string{"CREATE TABLE b (id int)", "DROP TABLE b"},
	))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- m.Up(ctx) }()
	running(t, url, "%pg_sleep(1)%")
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want the context's", err)
	}
	wantStatus(t, m, postgres.Status{Version: 1, Latest: 2, Pending: []postgres.Migration{{Version: 2, Name: "step2"}}})
}
