package server_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jackc/pgx/v5"

	"broadsheet/internal/page"
	"broadsheet/internal/postgrestest"
	"broadsheet/internal/posts"
	"broadsheet/internal/server"
)

// busy is a handler that is done with nothing until it is told.
type busy struct {
	http.Handler
	working atomic.Int64
	over    atomic.Bool // whether ever more worked at once
	done    chan struct{}
}

// newBusy returns a busy handler behind the readers' limit. Its error pages
// need no database.
func newBusy(atOnce int) *busy {
	b := &busy{done: make(chan struct{})}
	pages := page.New(nil, nil, &url.URL{Scheme: "http", Host: "blog.example"}, slog.New(slog.DiscardHandler))
	b.Handler = server.ReadersLimit(atOnce, pages)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if b.working.Add(1) > int64(atOnce) {
			b.over.Store(true)
		}
		defer b.working.Add(-1)
		<-b.done
		if r.URL.Path == "/panic" {
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(http.StatusOK)
	}))
	return b
}

// ask sends n requests, which answer when they have been.
func (b *busy) ask(ctx context.Context, path string, n int) *asked {
	a := &asked{began: time.Now()}
	for range n {
		a.group.Go(func() {
			defer func() { _ = recover() }()
			w := httptest.NewRecorder()
			b.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil))
			a.mu.Lock()
			defer a.mu.Unlock()
			a.answers = append(a.answers, w)
			a.took = time.Since(a.began)
		})
	}
	synctest.Wait()
	return a
}

type asked struct {
	began   time.Time
	group   sync.WaitGroup
	mu      sync.Mutex
	answers []*httptest.ResponseRecorder
	took    time.Duration // until the last answer
}

// want checks that n were answered so far with that status.
func (a *asked) want(t *testing.T, what string, n, status int) {
	t.Helper()
	synctest.Wait()
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.answers) != n {
		t.Errorf("%s: got %d answers, want %d", what, len(a.answers), n)
	}
	for _, w := range a.answers {
		if w.Code != status {
			t.Errorf("%s: got %d, want %d", what, w.Code, status)
		}
		if status == http.StatusServiceUnavailable {
			wantBusyPage(t, what, w.Code, w.Header(), w.Body.String())
		}
	}
}

func wantBusyPage(t *testing.T, what string, status int, h http.Header, body string) {
	t.Helper()
	if status != http.StatusServiceUnavailable || h.Get("Retry-After") == "" || h.Get("Cache-Control") != "no-store" ||
		!strings.Contains(body, "<main") || !strings.Contains(body, "try again shortly") {
		t.Errorf("%s: got %d with %v, want a 503 in the site's design that says when to come again\n%s", what, status, h, body)
	}
}

const queue = 256 // as long as the server's

func TestWorkIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBusy(3)
		working := b.ask(t.Context(), "/", 3)
		waiting := b.ask(t.Context(), "/", queue)
		beyond := b.ask(t.Context(), "/", 20)
		beyond.want(t, "beyond the queue", 20, http.StatusServiceUnavailable)
		if beyond.took != 0 {
			t.Errorf("those beyond the queue waited for %s, want an answer at once", beyond.took)
		}
		waiting.want(t, "in the queue", 0, 0)
		time.Sleep(time.Minute)
		waiting.want(t, "in the queue after a while", queue, http.StatusServiceUnavailable)
		if waiting.took != 2*time.Second {
			t.Errorf("those in the queue waited for %s, want 2 s", waiting.took)
		}
		working.want(t, "at work", 0, 0)

		// Those who wait get the places that are given back.
		waiting = b.ask(t.Context(), "/", queue)
		for range 3 {
			b.done <- struct{}{}
		}
		working.want(t, "done", 3, http.StatusOK)
		close(b.done)
		waiting.want(t, "done after waiting", queue, http.StatusOK)
		if b.over.Load() {
			t.Error("more worked at once than there are places")
		}
	})
}

func TestPlacesAreGivenBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBusy(2)
		b.ask(t.Context(), "/panic", 2)
		ctx, leave := context.WithCancel(t.Context())
		leaving := b.ask(ctx, "/", queue)
		b.ask(t.Context(), "/", 1).want(t, "beyond the queue", 1, http.StatusServiceUnavailable)
		leave()
		leaving.want(t, "who left", queue, 499) // which is for the log
		waiting := b.ask(t.Context(), "/", queue)
		waiting.want(t, "in the place of those who left", 0, 0)
		close(b.done)
		waiting.want(t, "after handlers that broke off", queue, http.StatusOK)
	})
}

