package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// minVersion is the oldest PostgreSQL whose features the schema uses, as
// server_version_num counts.
const minVersion = 15_00_00

// Check connects once and asks for the version. Its error is one line for
// people: what could not be used, why, and what to do; never a password.
func Check(ctx context.Context, pool *pgxpool.Pool) error {
	var version string
	if err := pool.QueryRow(ctx, "SHOW server_version_num").Scan(&version); err != nil {
		return describe(&pool.Config().ConnConfig.Config, err)
	}
	number, err := strconv.Atoi(version)
	if err != nil {
		return fmt.Errorf("reading PostgreSQL's version: %w", err)
	}
	if number < minVersion {
		return &connectError{
			target:    describe(&pool.Config().ConnConfig.Config, errors.New("old")).target,
			reason:    fmt.Sprintf("its version is %d", number/1_00_00),
			hint:      fmt.Sprintf("broadsheet needs PostgreSQL %d or newer", minVersion/1_00_00),
			permanent: true,
		}
	}
	return nil
}

// Wait returns when the database answers. While it does not it tries again,
// often at first and then every few seconds, and says so in the log once and
// then twice a minute. What waiting cannot mend (a wrong password, a missing
// database) it returns at once; else it gives up only when ctx ends.
func Wait(ctx context.Context, pool *pgxpool.Pool, log *slog.Logger) error {
	const (
		firstPause = 100 * time.Millisecond
		longPause  = 5 * time.Second
		sayAgain   = 30 * time.Second
	)
	started, said := time.Now(), time.Time{}
	for pause := firstPause; ; pause = min(2*pause, longPause) {
		err := Check(ctx, pool)
		if err == nil {
			if !said.IsZero() {
				log.Info("the database is there", "after", time.Since(started).Round(time.Millisecond).String())
			}
			return nil
		}
		var failed *connectError
		if !errors.As(err, &failed) || failed.permanent {
			return err
		}
		if ctx.Err() != nil {
			return fmt.Errorf("waiting for the database: %w", ctx.Err())
		}
		if time.Since(said) >= sayAgain {
			log.Warn("waiting for the database", "error", err)
			said = time.Now()
		}
		// Several servers that lost the same database must not return as one.
		timer := time.NewTimer(pause/2 + rand.N(pause/2))
		select {
		case <-ctx.Done():
			timer.Stop()
			return fmt.Errorf("waiting for the database: %w", ctx.Err())
		case <-timer.C:
		}
	}
}
