package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"broadsheet/internal/accounts"
	"broadsheet/internal/admin"
	"broadsheet/internal/changes"
	"broadsheet/internal/config"
	"broadsheet/internal/jobs"
	"broadsheet/internal/live"
	"broadsheet/internal/page"
	"broadsheet/internal/pagecache"
	"broadsheet/internal/postgres"
	"broadsheet/internal/postgres/embedded"
	"broadsheet/internal/posts"
	"broadsheet/internal/reader"
	"broadsheet/internal/server"
	"broadsheet/internal/site"
	"broadsheet/migrations"
	"broadsheet/web"
)

type serveCmd struct{}

// blog is what the parts of a running server share.
type blog struct {
	app      *app
	config   config.Config
	log      *slog.Logger
	access   *server.AccessLog // nil: requests are logged as all else
	metrics  *server.Metrics   // nil for none
	private  *embedded.Server  // nil where DATABASE_URL is set
	pool     *pgxpool.Pool
	posts    *posts.Store
	accounts *accounts.Store
	site     *site.Store
	health   *server.Health
	pages    *page.Pages
	reader   *reader.Reader
	follower *changes.Follower
	cache    *pagecache.Cache
	jobs     *jobs.Jobs
	live     *live.Hub
	renamed  waker // of renderAgain
}

// Run serves until the program is told to stop. It answers from the first
// moment, and says that it is starting until the database is there.
func (serveCmd) Run(a *app) (err error) {
	c, log, err := a.settings()
	if err != nil {
		return err
	}
	var access *server.AccessLog
	if !a.logsText(c) {
		access = server.NewAccessLog(a.stderr)
		defer access.Flush()
		log = a.logger(c, access)
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("%w; stop what uses the address, or set BROADSHEET_LISTEN to another", err)
	}
	defer listener.Close()
	log.Info("listening", "address", listener.Addr().String(), "version", programVersion())
	url := c.DatabaseURL
	var private *embedded.Server
	if url == "" {
		private, err = embedded.Open(embedded.Options{Dir: c.Data, Log: log})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, private.Stop()) }()
		url = private.URL()
	}
	pool, err := postgres.Open(a.ctx, postgres.Config{URL: url, MaxConns: c.MaxConns})
	if err != nil {
		return err
	}
	defer pool.Close()

	b := newBlog(a, c, log, private, pool)
	b.access = access
	stopJobs, err := b.openJobs(url)
	if err != nil {
		return err
	}
	defer stopJobs()
	if c.OpsListen != "" {
		stop, err := b.operate()
		if err != nil {
			return err
		}
		defer stop()
	}
	limitMemory(a, c)
	ctx, cancel := context.WithCancelCause(a.ctx)
	defer cancel(nil)
	// Requests that are being finished still need to know what changes.
	following, stopFollowing := context.WithCancel(context.WithoutCancel(ctx))
	defer stopFollowing()
	var background sync.WaitGroup
	background.Go(func() {
		b.loadPages()
		if err := b.start(ctx, url); err != nil && ctx.Err() == nil {
			cancel(err)
			return
		}
		background.Go(func() { b.follower.Run(following) })
		background.Go(func() { b.jobs.Run(ctx) })
		background.Go(func() { b.live.Run(ctx) })
		background.Go(func() { b.tidy(ctx) })
		b.renderAgain(ctx)
	})
	background.Go(func() { b.cache.Run(ctx) })
	err = server.Serve(ctx, listener, b.handler(), b.health, log)
	cancel(nil)
	stopFollowing()
	b.savePages()
	background.Wait()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		err = errors.Join(cause, err)
	}
	return err
}

func newBlog(a *app, c config.Config, log *slog.Logger, private *embedded.Server, pool *pgxpool.Pool) blog {
	b := blog{
		app: a, config: c, log: log, private: private, pool: pool, posts: posts.NewStore(pool),
		accounts: accounts.NewStore(pool), site: site.NewStore(pool), follower: changes.NewFollower(pool, log),
		live: live.NewHub(pool, log), renamed: make(waker, 1),
	}
	b.health = server.NewHealth(b.ping)
	if c.ReadyWithoutDatabase {
		b.health.ReadyWithoutDatabase()
	}
	b.pages = page.New(b.site, b.posts, c.BaseURL, log)
	b.reader = reader.New(b.pages, b.posts)
	b.reader.Hub = c.WebSubHub
	b.cache = pagecache.New(pagecache.Options{
		Size: c.CacheSize, Address: reader.Address, Follower: b.follower,
		Context: server.RequestContext, Served: server.Served,
		Style: web.Asset("site.css"), CDN: c.CDN, Secure: c.BaseURL.Scheme == "https",
	})
	// Pages are made of what the others remember: those forget first.
	b.follower.Tell(b.posts, b.pages, b.reader, b.cache, b.renamed)
	return b
}

