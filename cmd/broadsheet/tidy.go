package main

import (
	"context"
	"time"
)

// tidy removes, every few minutes, what has been in the trash for long enough,
// and autosaves that later ones replaced. All copies of the server do it, each
// its part.
func (b blog) tidy(ctx context.Context) {
	const atOnce = 100
	for ctx.Err() == nil {
		posts, err := b.posts.EmptyTrash(ctx, atOnce)
		texts := 0
		if err == nil {
			texts, err = b.posts.ThinRevisions(ctx, atOnce)
		}
		switch {
		case err != nil && ctx.Err() == nil:
			b.log.Warn("emptying the trash or thinning out autosaves failed; trying again in ten minutes", "error", err)
			_ = sleep(ctx, 10*time.Minute)
		case posts > 0:
			b.log.Info("emptied the trash", "posts", posts)
		case texts == 0:
			_ = sleep(ctx, 10*time.Minute)
		}
	}
}
