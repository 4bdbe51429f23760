package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"time"

	"github.com/golang-migrate/migrate/v4"
	"github.com/golang-migrate/migrate/v4/database"
	migratepgx "github.com/golang-migrate/migrate/v4/database/pgx/v5"
	"github.com/golang-migrate/migrate/v4/source/iofs"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// A Migrator moves a database's schema between versions with golang-migrate,
// under its advisory lock: servers that start together migrate once.
type Migrator struct {
	URL    string // as in [Config]
	Source fs.FS  // NNNNNN_name.up.sql and .down.sql at the root
	Log    *slog.Logger

	// LockWait is how long to wait for another server that migrates; 0 means
	// five minutes.
	LockWait time.Duration
}

// Up applies what is pending. It fails with [ErrNewerSchema] or
// [ErrDirtySchema] without a change. When ctx ends, it finishes the migration
// that runs, so that the schema is not left in doubt, and returns ctx's error.
func (m Migrator) Up(ctx context.Context) error {
	return m.run(ctx, (*migrate.Migrate).Up)
}

// Down takes back the last n migrations, or as many as there are, and the data
// in what they made. It fails and ends like [Migrator.Up].
func (m Migrator) Down(ctx context.Context, n int) error {
	if n < 1 {
		return fmt.Errorf("migrating down %d steps: want 1 or more", n)
	}
	return m.run(ctx, func(runner *migrate.Migrate) error {
		_, _, err := runner.Version()
		if errors.Is(err, migrate.ErrNilVersion) {
			return nil
		}
		err = runner.Steps(-n)
		if errors.As(err, new(migrate.ErrShortLimit)) {
			return nil
		}
		return err
	})
}

// Force records version as the schema's, in doubt no longer, and runs nothing:
// the way out of [ErrDirtySchema] once somebody has looked at the schema.
func (m Migrator) Force(ctx context.Context, version uint) error {
	return m.locked(ctx, func(driver database.Driver) error {
		if version == 0 {
			return driver.SetVersion(database.NilVersion, false)
		}
		return driver.SetVersion(int(version), false)
	})
}

// run does step under the lock, on a schema that this program understands.
func (m Migrator) run(ctx context.Context, step func(*migrate.Migrate) error) error {
	return m.locked(ctx, func(driver database.Driver) error {
		version, dirty, err := driver.Version()
		if err != nil {
			return fmt.Errorf("reading the schema's version: %w", err)
		}
		status, err := m.statusAt(version, dirty)
		if err != nil {
			return err
		}
		if err := status.Err(); err != nil {
			return err
		}
		files, err := iofs.New(m.Source, ".")
		if err != nil {
			return fmt.Errorf("reading migrations: %w", err)
		}
		runner, err := migrate.NewWithInstance("iofs", files, "pgx5", driver)
		if err != nil {
			return fmt.Errorf("preparing migrations: %w", err)
		}
		runner.Log = migrateLog{m.Log}
		stop := context.AfterFunc(ctx, func() { runner.GracefulStop <- true })
		defer stop()

		err = step(runner)
		if err != nil && !errors.Is(err, migrate.ErrNoChange) {
			return fmt.Errorf("migrating the schema: %w", shortened(err))
		}
		return ctx.Err()
	})
}

// shortened leaves out the text of the migration, which golang-migrate quotes
// in whole.
func shortened(err error) error {
	var failed database.Error
	if errors.As(err, &failed) && failed.OrigErr != nil {
		return fmt.Errorf("line %d: %w", failed.Line, failed.OrigErr)
	}
	return err
}

// locked calls do with a driver whose one connection holds golang-migrate's
// lock for as long as do runs, so that the version do reads stays true.
func (m Migrator) locked(ctx context.Context, do func(database.Driver) error) error {
	config, err := m.connConfig()
	if err != nil {
		return err
	}
	db := stdlib.OpenDB(*config, stdlib.OptionAfterConnect(m.lock))
	defer db.Close()
	// PostgreSQL lets the connection that holds a lock take it again.
	// golang-migrate takes this one itself and would wait for it without end,
	// deaf to ctx: it must run on the connection that has it already.
	db.SetMaxOpenConns(1)
	if err := db.PingContext(ctx); err != nil {
		if locking := (*lockError)(nil); errors.As(err, &locking) {
			return locking
		}
		return describe(&config.Config, err)
	}
	driver, err := migratepgx.WithInstance(db, &migratepgx.Config{})
	if err != nil {
		return fmt.Errorf("preparing the schema's version table: %w", err)
	}
	defer driver.Close()
	return do(driver)
}

type lockError struct{ err error }

func (e *lockError) Error() string {
	return "waiting for another server that migrates: " + e.err.Error()
}
func (e *lockError) Unwrap() error { return e.err }

// lock takes the advisory lock that golang-migrate's driver uses, and keeps it
// until conn closes.
func (m Migrator) lock(ctx context.Context, conn *pgx.Conn) error {
	var name, schema string
	err := conn.QueryRow(ctx, "SELECT current_database(), coalesce(current_schema(), '')").Scan(&name, &schema)
	if err != nil {
		return fmt.Errorf("asking for the schema: %w", err)
	}
	id, err := database.GenerateAdvisoryLockId(name, schema, migratepgx.DefaultMigrationsTable)
	if err != nil {
		return fmt.Errorf("naming the lock: %w", err)
	}
	var got bool
	if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", id).Scan(&got); err != nil {
		return &lockError{err}
	}
	if got {
		return nil
	}
	wait := cmp.Or(m.LockWait, 5*time.Minute)
	m.Log.Info("another server is migrating the schema: waiting for it", "at_most", wait.String())
	cause := fmt.Errorf("it did not finish within %s; look for its lock in pg_locks, and start again", wait)
	ctx, cancel := context.WithTimeoutCause(ctx, wait, cause)
	defer cancel()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", id); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return &lockError{err}
	}
	return nil
}

// connConfig is how migrations connect: what bounds a page's statements must
// not cut off one that rewrites a table.
func (m Migrator) connConfig() (*pgx.ConnConfig, error) {
	pool, err := poolConfig(Config{URL: m.URL})
	if err != nil {
		return nil, err
	}
	config := pool.ConnConfig
	for _, param := range []string{"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"} {
		config.RuntimeParams[param] = "0"
	}
	return config, nil
}

// migrateLog passes golang-migrate's one line for each migration on.
type migrateLog struct{ log *slog.Logger }

func (l migrateLog) Printf(format string, v ...any) {
	l.log.Info("migrated the schema", "step", strings.TrimSpace(fmt.Sprintf(format, v...)))
}

func (migrateLog) Verbose() bool { return false }
