package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"broadsheet/internal/accounts"
	"broadsheet/internal/postgres"
	"broadsheet/internal/postgres/embedded"
	"broadsheet/internal/posts"
)

// cluster is a PostgreSQL of a test's own, for the test to mistreat.
type cluster struct {
	t    *testing.T
	dir  string
	held string // while this file is there, postgres does not start
	url  string
}

func newCluster(t *testing.T, maxConnections string) *cluster {
	t.Helper()
	dir, real := dataDir(t), installed(t)
	c := &cluster{t: t, dir: dir, held: filepath.Join(dir, "held")}
	bin := scripts(t, map[string]string{
		"postgres": "while [ -e '" + c.held + "' ]; do sleep 0.02; done; exec '" + real + "/postgres' \"$@\"",
		"initdb":   "exec '" + real + "/initdb' \"$@\"",
	})
	server, err := embedded.Start(t.Context(), embedded.Options{
		Dir: dir, Log: slog.New(slog.DiscardHandler), Search: []string{bin},
		Settings: map[string]string{
			"fsync": "off", "shared_buffers": "16MB",
			"max_connections": maxConnections, "superuser_reserved_connections": "0",
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.release()
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	c.url = server.URL()
	return c
}

// hold keeps postgres, once it has ended, from starting until release is called.
func (c *cluster) hold() {
	c.t.Helper()
	if err := os.WriteFile(c.held, nil, 0o644); err != nil {
		c.t.Fatal(err)
	}
}

func (c *cluster) release() { os.Remove(c.held) }

func (c *cluster) signal(pid int, s syscall.Signal) {
	c.t.Helper()
	if err := syscall.Kill(pid, s); err != nil && !errors.Is(err, syscall.ESRCH) {
		c.t.Errorf("sending %v to %d: %v", s, pid, err)
	}
}

// freeze stops every process of postgres until thaw is called.
func (c *cluster) freeze() (thaw func()) {
	c.t.Helper()
	parent := postmaster(c.dir)
	c.signal(parent, syscall.SIGSTOP) // the first, so that it starts no others
	out, err := exec.Command("ps", "-A", "-o", "pid=", "-o", "ppid=").Output()
	if err != nil {
		c.t.Fatal(err)
	}
	all := []int{parent}
	for line := range strings.Lines(string(out)) {
		var pid, of int
		if _, err := fmt.Sscan(line, &pid, &of); err == nil && of == parent {
			c.signal(pid, syscall.SIGSTOP)
			all = append(all, pid)
		}
	}
	thaw = func() {
		for _, pid := range all {
			c.signal(pid, syscall.SIGCONT)
		}
	}
	c.t.Cleanup(thaw)
	return thaw
}

// answers tells whether the database does.
func (c *cluster) answers() bool {
	ctx, cancel := context.WithTimeout(c.t.Context(), 200*time.Millisecond)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.url)
	if err != nil {
		return false
	}
	defer conn.Close(ctx)
	return conn.Ping(ctx) == nil
}

// fill opens connections until there are no more.
func (c *cluster) fill() (all []*pgx.Conn) {
	c.t.Helper()
	for {
		conn, err := pgx.Connect(c.t.Context(), c.url)
		var full *pgconn.PgError
		if errors.As(err, &full) && full.Code == "53300" {
			return all
		}
		if err != nil {
			c.t.Fatal(err)
		}
		c.t.Cleanup(func() { conn.Close(context.WithoutCancel(c.t.Context())) })
		all = append(all, conn)
	}
}

// testBlog is what a test writes and reads on servers of one database.
type testBlog struct {
	t       *testing.T
	url     string // of the database
	author  int64
	session string
	posts   []posts.Stored
}

// newTestBlog fills a database with posts, one of which, /posts/never-read,
// stands on no page that readers see.
func newTestBlog(t *testing.T, databaseURL string) *testBlog {
	t.Helper()
	b := &testBlog{t: t, url: databaseURL}
	succeeds(t, env{"DATABASE_URL": databaseURL}, "migrate", "up")
	pool := b.pool()
	defer pool.Close()
	people := accounts.NewStore(pool)
	var err error
	if b.author, err = people.EnsureAuthor(t.Context(), "Ada"); err == nil {
		b.session, err = people.StartSession(t.Context(), b.author)
	}
	if err != nil {
		t.Fatal(err)
	}
	b.save(pool, b.draft("Never read", time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)))
	for i := range 14 {
		b.posts = append(b.posts, b.save(pool, b.draft(fmt.Sprintf("Post %d", i), time.Date(2020, 1, 1+i, 0, 0, 0, 0, time.UTC))))
	}
	return b
}

func (b *testBlog) pool() *pgxpool.Pool {
	b.t.Helper()
	pool, err := postgres.Open(b.t.Context(), postgres.Config{URL: b.url, MaxConns: 2})
	if err != nil {
		b.t.Fatal(err)
	}
	return pool
}

func (b *testBlog) draft(title string, at time.Time) posts.Draft {
	return posts.Draft{
		Title: title, Markdown: "This is " + title + ".", Language: "en", AuthorID: b.author,
		Status: posts.StatusPublished, PublishedAt: at, Tags: []string{"go", "sql"},
	}
}

func (b *testBlog) save(pool *pgxpool.Pool, d posts.Draft) posts.Stored {
	b.t.Helper()
	stored, err := posts.NewStore(pool).Save(b.t.Context(), 0, 0, d)
	if err != nil {
		b.t.Fatal(err)
	}
	return stored
}

// serve runs a server of the blog as a process of its own.
func (b *testBlog) serve(more ...string) *serving {
	b.t.Helper()
	s, _ := serveProcess(b.t, b.t.TempDir(), append(more, "DATABASE_URL="+b.url)...)
	s.greets()
	return s
}

// pages are the addresses that readers ask for.
func (b *testBlog) pages() []string {
	all := []string{"/", "/tags", "/tags/go", "/tags/sql", "/?tag=go&tag=sql", "/search?q=post"}
	for _, p := range b.posts {
		all = append(all, "/posts/"+p.Slug)
	}
	return all
}

// read returns the pages as a server shows them.
func (b *testBlog) read(s *serving) map[string]string {
	b.t.Helper()
	bodies := map[string]string{}
	for _, page := range b.pages() {
		status, body, _ := s.get(page)
		if status != http.StatusOK {
			b.t.Errorf("%s: got %d\n%s", page, status, body)
		}
		bodies[page] = body
	}
	return bodies
}

// writer is the browser of the author at one server.
type writer struct {
	*http.Client
	server *serving
}

func (b *testBlog) writer(s *serving) writer {
	b.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		b.t.Fatal(err)
	}
	jar.SetCookies(&url.URL{Scheme: "http", Host: s.address, Path: "/admin"},
		[]*http.Cookie{{Name: "broadsheet_session", Value: b.session, Path: "/admin"}})
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return writer{&http.Client{Jar: jar, CheckRedirect: stay}, s}
}

