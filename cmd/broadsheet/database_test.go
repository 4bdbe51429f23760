package main

import (
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"broadsheet/internal/postgrestest"
)

// password is what no message may hold.
const password = "Zq7secret"

func TestDatabaseThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	server := parse(t, postgrestest.NewEmptyURL(t))
	missing := urlAt(server.Host, server.Port, server, "missing")
	databases := []struct {
		name, url string
		waits     bool // serve waits for it
		want      string
	}{
		{"not a URL", "broadsheet:" + password, false, "malformed"},
		{"password not escaped", "postgres://u:" + password + "/x@127.0.0.1/d", false, "special character"},
		{"port", "postgres://u:" + password + "@127.0.0.1:port/d", false, "malformed"},
		{"parameter", "postgres://u:" + password + "@127.0.0.1/d?sslmode=maybe", false, "sslmode"},
		{"unreachable", "postgres://u:" + password + "@" + unused(t) + "/d", true, "connection refused"},
		{"wrong password", "postgres://u:" + password + "@" + refusing(t) + "/d?sslmode=disable", false, "correct the user or the password"},
		{"missing", missing, false, "create the database, or correct its name"},
	}
	for _, command := range []string{"import markdown .", "migrate status", "migrate up", "user list", "serve"} {
		for _, tt := range databases {
			if tt.waits && command == "serve" {
				continue // TestServeWaitsForItsDatabase
			}
			t.Run(command+"/"+tt.name, func(t *testing.T) {
				t.Parallel()
				r := broadsheet(t, env{"DATABASE_URL": tt.url, "BROADSHEET_LISTEN": "127.0.0.1:0"}, strings.Fields(command)...)
				r.fails(t, tt.want)
				if strings.Contains(r.err.Error(), "\n") {
					t.Errorf("got error %q, want one line", r.err)
				}
				all := r.err.Error() + r.out + r.log
				for _, not := range []string{password, "goroutine", ".go:", `"level":"ERROR"`, `"level":"WARN"`} {
					if strings.Contains(all, not) {
						t.Errorf("got %q in error %q, output %q, log\n%s", not, r.err, r.out, r.log)
					}
				}
			})
		}
	}
}

func parse(t *testing.T, database string) *pgx.ConnConfig {
	t.Helper()
	config, err := pgx.ParseConfig(database)
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// urlAt is the URL of a database at another host, or in a socket's folder, for
// the user and password of config.
func urlAt(host string, port uint16, config *pgx.ConnConfig, database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(config.User, config.Password), Path: "/" + database,
		RawQuery: url.Values{"host": {host}, "port": {strconv.Itoa(int(port))}}.Encode(),
	}
	return u.String()
}

// refusing returns the address of a PostgreSQL that takes no password.
func refusing(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			backend := pgproto3.NewBackend(conn, conn)
			if _, err := backend.ReceiveStartupMessage(); err == nil {
				backend.Send(&pgproto3.ErrorResponse{Severity: "FATAL", Code: "28P01", Message: `password authentication failed for user "u"`})
				backend.Flush()
			}
			conn.Close()
		}
	}()
	return listener.Addr().String()
}

// door is a way to a database that can be shut: a socket in a folder, so that
// nobody else can take its place meanwhile.
type door struct {
	t       *testing.T
	network string // of the database
	address string
	socket  string
	url     string

	mu       sync.Mutex
	listener net.Listener
	conns    []net.Conn
}

// newDoor returns a way to the database, shut.
func newDoor(t *testing.T, database string) *door {
	t.Helper()
	config := parse(t, database)
	// Not t.TempDir: the names of sockets are short.
	dir, err := os.MkdirTemp("", "door-")
	if err != nil {
		t.Fatal(err)
	}
	d := &door{t: t, socket: filepath.Join(dir, ".s.PGSQL.5432")}
	t.Cleanup(func() { d.shut(); os.RemoveAll(dir) })
	d.network, d.address = pgconn.NetworkAddress(config.Host, config.Port)
	d.url = urlAt(dir, 5432, config, config.Database)
	return d
}

func (d *door) open() {
	d.t.Helper()
	listener, err := net.Listen("unix", d.socket)
	if err != nil {
		d.t.Fatal(err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.listener = listener
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial(d.network, d.address)
			if err != nil {
				conn.Close()
				continue
			}
			d.join(listener, conn, server)
		}
	}()
}

// join passes on what either side says, until the door shuts.
func (d *door) join(through net.Listener, client, server net.Conn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.listener != through { // shut in the meantime
		client.Close()
		server.Close()
		return
	}
	d.conns = append(d.conns, client, server)
	copyAll := func(to, from net.Conn) {
		io.Copy(to, from)
		to.Close()
		from.Close()
	}
	go copyAll(server, client)
	go copyAll(client, server)
}

// shut cuts all connections and takes no more.
func (d *door) shut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.listener != nil {
		d.listener.Close()
	}
	for _, conn := range d.conns {
		conn.Close()
	}
	d.listener, d.conns = nil, nil
}

// count asks the database of e for a number.
func count(t *testing.T, e env, query string, args ...any) (n int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), e["DATABASE_URL"])
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if err := conn.QueryRow(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}
