package main

import (
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// dataDir returns a folder that every user may enter, unlike t.TempDir: under
// root, postgres runs as another.
func dataDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "broadsheet-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if pid := postmaster(dir); pid != 0 { // left by a test that failed
			kill(t, pid)
		}
		os.RemoveAll(dir)
	})
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	return dir
}

// postmaster is the process of the private PostgreSQL, or 0 when none runs.
func postmaster(dir string) int {
	text, err := os.ReadFile(filepath.Join(dir, "postgres", "data", "postmaster.pid"))
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, _ := strconv.Atoi(first) // 0 while it is being written
	return pid
}

func kill(t *testing.T, pid int) {
	t.Helper()
	process, err := os.FindProcess(pid)
	if err == nil {
		err = process.Kill()
	}
	if err != nil {
		t.Errorf("killing %d: %v", pid, err)
	}
}

// program prepares the program as a process of its own, with no other settings
// than e.
func program(t *testing.T, e env, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = []string{asProgram + "=1", "PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.Getenv("TMPDIR")}
	for name, value := range e {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// serveProcess is serve as a process of its own, with more settings, each
// NAME=value.
func serveProcess(t *testing.T, dir string, more ...string) (*serving, *exec.Cmd) {
	t.Helper()
	s := &serving{t: t, out: &buffer{}, all: &buffer{}, done: make(chan struct{})}
	cmd := program(t, env{"BROADSHEET_DATA": dir, "BROADSHEET_LISTEN": "127.0.0.1:0", "BROADSHEET_BASE_URL": "http://blog.example"}, "serve")
	cmd.Env = append(cmd.Env, more...)
	cmd.Stdout, cmd.Stderr = both{s.out, s.all}, s.all
	if err := cmd.Start(); err != nil {
		t.Fatalf("starting a server: %v", err)
	}
	go func() { defer close(s.done); s.err = cmd.Wait() }()
	s.signal = func() { cmd.Process.Signal(syscall.SIGTERM) }
	t.Cleanup(func() { s.stop() })
	s.listens()
	return s, cmd
}

// A blog on a private PostgreSQL outlives whatever is killed.
func TestPrivateDatabase(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	e := env{"BROADSHEET_DATA": dir}
	blog := map[string]int{"/": 200, "/posts/first": 200, "/readyz": 200}
	s, cmd := serveProcess(t, dir)
	s.greets()
	if !strings.Contains(s.out.String(), "/admin/setup?code=") {
		t.Errorf("got %q, want the set-up link", s.out)
	}

	// Commands work beside it.
	succeeds(t, e, "user", "add", "ada@example.org", "--name=Ada Lovelace", "--password-file", written(t, "difference engine"))
	if got := succeeds(t, e, "import", "markdown", folder(t, "first.md", first)); !strings.Contains(got, "1 created") {
		t.Errorf("importing beside the server: got\n%s", got)
	}
	s.wants(blog)

	cmd.Process.Kill()
	<-s.done
	s, _ = serveProcess(t, dir)
	s.greets()
	s.wants(blog)
	if got := s.out.String(); strings.Contains(got, "setup") {
		t.Errorf("got %q after the server was killed, want it to be set up", got)
	}
	if got := succeeds(t, e, "user", "list"); !strings.Contains(got, "ada@example.org") {
		t.Errorf("got users\n%s\nwant Ada", got)
	}

	killed := postmaster(dir)
	kill(t, killed)
	eventually(t, "postgres comes back", func() bool {
		status, _, _ := s.get("/readyz")
		return status == http.StatusOK && postmaster(dir) != killed
	})
	s.wants(blog)

	if err := s.stop(); err != nil {
		t.Errorf("stopping: %v\n%s", err, s.all)
	}
	if pid := postmaster(dir); pid != 0 {
		t.Errorf("postgres %d is left behind", pid)
	}
	// And commands work alone.
	if got := succeeds(t, e, "user", "list"); !strings.Contains(got, "ada@example.org") || postmaster(dir) != 0 {
		t.Errorf("got users\n%s\nand postgres %d, want Ada and none", got, postmaster(dir))
	}
}

func TestSecondServerOnTheSameFolder(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s, cmd := serveProcess(t, dir)
	s.greets()

	second := program(t, env{"BROADSHEET_DATA": dir, "BROADSHEET_LISTEN": "127.0.0.1:0"}, "serve")
	var log buffer
	second.Stdout, second.Stderr = io.Discard, &log
	err := second.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Errorf("got %v, want exit code 1", err)
	}
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	last := lines[len(lines)-1]
	for _, want := range []string{"broadsheet: ", dir, "in use", strconv.Itoa(cmd.Process.Pid), "BROADSHEET_DATA"} {
		if !strings.Contains(last, want) {
			t.Errorf("got last line %q, want %q in it", last, want)
		}
	}
	s.wants(map[string]int{"/": 200, "/readyz": 200})
	if err := s.stop(); err != nil {
		t.Errorf("stopping the first: %v\n%s", err, s.all)
	}
}

func TestStopWhileThePrivateDatabaseStarts(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s, _ := serveProcess(t, dir)
	eventually(t, "it makes a cluster", func() bool { return strings.Contains(s.all.String(), "making a database cluster") })
	if err := s.stop(); err != nil {
		t.Errorf("got %v, want exit code 0\n%s", err, s.all)
	}
	s, _ = serveProcess(t, dir)
	s.greets()
	s.wants(map[string]int{"/": 200})
}

// installed returns the folder of PostgreSQL's binaries.
func installed(t *testing.T) string {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // fails for a bad pattern alone
	if postgres, err := exec.LookPath("postgres"); err == nil {
		found = append(found, filepath.Dir(postgres))
	}
	if len(found) == 0 {
		t.Fatal("PostgreSQL is not installed")
	}
	return found[len(found)-1]
}

// scripts returns a folder of shell scripts.
func scripts(t *testing.T, texts map[string]string) (bin string) {
	t.Helper()
	bin = dataDir(t)
	for name, text := range texts {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+text+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return bin
}

// slowInitdb returns a folder of binaries for PATH whose initdb waits until
// release is called.
func slowInitdb(t *testing.T) (bin string, release func()) {
	t.Helper()
	real, wait := installed(t), dataDir(t)
	bin = scripts(t, map[string]string{
		"postgres": "exec '" + real + "/postgres' \"$@\"",
		"initdb":   "until [ -e '" + wait + "/go' ]; do sleep 0.1; done; exec '" + real + "/initdb' \"$@\"",
	})
	return bin, func() {
		if err := os.WriteFile(filepath.Join(wait, "go"), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// While the private database starts the server answers, and commands wait.
func TestServesWhileThePrivateDatabaseStarts(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	bin, release := slowInitdb(t)
	s, _ := serveProcess(t, dir, "PATH="+bin+":"+os.Getenv("PATH"))
	eventually(t, "it makes a cluster", func() bool { return strings.Contains(s.all.String(), "making a database cluster") })
	s.wants(map[string]int{"/livez": 200, "/readyz": 503})
	if status, body, retry := s.get("/"); status != http.StatusServiceUnavailable || retry == "" || !strings.Contains(body, "starting") {
		t.Errorf("got %d, Retry-After %q, want 503 that says that it starts\n%s", status, retry, body)
	}
	command := make(chan result)
	go func() { command <- broadsheet(t, env{"BROADSHEET_DATA": dir}, "user", "list") }()
	release()
	if r := <-command; r.err != nil || !strings.Contains(r.out, "NAME") {
		t.Errorf("a command meanwhile: got %q, error %v", r.out, r.err)
	}
	s.greets()
	s.wants(map[string]int{"/": 200, "/readyz": 200})
	if err := s.stop(); err != nil || postmaster(dir) != 0 {
		t.Errorf("stopping: got %v and postgres %d, want neither", err, postmaster(dir))
	}
}

// A new blog can be filled before anybody serves it.
func TestCommandMakesThePrivateDatabase(t *testing.T) {
	t.Parallel()
	e := env{"BROADSHEET_DATA": dataDir(t)}
	if got := succeeds(t, e, "import", "markdown", folder(t, "first.md", first)); !strings.Contains(got, "1 created") {
		t.Errorf("got\n%s\nwant one created", got)
	}
}
