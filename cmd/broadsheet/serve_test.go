package main

import (
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/postgrestest"
)

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
	away := func(path, says string) {
		t.Helper()
		s.wants(map[string]int{"/livez": 200, "/readyz": 503, "/static/none": 404})
		if status, body, retry := s.get(path); status != http.StatusServiceUnavailable || retry == "" || !strings.Contains(body, says) {
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

	away("/", "starting")
	d.open()
	s.greets()
	back()
	for range 2 {
		d.shut()
		away("/tags", "cannot reach its database")
		s.wants(map[string]int{"/": 200}) // as it was
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
	if _, body, _ := s.get("/"); posts == 0 || !strings.Contains(body, "The Broadsheet Team") || !strings.Contains(body, `href="/about"`) {
		t.Errorf("got %d posts, want some on the front page, and a link to About\n%s", posts, body)
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

func TestNoDemoForABlogThatWasMadeSomebodys(t *testing.T) {
	t.Parallel()
	e := env{"DATABASE_URL": postgrestest.NewURL(t), "BROADSHEET_DEMO": "true"}
	succeeds(t, e, "user", "add", "ada@example.org", "--name=Ada", "--password-file", written(t, "difference engine"))
	serve(t, e).greets()
	if got := count(t, e, "SELECT count(*) FROM posts"); got != 0 {
		t.Errorf("got %d posts in a blog whose owner has none", got)
	}
}
