package main

import (
	"bufio"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/postgrestest"
)

// events opens the stream of a post's form and returns its lines.
func (w writer) events(t *testing.T, post int64, tab string) <-chan string {
	t.Helper()
	response, err := w.Get(fmt.Sprintf("http://%s/admin/posts/%d/events?tab=%s", w.server.address, post, tab))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	if kind := response.Header.Get("Content-Type"); response.StatusCode != http.StatusOK || kind != "text/event-stream" {
		t.Fatalf("got %d %s, want a stream", response.StatusCode, kind)
	}
	lines := make(chan string, 100)
	go func() {
		defer close(lines)
		for scanner := bufio.NewScanner(response.Body); scanner.Scan(); {
			if line := scanner.Text(); line != "" {
				lines <- line
			}
		}
	}()
	return lines
}

// next waits for a line.
func next(t *testing.T, lines <-chan string, want string) {
	t.Helper()
	for end := time.After(time.Minute); ; {
		select {
		case line, ok := <-lines:
			if strings.Contains(line, want) {
				return
			}
			if !ok {
				t.Fatalf("the stream ended before %q", want)
			}
		case <-end:
			t.Fatalf("%q did not come", want)
		}
	}
}

// Two authors of a post at two copies of the server see each other, for longer
// than a page may take, until one leaves or the server stops.
func TestAuthorsSeeEachOther(t *testing.T) {
	t.Parallel()
	b := newTestBlog(t, postgrestest.NewEmptyURL(t))
	first, second := b.serve(), b.serve()
	post := b.posts[0].ID
	one := b.writer(first).events(t, post, "one")
	next(t, one, "data: []")
	two := b.writer(second).events(t, post, "two")
	next(t, one, `data: [{"name":"Ada","you":true}]`)
	next(t, two, `data: [{"name":"Ada","you":true}]`)
	next(t, one, ":") // after 20 seconds
	pool := b.pool()
	t.Cleanup(pool.Close)
	if _, err := pool.Exec(t.Context(), `SELECT pg_notify('broadsheet_editing', format('{"kind":"saved","post":%s,"edit":7,"user":%s,"name":"Bob"}', $1::text, 0))`,
		fmt.Sprint(post)); err != nil {
		t.Fatal(err)
	}
	next(t, one, `data: {"edit":7,"by":"Bob","you":false}`)
	next(t, two, `data: {"edit":7,"by":"Bob","you":false}`)
	began := time.Now()
	if err := second.stop(); err != nil {
		t.Errorf("stopping: %v", err)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("stopping took %v while a stream was open", took)
	}
	next(t, one, "data: []")
	if _, err := pool.Exec(t.Context(), "DELETE FROM sessions"); err != nil {
		t.Fatal(err)
	}
	next(t, one, "event: out")

	w := b.writer(first)
	for path, want := range map[string]int{
		fmt.Sprintf("/admin/posts/%d/events?tab=one", post): http.StatusSeeOther, // signed out
	} {
		if status, body, _ := w.get(path); status != want {
			t.Errorf("%s: got %d, want %d\n%s", path, status, want, body)
		}
	}
}
