package postgres

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// ErrDown says that the database is known not to answer, and was not asked.
var ErrDown = errors.New("postgres: the database does not answer")

// Unavailable tells whether a query failed because the database could not be
// reached, was stopping or starting, or gave no answer in time: trying again
// later may help. Codes are from
// https://www.postgresql.org/docs/current/errcodes-appendix.html.
func Unavailable(err error) bool {
	var server *pgconn.PgError
	if errors.As(err, &server) {
		return strings.HasPrefix(server.Code, "57P0") || // shutting down, starting, crashed
			strings.HasPrefix(server.Code, "53") || // out of connections, memory or disk
			strings.HasPrefix(server.Code, "08") || // lost connections
			server.Code == "57014" || // statement_timeout
			server.Code == "55P03" // lock_timeout
	}
	var connect *pgconn.ConnectError
	var network *net.OpError
	return errors.As(err, &connect) || errors.As(err, &network) ||
		errors.Is(err, pgconn.ErrConnClosed) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrDown)
}
