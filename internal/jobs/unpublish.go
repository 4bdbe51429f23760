package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"broadsheet/internal/posts"
)

// unpublish says that the time of a post is over. Readers do not see it from
// that second on, whether or not this job is done: it makes it a draft.
type unpublish struct {
	PostID  int64     `json:"post_id"`
	Version int64     `json:"version"` // by which it was said: one job for each
	At      time.Time `json:"at"`
}

func (unpublish) Kind() string { return "unpublish" }

func (unpublish) InsertOpts() river.InsertOpts {
	return river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true}}
}

type unpublishWorker struct {
	river.WorkerDefaults[unpublish]
	posts *posts.Store
}

// Work does nothing for a post that was saved with another time meanwhile.
func (w *unpublishWorker) Work(ctx context.Context, job *river.Job[unpublish]) error {
	post, err := w.posts.Get(ctx, job.Args.PostID)
	if errors.Is(err, posts.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading post %d: %w", job.Args.PostID, err)
	}
	if !post.UnpublishAt.Equal(job.Args.At) || post.Status != posts.StatusPublished {
		return nil
	}
	if post.State == posts.StatePublished {
		return river.JobSnooze(time.Second) // this machine's clock is ahead of the database's
	}
	err = w.posts.Unpublish(ctx, post.ID)
	if errors.Is(err, posts.ErrNotFound) {
		return nil
	}
	return err
}