func (w writer) get(page string) (status int, body, retryAfter string) {
	return w.server.answer(w.Get("http://" + w.server.address + page))
}

func (w writer) publish(form url.Values) (status int, body, retryAfter string) {
	return w.server.answer(w.PostForm("http://"+w.server.address+"/admin/posts", form))
}

// form is that of a new post.
func (b *testBlog) form(title string) url.Values {
	return url.Values{
		"title": {title}, "markdown": {"This & that is " + title + "."}, "tags": {"go"}, "language": {"en"}, "published_at": {""},
		"state": {"new"}, "zone": {"UTC"}, "key": {rand.Text()}, "action": {"publish"},
	}
}

// within asks for a page until it shows a text, at most for the time that the
// page may be old.
func within(t *testing.T, limit time.Duration, s *serving, page, text string) time.Duration {
	t.Helper()
	began := time.Now()
	for {
		asked := time.Since(began)
		status, body, _ := s.get(page)
		switch {
		case status != http.StatusOK:
			t.Fatalf("%s: got %d\n%s", page, status, body)
		case strings.Contains(body, text):
			return asked
		case asked > limit:
			t.Fatalf("%s: does not show %q after %v\n%s", page, text, asked, body)
		}
		time.Sleep(2 * time.Millisecond)
	}
}
