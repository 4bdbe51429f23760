// Package postgres opens the connection pool, waits for the database and
// migrates its schema.
package postgres

import (
	"cmp"
	"context"
	"net"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Config says which database to use and how.
type Config struct {
	// URL is a connection string as libpq understands it: a URL
	// (postgres://user:password@host:5432/database) or key=value pairs. What
	// it sets explicitly wins over every default of [Open], also pgxpool's
	// own settings such as pool_max_conns.
	URL string

	// MaxConns is the most connections the pool opens; 0 means twice the
	// processors, and at least 4.
	MaxConns int32

	// Tracer sees every query, when set.
	Tracer pgx.QueryTracer
}

const connectTimeout = 2 * time.Second

// Open returns a pool for the database. It does not connect: a server starts
// without its database, and [Wait] waits for it. The error for a malformed URL
// is one line and never quotes the URL, which holds a password.
func Open(ctx context.Context, c Config) (*pgxpool.Pool, error) {
	config, err := poolConfig(c)
	if err != nil {
		return nil, err
	}
	return pgxpool.NewWithConfig(ctx, config)
}

func poolConfig(c Config) (*pgxpool.Config, error) {
	conn, err := parseURL(c.URL)
	if err != nil {
		return nil, err
	}
	config, err := pgxpool.ParseConfig(strings.TrimSpace(c.URL))
	if err != nil {
		return nil, malformed(err)
	}
	unset := func(param string) bool { _, set := conn.RuntimeParams[param]; return !set }

	// Queries of a blog are short and PostgreSQL works on as many at once as
	// it has processors and disks; more connections only queue inside it
	// instead of here, where a context ends the wait. Twice the processors of
	// this machine is a good guess for a database of about its size, up to
	// what several copies can ask of one with its default of 100.
	if unset("pool_max_conns") {
		config.MaxConns = cmp.Or(c.MaxConns, min(max(4, 2*int32(runtime.GOMAXPROCS(0))), 20))
	}
	// No connection is held ready: background work keeps one warm anyway, and
	// a pool that is idle must not hammer a database that is away.
	if unset("pool_min_idle_conns") {
		config.MinIdleConns = 0
	}
	// A connection is renewed now and then, so that load spreads again after a
	// failover and a backend's caches do not grow for ever.
	if unset("pool_max_conn_lifetime") {
		config.MaxConnLifetime = time.Hour
	}
	// Connections opened together in a rush must not all end together.
	if unset("pool_max_conn_lifetime_jitter") {
		config.MaxConnLifetimeJitter = 10 * time.Minute
	}
	// After a rush its connections are given back: each costs the database
	// some megabytes.
	if unset("pool_max_conn_idle_time") {
		config.MaxConnIdleTime = 5 * time.Minute
	}
	if unset("pool_health_check_period") {
		config.HealthCheckPeriod = 30 * time.Second
	}
	// pgxpool pings a connection that was idle for a second before it hands it
	// out; one whose peer vanished without a word would hold up its request.
	if unset("pool_ping_timeout") {
		config.PingTimeout = time.Second
	}

	session := config.ConnConfig.RuntimeParams
	for param, value := range map[string]string{
		// The name an administrator sees in pg_stat_activity.
		"application_name": "broadsheet",
		// Text and timestamps must not depend on the server's settings.
		"timezone": "UTC",
		// No page needs 5 s; whatever does is a runaway, and the reader left.
		"statement_timeout": "5s",
		// A writer that waits longer than this for a row waits for something
		// stuck: fail, and let the person try again. PostgreSQL looks for
		// deadlocks after 1 s (deadlock_timeout): waiting on beyond that lets it
		// end only one of the transactions, and say why.
		"lock_timeout": "3s",
		// A transaction left open, say by a copy of the server that froze,
		// holds its locks and stops vacuum: the database ends it.
		"idle_in_transaction_session_timeout": "10s",
		// Queries are prepared once a connection and written so that one plan is
		// right for all values; planning a join anew costs several times what
		// running it does. PostgreSQL would do that for ever where it believes
		// the plan for the very values to be a little cheaper.
		"plan_cache_mode": "force_generic_plan",
	} {
		if unset(param) && !strings.Contains(session["options"], param+"=") {
			session[param] = value
		}
	}
	if conn.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = connectTimeout
	}
	config.ConnConfig.DialFunc = dialer().DialContext
	if c.Tracer != nil {
		config.ConnConfig.Tracer = c.Tracer
	}
	return config, nil
}

// dialer probes idle connections, so that one through a firewall or to a host
// that is gone is found dead after about a minute and not after hours. The
// time to connect is bounded by the connection's own timeout.
func dialer() *net.Dialer {
	return &net.Dialer{KeepAliveConfig: net.KeepAliveConfig{
		Enable: true, Idle: 30 * time.Second, Interval: 10 * time.Second, Count: 3,
	}}
}

// parseURL reads a connection string into the parameters it sets explicitly
// and the address it names.
func parseURL(url string) (*pgconn.Config, error) {
	url = strings.TrimSpace(url) // as read from a file that ends in a newline
	if err := checkURL(url); err != nil {
		return nil, err
	}
	config, err := pgconn.ParseConfig(url)
	if err != nil {
		return nil, malformed(err)
	}
	return config, nil
}