// fillBlog publishes that many posts, each under a tag of its own too.
func fillBlog(t *testing.T, c *copyOf, n int) {
	t.Helper()
	author, err := c.accounts.EnsureAuthor(t.Context(), "Ada Lovelace")
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		_, err := c.posts.Save(t.Context(), 0, 0, posts.Draft{
			Title: fmt.Sprintf("Post %d", i), Markdown: "Some words. " + strings.Repeat("And so on. ", 100), Language: "en",
			Tags: []string{"go", fmt.Sprintf("tag-%d", i)}, AuthorID: author,
			Status: posts.StatusPublished, PublishedAt: time.Now().Add(-time.Duration(i+1) * time.Hour),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if c.follower != nil {
		if err := c.follower.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// inDatabase returns a connection that belongs to no server.
func inDatabase(t *testing.T, databaseURL string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.WithoutCancel(t.Context())) })
	return conn
}

func execute(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

// waitUntil returns when the query's answer is that number.
func waitUntil(t *testing.T, conn *pgx.Conn, want int, sql string) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		var got int
		if err := conn.QueryRow(t.Context(), sql).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if got == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("got %d, want %d: %s", got, want, sql)
		}
	}
}

const waitingForLocks = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

// pageOf is a whole answer to a reader.
type pageOf struct {
	status int
	header http.Header
	body   string
}

func (c *copyOf) page(ctx context.Context, address string) pageOf {
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, address, nil))
	return pageOf{w.Code, w.Header(), w.Body.String()}
}

func readersAtOnce(n int) func(*server.Options) {
	return func(o *server.Options) { o.ReadersAtOnce = n }
}

// While every place is taken and the queue is full, pages in memory are
// served, authors write, and everybody else is told to come again.
func TestOverload(t *testing.T) {
	t.Parallel()
	databaseURL := postgrestest.NewURL(t)
	c := newCopy(t, databaseURL, 64<<20, readersAtOnce(4))
	fillBlog(t, c, 5)
	for range 2 {
		for _, address := range []string{"/", "/posts/post-1", "/tags/go", "/tags"} {
			if p := c.page(t.Context(), address); p.status != http.StatusOK {
				t.Fatalf("%s: got %d", address, p.status)
			}
		}
	}
	conn := inDatabase(t, databaseURL)
	execute(t, conn, "BEGIN; LOCK TABLE tags IN ACCESS EXCLUSIVE MODE")
	const n = 4 + queue + 40
	answers := make(chan pageOf, n)
	for i := range n {
		go func() { answers <- c.page(t.Context(), fmt.Sprintf("/tags/none-%d", i)) }()
	}
	for range n - 4 - queue {
		p := <-answers
		wantBusyPage(t, "beyond the queue", p.status, p.header, p.body)
	}
	waitUntil(t, inDatabase(t, databaseURL), 4, waitingForLocks) // a transaction would see the same again and again
	hits := c.hits.Load()
	for _, address := range []string{"/", "/posts/post-1", "/tags/go", "/tags"} {
		if p := c.page(t.Context(), address); p.status != http.StatusOK {
			t.Errorf("%s: got %d, want the page in memory", address, p.status)
		}
	}
	if got := c.hits.Load() - hits; got != 4 {
		t.Errorf("got %d pages from memory, want 4", got)
	}
	for _, address := range []string{"/admin/setup", "/admin/login", "/livez", "/readyz", "/robots.txt"} {
		if p := c.page(t.Context(), address); p.status >= 400 {
			t.Errorf("%s: got %d, want it not to wait behind readers", address, p.status)
		}
	}
	execute(t, conn, "ROLLBACK")
	for range 4 + queue {
		if p := <-answers; p.status != http.StatusNotFound {
			wantBusyPage(t, "after waiting", p.status, p.header, p.body)
		}
	}
	if p := c.page(t.Context(), "/tags/tag-1"); p.status != http.StatusOK {
		t.Errorf("got %d after the rush, want the page", p.status)
	}
}

// What is not behind the readers' limit takes no connection from authors.
func TestWhatIsNowhereAsksNobody(t *testing.T) {
	t.Parallel()
	c := newCopy(t, postgrestest.NewURL(t), 64<<20)
	fillBlog(t, c, 1)
	c.page(t.Context(), "/nope") // which knows the site's settings from then on
	before := c.pool.Stat().AcquireCount()
	for _, address := range []string{"/static/none.css", "/%ff", "/posts/%00", "/posts/%ff/", "/favicon.ico", "/robots.txt", "/livez"} {
		p := c.page(t.Context(), address)
		if p.status != http.StatusOK && (p.status != http.StatusNotFound || !strings.Contains(p.body, "<main")) {
			t.Errorf("%s: got %d, want a whole page", address, p.status)
		}
	}
	if got := c.pool.Stat().AcquireCount() - before; got != 0 {
		t.Errorf("%d connections were used, want none", got)
	}
}

