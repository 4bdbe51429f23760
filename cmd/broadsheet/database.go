package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"broadsheet/internal/config"
	"broadsheet/internal/postgres"
	"broadsheet/internal/postgres/embedded"
	"broadsheet/migrations"
)

// startPatience is how long a command waits for a server that starts on the
// same data folder.
const startPatience = 15 * time.Second

// databaseURL returns the database to use: the one that is set, else a
// private one, which is started when no server runs it. release ends what was
// started.
func (a *app) databaseURL(c config.Config, log *slog.Logger) (url string, release func() error, err error) {
	nothing := func() error { return nil }
	if c.DatabaseURL != "" {
		return c.DatabaseURL, nothing, nil
	}
	ctx, cancel := context.WithTimeout(a.ctx, startPatience)
	defer cancel()
	for {
		if url, ok := embedded.Running(c.Data); ok {
			return url, nothing, nil
		}
		private, err := embedded.Start(a.ctx, embedded.Options{Dir: c.Data, Log: log})
		if err == nil {
			return private.URL(), private.Stop, nil
		}
		if !errors.Is(err, embedded.ErrInUse) || sleep(ctx, 100*time.Millisecond) != nil {
			return "", nil, err
		}
	}
}

// withDatabase runs do with a pool on a database whose schema is right: what
// every command needs but those that move the schema.
func (a *app) withDatabase(do func(config.Config, *pgxpool.Pool) error) (err error) {
	c, log, err := a.settings()
	if err != nil {
		return err
	}
	quiet := slog.New(slog.DiscardHandler)
	url, release, err := a.databaseURL(c, quiet)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	pool, err := postgres.Open(a.ctx, postgres.Config{URL: url, MaxConns: c.MaxConns})
	if err != nil {
		return err
	}
	defer pool.Close()

	// A person waits for the command: better an answer than patience.
	ctx, cancel := context.WithTimeout(a.ctx, 5*time.Second)
	defer cancel()
	if err := postgres.Check(ctx, pool); err != nil {
		return err
	}
	m := postgres.Migrator{URL: url, Source: migrations.FS, Log: log}
	if err := checkSchema(a.ctx, m, c.DatabaseURL == ""); err != nil {
		return err
	}
	return do(c, pool)
}

// stands is for how long a schema has to stay as it is before nobody seems to be
// migrating it.
const stands = 2 * time.Second

// checkSchema fails unless the schema is this program's. A private database
// that was just made gets one: nobody else can use it. While a server migrates
// it waits.
func checkSchema(ctx context.Context, m postgres.Migrator, private bool) error {
	version, since := -1, time.Now()
	for {
		status, err := m.Status(ctx)
		if err != nil {
			return err
		}
		wrong := status.Err()
		if wrong == nil && private && status.Version == 0 {
			return m.Up(ctx)
		}
		if wrong == nil && len(status.Pending) > 0 {
			wrong = fmt.Errorf("the database schema is at version %d and this program needs %d: "+
				"run broadsheet migrate up, or start the server with BROADSHEET_MIGRATE on",
				status.Version, status.Latest)
		}
		over := int(status.Version) == version && time.Since(since) > stands
		if wrong == nil || over || errors.Is(wrong, postgres.ErrNewerSchema) {
			return wrong
		}
		if int(status.Version) != version {
			version, since = int(status.Version), time.Now()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(stands / 10):
		}
	}
}
