package browsertest_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"broadsheet/internal/accounts"
	"broadsheet/internal/postgres"
	"broadsheet/internal/postgres/embedded"
	"broadsheet/internal/posts"
)

// buildProgram builds the server as it is shipped.
func buildProgram(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "broadsheet")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "broadsheet/cmd/broadsheet").CombinedOutput(); err != nil {
		t.Fatalf("building the server: %v\n%s", err, out)
	}
	return path
}

// fragile is a blog whose server is a process and whose PostgreSQL is its own,
// for a test to kill.
type fragile struct {
	*blog
	t       *testing.T
	program string // built
	data    string // the folder of PostgreSQL
	address string
	log     string
	env     []string
	cmd     *exec.Cmd // nil while the server is down
	done    chan error
}

func newFragile(t *testing.T, program string) *fragile {
	t.Helper()
	// Under root, postgres runs as another user, who must get to its files.
	data, err := os.MkdirTemp(memoryFolder(), "broadsheet-proof-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(data) })
	if err := os.Chmod(data, 0o711); err != nil {
		t.Fatal(err)
	}
	database, err := embedded.Start(t.Context(), embedded.Options{
		Dir: data, Log: slog.New(slog.DiscardHandler), Settings: map[string]string{"fsync": "off", "shared_buffers": "16MB"},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := database.Stop(); err != nil {
			t.Error(err)
		}
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0") // what a browser keeps belongs to an address with its port
	if err != nil {
		t.Fatal(err)
	}
	f := &fragile{t: t, program: program, data: data, address: listener.Addr().String(), log: filepath.Join(t.TempDir(), "log")}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	f.env = append(os.Environ(), "DATABASE_URL="+database.URL(), "BROADSHEET_LISTEN="+f.address, "BROADSHEET_BASE_URL=http://"+f.address, "BROADSHEET_DB_MAX_CONNS=8")
	pool, err := postgres.Open(t.Context(), postgres.Config{URL: database.URL(), MaxConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	f.blog = &blog{pool: pool, posts: posts.NewStore(pool), accounts: accounts.NewStore(pool), url: "http://" + f.address}
	t.Cleanup(f.kill)
	f.start()
	return f
}

// memoryFolder is a folder whose files are in memory, where there is one.
func memoryFolder() string {
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		return "/dev/shm"
	}
	return ""
}

// start starts the server, unless it runs, and waits until it is ready.
func (f *fragile) start() {
	f.t.Helper()
	if f.cmd == nil {
		log, err := os.OpenFile(f.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			f.t.Fatal(err)
		}
		defer log.Close()
		cmd := exec.Command(f.program, "serve")
		cmd.Env, cmd.Stdout, cmd.Stderr = f.env, log, log
		if err := cmd.Start(); err != nil {
			f.t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- cmd.Wait() }()
		f.cmd, f.done = cmd, done
	}
	for deadline := time.Now().Add(time.Minute); ; {
		response, err := http.Get("http://" + f.address + "/readyz")
		if err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case err := <-f.done:
			f.t.Fatalf("the server ended: %v\n%s", err, f.logged())
		case <-time.After(10 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			f.t.Fatalf("the server is not ready\n%s", f.logged())
		}
	}
}

// kill ends the server as kill -9 does, unless it is down.
func (f *fragile) kill() {
	if f.cmd == nil {
		return
	}
	_ = f.cmd.Process.Kill() // it runs: nobody has waited for it
	<-f.done
	f.cmd = nil
}

// restartDatabase ends PostgreSQL, which is then started again: with SIGINT it
// ends as for a restart, with SIGQUIT at once and recovers.
func (f *fragile) restartDatabase(how syscall.Signal) {
	f.t.Helper()
	text, err := os.ReadFile(filepath.Join(f.data, "postgres", "data", "postmaster.pid"))
	if err != nil {
		return // it is being started just now
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		return
	}
	if err := syscall.Kill(pid, how); err != nil && !errors.Is(err, syscall.ESRCH) {
		f.t.Errorf("sending %v to PostgreSQL: %v", how, err)
	}
}

// database waits until PostgreSQL answers.
func (f *fragile) database() {
	f.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(f.t.Context(), time.Second)
		err := f.pool.Ping(ctx)
		cancel()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			f.t.Fatalf("PostgreSQL does not come back: %v", err)
		}
	}
}

// logged returns the end of what the server said.
func (f *fragile) logged() string {
	text, err := os.ReadFile(f.log)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-4000):])
}
