//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package embedded_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"broadsheet/internal/postgres/embedded"

	"github.com/jackc/pgx/v5"
)

// helperDir makes the test binary a server of its own on a folder, for tests
// that kill it.
const helperDir = "EMBEDDED_TEST_HELPER_DIR"

var discard = slog.New(slog.DiscardHandler)

func TestMain(m *testing.M) {
	if dir := os.Getenv(helperDir); dir != "" {
		server, err := embedded.Start(context.Background(), embedded.Options{Dir: dir, Log: discard})
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(server.URL())
		select {}
	}
	os.Exit(m.Run())
}

// dataDir returns a folder for a test that every user may enter, unlike
// t.TempDir: under root, postgres runs as another.
func dataDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "broadsheet-embedded-")
	if err != nil {
		t.Fatalf("making a folder: %v", err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatalf("opening a folder: %v", err)
	}
	return dir
}

func start(t *testing.T, o embedded.Options) *embedded.Server {
	t.Helper()
	if o.Log == nil {
		o.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	server, err := embedded.Start(t.Context(), o)
	if err != nil {
		t.Fatalf("starting: %v", err)
	}
	t.Cleanup(func() { server.Stop() })
	return server
}

func stop(t *testing.T, server *embedded.Server) {
	t.Helper()
	if err := server.Stop(); err != nil {
		t.Fatalf("stopping: %v", err)
	}
}

func query(t *testing.T, url, sql string) string {
	t.Helper()
	got, err := tryQuery(t.Context(), url, sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return got
}

func tryQuery(ctx context.Context, url, sql string) (got string, err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return "", err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return got, conn.QueryRow(ctx, sql).Scan(&got)
}

const insert = "WITH w AS (INSERT INTO words VALUES ('kept') RETURNING word) SELECT word FROM w"

func makeWords(t *testing.T, url string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatalf("connecting: %v", err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), "CREATE TABLE words (word text)"); err != nil {
		t.Fatalf("making a table: %v", err)
	}
	query(t, url, insert)
}

func wantWords(t *testing.T, url string) {
	t.Helper()
	if got := query(t, url, "SELECT string_agg(word, ' ') FROM words"); got != "kept" {
		t.Errorf("got words %q, want kept", got)
	}
}

// postmaster reads the process id of the running postgres.
func postmaster(t *testing.T, dir string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "postgres", "data", "postmaster.pid"))
	if err != nil {
		t.Fatalf("reading postmaster.pid: %v", err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		t.Fatalf("reading postmaster.pid: %v", err)
	}
	return pid
}

func kill(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatalf("killing %d: %v", pid, err)
	}
}

// eventually waits for a condition; the test's own deadline bounds it.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for !holds() {
		select {
		case <-t.Context().Done():
			t.Fatalf("%s: did not happen", what)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func TestRestartKeepsData(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(dataDir(t), "not", "there yet")
	first := start(t, embedded.Options{Dir: dir})
	makeWords(t, first.URL())
	if url, ok := embedded.Running(dir); !ok || url != first.URL() {
		t.Errorf("got running %q %v, want %q", url, ok, first.URL())
	}
	for setting, want := range map[string]string{
		"listen_addresses": "", "fsync": "on", "full_page_writes": "on", "synchronous_commit": "on",
		"data_checksums": "on", "server_encoding": "UTF8", "TimeZone": "UTC",
	} {
		if got := query(t, first.URL(), "SHOW "+setting); got != want {
			t.Errorf("got %s %q, want %q", setting, got, want)
		}
	}
	if got := query(t, first.URL(), "SELECT lower('ÄÉ') || (SELECT string_agg(c, '' ORDER BY c) FROM unnest('{b,A,a,B}'::text[]) c)"); got != "äéABab" {
		t.Errorf("got %q, want letters of UTF-8 and the order of code points", got)
	}
	pid := postmaster(t, dir)
	if group, err := syscall.Getpgid(pid); err != nil || group == syscall.Getpgrp() {
		t.Errorf("got process group %d (error %v), want one of postgres's own", group, err)
	}
	stop(t, first)
	stop(t, first)
	if syscall.Kill(pid, 0) == nil {
		t.Errorf("postgres (%d) runs after Stop", pid)
	}
	if url, ok := embedded.Running(dir); ok {
		t.Errorf("got running %q after Stop", url)
	}

	second := start(t, embedded.Options{Dir: dir})
	wantWords(t, second.URL())
}

func TestSecondServerIsRefused(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	first := start(t, embedded.Options{Dir: dir})
	makeWords(t, first.URL())
	_, err := embedded.Start(t.Context(), embedded.Options{Dir: dir, Log: discard})
	if !errors.Is(err, embedded.ErrInUse) || !strings.Contains(err.Error(), fmt.Sprintf("process %d", os.Getpid())) {
		t.Errorf("got error %v, want ErrInUse with the process", err)
	}
	wantWords(t, first.URL())
}

func TestKilledPostgresComesBack(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	server := start(t, embedded.Options{Dir: dir})
	makeWords(t, server.URL())
	for range 2 {
		before := postmaster(t, dir)
		kill(t, before)
		eventually(t, "postgres comes back", func() bool {
			_, err := tryQuery(t.Context(), server.URL(), "SELECT word FROM words")
			return err == nil && postmaster(t, dir) != before
		})
	}
	wantWords(t, server.URL())
}

// startHelper runs a server in a process of its own and returns its URL.
func startHelper(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), helperDir+"="+dir)
	cmd.Stderr = t.Output()
	return cmd
}

