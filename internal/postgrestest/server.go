package postgrestest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"broadsheet/internal/postgres"

	"github.com/jackc/pgx/v5/pgxpool"
)

// A server is where the databases of this test binary are made.
type server struct {
	url      string        // of a database from which others can be created
	strategy string        // of CREATE DATABASE
	prefix   string        // of the names of this binary's databases
	admin    *pgxpool.Pool // on url
	end      func() error
}

// A source is one way to a PostgreSQL server.
type source struct {
	name string
	// strategy of CREATE DATABASE: FILE_COPY waits for two checkpoints, which
	// cost nothing on the servers started here, and much on one that is safe.
	strategy string
	start    func(context.Context) (url string, end func() error, err error)
}

var sources = []source{
	{"testcontainers", "FILE_COPY", startContainer},
	{"url", "WAL_LOG", useURL},
	{"local", "FILE_COPY", startLocal},
}

// start takes the first source that works, or the one that
// BROADSHEET_TEST_POSTGRES allows, and says once which it was.
func start() (*server, error) {
	only := os.Getenv("BROADSHEET_TEST_POSTGRES")
	var failed []string
	for _, s := range sources {
		if only != "" && only != s.name {
			continue
		}
		server, err := s.server()
		if err == nil {
			fmt.Fprintf(os.Stderr, "postgrestest: PostgreSQL from %s\n", s.name)
			return server, nil
		}
		failed = append(failed, fmt.Sprintf("- %s: %v", s.name, err))
	}
	if failed == nil {
		return nil, fmt.Errorf("BROADSHEET_TEST_POSTGRES is %q; want testcontainers, url or local", only)
	}
	return nil, errors.New(strings.Join(failed, "\n") +
		"\nstart Docker, or set BROADSHEET_TEST_DATABASE_URL to a server where databases may be created," +
		" or install PostgreSQL 15 or newer")
}

func (s source) server() (*server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	url, end, err := s.start(ctx)
	if err != nil {
		return nil, err
	}
	admin, err := postgres.Open(ctx, postgres.Config{URL: url, MaxConns: 4})
	if err != nil {
		return nil, errors.Join(err, end())
	}
	if err := postgres.Check(ctx, admin); err != nil {
		admin.Close()
		return nil, errors.Join(err, end())
	}
	return &server{
		url:      url,
		strategy: s.strategy,
		// Test binaries run side by side, and may share a server.
		prefix: "broadsheet_test_" + strings.ToLower(rand.Text()[:8]),
		admin:  admin,
		end:    end,
	}, nil
}

// useURL takes the server that BROADSHEET_TEST_DATABASE_URL names.
func useURL(context.Context) (string, func() error, error) {
	url := os.Getenv("BROADSHEET_TEST_DATABASE_URL")
	if url == "" {
		return "", nil, errors.New("BROADSHEET_TEST_DATABASE_URL is not set")
	}
	return url, func() error { return nil }, nil
}

func (s *server) stop() error {
	dropped := s.exec("DROP DATABASE IF EXISTS " + quote(s.prefix+"_template") + " WITH (FORCE)")
	s.admin.Close()
	return errors.Join(dropped, s.end())
}

// clone makes a database.
func (s *server) clone(name, from string) error {
	return s.exec("CREATE DATABASE " + quote(name) + " TEMPLATE " + quote(from) + " STRATEGY " + s.strategy)
}

// exec runs a statement that a busy machine may take its time over: the
// pool's timeouts are for pages.
func (s *server) exec(sql string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := s.admin.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, "SET statement_timeout = 0; SET lock_timeout = 0"); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, sql)
	return err
}

// urlOf is the server's URL with another database.
func (s *server) urlOf(database string) string {
	u, err := url.Parse(s.url)
	if err != nil || u.Scheme == "" {
		return s.url + " dbname=" + database // key=value pairs: the last one counts
	}
	u.Path = "/" + database
	return u.String()
}