// jobConns are those of the pool for jobs: one listens.
const jobConns = 3

// openJobs prepares what follows a save, on connections of its own.
func (b *blog) openJobs(url string) (stop func(), err error) {
	pool, err := postgres.Open(b.app.ctx, postgres.Config{URL: url, MaxConns: jobConns})
	if err != nil {
		return nil, err
	}
	b.jobs, err = jobs.New(pool, jobs.Options{BaseURL: b.pages.BaseURL(), Hub: b.config.WebSubHub, Log: b.log})
	if err != nil {
		pool.Close()
		return nil, err
	}
	b.posts.Saved = b.jobs.Saved
	return pool.Close, nil
}

// limitMemory has the garbage collector work harder rather than take more than
// a blog with this much of pages needs. GOMEMLIMIT, where it is set, wins.
func limitMemory(a *app, c config.Config) {
	if a.getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(40<<20 + 2*c.CacheSize)
	}
}

// loadPages takes up the pages of the last run, to be shown should the
// database be away.
func (b blog) loadPages() {
	if b.config.CacheFile == "" {
		return
	}
	if err := b.cache.Load(b.config.CacheFile, b.pagesVersion()); err != nil {
		b.log.Warn("the pages of the last run are not used", "error", err)
	}
}

func (b blog) savePages() {
	if b.config.CacheFile == "" {
		return
	}
	if err := b.cache.Save(b.config.CacheFile, b.pagesVersion()); err != nil {
		b.log.Warn("the pages do not survive the restart", "error", err)
	}
}

// pagesVersion changes when pages look different, need other files, or are
// another blog's.
func (b blog) pagesVersion() string {
	blog := sha256.Sum256(fmt.Appendln(nil, b.config.DatabaseURL, b.config.Data, b.config.BaseURL, b.config.CDN, b.config.WebSubHub))
	return fmt.Sprintf("%s %s %x", programVersion(), web.Asset("site.css"), blog[:8])
}

// ping tells whether pages can be made.
func (b blog) ping(ctx context.Context) error {
	if b.follower.Down() {
		return postgres.ErrDown
	}
	return b.pool.Ping(ctx)
}

func (b blog) handler() http.Handler {
	authors := admin.New(b.pages, b.posts, b.accounts, b.site, b.config.BaseURL)
	authors.Jobs, authors.Live = b.jobs, b.live
	return server.New(server.Options{
		Log: b.log, AccessLog: b.access, Metrics: b.metrics,
		BaseURL: b.config.BaseURL, TrustedProxies: b.config.TrustedProxies,
		Pages: b.pages, Reader: b.reader,
		Admin:  authors,
		Health: b.health, Cache: b.cache, Follower: b.follower,
		// The rest is for authors.
		ReadersAtOnce: max(1, int(b.pool.Config().MaxConns)-2),
	})
}

// start starts a private database or waits for another, brings its schema and
// content to where they should be, and lets visitors in. When the database goes
// away on the way it begins again.
func (b blog) start(ctx context.Context, url string) error {
	if b.private != nil {
		if err := b.private.Start(ctx); err != nil {
			return err
		}
	}
	for {
		if err := postgres.Wait(ctx, b.pool, b.log); err != nil {
			return err
		}
		err := b.prepare(ctx, url)
		if err == nil || ctx.Err() != nil || !postgres.Unavailable(err) {
			return err
		}
		b.log.Warn("the database went away while the server started; waiting for it again", "error", err)
		if err := sleep(ctx, time.Second); err != nil {
			return err
		}
	}
}

func (b blog) prepare(ctx context.Context, url string) error {
	if err := b.prepareSchema(ctx, url); err != nil {
		return err
	}
	if b.config.Demo {
		if err := b.fillWithDemo(ctx); err != nil {
			return err
		}
	}
	b.health.Started()
	return b.greet(ctx)
}

// prepareSchema migrates the schema, or checks that somebody did.
func (b blog) prepareSchema(ctx context.Context, url string) error {
	m := postgres.Migrator{URL: url, Source: migrations.FS, Log: b.log}
	if b.config.Migrate {
		return m.Up(ctx)
	}
	return checkSchema(ctx, m, false)
}

// greet prints what a person needs: where the blog is, and how to make it
// theirs. It goes to standard output, apart from the log.
func (b blog) greet(ctx context.Context) error {
	needsSetUp, err := b.accounts.NeedsSetUp(ctx)
	if err != nil {
		return err
	}
	if !needsSetUp {
		fmt.Fprintf(b.app.stdout, "\nBroadsheet is running at %s\n\n", b.config.BaseURL)
		return nil
	}
	code, err := b.accounts.NewSetUpCode(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(b.app.stdout, "\nBroadsheet is running at %s\nMake it yours (this link works once): %s\n\n",
		b.config.BaseURL, b.config.BaseURL.JoinPath("admin/setup").String()+"?code="+code)
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