func TestKilledServer(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name         string
		killPostgres bool
	}{
		{"postgres is left running", false},
		{"postgres is killed too", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := dataDir(t)
			helper := startHelper(t, dir)
			out, err := helper.StdoutPipe()
			if err != nil {
				t.Fatalf("starting a server: %v", err)
			}
			if err := helper.Start(); err != nil {
				t.Fatalf("starting a server: %v", err)
			}
			line, err := bufio.NewReader(out).ReadString('\n')
			url := strings.TrimSpace(line)
			if err != nil || !strings.HasPrefix(url, "postgres://") {
				t.Fatalf("starting a server: %q, error %v", line, err)
			}
			if got, ok := embedded.Running(dir); !ok || got != url {
				t.Errorf("got running %q %v, want that of another process, %q", got, ok, url)
			}
			makeWords(t, url)
			orphan := postmaster(t, dir)
			kill(t, helper.Process.Pid)
			helper.Wait()
			if tt.killPostgres {
				kill(t, orphan)
			} else {
				wantWords(t, url) // from the orphan
			}
			if got, ok := embedded.Running(dir); ok {
				t.Errorf("got running %q, want none: its server was killed", got)
			}

			server := start(t, embedded.Options{Dir: dir})
			wantWords(t, server.URL())
			if now := postmaster(t, dir); now == orphan {
				t.Errorf("postgres is still the orphan %d", now)
			}
		})
	}
}

func TestInterruptedInitdb(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	unfinished := func() []string {
		found, err := filepath.Glob(filepath.Join(dir, "postgres", "init-*", "*"))
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	helper := startHelper(t, dir)
	if err := helper.Start(); err != nil {
		t.Fatalf("starting a server: %v", err)
	}
	eventually(t, "initdb begins", func() bool { return len(unfinished()) > 0 })
	kill(t, helper.Process.Pid)
	helper.Wait()
	if _, err := os.Stat(filepath.Join(dir, "postgres", "data")); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("got error %v, want no cluster yet", err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := embedded.Start(ctx, embedded.Options{Dir: dir, Log: discard}); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want the context's", err)
	}
	server := start(t, embedded.Options{Dir: dir})
	makeWords(t, server.URL())
}

func TestFoldersOfAllKinds(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		strings.Repeat("deep/", 30),
		"with space, comma and 'quotes\"",
		"a+b&c=d%20e#f@g?",
		"größer",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(dataDir(t), name)
			server := start(t, embedded.Options{Dir: dir})
			makeWords(t, server.URL())
			config, err := pgx.ParseConfig(server.URL())
			if err != nil {
				t.Fatalf("parsing the URL: %v", err)
			}
			info, err := os.Stat(config.Host)
			if err != nil || info.Mode().Perm() != 0o700 {
				t.Errorf("got the socket's folder %v (error %v), want it private", info, err)
			}
			stop(t, server)
			if _, err := os.Stat(config.Host); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("got error %v, want the socket's folder gone", err)
			}
			wantWords(t, start(t, embedded.Options{Dir: dir}).URL())
		})
	}
}

