package server_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"broadsheet/internal/accounts"
	"broadsheet/internal/postgrestest"
	"broadsheet/internal/server"
)

// wire is a line to a database that can be cut, or go dead.
type wire struct {
	network, address string // of the database
	listener         net.Listener
	url              string

	mu    sync.Mutex
	cut   bool
	flows chan struct{} // closed while the line is not dead
	conns []net.Conn
}

func newWire(t *testing.T, databaseURL string) *wire {
	t.Helper()
	config, err := pgx.ParseConfig(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	l := &wire{flows: make(chan struct{})}
	close(l.flows)
	l.network, l.address = pgconn.NetworkAddress(config.Host, config.Port)
	if l.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	to := url.URL{
		Scheme: "postgres", User: url.UserPassword(config.User, config.Password), Host: l.listener.Addr().String(),
		Path: config.Database, RawQuery: "sslmode=disable",
	}
	l.url = to.String()
	go l.run()
	t.Cleanup(func() { l.listener.Close(); l.refuse() })
	return l
}

func (l *wire) run() {
	for {
		client, err := l.listener.Accept()
		if err != nil {
			return
		}
		database, err := net.Dial(l.network, l.address)
		if err != nil {
			client.Close()
			continue
		}
		l.mu.Lock()
		if l.cut {
			client.Close()
			database.Close()
		} else {
			l.conns = append(l.conns, client, database)
			go l.pass(client, database)
			go l.pass(database, client)
		}
		l.mu.Unlock()
	}
}

// pass passes on what one side says, when the line is not dead.
func (l *wire) pass(from, to net.Conn) {
	defer from.Close()
	defer to.Close()
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		l.mu.Lock()
		flows := l.flows
		l.mu.Unlock()
		<-flows
		if _, failed := to.Write(b[:n]); err != nil || failed != nil {
			return
		}
	}
}

// refuse ends all connections, and every new one.
func (l *wire) refuse() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = true
	for _, c := range l.conns {
		c.Close()
	}
	l.conns = nil
}

// freeze keeps all that is said from the other side.
func (l *wire) freeze() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.flows = make(chan struct{})
}

func (l *wire) mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = false
	select {
	case <-l.flows:
	default:
		close(l.flows)
	}
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(15 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it never happened that %s", what)
		}
	}
}

// wantAway checks an answer of 503 that says when to come again.
func wantAway(t *testing.T, what string, p pageOf) {
	t.Helper()
	wantBusyPage(t, what, p.status, p.header, p.body)
	if !strings.Contains(p.body, "cannot reach its database") {
		t.Errorf("%s: the page does not say that it is the database:\n%s", what, p.body)
	}
}

