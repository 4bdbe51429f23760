package page_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"broadsheet/internal/accounts"
	"broadsheet/internal/page"
	"broadsheet/internal/postgres"
	"broadsheet/internal/postgrestest"
	"broadsheet/internal/posts"
	"broadsheet/internal/site"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

func newPages(pool *pgxpool.Pool, log io.Writer) *page.Pages {
	base := &url.URL{Scheme: "https", Host: "blog.example"}
	return page.New(site.NewStore(pool), posts.NewStore(pool), base, slog.New(slog.NewTextHandler(log, nil)))
}

// respond runs a handler that returns err.
func respond(pages *page.Pages, r *http.Request, err error) (*http.Response, string) {
	w := httptest.NewRecorder()
	pages.Handle(func(http.ResponseWriter, *http.Request) error { return err })(w, r)
	return w.Result(), w.Body.String()
}

func TestErrorTable(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	publish(t, pool, "Extra, extra")
	tests := []struct {
		name   string
		err    error
		path   string
		status int
		want   []string // in the page
	}{
		{"not found", fmt.Errorf("finding: %w", posts.ErrNotFound), "/x", 404,
			[]string{"Page not found", `action="/search"`, "Extra, extra", `href="/posts/extra-extra"`}},
		{"gone", posts.ErrGone, "/x", 410, []string{"This post is gone", `action="/search"`, "Extra, extra"}},
		{"bad cursor", posts.ErrBadCursor, "/tags/go?after=x&tag=a&tag=b", 400,
			[]string{`href="/tags/go?tag=a&amp;tag=b"`, "first page"}},
		{"bad cursor at another host's address", posts.ErrBadCursor, "//evil.example/?after=x", 400, []string{`class="go" href="/"`}},
		{"own words", page.BadRequest("Five tags at most."), "/x", 400, []string{"Five tags at most.", "cannot be read"}},
		{"own status", &page.StatusError{Status: 403}, "/x", 403, []string{"Not yours to open"}},
		{"a status without words", &page.StatusError{Status: 418}, "/x", 418, []string{"cannot be read"}},
		{"too large", fmt.Errorf("reading: %w", &http.MaxBytesError{Limit: 1 << 20}), "/x", 413, []string{"1,024 kB"}},
		{"late", fmt.Errorf("listing: %w", context.DeadlineExceeded), "/x", 503, []string{"Back in a moment"}},
		{"busy", fmt.Errorf("listing: %w", posts.ErrBusy), "/search?q=x", 503, []string{"Back in a moment", "Many people are searching"}},
		{"cancelled by somebody else", context.Canceled, "/x", 500, []string{"Something went wrong"}},
		{"anything else", errors.New("secret: pass&word"), "/x", 500, []string{"Something went wrong", "req-4711"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			r := httptest.NewRequest("GET", "http://blog.example"+tt.path, nil)
			r = r.WithContext(page.WithRequestID(r.Context(), "req-4711"))
			res, body := respond(newPages(pool, &log), r, tt.err)
			if res.StatusCode != tt.status {
				t.Errorf("got %d, want %d", res.StatusCode, tt.status)
			}
			for _, want := range tt.want {
				if !strings.Contains(body, want) {
					t.Errorf("got a page without %q:\n%s", want, body)
				}
			}
			if strings.Contains(body, "secret") || strings.Contains(body, "posts:") {
				t.Errorf("got a page that shows the error:\n%s", body)
			}
			if got := res.Header.Get("Cache-Control"); got != "no-store" {
				t.Errorf("got Cache-Control %q, want no-store", got)
			}
			if got := res.Header.Get("Retry-After"); (got != "") != (tt.status == 503) {
				t.Errorf("got Retry-After %q with status %d", got, tt.status)
			}
			if logged := strings.Count(log.String(), "request failed"); (logged == 1) != (tt.status >= 500) {
				t.Errorf("got %d lines in the log with status %d: %s", logged, tt.status, &log)
			}
			if tt.status >= 500 && !strings.Contains(log.String(), "request_id=req-4711") {
				t.Errorf("got a log without the request's id: %s", &log)
			}
		})
	}
}

