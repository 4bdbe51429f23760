package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"broadsheet/internal/postgres/embedded"
)

// settings make the private PostgreSQL load fast; what keeps data safe stays
// on, for publishing is measured too. Nothing runs in the background while
// pages are timed: seeding ends with VACUUM and ANALYZE.
var settings = map[string]string{
	"shared_buffers":       "1GB",
	"effective_cache_size": "3GB",
	"maintenance_work_mem": "512MB",
	"max_wal_size":         "2GB",
	"wal_level":            "minimal",
	"autovacuum":           "off",
}

// database returns the database to measure: the one that is set, or a private
// one, which release ends.
func database(ctx context.Context, o options, set string, log *slog.Logger) (url string, release func() error, err error) {
	if set != "" {
		return set, func() error { return nil }, mayBeFilled(set)
	}
	if err := os.MkdirAll(o.data, 0o755); err != nil {
		return "", nil, fmt.Errorf("making the data folder: %w", err)
	}
	private, err := embedded.Start(ctx, embedded.Options{Dir: o.data, Log: log, Settings: settings})
	if err != nil {
		return "", nil, err
	}
	return private.URL(), private.Stop, nil
}

// mayBeFilled keeps the benchmark away from a blog that somebody reads.
func mayBeFilled(set string) error {
	u, err := url.Parse(set)
	if err != nil || u.Scheme == "" {
		return errors.New("DATABASE_URL: want a URL, postgres://user:password@host/database")
	}
	if name := strings.TrimPrefix(u.Path, "/"); !strings.Contains(name, "bench") {
		return fmt.Errorf("DATABASE_URL names the database %q: the benchmark fills and empties only one with \"bench\" in its name", name)
	}
	return nil
}

// sideDatabase makes an empty database beside the one of that URL. drop
// removes it, as the next call does with one that a killed run left.
func sideDatabase(ctx context.Context, pool *pgxpool.Pool, beside string) (address string, drop func() error, err error) {
	u, err := url.Parse(beside)
	if err != nil {
		return "", nil, fmt.Errorf("reading the database's URL: %w", err)
	}
	u.Path += "_small"
	name := pgx.Identifier{strings.TrimPrefix(u.Path, "/")}.Sanitize()
	drop = func() error {
		if _, err := pool.Exec(context.WithoutCancel(ctx), "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			return fmt.Errorf("dropping the small blog: %w", err)
		}
		return nil
	}
	if err := drop(); err != nil {
		return "", nil, err
	}
	if _, err := pool.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE template0"); err != nil {
		return "", nil, fmt.Errorf("making the small blog: %w", err)
	}
	return u.String(), drop, nil
}
