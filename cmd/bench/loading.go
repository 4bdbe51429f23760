package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"broadsheet/cmd/bench/load"
	"broadsheet/internal/posts"
)

// longPost is the slug of a post that takes more than 4 kB on the wire, which
// those that the blog is seeded with do not.
const longPost = "bench-long"

// measureLoad has the program itself measured on the large blog, and leaves
// that as it was.
func measureLoad(ctx context.Context, url string, big blog, kinds []kind, o options, log *slog.Logger) (r load.Result, err error) {
	patient, err := patientPool(ctx, url)
	if err != nil {
		return r, err
	}
	defer patient.Close()
	if err := clearLoad(ctx, patient); err != nil { // of a run that was killed
		return r, err
	}
	defer func() { err = errors.Join(err, clearLoad(context.WithoutCancel(ctx), patient)) }()
	if err := saveLong(ctx, big.posts); err != nil {
		return r, err
	}
	lo := load.Options{
		Database: url, Server: o.server, Run: o.run, Rounds: o.rounds, Log: log,
		Cached: []load.Page{{Name: kinds[0].name, Path: kinds[0].path}},
	}
	for _, k := range kinds {
		if k.loaded {
			lo.Uncached = append(lo.Uncached, load.Page{Name: k.name, Path: k.path})
		}
	}
	lo.Cached = append(lo.Cached,
		load.Page{Name: "a post", Path: fmt.Sprintf("/posts/post-%d", big.size/2)},
		load.Page{Name: "a long post", Path: "/posts/" + longPost})
	for i := range min(big.size, 20_000) {
		lo.Crawl = append(lo.Crawl, fmt.Sprintf("/posts/post-%d", big.size-i))
	}
	return load.Run(ctx, lo)
}

// saveLong makes the long post, older than all others: no list that is
// measured shows it.
func saveLong(ctx context.Context, store *posts.Store) error {
	all, err := compose()
	if err != nil {
		return err
	}
	var text strings.Builder
	for i, p := range all[:24] {
		if i%4 == 0 {
			fmt.Fprintf(&text, "## %s\n\n", p.title)
		}
		text.WriteString(p.source + "\n\n")
	}
	_, err = store.Save(ctx, 0, 0, posts.Draft{
		Title: "A long post", Slug: longPost, Language: "en", AuthorID: 1, Markdown: text.String(),
		Status: posts.StatusPublished, PublishedAt: time.Date(2015, 6, 1, 0, 0, 0, 0, time.UTC),
	})
	if err != nil {
		return fmt.Errorf("saving a long post: %w", err)
	}
	return nil
}

// clearLoad removes what loading left, so that the next run finds the same blog.
func clearLoad(ctx context.Context, pool *pgxpool.Pool) error {
	for _, sql := range []string{
		"DELETE FROM posts WHERE slug = '" + longPost + "'",
		"DELETE FROM posts USING users u WHERE u.id = author_id AND u.email = '" + load.Email + "'",
		"DELETE FROM users WHERE email = '" + load.Email + "'",
		"DELETE FROM old_slugs; DELETE FROM setup_codes; DELETE FROM sign_in_failures; TRUNCATE changes",
		"VACUUM posts, post_tags, tags, old_slugs, users",
	} {
		if _, err := pool.Exec(ctx, sql); err != nil {
			return fmt.Errorf("tidying up: %w", err)
		}
	}
	return nil
}
