// Package postgrestest gives each test a PostgreSQL database of its own.
//
// The server is started once per test binary and ended by [Main], which every
// package that uses this one calls:
//
//	func TestMain(m *testing.M) { postgrestest.Main(m) }
package postgrestest

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"broadsheet/internal/postgres"
	"broadsheet/internal/postgres/explain"
	"broadsheet/migrations"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// The one server of this test binary, made by the first test that needs it.
var (
	shared    = sync.OnceValues(start)
	template  = sync.OnceValues(makeTemplate)
	databases atomic.Int64
	started   atomic.Bool
	ended     atomic.Bool
)

// Main runs the tests, ends the database server and what else the tests have
// started, also when they are interrupted, and exits.
func Main(m *testing.M, others ...func() error) {
	endAll := sync.OnceValue(func() bool {
		ok := true
		for _, endOther := range others {
			if err := endOther(); err != nil {
				fmt.Fprintln(os.Stderr, err)
				ok = false
			}
		}
		return end() && ok
	})
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-interrupted
		endAll()
		os.Exit(1)
	}()
	code := m.Run()
	if !endAll() {
		code = max(code, 1)
	}
	os.Exit(code)
}

// end ends the server, if a test has made it be started, and reports success.
var end = sync.OnceValue(func() bool {
	if !started.Load() {
		return true
	}
	ended.Store(true)
	server, err := shared()
	if err != nil {
		return true // the tests that needed it have failed for it
	}
	if err := server.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "postgrestest: ending PostgreSQL:", err)
		return false
	}
	return true
})

// New returns a pool on a migrated, empty database of the test's own, dropped
// when the test ends. Its queries can be recorded with [explain.Record].
func New(t testing.TB) *pgxpool.Pool {
	t.Helper()
	// The pool is small so that many tests in parallel fit the server, and at
	// least 4 so that code that takes a second connection does not lock up.
	pool, err := postgres.Open(context.Background(), postgres.Config{
		URL: NewURL(t), MaxConns: 4, Tracer: explain.Tracer{},
	})
	if err != nil {
		t.Fatalf("opening the test's database: %v", err)
	}
	t.Cleanup(func() { closePool(t, pool) })
	return pool
}

// closePool closes the pool, which waits for connections in use: one that is
// never given back is a leak in what was tested, and must not hang the binary.
func closePool(t testing.TB, pool *pgxpool.Pool) {
	t.Helper()
	closed := make(chan struct{})
	go func() { pool.Close(); close(closed) }()
	select {
	case <-closed:
	case <-time.After(10 * time.Second):
		t.Errorf("%d connections were never given back to the pool: a Rows not closed, a transaction not ended",
			pool.Stat().AcquiredConns())
	}
}

// NewURL returns the URL of a migrated, empty database of the test's own,
// dropped when the test ends.
func NewURL(t testing.TB) string {
	t.Helper()
	needServer(t)
	name, err := template()
	if err != nil {
		t.Fatalf("migrating the template database: %v", err)
	}
	return create(t, name)
}

// NewEmptyURL is [NewURL] without the schema: for tests of migrations.
func NewEmptyURL(t testing.TB) string {
	t.Helper()
	needServer(t)
	return create(t, "template0")
}

func needServer(t testing.TB) *server {
	t.Helper()
	started.Store(true)
	server, err := shared()
	if err != nil {
		t.Fatalf("a test needs PostgreSQL:\n%v", err)
	}
	if ended.Load() {
		t.Fatal("postgrestest: the database server has been ended")
	}
	return server
}

// create clones a database and returns its URL.
func create(t testing.TB, from string) string {
	t.Helper()
	server := needServer(t)
	name := fmt.Sprintf("%s_%d", server.prefix, databases.Add(1))
	if err := server.clone(name, from); err != nil {
		t.Fatalf("making the test's database: %v", err)
	}
	t.Cleanup(func() {
		// FORCE: a connection that the test left open must not keep it.
		if err := server.exec("DROP DATABASE IF EXISTS " + quote(name) + " WITH (FORCE)"); err != nil {
			t.Errorf("dropping the test's database: %v", err)
		}
	})
	return server.urlOf(name)
}

// makeTemplate migrates the database that all others are cloned from.
func makeTemplate() (string, error) {
	server, err := shared()
	if err != nil {
		return "", err
	}
	name := server.prefix + "_template"
	if err := server.clone(name, "template0"); err != nil {
		return "", err
	}
	migrator := postgres.Migrator{
		URL:    server.urlOf(name),
		Source: migrations.FS,
		Log:    slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	if err := migrator.Up(context.Background()); err != nil {
		return "", err
	}
	return name, nil
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }
