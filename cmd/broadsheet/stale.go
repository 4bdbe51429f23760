package main

import (
	"context"
	"slices"
	"time"
)

// renderAgain brings posts up to date that an older version of the program
// rendered, or whose tags have other names now, a few at a time so that readers
// do not notice. It looks when something changed that posts depend on, and every
// few minutes: during an upgrade a copy of the older version may still save.
func (b blog) renderAgain(ctx context.Context) {
	const atOnce = 20
	for total := 0; ctx.Err() == nil; {
		n, err := b.posts.RenderStale(ctx, atOnce)
		if err == nil && n == 0 {
			n, err = b.posts.IndexStale(ctx, atOnce)
		}
		switch total += n; {
		case err != nil && ctx.Err() == nil:
			b.log.Warn("rendering or indexing older posts again failed; trying again in a minute", "error", err)
			_ = sleep(ctx, time.Minute)
		case n > 0:
			continue
		case total > 0:
			b.log.Info("rendered or indexed older posts again", "posts", total)
			total = 0
		default:
			select {
			case <-ctx.Done():
			case <-b.renamed:
			case <-time.After(5 * time.Minute):
			}
		}
	}
}

// waker wakes one who waits. It is told of changes, of which that of a tag's
// name is told as one of everything.
type waker chan struct{}

func (w waker) Reset() {
	select {
	case w <- struct{}{}:
	default: // woken already
	}
}

func (w waker) Changed(keys []string) {
	if slices.Contains(keys, "*") {
		w.Reset()
	}
}