func TestMissingBinaries(t *testing.T) {
	t.Parallel()
	_, err := embedded.Start(t.Context(), embedded.Options{Dir: dataDir(t), Log: discard, Search: []string{t.TempDir()}})
	if !errors.Is(err, embedded.ErrNoBinaries) {
		t.Errorf("got error %v, want ErrNoBinaries", err)
	}
	for _, want := range []string{"apt install postgresql", "brew install postgresql", "DATABASE_URL", "docker compose up"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want %q in it", err, want)
		}
	}

	dir := dataDir(t)
	stop(t, start(t, embedded.Options{Dir: dir}))
	if err := os.WriteFile(filepath.Join(dir, "postgres", "data", "PG_VERSION"), []byte("9\n"), 0o600); err != nil {
		t.Fatalf("writing: %v", err)
	}
	_, err = embedded.Start(t.Context(), embedded.Options{Dir: dir, Log: discard})
	if !errors.Is(err, embedded.ErrNoBinaries) || !strings.Contains(err.Error(), "version 9") {
		t.Errorf("got error %v, want ErrNoBinaries for version 9", err)
	}
}

func TestFailedStartQuotesTheLog(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	_, err := embedded.Start(t.Context(), embedded.Options{
		Dir: dir, Log: discard, Settings: map[string]string{"shared_buffers": "nonsense"},
	})
	if err == nil || !strings.Contains(err.Error(), `invalid value for parameter "shared_buffers"`) {
		t.Errorf("got error %v, want what postgres said", err)
	}
	start(t, embedded.Options{Dir: dir})
}

// The number of a postgres that was killed may be another process's by now.
func TestStalePostmasterFile(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	server := start(t, embedded.Options{Dir: dir})
	makeWords(t, server.URL())
	file := filepath.Join(dir, "postgres", "data", "postmaster.pid")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("reading postmaster.pid: %v", err)
	}
	_, rest, _ := strings.Cut(string(text), "\n")
	info, err := os.Stat(file)
	if err != nil {
		t.Fatalf("looking at postmaster.pid: %v", err)
	}
	stat := info.Sys().(*syscall.Stat_t)
	stop(t, server)

	bystander := exec.Command("sleep", "600")
	bystander.Dir = "/"
	if os.Geteuid() == 0 {
		bystander.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: stat.Uid, Gid: stat.Gid}}
	}
	if err := bystander.Start(); err != nil {
		t.Fatalf("starting a bystander: %v", err)
	}
	ended := make(chan struct{})
	go func() { bystander.Wait(); close(ended) }()
	defer func() { bystander.Process.Kill(); <-ended }()
	if err := os.WriteFile(file, fmt.Appendf(nil, "%d\n%s", bystander.Process.Pid, rest), 0o600); err != nil {
		t.Fatalf("writing postmaster.pid: %v", err)
	}
	if err := os.Chown(file, int(stat.Uid), int(stat.Gid)); err != nil {
		t.Fatalf("writing postmaster.pid: %v", err)
	}
	wantWords(t, start(t, embedded.Options{Dir: dir}).URL())
	select {
	case <-ended:
		t.Error("the bystander was ended")
	default:
	}
}

func TestLogIsBounded(t *testing.T) {
	t.Parallel()
	const limit = 5 << 20
	dir := dataDir(t)
	server := start(t, embedded.Options{Dir: dir, Settings: map[string]string{"log_statement": "all"}})
	long := "SELECT 'x' /* " + strings.Repeat("long ", 200_000) + "*/"
	for range 12 {
		query(t, server.URL(), long)
	}
	stop(t, server)
	for _, name := range []string{"postgres.log", "postgres.log.1"} {
		info, err := os.Stat(filepath.Join(dir, "postgres", name))
		if err != nil || info.Size() > limit {
			t.Errorf("got %v (error %v), want at most %d bytes", info, err, limit)
		}
	}
}
