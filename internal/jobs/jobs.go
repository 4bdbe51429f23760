// Package jobs does what follows a post's publication: once, by whichever copy
// of the server runs, and again until it worked. River keeps the jobs in the
// database, so that the transaction that saves a post also stores what is to
// follow, and none is lost when every process ends.
package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"broadsheet/internal/posts"
)

const (
	atOnce  = 4
	timeout = 15 * time.Second // of a job
	// A job that a killed process had begun is begun again after this long.
	rescueAfter = 30 * time.Second
	// Copies are told of new jobs. Looking for them makes up for what is lost.
	lookEvery = 5 * time.Second
	// goodbye is how long jobs that run have to end when the server stops.
	goodbye = 5 * time.Second
)

// Options say what jobs need to know.
type Options struct {
	BaseURL string // scheme and host of the blog, without a slash at the end
	Hub     string // address of the WebSub hub, "" for none
	Log     *slog.Logger
}

// Jobs stores jobs and does them.
type Jobs struct {
	pool   *pgxpool.Pool
	client *river.Client[pgx.Tx]
	log    *slog.Logger
}

// New returns jobs on a pool of their own: their connections are few, and no
// page waits for them.
func New(pool *pgxpool.Pool, o Options) (*Jobs, error) {
	j := &Jobs{pool: pool, log: o.Log}
	workers := river.NewWorkers()
	river.AddWorker(workers, &publishedWorker{jobs: j, baseURL: o.BaseURL, hub: o.Hub})
	river.AddWorker(workers, &unpublishWorker{posts: posts.NewStore(pool)})
	river.AddWorker(workers, &pushWorker{hub: o.Hub, client: &http.Client{Timeout: timeout, CheckRedirect: refuseRedirect}})
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{
		Workers:              workers,
		Queues:               map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: atOnce}},
		FetchPollInterval:    lookEvery,
		JobTimeout:           timeout,
		RescueStuckJobsAfter: rescueAfter,
		SoftStopTimeout:      goodbye,
		// Rebuilding indexes takes longer than a statement may.
		ReindexerSchedule: river.NeverSchedule(),
		// What fails is stored with the job and shown to the authors; what the
		// database's absence breaks is told by those who follow its changes.
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return nil, fmt.Errorf("preparing jobs: %w", err)
	}
	j.client = client
	return j, nil
}

// Run does jobs until ctx ends, beginning when the database answers.
func (j *Jobs) Run(ctx context.Context) {
	for {
		err := j.client.Start(ctx)
		if err == nil {
			break
		}
		if ctx.Err() == nil {
			j.log.Warn("jobs cannot be done yet; trying again", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(5 * time.Second):
		}
	}
	<-j.client.Stopped()
}

// Saved stores what follows the save of a published post, at its date, in the
// transaction that saves it. It is for [posts.Store.Saved].
func (j *Jobs) Saved(ctx context.Context, tx pgx.Tx, post posts.Stored) error {
	_, err := j.client.InsertTx(ctx, tx, published{PostID: post.ID, Version: post.Version}, &river.InsertOpts{ScheduledAt: post.PublishedAt})
	if err != nil {
		return fmt.Errorf("storing what follows post %d: %w", post.ID, err)
	}
	if !post.UnpublishAt.IsZero() {
		_, err = j.client.InsertTx(ctx, tx, unpublish{PostID: post.ID, Version: post.Version, At: post.UnpublishAt}, &river.InsertOpts{ScheduledAt: post.UnpublishAt})
	}
	if err != nil {
		return fmt.Errorf("storing when post %d disappears: %w", post.ID, err)
	}
	return nil
}
