package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"broadsheet/internal/postgres/explain"
	"broadsheet/internal/posts"
)

// A write is something an author does, and what it costs on both blogs.
type write struct {
	name       string
	statements int
	big, small cost
}

type cost struct {
	median  time.Duration
	buffers int64 // on average, those of triggers and constraints included
}

// author does one thing after another to posts of its own on one blog.
type author struct {
	pool   *pgxpool.Pool // of one connection, whose statistics are read
	posts  *posts.Store
	stored []posts.Stored
}

var steps = []struct {
	name string
	do   func(ctx context.Context, a *author, i int) error
}{
	{"publish a new post with 3 common tags", func(ctx context.Context, a *author, i int) error {
		return a.save(ctx, i, posts.Draft{
			Title: fmt.Sprintf("A bench post %d", i), Language: "en", AuthorID: 1, Status: posts.StatusPublished,
			Tags: []string{"Tag 1", "Tag 2", "Tag 3"}, Markdown: strings.Repeat("A *sentence* that says how long a post is. ", 24),
		})
	}},
	{"edit its text", func(ctx context.Context, a *author, i int) error {
		d := a.stored[i].Draft
		d.Markdown += "\n\nOne more thing."
		return a.save(ctx, i, d)
	}},
	{"change one of its tags", func(ctx context.Context, a *author, i int) error {
		d := a.stored[i].Draft
		d.Tags = []string{"Tag 1", "Tag 2", "Tag 4"}
		return a.save(ctx, i, d)
	}},
	{"unpublish it", func(ctx context.Context, a *author, i int) error {
		d := a.stored[i].Draft
		d.Status = posts.StatusDraft
		return a.save(ctx, i, d)
	}},
	{"publish it again", func(ctx context.Context, a *author, i int) error {
		d := a.stored[i].Draft
		d.Status = posts.StatusPublished
		return a.save(ctx, i, d)
	}},
	{"delete it", func(ctx context.Context, a *author, i int) error {
		return a.posts.Delete(ctx, a.stored[i].ID, a.stored[i].Version)
	}},
}

func (a *author) save(ctx context.Context, i int, d posts.Draft) (err error) {
	a.stored[i], err = a.posts.Save(ctx, a.stored[i].ID, a.stored[i].Version, d)
	return err
}

// measureWrites takes each step with every post before the next step, on both
// blogs in turn, and leaves the blogs as they were.
func measureWrites(ctx context.Context, big, small blog, saves int, log *slog.Logger) ([]write, error) {
	log.Info("publishing, editing and deleting posts")
	var authors [2]*author
	for i, b := range []blog{big, small} {
		config := b.pool.Config()
		config.MaxConns, config.MinConns = 1, 0
		pool, err := pgxpool.NewWithConfig(ctx, config)
		if err != nil {
			return nil, fmt.Errorf("connecting an author: %w", err)
		}
		defer pool.Close()
		authors[i] = &author{pool: pool, posts: posts.NewStore(pool), stored: make([]posts.Stored, saves)}
	}
	var writes []write
	for _, step := range steps {
		w := write{name: step.name}
		var times [2][]time.Duration
		var buffers [2]int64
		for who, a := range authors {
			before, err := a.touched(ctx)
			if err != nil {
				return nil, err
			}
			buffers[who] = -before
		}
		for i := range saves {
			for who, a := range authors {
				recording, recorder := explain.Record(ctx)
				started := time.Now()
				if err := step.do(recording, a, i); err != nil {
					return nil, fmt.Errorf("%s: %w", step.name, err)
				}
				times[who] = append(times[who], time.Since(started))
				w.statements = len(recorder.Queries())
			}
		}
		var costs [2]cost
		for who, a := range authors {
			after, err := a.touched(ctx)
			if err != nil {
				return nil, err
			}
			slices.Sort(times[who])
			costs[who] = cost{median: times[who][saves/2], buffers: (buffers[who] + after) / int64(saves)}
		}
		w.big, w.small = costs[0], costs[1]
		writes = append(writes, w)
	}
	return writes, authors[0].tidy(ctx)
}

// touched returns how many buffers the database's connections touched so far.
// Each keeps count for itself for up to a minute unless it is told to report.
func (a *author) touched(ctx context.Context) (buffers int64, err error) {
	if _, err := a.pool.Exec(ctx, "SELECT pg_stat_force_next_flush()"); err != nil {
		return 0, fmt.Errorf("reading statistics: %w", err)
	}
	err = a.pool.QueryRow(ctx, "SELECT blks_hit + blks_read FROM pg_stat_database WHERE datname = current_database()").Scan(&buffers)
	if err != nil {
		return 0, fmt.Errorf("reading statistics: %w", err)
	}
	return buffers, nil
}

// tidy removes what writing left, so that the next run finds the same blog.
func (a *author) tidy(ctx context.Context) error {
	for _, sql := range []string{
		"DELETE FROM old_slugs",
		"TRUNCATE changes",
		"SET statement_timeout = 0",
		"VACUUM posts, post_tags, tags, old_slugs",
	} {
		if _, err := a.pool.Exec(ctx, sql); err != nil {
			return fmt.Errorf("tidying up: %w", err)
		}
	}
	return nil
}
