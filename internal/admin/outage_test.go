package admin_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// words are what an author might type, each of them unlike all others.
func words(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "word%06d ", i)
	}
	return b.String()
}

// wantKept checks that an answer shows every field of a form as it was sent,
// to be sent to the same address again.
func (a answer) wantKept(f form) form {
	a.t.Helper()
	kept := a.form("markdown")
	if kept.action != f.action {
		a.t.Errorf("got a form to %s, want %s", kept.action, f.action)
	}
	for name := range f.values {
		if got, want := kept.values.Get(name), f.values.Get(name); name != "action" && got != want {
			a.t.Errorf("%s: got %d bytes in the form, %.80q, want the %d that were typed, %.80q", name, len(got), got, len(want), want)
		}
	}
	return kept
}

func TestNothingTypedIsLostWithoutTheDatabase(t *testing.T) {
	t.Parallel()
	lock := func(table string) func(*testing.T, *blog) func() {
		return func(t *testing.T, b *blog) func() {
			t.Helper()
			tx, err := b.pool.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := tx.Exec(t.Context(), "LOCK TABLE "+table+" IN ACCESS EXCLUSIVE MODE"); err != nil {
				t.Fatal(err)
			}
			return func() {
				if err := tx.Rollback(context.WithoutCancel(t.Context())); err != nil {
					t.Error(err)
				}
			}
		}
	}
	for _, test := range []struct {
		name  string
		fault func(*testing.T, *blog) (mend func())
		code  int
	}{
		{"posts are locked", lock("posts"), 503},
		{"settings are locked", lock("site"), 503},
		{"sessions are locked", lock("sessions"), 503},
		{"no connection is free", func(t *testing.T, b *blog) func() {
			var held []*pgxpool.Conn
			for range b.pool.Config().MaxConns {
				c, err := b.pool.Acquire(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				held = append(held, c)
			}
			return func() {
				for _, c := range held {
					c.Release()
				}
			}
		}, 503},
		{"a mistake of ours", func(t *testing.T, b *blog) func() {
			rename := func(from, to string) {
				if _, err := b.pool.Exec(context.WithoutCancel(t.Context()), "ALTER TABLE "+from+" RENAME TO "+to); err != nil {
					t.Fatal(err)
				}
			}
			rename("posts", "no_posts")
			return func() { rename("no_posts", "posts") }
		}, 500},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBlog(t)
			br := b.signedIn(t, "Jane Doe")
			existing := b.save(t, draft("Herons"))
			for _, path := range []string{"/admin/posts/new", edit(existing)} {
				f := br.get(path).form("markdown").with("title", "Mine", "markdown", words(50_000), "summary", "In short",
					"tags", "one, two", "slug", "mine"+strings.ReplaceAll(path, "/", "-"), "language", "de",
					"cover", "/cover.jpg", "published_at", "2024-05-06T07:08", "action", "publish")
				mend := test.fault(t, b)
				got := br.send(f)
				mend()
				kept := got.want(test.code, "Your text is not saved yet").wantKept(f)
				if retry := got.header.Get("Retry-After"); test.code == 503 && retry == "" {
					t.Error("Retry-After: got none")
				}
				if cache := got.header.Get("Cache-Control"); cache != "no-store" {
					t.Errorf("Cache-Control: got %q, want no-store", cache)
				}
				saved := br.send(kept, "action", "publish").want(303).header.Get("Location")
				if n := strings.Count(br.get(saved).form("markdown").values.Get("markdown"), "word"); n != 50_000 {
					t.Errorf("got %d words saved, want 50000", n)
				}
			}
		})
	}
}

// sendHead sends all of a form but its last byte, to be sent later.
func (b *browser) sendHead(address, path string, values url.Values) (conn net.Conn, last string) {
	b.t.Helper()
	conn, err := (&net.Dialer{}).DialContext(b.t.Context(), "tcp", address)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { conn.Close() })
	body := values.Encode()
	r := b.request(http.MethodPost, path, "")
	for _, c := range b.client.Jar.Cookies(r.URL) {
		r.AddCookie(c)
	}
	last = body[len(body)-1:]
	if _, err := fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: blog.example\r\nCookie: %s\r\nContent-Type: application/x-www-form-urlencoded\r\n"+
		"Content-Length: %d\r\n\r\n%s", path, r.Header.Get("Cookie"), len(body), body[:len(body)-1]); err != nil {
		b.t.Fatal(err)
	}
	return conn, last
}

func TestSlowLine(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	srv := httptest.NewUnstartedServer(b.handler)
	srv.Config.ReadHeaderTimeout, srv.Config.ReadTimeout, srv.Config.WriteTimeout = time.Minute, time.Second, time.Second
	srv.Start()
	t.Cleanup(srv.Close)
	address := srv.Listener.Addr().String()

	f := br.get("/admin/posts/new").form("markdown").with("title", "Herons", "markdown", "They stand", "action", "save")
	conn, last := br.sendHead(address, f.action, f.values)
	// A stranger who came later is not waited for, and then the time is over
	// that all others have.
	stranger, _ := b.browser(t).sendHead(address, "/admin/login", url.Values{"email": {"jane@example.com"}})
	if _, err := io.Copy(io.Discard, stranger); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, last); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if want := edit(b.only(t)); resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Location") != want {
		t.Errorf("got status %d to %q, want 303 to %q", resp.StatusCode, resp.Header.Get("Location"), want)
	}
}