// However slow searches are and however many wait, pages are made.
func TestSlowSearchesDoNotHoldPagesUp(t *testing.T) {
	t.Parallel()
	for _, atOnce := range []int{1, 4} {
		t.Run(fmt.Sprint(atOnce), func(t *testing.T) {
			t.Parallel()
			// The words of a search are read by a function that waits.
			databaseURL := postgrestest.NewURL(t)
			c := newCopy(t, databaseURL+"&search_path=public,pg_catalog", 64<<20, readersAtOnce(atOnce))
			fillBlog(t, c, 20)
			conn := inDatabase(t, databaseURL)
			execute(t, conn, `CREATE FUNCTION public.websearch_to_tsquery(regconfig, text) RETURNS tsquery LANGUAGE plpgsql AS $$
				BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN pg_catalog.websearch_to_tsquery($1, $2); END $$`)
			execute(t, conn, "SELECT pg_advisory_lock(1)")
			const n = 30
			answers := make(chan pageOf, n)
			for i := range n {
				go func() { answers <- c.page(t.Context(), fmt.Sprintf("/search?q=words+%d", i)) }()
			}
			waitUntil(t, conn, min(2, atOnce), waitingForLocks)
			for i := range 20 {
				if p := c.page(t.Context(), fmt.Sprintf("/posts/post-%d", i)); p.status != http.StatusOK {
					t.Errorf("got %d, want a page", p.status)
				}
			}
			execute(t, conn, "SELECT pg_advisory_unlock(1)")
			for range n {
				if p := <-answers; p.status != http.StatusOK {
					wantBusyPage(t, "search", p.status, p.header, p.body)
				}
			}
		})
	}
}

// listening serves a copy of the server at an address of its own.
func (c *copyOf) listening(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- server.Serve(ctx, listener, c.handler, server.NewHealth(nil), slog.New(slog.DiscardHandler))
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

func TestAThousandAtOnce(t *testing.T) {
	t.Parallel()
	databaseURL := postgrestest.NewURL(t)
	c := newCopy(t, databaseURL, 64<<20, readersAtOnce(4))
	fillBlog(t, c, 40)
	address := "http://" + c.listening(t)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 30 * time.Second}

	// The connections of this database, but for the one that looks.
	ctx, stop := context.WithCancel(t.Context())
	conn := inDatabase(t, databaseURL)
	most := make(chan int, 1)
	go func() {
		highest := 0
		for ctx.Err() == nil {
			var now int
			err := conn.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity
				WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name NOT LIKE '% changes'`).Scan(&now)
			if err != nil {
				t.Error(err)
				break
			}
			highest = max(highest, now)
		}
		most <- highest
	}()
	var group sync.WaitGroup
	var pages, busy atomic.Int64
	start := make(chan struct{})
	for i := range 1000 {
		target := [...]string{
			fmt.Sprintf("/posts/post-%d", i/5%40), fmt.Sprintf("/tags/tag-%d", i/5%40), "/",
			fmt.Sprintf("/search?q=words+%d", i), fmt.Sprintf("/?tag=go&tag=tag-%d", i/5%40),
		}[i%5]
		group.Go(func() {
			<-start
			response, err := client.Get(address + target)
			if err != nil {
				t.Errorf("%s: %v", target, err)
				return
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			if err != nil {
				t.Errorf("%s: %v", target, err)
			}
			if response.StatusCode == http.StatusOK {
				pages.Add(1)
				return
			}
			busy.Add(1)
			wantBusyPage(t, target, response.StatusCode, response.Header, string(body))
		})
	}
	close(start)
	group.Wait()
	stop()
	t.Logf("%d pages, %d asked to come again", pages.Load(), busy.Load())
	if pages.Load() == 0 {
		t.Error("nobody got a page")
	}
	if got, want := <-most, int(c.pool.Config().MaxConns); got > want || got == 0 {
		t.Errorf("the server had %d connections, want %d at most", got, want)
	}
	if p := c.page(t.Context(), "/posts/post-7"); p.status != http.StatusOK {
		t.Errorf("got %d after the rush, want the page", p.status)
	}
}
