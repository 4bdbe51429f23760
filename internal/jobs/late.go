package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// ErrNotFound says that a job was done or dropped meanwhile.
var ErrNotFound = errors.New("jobs: not found")

// Late is a job that is not done although its time has come.
type Late struct {
	ID      int64
	Kind    string
	Feed    string    // that is to be pushed, of that kind of job
	Due     time.Time // when it was to be done, or failed, first
	Tries   int
	Next    time.Time // when it is tried again; zero when it is given up
	Problem string    // of the last try, for those who run the blog
}

// lateMost is how many late jobs are looked at.
const lateMost = 100

// Late returns the jobs that are a minute late, or failed, those due first
// before the others; at most 100.
func (j *Jobs) Late(ctx context.Context) ([]Late, error) {
	rows, err := j.pool.Query(ctx, `
		SELECT id, kind, coalesce(args->>'feed', '') AS feed, coalesce((errors[1]->>'at')::timestamptz, scheduled_at) AS due, attempt AS tries,
			CASE WHEN state <> 'discarded' THEN scheduled_at END AS next,
			coalesce(errors[array_upper(errors, 1)]->>'error', '') AS problem
		FROM river_job
		WHERE state IN ('retryable', 'discarded')
			OR state IN ('available', 'scheduled') AND scheduled_at < now() - interval '1 minute'
			OR state = 'running' AND attempted_at < now() - interval '1 minute'
		ORDER BY scheduled_at, id LIMIT @most`, pgx.StrictNamedArgs{"most": lateMost})
	if err != nil {
		return nil, fmt.Errorf("reading late jobs: %w", err)
	}
	late, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Late, error) {
		var l Late
		var next *time.Time
		err := row.Scan(&l.ID, &l.Kind, &l.Feed, &l.Due, &l.Tries, &next, &l.Problem)
		if next != nil {
			l.Next = *next
		}
		return l, err
	})
	if err != nil {
		return nil, fmt.Errorf("reading late jobs: %w", err)
	}
	return late, nil
}

// Retry has a job tried again now, also one that was given up.
func (j *Jobs) Retry(ctx context.Context, id int64) error {
	_, err := j.client.JobRetry(ctx, id)
	return notFound("trying", id, err)
}

// Drop forgets a job. One that runs at this moment stays.
func (j *Jobs) Drop(ctx context.Context, id int64) error {
	_, err := j.client.JobDelete(ctx, id)
	if errors.Is(err, rivertype.ErrJobRunning) {
		return nil
	}
	return notFound("dropping", id, err)
}

func notFound(doing string, id int64, err error) error {
	if errors.Is(err, river.ErrNotFound) {
		return ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("%s job %d: %w", doing, id, err)
	}
	return nil
}
