package main

import (
	"context"
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What happens to the database is not noticed by who reads what is in memory.
func TestReadersNoticeNoOutage(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "40")
	b := newTestBlog(t, c.url)
	first, second := b.serve(), b.serve("BROADSHEET_READY_WITHOUT_DATABASE=true")
	oracle := b.serve("BROADSHEET_CACHE_SIZE=0")
	for _, fault := range []struct {
		name  string
		begin func() (end func())
	}{
		{"killed", func() func() {
			c.hold()
			c.signal(postmaster(c.dir), syscall.SIGKILL)
			return c.release
		}},
		{"frozen", c.freeze},
		{"restarted", func() func() {
			c.hold()
			c.signal(postmaster(c.dir), syscall.SIGINT) // rolls back what is open, and ends
			return c.release
		}},
	} {
		before := b.read(oracle)
		for _, s := range []*serving{first, second} {
			if bodies := b.read(s); different(before, bodies) != "" {
				t.Fatalf("%s: the page %s is another without a cache", fault.name, different(before, bodies))
			}
		}
		readers := readAll(t, b.pages(), first, second)
		end := fault.begin()
		eventually(t, "the database is away", func() bool { return !c.answers() })
		b.checkOutage(c, first, second, before)
		end()
		eventually(t, "the database is back", c.answers)
		after := b.checkReturn("Written after it was "+fault.name, first, second, oracle)
		readers.check(fault.name, before, after)
		if t.Failed() {
			break
		}
	}
}

// different returns the address of a page that is not the same.
func different(a, b map[string]string) string {
	for page, body := range a {
		if b[page] != body {
			return page
		}
	}
	return ""
}

// checkOutage checks what two servers answer while the database is away; the
// second is to be sent readers also then.
func (b *testBlog) checkOutage(c *cluster, first, second *serving, before map[string]string) {
	t := b.t
	t.Helper()
	read := func() {
		t.Helper()
		for _, s := range []*serving{first, second} {
			if page := different(before, b.read(s)); page != "" {
				t.Errorf("the page %s is another during the outage", page)
			}
		}
		if c.answers() {
			t.Fatal("the database answers: nothing is proved")
		}
	}
	read() // when nobody knows yet, and some must find out

	form := b.form("Typed")
	form.Set("markdown", "Typed & <not> lost")
	kept := func() {
		t.Helper()
		status, body, retry := b.writer(first).publish(form)
		if status != http.StatusServiceUnavailable || retry == "" || !strings.Contains(body, html.EscapeString(form.Get("markdown"))) {
			t.Errorf("writing: got %d, Retry-After %q, want 503 and the text\n%s", status, retry, body)
		}
	}
	uncached := func(s *serving) {
		t.Helper()
		status, body, retry := s.get("/posts/never-read")
		if status != http.StatusServiceUnavailable || retry == "" || !strings.Contains(body, "cannot reach its database") || !strings.Contains(body, "</html>") {
			t.Errorf("a page not in memory: got %d, Retry-After %q, want 503 in the site's design\n%s", status, retry, body)
		}
	}
	kept()
	uncached(first)
	for _, s := range []*serving{first, second} {
		eventually(t, "it knows", func() bool {
			log := s.all.String()
			return strings.LastIndex(log, "pages are served from memory") > strings.LastIndex(log, "the database answers again")
		})
	}
	read()
	began := time.Now()
	const askings = 30
	for range askings {
		uncached(first)
		uncached(second)
		kept()
	}
	// Far from what it takes, and far from what it takes to wait for something.
	if took := time.Since(began); took > askings*500*time.Millisecond {
		t.Errorf("%d pages not in memory took %v: they wait for a database that is away", 3*askings, took)
	}
	first.wants(map[string]int{"/livez": 200, "/readyz": 503})
	second.wants(map[string]int{"/livez": 200, "/readyz": 200})
	for _, s := range []*serving{first, second} {
		if _, body, _ := s.get("/readyz"); !strings.Contains(body, "the database does not answer") {
			t.Errorf("/readyz: got %q, want the reason", body)
		}
	}
	read()
}

