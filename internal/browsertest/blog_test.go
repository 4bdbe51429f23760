package browsertest_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"broadsheet/internal/accounts"
	"broadsheet/internal/admin"
	"broadsheet/internal/live"
	"broadsheet/internal/page"
	"broadsheet/internal/postgrestest"
	"broadsheet/internal/posts"
	"broadsheet/internal/reader"
	"broadsheet/internal/server"
	"broadsheet/internal/site"
)

// blog is a whole server on a database of its own.
type blog struct {
	pool     *pgxpool.Pool
	posts    *posts.Store
	accounts *accounts.Store
	site     *site.Store
	url      string // without a slash at the end
}

// newBlog starts a blog; around, if given, stands around all of its handlers.
func newBlog(t *testing.T, around ...func(http.Handler) http.Handler) *blog {
	t.Helper()
	pool := postgrestest.New(t)
	b := &blog{pool: pool, posts: posts.NewStore(pool), accounts: accounts.NewStore(pool), site: site.NewStore(pool)}
	srv := httptest.NewUnstartedServer(nil)
	base := &url.URL{Scheme: "http", Host: srv.Listener.Addr().String()}
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))
	pages := page.New(b.site, b.posts, base, log)
	health := server.NewHealth(pool.Ping)
	authors := admin.New(pages, b.posts, b.accounts, b.site, base)
	authors.Live = live.NewHub(pool, log)
	listening, stop := context.WithCancel(context.Background())
	var background sync.WaitGroup
	background.Go(func() { authors.Live.Run(listening) })
	t.Cleanup(func() { stop(); background.Wait() })
	srv.Config.Handler = server.New(server.Options{
		Log: log, BaseURL: base, Pages: pages, Health: health,
		Reader: reader.New(pages, b.posts), Admin: authors,
	})
	for _, wrap := range around {
		srv.Config.Handler = wrap(srv.Config.Handler)
	}
	health.Started()
	srv.Start()
	t.Cleanup(srv.Close)
	b.url = srv.URL
	return b
}

const (
	ownerName = "Ada Lovelace"
	email     = "ada@example.com"
	password  = "correct horse battery"
)

// owner returns the id of the blog's owner, who can sign in with email and password.
func (b *blog) owner(t *testing.T) int64 {
	t.Helper()
	users, err := b.accounts.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range users {
		if u.Role == accounts.RoleOwner {
			return u.ID
		}
	}
	owner, err := b.accounts.Add(t.Context(), accounts.NewUser{Name: ownerName, Email: email, Password: password, Role: accounts.RoleOwner}, site.Default.Title)
	if err != nil {
		t.Fatal(err)
	}
	return owner.ID
}

func (b *blog) settings(t *testing.T, s site.Settings) {
	t.Helper()
	if err := b.site.Save(t.Context(), s); err != nil {
		t.Fatal(err)
	}
}

// save stores a post; what the draft does not say is the usual.
func (b *blog) save(t *testing.T, d posts.Draft) posts.Stored {
	t.Helper()
	if d.AuthorID == 0 {
		var err error
		if d.AuthorID, err = b.accounts.EnsureAuthor(t.Context(), ownerName); err != nil {
			t.Fatal(err)
		}
	}
	if d.Status == "" {
		d.Status = posts.StatusPublished
	}
	if d.Language == "" {
		d.Language = "en"
	}
	if d.Markdown == "" {
		d.Markdown = "Text."
	}
	stored, err := b.posts.Save(t.Context(), 0, 0, d)
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

// fill publishes n posts, a day apart, Story 1 being the oldest. All are
// tagged Go, and each second one Web design.
func (b *blog) fill(t *testing.T, n int) {
	t.Helper()
	for i := 1; i <= n; i++ {
		d := posts.Draft{
			Title: fmt.Sprintf("Story %d", i), Markdown: fmt.Sprintf("Text %d.", i), Tags: []string{"Go"},
			PublishedAt: time.Date(2024, 3, i, 12, 0, 0, 0, time.UTC),
		}
		if i%2 == 0 {
			d.Tags = append(d.Tags, "Web design")
		}
		b.save(t, d)
	}
}

// now is the time by the database's clock, which decides what readers see.
func (b *blog) now(t *testing.T) time.Time {
	t.Helper()
	var now time.Time
	if err := b.pool.QueryRow(t.Context(), "SELECT clock_timestamp()").Scan(&now); err != nil {
		t.Fatal(err)
	}
	return now
}
