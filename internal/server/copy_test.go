package server_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"broadsheet/internal/accounts"
	"broadsheet/internal/admin"
	"broadsheet/internal/changes"
	"broadsheet/internal/page"
	"broadsheet/internal/pagecache"
	"broadsheet/internal/postgres"
	"broadsheet/internal/posts"
	"broadsheet/internal/reader"
	"broadsheet/internal/server"
	"broadsheet/internal/site"
)

// copyOf is a whole copy of the server on a database.
type copyOf struct {
	pool         *pgxpool.Pool
	posts        *posts.Store
	site         *site.Store
	accounts     *accounts.Store
	follower     *changes.Follower
	cache        *pagecache.Cache
	handler      http.Handler
	hits, misses atomic.Int64
}

func newCopy(t *testing.T, databaseURL string, cacheSize int64, change ...func(*server.Options)) *copyOf {
	t.Helper()
	pool, err := postgres.Open(t.Context(), postgres.Config{URL: databaseURL, MaxConns: 6})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	base := &url.URL{Scheme: "http", Host: "blog.example"}
	c := &copyOf{pool: pool, posts: posts.NewStore(pool), site: site.NewStore(pool), accounts: accounts.NewStore(pool)}
	pages := page.New(c.site, c.posts, base, log)
	rd := reader.New(pages, c.posts)
	o := server.Options{
		Log: log, BaseURL: base, Pages: pages, Reader: rd,
		Admin: admin.New(pages, c.posts, c.accounts, c.site, base), Health: server.NewHealth(pool.Ping),
	}
	if cacheSize > 0 {
		c.follower = changes.NewFollower(pool, log)
		o.Follower = c.follower
		o.Cache = pagecache.New(pagecache.Options{
			Size: cacheSize, Address: reader.Address, Follower: c.follower,
			Served: func(_ http.ResponseWriter, _, outcome string) {
				if outcome == "hit" {
					c.hits.Add(1)
				} else {
					c.misses.Add(1)
				}
			},
		})
		c.cache = o.Cache
		c.follower.Tell(c.posts, pages, rd, o.Cache)
		c.run(t, c.follower.Run)
		c.run(t, o.Cache.Run)
	}
	for _, f := range change {
		f(&o)
	}
	c.handler = server.New(o)
	o.Health.Started()
	return c
}

// run runs f until the test ends.
func (c *copyOf) run(t *testing.T, f func(context.Context)) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); f(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
}

func (c *copyOf) get(ctx context.Context, address string) (status int, location, body string) {
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, httptest.NewRequestWithContext(ctx, "GET", address, nil))
	return w.Code, w.Header().Get("Location"), w.Body.String()
}
