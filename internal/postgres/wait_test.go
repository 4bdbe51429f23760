package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"broadsheet/internal/postgres"
	"broadsheet/internal/postgrestest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// listen returns a listener that serve is called on, once a connection.
func listen(t *testing.T, address string, serve func(net.Conn)) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatalf("listening: %v", err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go serve(conn)
		}
	}()
	return listener
}

// refuse answers every connection as a PostgreSQL that fails with code does.
func refuse(t *testing.T, code, message string) string {
	t.Helper()
	return listen(t, "127.0.0.1:0", func(conn net.Conn) {
		defer conn.Close()
		backend := pgproto3.NewBackend(conn, conn)
		if _, err := backend.ReceiveStartupMessage(); err != nil {
			return
		}
		backend.Send(&pgproto3.ErrorResponse{Severity: "FATAL", Code: code, Message: message})
		backend.Flush()
	}).Addr().String()
}

func TestWaitGivesUpOnWhatWaitingCannotMend(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, code, message string
		want                []string
	}{
		{"wrong password", "28P01", `password authentication failed for user "u"`,
			[]string{"password authentication failed", "correct the user or the password"}},
		{"no entry in pg_hba.conf", "28000", "no pg_hba.conf entry", []string{"no pg_hba.conf entry"}},
		{"no database", "3D000", `database "d" does not exist`, []string{"does not exist", "create the database"}},
		{"unknown parameter", "42704", `unrecognized configuration parameter "Zq7"`, []string{"does not know a parameter"}},
		{"pooler", "08P01", "unsupported startup parameter", []string{"PgBouncer"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			address := refuse(t, tt.code, tt.message)
			pool := open(t, postgres.Config{URL: "postgres://u:Zq7@" + address + "/d?sslmode=disable"})
			err := postgres.Wait(t.Context(), pool, slog.New(slog.DiscardHandler))
			if err == nil {
				t.Fatal("got no error")
			}
			for _, want := range append(tt.want, address, `database "d"`, `user "u"`) {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %q, want %q in it", err, want)
				}
			}
			for _, secret := range []string{"Zq7", "\n"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("got %q, want no %q in it", err, secret)
				}
			}
		})
	}
}

func TestCheckSaysWhy(t *testing.T) {
	t.Parallel()
	closed := listen(t, "127.0.0.1:0", func(net.Conn) {})
	closed.Close()
	noTLS := listen(t, "127.0.0.1:0", func(conn net.Conn) {
		defer conn.Close()
		io.ReadFull(conn, make([]byte, 8)) // SSLRequest
		conn.Write([]byte("N"))
	})
	silent := listen(t, "127.0.0.1:0", func(conn net.Conn) { io.Copy(io.Discard, conn) })
	tests := []struct {
		name, url, want string
	}{
		{"refused", "postgres://u:Zq7@" + closed.Addr().String() + "/d", "connection refused"},
		{"no such socket", "postgres://u:Zq7@/d?host=/nowhere", "no such file or directory"},
		{"no such host", "postgres://u:Zq7@broadsheet.invalid/d", "host"},
		{"no TLS", "postgres://u:Zq7@" + noTLS.Addr().String() + "/d?sslmode=require", "does not speak TLS"},
		{"no answer", "postgres://u:Zq7@" + silent.Addr().String() + "/d?sslmode=disable&connect_timeout=1", "no answer in time"},
		{"key and value pairs", "host=/nowhere user=u password=Zq7 dbname=d", "no such file or directory"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := postgres.Check(t.Context(), open(t, postgres.Config{URL: tt.url}))
			if err == nil {
				t.Fatal("got no error")
			}
			if !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "Zq7") || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %q, want one line with %q and no password", err, tt.want)
			}
		})
	}
}

func TestCheckRefusesAnOldPostgreSQL(t *testing.T) {
	t.Parallel()
	address := listen(t, "127.0.0.1:0", func(conn net.Conn) {
		defer conn.Close()
		serveVersion(conn, "130010")
	}).Addr().String()
	pool := open(t, postgres.Config{URL: "postgres://u@" + address + "/d?sslmode=disable&default_query_exec_mode=simple_protocol"})
	err := postgres.Wait(t.Context(), pool, slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "version is 13") {
		t.Errorf("got error %v, want one about version 13", err)
	}
}

// serveVersion answers simple queries with the version.
func serveVersion(conn net.Conn, version string) {
	backend := pgproto3.NewBackend(conn, conn)
	if _, err := backend.ReceiveStartupMessage(); err != nil {
		return
	}
	backend.Send(&pgproto3.AuthenticationOk{})
	backend.Send(&pgproto3.ParameterStatus{Name: "standard_conforming_strings", Value: "on"})
	backend.Send(&pgproto3.ParameterStatus{Name: "client_encoding", Value: "UTF8"})
	backend.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	for backend.Flush() == nil {
		message, err := backend.Receive()
		if err != nil {
			return
		}
		if _, ok := message.(*pgproto3.Query); ok {
			backend.Send(&pgproto3.RowDescription{Fields: []pgproto3.FieldDescription{
				{Name: []byte("v"), DataTypeOID: 25, DataTypeSize: -1, TypeModifier: -1},
			}})
			backend.Send(&pgproto3.DataRow{Values: [][]byte{[]byte(version)}})
			backend.Send(&pgproto3.CommandComplete{CommandTag: []byte("SELECT 1")})
			backend.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
		}
	}
}

// logged is a log that can be read while it is written.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{} // a token for each line
}

func (l *logged) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.more <- struct{}{}
	return l.text.Write(line)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func TestWaitReturnsWhenTheDatabaseComes(t *testing.T) {
	t.Parallel()
	real, err := pgx.ParseConfig(postgrestest.NewEmptyURL(t))
	if err != nil {
		t.Fatalf("parsing the test database's URL: %v", err)
	}
	reserved := listen(t, "127.0.0.1:0", func(net.Conn) {})
	address := reserved.Addr().String()
	reserved.Close()

	proxied := *real.Copy()
	pool := open(t, postgres.Config{URL: "postgres://" + proxied.User + ":" + proxied.Password + "@" + address + "/" + proxied.Database + "?sslmode=disable"})
	log := &logged{more: make(chan struct{}, 100)}
	done := make(chan error, 1)
	go func() { done <- postgres.Wait(t.Context(), pool, slog.New(slog.NewTextHandler(log, nil))) }()

	<-log.more // it waits
	listen(t, address, func(conn net.Conn) { proxy(conn, real) })
	if err := <-done; err != nil {
		t.Fatalf("waiting: %v", err)
	}
	if got := log.String(); strings.Count(got, "\n") != 2 || !strings.Contains(got, "connection refused") || !strings.Contains(got, "is there") {
		t.Errorf("got log\n%s\nwant one line that it waits and one that it need not any longer", got)
	}
}

func proxy(conn net.Conn, to *pgx.ConnConfig) {
	defer conn.Close()
	network, address := pgconn.NetworkAddress(to.Host, to.Port)
	server, err := net.Dial(network, address)
	if err != nil {
		return
	}
	defer server.Close()
	go io.Copy(server, conn)
	io.Copy(conn, server)
}

func TestWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	pool := open(t, postgres.Config{URL: "postgres://u:Zq7@/d?host=/nowhere"})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := postgres.Wait(ctx, pool, slog.New(slog.DiscardHandler)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got error %v, want the context's", err)
	}
}