func TestReaderWhoLeft(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := httptest.NewRequestWithContext(ctx, "GET", "/", nil)
	_, body := respond(newPages(postgrestest.New(t), &log), r, fmt.Errorf("listing: %w", context.Canceled))
	if body != "" || log.Len() > 0 {
		t.Errorf("got body %q and log %q, want neither", body, &log)
	}
}

// TestErrorsWithoutDatabase shows error pages of a server that has never
// reached its database.
func TestErrorsWithoutDatabase(t *testing.T) {
	t.Parallel()
	pool, err := postgres.Open(t.Context(), postgres.Config{URL: "postgres://u:p@127.0.0.1:1/d"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	pages := newPages(pool, io.Discard)
	for _, status := range []int{400, 404, 405, 410, 413, 500, 503} {
		w := httptest.NewRecorder()
		pages.Error(w, httptest.NewRequest("GET", "/", nil), status, "")
		if w.Code != status || !strings.Contains(w.Body.String(), site.Default.Title) || !strings.Contains(w.Body.String(), "</html>") {
			t.Errorf("got %d and %q, want a whole page of status %d", w.Code, w.Body, status)
		}
	}
	_, err = pages.Base(t.Context())
	res, _ := respond(pages, httptest.NewRequest("GET", "/", nil), err)
	if res.StatusCode != 503 {
		t.Errorf("settings that cannot be read: got %d, want 503", res.StatusCode)
	}
}

// TestErrorsKeepTheSite shows the error page of a server whose database went away.
func TestErrorsKeepTheSite(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	pages := newPages(pool, io.Discard)
	settings := site.Settings{Title: "Evening Post", Language: "de", TimeZone: "Europe/Berlin"}
	if err := site.NewStore(pool).Save(t.Context(), settings); err != nil {
		t.Fatal(err)
	}
	if _, err := pages.Base(t.Context()); err != nil {
		t.Fatal(err)
	}
	pool.Close()
	for _, status := range []int{404, 503} {
		w := httptest.NewRecorder()
		pages.Error(w, httptest.NewRequest("GET", "/", nil), status, "")
		if !strings.Contains(w.Body.String(), "Evening Post") || !strings.Contains(w.Body.String(), `<html lang="de"`) {
			t.Errorf("%d: got a page without the site's title and language:\n%s", status, w.Body)
		}
	}
}

func TestBaseDates(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	settings := site.Settings{Title: "Blog", Language: "en", TimeZone: "Asia/Tokyo"}
	if err := site.NewStore(pool).Save(t.Context(), settings); err != nil {
		t.Fatal(err)
	}
	base, err := newPages(pool, io.Discard).Base(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2024, 12, 31, 20, 0, 0, 0, time.UTC)
	if got, want := base.Date(at), "January 1, 2025"; got != want {
		t.Errorf("Date: got %q, want %q", got, want)
	}
	if got, want := base.ISO(at), "2025-01-01T05:00:00+09:00"; got != want {
		t.Errorf("ISO: got %q, want %q", got, want)
	}
	if got, want := base.BaseURL, "https://blog.example"; got != want {
		t.Errorf("BaseURL: got %q, want %q", got, want)
	}
}

func publish(t *testing.T, pool *pgxpool.Pool, title string) {
	t.Helper()
	author, err := accounts.NewStore(pool).EnsureAuthor(t.Context(), "Ada")
	if err != nil {
		t.Fatal(err)
	}
	_, err = posts.NewStore(pool).Save(t.Context(), 0, 0, posts.Draft{
		Title: title, Markdown: "Read all about it.", Language: "en", AuthorID: author, Status: posts.StatusPublished,
	})
	if err != nil {
		t.Fatal(err)
	}
}
