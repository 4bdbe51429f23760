package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/postgrestest"
)

// serving is a running "broadsheet serve".
type serving struct {
	t       *testing.T
	address string
	out     *buffer // what it prints
	all     *buffer // that and its log
	signal  func()  // asks it to stop
	done    chan struct{}
	err     error // once done is closed
}

// both writes what is printed to a buffer of its own too.
type both struct{ own, all io.Writer }

func (b both) Write(p []byte) (int, error) {
	b.all.Write(p)
	return b.own.Write(p)
}

// serve runs a server in this process, on a port of its own, until the test ends.
func serve(t *testing.T, e env) *serving {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	s := &serving{t: t, out: &buffer{}, all: &buffer{}, signal: cancel, done: make(chan struct{})}
	settings := env{"BROADSHEET_LISTEN": "127.0.0.1:0", "BROADSHEET_BASE_URL": "http://blog.example"}
	for name, value := range e {
		settings[name] = value
	}
	getenv := func(name string) string { return settings[name] }
	go func() {
		defer close(s.done)
		s.err = run(app{ctx, getenv, strings.NewReader(""), both{s.out, s.all}, s.all}, []string{"serve"})
	}()
	t.Cleanup(func() { cancel(); <-s.done })
	s.listens()
	return s
}

var listening = regexp.MustCompile(`"msg":"listening","address":"([^"]+)"`)

// listens waits until the server says where.
func (s *serving) listens() {
	s.t.Helper()
	eventually(s.t, "it listens", func() bool {
		if found := listening.FindStringSubmatch(s.all.String()); found != nil {
			s.address = found[1]
		}
		return s.address != "" || s.ended()
	})
	if s.address == "" {
		s.t.Fatalf("the server ended with error %v\n%s", s.err, s.all)
	}
}

func (s *serving) ended() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// greets waits until the server has said what a person needs.
func (s *serving) greets() {
	s.t.Helper()
	eventually(s.t, "it greets", func() bool { return strings.HasSuffix(s.out.String(), "\n\n") || s.ended() })
	if s.ended() {
		s.t.Fatalf("the server ended with error %v\n%s", s.err, s.all)
	}
}

// stop asks the server to stop and waits for its end.
func (s *serving) stop() error {
	s.signal()
	<-s.done
	return s.err
}

// get returns the answer's status, body and Retry-After; the status is 0 when
// there is none.
func (s *serving) get(target string) (status int, body, retryAfter string) {
	return s.answer(http.Get("http://" + s.address + target))
}

func (s *serving) post(target string, form url.Values) (status int, body, retryAfter string) {
	return s.answer(http.PostForm("http://"+s.address+target, form))
}

func (s *serving) answer(response *http.Response, err error) (status int, body, retryAfter string) {
	if err != nil {
		return 0, err.Error(), ""
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err.Error(), ""
	}
	return response.StatusCode, string(text), response.Header.Get("Retry-After")
}

// wants checks the status of addresses, given as address and status in turn.
func (s *serving) wants(targets map[string]int) {
	s.t.Helper()
	for target, want := range targets {
		if got, body, _ := s.get(target); got != want {
			s.t.Errorf("%s: got %d, want %d\n%s", target, got, want, body)
		}
	}
}

func TestServeGreets(t *testing.T) {
	t.Parallel()
	e := env{"DATABASE_URL": postgrestest.NewEmptyURL(t)}
	s := serve(t, e)
	s.greets()
	lines := strings.Split(strings.TrimSpace(s.all.String()), "\n")
	last := lines[len(lines)-1]
	_, link, found := strings.Cut(last, "http://blog.example/admin/setup?code=")
	if !found || !strings.Contains(lines[len(lines)-2], "Broadsheet is running at http://blog.example") {
		t.Fatalf("got\n%s\nwant the address and the set-up link at the end", s.all)
	}

	setUp := "/admin/setup?code=" + link
	if status, body, _ := s.get(setUp); status != http.StatusOK || !strings.Contains(body, `name="password"`) {
		t.Fatalf("got %d, want the form\n%s", status, body)
	}
	form := url.Values{"code": {link}, "title": {"Notes"}, "name": {"Ada"}, "email": {"ada@example.org"}, "password": {"difference engine"}}
	if status, body, _ := s.post("/admin/setup", form); status != http.StatusOK {
		t.Fatalf("got %d, want it to be accepted\n%s", status, body)
	}
	form.Set("email", "eve@example.org")
	s.post("/admin/setup", form)
	if _, body, _ := s.get(setUp); strings.Contains(body, `name="code"`) {
		t.Errorf("the link works again:\n%s", body)
	}
	if got := count(t, e, "SELECT count(*) FROM users"); got != 1 {
		t.Errorf("got %d users, want the one", got)
	}
	if strings.Contains(s.all.String(), `"path":"/admin/setup?`) || strings.Count(s.all.String(), link) != 1 {
		t.Errorf("the code stands in the log:\n%s", s.all)
	}
	if err := s.stop(); err != nil {
		t.Errorf("stopping: %v", err)
	}

	again := serve(t, e)
	again.greets()
	if got := again.out.String(); strings.Contains(got, "setup") || !strings.Contains(got, "http://blog.example") {
		t.Errorf("got %q, want the address alone: it is set up", got)
	}
}

