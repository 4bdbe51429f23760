package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"sync"

	"github.com/jackc/pgx/v5/pgxpool"

	"broadsheet/internal/accounts"
	"broadsheet/internal/admin"
	"broadsheet/internal/changes"
	"broadsheet/internal/page"
	"broadsheet/internal/pagecache"
	"broadsheet/internal/postgres"
	"broadsheet/internal/postgres/explain"
	"broadsheet/internal/posts"
	"broadsheet/internal/reader"
	"broadsheet/internal/server"
	"broadsheet/internal/site"
)

// smallPosts is the size of the blog that the large one is compared with.
const smallPosts = 1000

// A blog is a seeded database and the whole server on it.
type blog struct {
	size    int // posts that readers may see
	pool    *pgxpool.Pool
	posts   *posts.Store
	handler http.Handler
	close   func()
}

// openBlog seeds the database where that was not done yet and puts the server
// together as the serve command does, but keeps no pages; the access log is
// written to nowhere.
func openBlog(ctx context.Context, address string, size int, log *slog.Logger) (blog, error) {
	if err := fill(ctx, address, size, log); err != nil {
		return blog{}, err
	}
	pool, err := postgres.Open(ctx, postgres.Config{URL: address, Tracer: explain.Tracer{}})
	if err != nil {
		return blog{}, err
	}
	var (
		base     = &url.URL{Scheme: "http", Host: "localhost"}
		nowhere  = slog.New(slog.NewJSONHandler(io.Discard, nil))
		store    = posts.NewStore(pool)
		sites    = site.NewStore(pool)
		pages    = page.New(sites, store, base, nowhere)
		readers  = reader.New(pages, store)
		follower = changes.NewFollower(pool, nowhere)
		health   = server.NewHealth(pool.Ping)
	)
	follower.Tell(store, pages, readers)
	following, stop := context.WithCancel(ctx)
	var background sync.WaitGroup
	background.Go(func() { follower.Run(following) })
	b := blog{size: size, pool: pool, posts: store, handler: server.New(server.Options{
		Log: nowhere, BaseURL: base, Pages: pages, Reader: readers,
		Admin: admin.New(pages, store, accounts.NewStore(pool), sites, base), Health: health,
		Cache: pagecache.New(pagecache.Options{Address: reader.Address, Follower: follower}), Follower: follower,
	})}
	b.close = func() {
		stop()
		background.Wait()
		pool.Close()
	}
	if err := follower.Sync(ctx); err != nil { // from here on names are remembered
		b.close()
		return blog{}, err
	}
	health.Started()
	return b, nil
}
