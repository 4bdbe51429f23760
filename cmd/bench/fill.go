package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"broadsheet/internal/postgres"
	"broadsheet/migrations"
)

// fill migrates the database and seeds it, unless that was done before with
// the same schema and the same content. A table says so: without it, posts in
// the database are somebody's own, and are left alone.
func fill(ctx context.Context, address string, size int, log *slog.Logger) error {
	want, err := fingerprint(size)
	if err != nil {
		return err
	}
	pool, err := patientPool(ctx, address)
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := postgres.Check(ctx, pool); err != nil {
		return err
	}
	have, err := marked(ctx, pool)
	if err != nil {
		return err
	}
	if have == want {
		return nil
	}
	started := time.Now()
	if err := empty(ctx, pool); err != nil {
		return err
	}
	quiet := slog.New(slog.DiscardHandler)
	if err := (postgres.Migrator{URL: address, Source: migrations.FS, Log: quiet}).Up(ctx); err != nil {
		return err
	}
	if err := mark(ctx, pool, "unfinished"); err != nil {
		return err
	}
	if err := (&seeding{pool: pool, size: int64(size), log: log}).run(ctx); err != nil {
		return err
	}
	if err := mark(ctx, pool, want); err != nil {
		return err
	}
	log.Info("the blog is there", "posts", size, "took", time.Since(started).Round(time.Second))
	return nil
}

// fingerprint changes whenever the seeded database would be another one.
func fingerprint(size int) (string, error) {
	sum := sha256.New()
	fmt.Fprintln(sum, size, edition, insertTags, insertPosts)
	files, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil {
		return "", fmt.Errorf("listing migrations: %w", err)
	}
	for _, name := range files {
		text, err := fs.ReadFile(migrations.FS, name)
		if err != nil {
			return "", fmt.Errorf("reading a migration: %w", err)
		}
		sum.Write(text)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// patientPool is a pool without the time limits that suit pages.
func patientPool(ctx context.Context, address string) (*pgxpool.Pool, error) {
	pool, err := postgres.Open(ctx, postgres.Config{URL: address})
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	config := pool.Config()
	for _, limit := range []string{"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"} {
		config.ConnConfig.RuntimeParams[limit] = "0"
	}
	return pgxpool.NewWithConfig(ctx, config)
}

// marked returns what seeded the database, "" for nothing so far.
func marked(ctx context.Context, pool *pgxpool.Pool) (string, error) {
	var ours, theirs bool
	err := pool.QueryRow(ctx, "SELECT to_regclass('bench_seed') IS NOT NULL, to_regclass('posts') IS NOT NULL").Scan(&ours, &theirs)
	if err != nil {
		return "", fmt.Errorf("looking at the database: %w", err)
	}
	if !ours && theirs {
		if err := pool.QueryRow(ctx, "SELECT EXISTS (SELECT FROM posts)").Scan(&theirs); err != nil {
			return "", fmt.Errorf("looking at the database: %w", err)
		}
	}
	if !ours && theirs {
		return "", errors.New("the database has posts that the benchmark did not make: give it another one")
	}
	if !ours {
		return "", nil
	}
	var fingerprint string
	if err := pool.QueryRow(ctx, "SELECT fingerprint FROM bench_seed").Scan(&fingerprint); err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return "", fmt.Errorf("reading how the database was seeded: %w", err)
	}
	return fingerprint, nil
}

func mark(ctx context.Context, pool *pgxpool.Pool, fingerprint string) error {
	err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "CREATE TABLE IF NOT EXISTS bench_seed (fingerprint text NOT NULL); DELETE FROM bench_seed")
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "INSERT INTO bench_seed VALUES ($1)", fingerprint)
		return err
	})
	if err != nil {
		return fmt.Errorf("noting how the database was seeded: %w", err)
	}
	return nil
}

// empty drops what another run made.
func empty(ctx context.Context, pool *pgxpool.Pool) error {
	if _, err := pool.Exec(ctx, "DROP SCHEMA public CASCADE; CREATE SCHEMA public"); err != nil {
		return fmt.Errorf("emptying the database: %w", err)
	}
	return nil
}