// checkReturn publishes a post as soon as the database is back, and returns
// the pages once all servers show the same.
func (b *testBlog) checkReturn(title string, first, second, oracle *serving) map[string]string {
	t := b.t
	t.Helper()
	const limit = 2 * time.Second
	w, form := b.writer(first), b.form(title)
	for back := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		asked := time.Since(back)
		status, body, _ := w.publish(form)
		if status == http.StatusSeeOther {
			t.Logf("%s: the database was back for %v", title, asked)
			break
		}
		if status != http.StatusServiceUnavailable || asked > limit {
			t.Fatalf("%s: got %d %v after the database was back\n%s", title, status, asked, body)
		}
	}
	if _, body, _ := w.get("/"); !strings.Contains(body, title) {
		t.Errorf("the author does not see %q\n%s", title, body)
	}
	within(t, limit, second, "/", title)
	eventually(t, "a server without a cache makes pages", func() bool {
		status, _, _ := oracle.get("/")
		return status == http.StatusOK
	})
	after := b.read(oracle)
	for _, s := range []*serving{first, second} {
		for began := time.Now(); ; time.Sleep(5 * time.Millisecond) {
			asked := time.Since(began)
			page := different(after, b.read(s))
			if page == "" {
				break
			}
			if asked > limit {
				t.Fatalf("%s: the page %s is old after %v", title, page, asked)
			}
		}
	}
	return after
}

// readers ask for pages all the time.
type readers struct {
	t    *testing.T
	stop func()

	mu   sync.Mutex
	seen map[string]map[string]bool // bodies by address
	took []time.Duration
}

// readAll has readers ask servers for pages until check is called.
func readAll(t *testing.T, pages []string, servers ...*serving) *readers {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	r := &readers{t: t, stop: func() { cancel(); all.Wait() }, seen: map[string]map[string]bool{}}
	t.Cleanup(r.stop)
	for i := range 6 {
		s := servers[i%len(servers)]
		all.Go(func() {
			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			for n := i; ctx.Err() == nil; n++ {
				page := pages[n%len(pages)]
				began := time.Now()
				status, body, _ := s.answer(client.Get("http://" + s.address + page))
				r.note(page, status, body, time.Since(began))
				time.Sleep(2 * time.Millisecond) // to read it, and leave the machine to others
			}
		})
	}
	return r
}

func (r *readers) note(page string, status int, body string, took time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if status != http.StatusOK {
		r.t.Errorf("a reader of %s got %d\n%s", page, status, body)
	}
	if r.seen[page] == nil {
		r.seen[page] = map[string]bool{}
	}
	r.seen[page][body] = true
	r.took = append(r.took, took)
}

var tagCount = regexp.MustCompile(`\d+ posts? tagged`)

// uncounted leaves out how many posts a tag has: while a change is on its way
// to a server, the number that it remembers may stand over the list that it
// reads.
func uncounted(body string) string { return tagCount.ReplaceAllString(body, "") }

// check ends the reading, and checks that nothing was seen but what was right
// before or after.
func (r *readers) check(name string, before, after map[string]string) {
	r.t.Helper()
	r.stop()
	for page, bodies := range r.seen {
		for body := range bodies {
			if body := uncounted(body); body != uncounted(before[page]) && body != uncounted(after[page]) {
				r.t.Errorf("%s: %s was neither as before nor as after (-after +seen)\n%s", name, page, cmp.Diff(after[page], body))
			}
		}
	}
	slices.Sort(r.took)
	n := len(r.took)
	if n < 100 || len(r.seen) != len(before) {
		r.t.Errorf("%s: got %d pages read of %d addresses: nothing is proved", name, n, len(r.seen))
	}
	r.t.Logf("%s: %d pages read; p99 %v, the slowest %v", name, n, r.took[n*99/100], r.took[n-1])
}
