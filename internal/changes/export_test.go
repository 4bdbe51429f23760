package changes

import (
	"context"
	"time"
)

// Read is one reading of a follower that is not running.
func (f *Follower) Read(ctx context.Context) error { return f.read(ctx, f.pool) }

// Backdate has the last reading be that much longer ago.
func (f *Follower) Backdate(d time.Duration) { f.seen.at = f.seen.at.Add(-d) }