// A stop finishes what runs: here a form whose rest is still on its way.
func TestServeFinishesWhatRuns(t *testing.T) {
	t.Parallel()
	s := serve(t, env{"DATABASE_URL": postgrestest.NewURL(t)})
	s.greets()
	body, rest := io.Pipe()
	running := make(chan struct{})
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got100Continue: func() { close(running) }})
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.address+"/admin/login", body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Expect", "100-continue") // the server says so when it begins to read
	status := make(chan int, 1)
	go func() {
		client := http.Client{Transport: &http.Transport{ExpectContinueTimeout: time.Minute}}
		got, _, _ := s.answer(client.Do(request))
		status <- got
	}()
	<-running
	s.signal()
	eventually(t, "it takes no more", func() bool { got, _, _ := s.get("/livez"); return got == 0 })
	if s.ended() {
		t.Fatalf("got an end with error %v, want it to wait for the request", s.err)
	}
	io.WriteString(rest, "email=ada%40example.org&password=wrong")
	rest.Close()
	if got := <-status; got != http.StatusUnprocessableEntity {
		t.Errorf("got %d, want an answer to the whole form (422)", got)
	}
	if err := s.stop(); err != nil {
		t.Errorf("got error %v, want none", err)
	}
}

func TestServeOnATakenAddress(t *testing.T) {
	t.Parallel()
	e := env{"DATABASE_URL": postgrestest.NewURL(t)}
	s := serve(t, e)
	s.greets()
	e["BROADSHEET_LISTEN"] = s.address
	broadsheet(t, e, "serve").fails(t, s.address, "address already in use", "BROADSHEET_LISTEN")
	s.wants(map[string]int{"/": 200})
}

// The server starts without its database, and lives on when it loses it.
func TestServeWaitsForItsDatabase(t *testing.T) {
	t.Parallel()
	d := newDoor(t, postgrestest.NewEmptyURL(t))
	s := serve(t, env{"DATABASE_URL": d.url})
	health := func() error { return broadsheet(t, env{"BROADSHEET_LISTEN": s.address}, "health").err }
	away := func(says string) {
		t.Helper()
		s.wants(map[string]int{"/livez": 200, "/readyz": 503, "/static/none": 404})
		if status, body, retry := s.get("/"); status != http.StatusServiceUnavailable || retry == "" || !strings.Contains(body, says) {
			t.Errorf("got %d, Retry-After %q, want 503 that says %q\n%s", status, retry, says, body)
		}
		if err := health(); err == nil || !strings.Contains(err.Error(), "not ready") {
			t.Errorf("health: got error %v, want not ready", err)
		}
	}
	back := func() {
		t.Helper()
		eventually(t, "it is ready", func() bool { status, _, _ := s.get("/readyz"); return status == http.StatusOK })
		s.wants(map[string]int{"/": 200, "/livez": 200, "/nope": 404})
		if err := health(); err != nil {
			t.Errorf("health: got error %v, want none", err)
		}
	}

	away("starting")
	d.open()
	s.greets()
	back()
	for range 2 {
		d.shut()
		away("cannot reach its database")
		d.open()
		back()
	}
	if got := s.all.String(); !strings.Contains(got, "waiting for the database") || strings.Contains(got, "password") || strings.Contains(got, "goroutine") {
		t.Errorf("got log\n%s\nwant it to say that it waits, without passwords and stacks", got)
	}
	if err := s.stop(); err != nil {
		t.Errorf("got error %v, want none", err)
	}
}

func TestServeStopsWhileItWaits(t *testing.T) {
	t.Parallel()
	s := serve(t, env{"DATABASE_URL": "postgres://u:" + password + "@" + unused(t) + "/d"})
	eventually(t, "it waits", func() bool { return strings.Contains(s.all.String(), "waiting for the database") })
	if err := s.stop(); err != nil || s.out.String() != "" {
		t.Errorf("got error %v and output %q, want neither", err, s.out)
	}
	if got := s.all.String(); strings.Contains(got, password) || !strings.Contains(got, "connection refused") {
		t.Errorf("got log\n%s\nwant the reason and no password", got)
	}
}

func TestHealthWithoutAServer(t *testing.T) {
	t.Parallel()
	broadsheet(t, env{"BROADSHEET_LISTEN": unused(t)}, "health").fails(t, "does not answer", "connection refused")
}

func TestHealthOfAServerOnEveryAddress(t *testing.T) {
	t.Parallel()
	s := serve(t, env{"DATABASE_URL": postgrestest.NewURL(t), "BROADSHEET_LISTEN": ":0"})
	s.greets()
	_, port, _ := strings.Cut(s.address, "]:")
	for _, address := range []string{":" + port, "0.0.0.0:" + port, "[::]:" + port, "127.0.0.1:" + port} {
		if got, want := succeeds(t, env{"BROADSHEET_LISTEN": address}, "health"), "ok\n"; got != want {
			t.Errorf("%s: got %q, want %q", address, got, want)
		}
	}
}

func TestDemo(t *testing.T) {
	t.Parallel()
	e := env{"DATABASE_URL": postgrestest.NewURL(t), "BROADSHEET_DEMO": "true"}
	s := serve(t, e)
	s.greets()
	posts := count(t, e, "SELECT count(*) FROM posts")
	if _, body, _ := s.get("/"); posts == 0 || !strings.Contains(body, "The Broadsheet Team") {
		t.Errorf("got %d posts, want some on the front page\n%s", posts, body)
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	serve(t, e).greets()
	if got := count(t, e, "SELECT count(*) FROM posts"); got != posts {
		t.Errorf("got %d posts after another start, want %d", got, posts)
	}
}

func TestNoDemoForABlogWithPosts(t *testing.T) {
	t.Parallel()
	e := env{"DATABASE_URL": postgrestest.NewURL(t), "BROADSHEET_DEMO": "true"}
	succeeds(t, e, "import", "markdown", folder(t, "first.md", first))
	serve(t, e).greets()
	if got := count(t, e, "SELECT count(*) FROM posts"); got != 1 {
		t.Errorf("got %d posts, want the blog's own alone", got)
	}
}
