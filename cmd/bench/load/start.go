package load

import (
	"context"
	"time"
)

const starts = 10

// starts measures how long it takes from exec to the first page, with a
// database that runs and whose schema is up to date.
func (l *lab) starts(ctx context.Context, r *Result) error {
	l.Log.Info("starting the server", "times", starts)
	for range starts {
		p, took, err := l.startServer(ctx, Broadsheet)
		if err != nil {
			return err
		}
		r.Starts = append(r.Starts, took)
		if err := l.stop(p); err != nil {
			return err
		}
		// What the last one left to do is not for the next one to wait for.
		time.Sleep(100 * time.Millisecond)
	}
	return nil
}