func TestOutage(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(*wire){"refuses": (*wire).refuse, "frozen": (*wire).freeze} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			databaseURL := postgrestest.NewURL(t)
			l := newWire(t, databaseURL)
			// Nothing but the breaker ends what waits.
			c := newCopy(t, l.url+"&statement_timeout=0&lock_timeout=0", 64<<20, func(o *server.Options) {
				o.ReadersAtOnce, o.PageTime = 4, time.Hour
			})
			fillBlog(t, c, 5)
			author := newAuthor(t, c)
			before := c.page(t.Context(), "/posts/post-1")

			// Four wait in the database, and four for a place.
			conn := inDatabase(t, databaseURL)
			execute(t, conn, "BEGIN; LOCK TABLE tags IN ACCESS EXCLUSIVE MODE")
			working, waiting := make(chan pageOf, 4), make(chan pageOf, 4)
			for i := range 4 {
				go func() { working <- c.page(t.Context(), "/tags/none-"+strconv.Itoa(i)) }()
			}
			waitUntil(t, inDatabase(t, databaseURL), 4, waitingForLocks) // a transaction would see the same again and again
			for i := range 4 {
				go func() { waiting <- c.page(t.Context(), "/tags/nobody-"+strconv.Itoa(i)) }()
			}
			fail(l)
			for range 4 {
				wantAway(t, "at work when the database went", <-working)
				p := <-waiting
				wantBusyPage(t, "waiting when the database went", p.status, p.header, p.body)
			}
			eventually(t, "the server knows", c.follower.Down)
			execute(t, conn, "ROLLBACK")

			stat := c.pool.Stat()
			for i := range 300 {
				wantAway(t, "not in memory", c.page(t.Context(), "/posts/nope-"+strconv.Itoa(i)))
			}
			wantAway(t, "a post", c.page(t.Context(), "/posts/post-2"))
			wantAway(t, "a search", c.page(t.Context(), "/search?q=words"))
			now := c.pool.Stat()
			// The follower looks several times a second whether it is back.
			if n := now.AcquireCount() + now.CanceledAcquireCount() - stat.AcquireCount() - stat.CanceledAcquireCount(); n > 100 {
				t.Errorf("the pool was asked %d times, want only those who look whether it is back", n)
			}
			if got := c.page(t.Context(), "/posts/post-1"); got.status != http.StatusOK || got.body != before.body || got.header.Get("Etag") != before.header.Get("Etag") {
				t.Errorf("in memory: got %d, want the page as it was", got.status)
			}
			wantTyped(t, author.send(t, "/admin/posts"))
			author.cookie = "" // who is not known to be signed in keeps the text, too
			if p := author.send(t, "/admin/posts"); p.status < 400 || !strings.Contains(p.body, typed) {
				t.Errorf("signed out: got %d without what was typed\n%s", p.status, p.body)
			}

			direct := newCopy(t, databaseURL, 0)
			changePost(t, direct, "post-1", "Written meanwhile.")
			l.mend()
			eventually(t, "the server is back", func() bool { return c.follower.Sync(t.Context()) == nil })
			if p := c.page(t.Context(), "/posts/post-1"); !strings.Contains(p.body, "Written meanwhile.") {
				t.Errorf("got %d, want the post as it is now\n%s", p.status, p.body)
			}
			if p := c.page(t.Context(), "/posts/post-2"); p.status != http.StatusOK {
				t.Errorf("got %d, want a page that nobody saw before", p.status)
			}
			author = newAuthor(t, c)
			if p := author.send(t, "/admin/posts"); p.status != http.StatusSeeOther {
				t.Errorf("saving: got %d, want it saved\n%s", p.status, p.body)
			}
		})
	}
}

const typed = "Words that took an hour to write."

func wantTyped(t *testing.T, p pageOf) {
	t.Helper()
	if p.status != http.StatusServiceUnavailable || p.header.Get("Retry-After") == "" || !strings.Contains(p.body, typed) {
		t.Errorf("saving: got %d, %v, want 503 with what was typed\n%s", p.status, p.header, p.body)
	}
}

// author is signed in.
type author struct {
	copy   *copyOf
	cookie string
}

func newAuthor(t *testing.T, c *copyOf) *author {
	t.Helper()
	user, err := c.accounts.Add(t.Context(), accounts.NewUser{
		Email: strconv.FormatInt(time.Now().UnixNano(), 36) + "@example.org", Name: "Grace", Password: "difference engine", Role: accounts.RoleOwner,
	}, "Broadsheet")
	if err != nil {
		t.Fatal(err)
	}
	token, err := c.accounts.StartSession(t.Context(), user.ID)
	if err != nil {
		t.Fatal(err)
	}
	return &author{c, "broadsheet_session=" + token}
}

// send sends a new post.
func (a *author) send(t *testing.T, target string) pageOf {
	t.Helper()
	form := url.Values{"title": {"New"}, "markdown": {typed}, "language": {"en"}, "action": {"save"}}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, target, io.NopCloser(strings.NewReader(form.Encode())))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Cookie", a.cookie)
	w := httptest.NewRecorder()
	a.copy.handler.ServeHTTP(w, r)
	return pageOf{w.Code, w.Header(), w.Body.String()}
}

// changePost gives a post another text.
func changePost(t *testing.T, c *copyOf, slug, text string) {
	t.Helper()
	_, err := c.pool.Exec(context.WithoutCancel(t.Context()), "UPDATE posts SET html = $2 WHERE slug = $1", slug, "<p>"+text+"</p>")
	if err != nil {
		t.Fatal(err)
	}
}
