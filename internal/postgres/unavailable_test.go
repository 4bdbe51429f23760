package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"broadsheet/internal/postgres"
	"broadsheet/internal/postgrestest"
)

func TestUnavailable(t *testing.T) {
	t.Parallel()
	code := func(c string) error { return fmt.Errorf("listing posts: %w", &pgconn.PgError{Code: c}) }
	tests := []struct {
		name string
		err  error
		want bool
	}{
		{"nil", nil, false},
		{"no rows", pgx.ErrNoRows, false},
		{"anything else", errors.New("a mistake"), false},
		{"the client left", context.Canceled, false},
		{"no connection in time", fmt.Errorf("x: %w", context.DeadlineExceeded), true},
		{"shutting down", code("57P01"), true},
		{"crashed", code("57P02"), true},
		{"starting", code("57P03"), true},
		{"too many connections", code("53300"), true},
		{"disk full", code("53100"), true},
		{"connection lost", code("08006"), true},
		{"statement timeout", code("57014"), true},
		{"lock timeout", code("55P03"), true},
		{"syntax error", code("42601"), false},
		{"duplicate key", code("23505"), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := postgres.Unavailable(tt.err); got != tt.want {
				t.Errorf("Unavailable(%v): got %v, want %v", tt.err, got, tt.want)
			}
		})
	}
}

func TestUnavailableWhenNobodyListens(t *testing.T) {
	t.Parallel()
	pool, err := postgres.Open(t.Context(), postgres.Config{URL: "postgres://u:p@127.0.0.1:1/d"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if err := pool.Ping(t.Context()); !postgres.Unavailable(err) {
		t.Errorf("Unavailable(%v): got false, want true", err)
	}
}

func TestUnavailableWhenTheConnectionIsCut(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	err := pool.AcquireFunc(t.Context(), func(c *pgxpool.Conn) error {
		var pid int
		if err := c.QueryRow(t.Context(), "SELECT pg_backend_pid()").Scan(&pid); err != nil {
			return err
		}
		if _, err := pool.Exec(t.Context(), "SELECT pg_terminate_backend(@pid, 5000)", pgx.NamedArgs{"pid": pid}); err != nil {
			t.Fatal(err)
		}
		_, err := c.Exec(t.Context(), "SELECT 1")
		return err
	})
	if !postgres.Unavailable(err) {
		t.Errorf("Unavailable(%v): got false, want true", err)
	}
}

func TestUnavailableWhenTheAnswerIsLate(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := pool.Exec(ctx, "SELECT pg_sleep(30)"); !postgres.Unavailable(err) {
		t.Errorf("Unavailable(%v): got false, want true", err)
	}
}
