package main

import (
	"bytes"
	"context"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"broadsheet/internal/config"
	"broadsheet/internal/postgrestest"
)

// asProgram makes the test binary the program itself, for tests that need a
// process of its own.
const asProgram = "BROADSHEET_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		os.Exit(0)
	}
	postgrestest.Main(m)
}

// env holds the settings of a command.
type env map[string]string

// result is what a command left behind.
type result struct {
	out, log string
	err      error
}

// broadsheet runs a command to its end.
func broadsheet(t *testing.T, e env, args ...string) result {
	t.Helper()
	return broadsheetWithInput(t, e, "", args...)
}

func broadsheetWithInput(t *testing.T, e env, stdin string, args ...string) result {
	t.Helper()
	var out, log buffer
	getenv := func(name string) string { return e[name] }
	err := run(app{t.Context(), getenv, strings.NewReader(stdin), &out, &log}, args)
	return result{out.String(), log.String(), err}
}

// succeeds returns what a command printed.
func succeeds(t *testing.T, e env, args ...string) string {
	t.Helper()
	r := broadsheet(t, e, args...)
	if r.err != nil {
		t.Fatalf("broadsheet %s: %v\n%s", strings.Join(args, " "), r.err, r.log)
	}
	return r.out
}

// fails checks that the command failed with a message that holds each of want.
func (r result) fails(t *testing.T, want ...string) {
	t.Helper()
	if r.err == nil {
		t.Fatalf("got no error, want one with %q; it printed\n%s", want, r.out)
	}
	for _, w := range want {
		if !strings.Contains(r.err.Error(), w) {
			t.Errorf("got error %q, want %q in it", r.err, w)
		}
	}
}

// buffer takes what a command writes while a test reads it.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// eventually waits for a condition, far longer than it should take.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for !holds() {
		select {
		case <-ctx.Done():
			t.Fatalf("%s: did not happen", what)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	if got, want := succeeds(t, nil, "version"), "broadsheet "+programVersion()+"\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	database := []string{"DATABASE_URL ", "DATABASE_PASSWORD ", "BROADSHEET_DATA ", "BROADSHEET_LOG "}
	tests := []struct {
		command string
		want    []string
	}{
		{"", []string{"Usage: broadsheet", "serve", "migrate up", "import markdown", "user add", "health", "version"}},
		{"serve", append([]string{"BROADSHEET_LISTEN ", "BROADSHEET_BASE_URL ", "BROADSHEET_DEMO "}, database...)},
		{"migrate", []string{"up", "down", "status", "force"}},
		{"migrate up", database},
		{"migrate down", database},
		{"migrate status", database},
		{"migrate force", append([]string{"<version>"}, database...)},
		{"import", []string{"markdown"}},
		{"import markdown", append([]string{"--dry-run", "--author", "<path>"}, database...)},
		{"user", []string{"add", "list", "reset"}},
		{"user add", append([]string{"--name", "--role", "--password-file", "standard input"}, database...)},
		{"user list", database},
		{"user reset", append([]string{"--password-file"}, database...)},
		{"health", []string{"BROADSHEET_LISTEN "}},
		{"version", []string{"Print the version"}},
	}
	for _, tt := range tests {
		t.Run(tt.command, func(t *testing.T) {
			t.Parallel()
			got := succeeds(t, nil, append(strings.Fields(tt.command), "--help")...)
			for _, want := range tt.want {
				if !strings.Contains(got, want) {
					t.Errorf("got no %q in\n%s", want, got)
				}
			}
		})
	}
	if got, want := succeeds(t, nil), succeeds(t, nil, "--help"); got != want {
		t.Errorf("got without a command\n%s\nwant the help", got)
	}
}

func TestHelpNamesEverySetting(t *testing.T) {
	t.Parallel()
	var read, told []string
	if _, err := config.Load(func(name string) string { read = append(read, name); return "" }); err != nil {
		t.Fatal(err)
	}
	for _, s := range environment {
		told = append(told, s.name)
	}
	slices.Sort(read)
	slices.Sort(told)
	if !slices.Equal(told, slices.Compact(read)) {
		t.Errorf("got help about %q, want it about %q", told, read)
	}
}

func TestBadUsage(t *testing.T) {
	t.Parallel()
	tests := []struct {
		args string
		want []string
	}{
		{"publish", []string{"unexpected argument publish", "broadsheet --help"}},
		{"serv", []string{`did you mean one of "serve"`}},
		{"serve --port 80", []string{"unknown flag --port"}},
		{"migrate", []string{`expected one of "up", "down", "status", "force"`}},
		{"migrate down many", []string{"steps", "many"}},
		{"migrate force", []string{"<version>"}},
		{"migrate force -- -1", []string{"version", "-1"}},
		{"import markdown", []string{"<path>"}},
		{"import markdown /no/such/folder", []string{"/no/such/folder", "no such file or directory"}},
		{"import markdown main_test.go", []string{"main_test.go", "not a directory"}},
		{"user add", []string{"--name", "--password-file"}},
		{"user add a@example.org --name A --role king --password-file -", []string{"--role", "owner", "author", "king"}},
		{"user reset a@example.org", []string{"--password-file"}},
	}
	for _, tt := range tests {
		t.Run(tt.args, func(t *testing.T) {
			t.Parallel()
			// A database that is not there: usage is wrong whatever it holds.
			r := broadsheet(t, env{"DATABASE_URL": "postgres:///d?host=/nowhere"}, strings.Fields(tt.args)...)
			r.fails(t, tt.want...)
			if r.out != "" || strings.Contains(r.err.Error(), "\n") {
				t.Errorf("got output %q and error %q, want one line", r.out, r.err)
			}
		})
	}
}

func TestWrongSettingsAreReportedAtOnce(t *testing.T) {
	t.Parallel()
	e := env{
		"DATABASE_URL": "postgres://u:Zq7@h/d", "DATABASE_URL_FILE": "url",
		"BROADSHEET_LISTEN": "nowhere", "BROADSHEET_MIGRATE": "perhaps", "BROADSHEET_DEMO": "2",
		"BROADSHEET_BASE_URL": "blog", "BROADSHEET_TRUSTED_PROXIES": "home",
		"BROADSHEET_DB_MAX_CONNS": "1", "BROADSHEET_LOG": "xml",
		"BROADSHEET_OPS_LISTEN": "9090", "BROADSHEET_CACHE_SIZE": "1.5GB",
		"BROADSHEET_CDN": "which", "BROADSHEET_READY_WITHOUT_DATABASE": "so",
	}
	for _, command := range []string{"serve", "migrate up", "migrate status", "user list", "import markdown .", "health"} {
		r := broadsheet(t, e, strings.Fields(command)...)
		for name := range e {
			r.fails(t, name)
		}
		if strings.Contains(r.err.Error()+r.log, "Zq7") {
			t.Errorf("%s: the password stands in %q %q", command, r.err, r.log)
		}
	}
}

// unused returns an address on this machine that nothing listens on.
func unused(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}
