package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"broadsheet/internal/page"
)

// published says that readers see a version of a post from now on. Of a post
// that was saved again meanwhile, the job of the newer version does the work.
type published struct {
	PostID  int64 `json:"post_id"`
	Version int64 `json:"version"`
}

func (published) Kind() string { return "published" }

func (published) InsertOpts() river.InsertOpts {
	return river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true}}
}

type publishedWorker struct {
	river.WorkerDefaults[published]
	jobs    *Jobs
	baseURL string
	hub     string
}

// Work stores a job for each feed that has changed, and ends its own job in the
// same transaction: each feed is told of once for each version.
func (w *publishedWorker) Work(ctx context.Context, job *river.Job[published]) error {
	return pgx.BeginFunc(ctx, w.jobs.pool, func(tx pgx.Tx) error {
		shown, err := find(ctx, tx, job.Args)
		if err != nil {
			return err
		}
		if shown.wait > 0 {
			return river.JobSnooze(shown.wait) // this machine's clock is ahead of the database's
		}
		if w.hub != "" && shown.listed {
			var pushes []river.InsertManyParams
			for _, feed := range shown.feeds() {
				pushes = append(pushes, river.InsertManyParams{Args: push{Feed: w.baseURL + feed, PostID: job.Args.PostID, Version: job.Args.Version}})
			}
			if _, err := w.jobs.client.InsertManyTx(ctx, tx, pushes); err != nil {
				return fmt.Errorf("storing what feeds to tell of: %w", err)
			}
		}
		_, err = river.JobCompleteTx[*riverpgxv5.Driver](ctx, tx, job)
		return err
	})
}

// shown is where readers see a post.
type shown struct {
	listed bool          // whether it is in lists at all
	wait   time.Duration // until its date, by the database's clock
	tags   []string
	series string
	by     []string // handles of those who wrote it
}

func find(ctx context.Context, tx pgx.Tx, p published) (shown, error) {
	var s shown
	var seconds float64
	err := tx.QueryRow(ctx, `
		SELECT p.kind = 'post', extract(epoch FROM greatest(p.published_at - now(), interval '0')),
			ARRAY(SELECT handle FROM users WHERE id = ANY (p.author_id || p.coauthor_ids) ORDER BY handle),
			ARRAY(SELECT slug FROM tags WHERE id = ANY (p.tag_ids) ORDER BY slug),
			coalesce((SELECT slug FROM series WHERE id = p.series_id), '')
		FROM posts p
		WHERE p.id = @id AND p.version = @version AND p.status = 'published'`,
		pgx.StrictNamedArgs{"id": p.PostID, "version": p.Version}).
		Scan(&s.listed, &seconds, &s.by, &s.tags, &s.series)
	if errors.Is(err, pgx.ErrNoRows) {
		return shown{}, nil
	}
	if err != nil {
		return shown{}, fmt.Errorf("reading post %d: %w", p.PostID, err)
	}
	s.wait = time.Duration(seconds * float64(time.Second))
	return s, nil
}

// feeds returns the paths of the feeds that have the post.
func (s shown) feeds() []string {
	lists := []string{"/feed"}
	for _, handle := range s.by {
		lists = append(lists, page.AuthorURL(handle)+"/feed")
	}
	for _, tag := range s.tags {
		lists = append(lists, page.TagURL(tag)+"/feed")
	}
	if s.series != "" {
		lists = append(lists, page.SeriesURL(s.series)+"/feed")
	}
	var feeds []string
	for _, list := range lists {
		for _, form := range []string{".atom", ".rss", ".json"} {
			feeds = append(feeds, list+form)
		}
	}
	return feeds
}
