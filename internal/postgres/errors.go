package postgres

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
)

// ErrURL is wrapped by the errors for a connection string that cannot be used.
var ErrURL = errors.New("the database URL is malformed")

const urlHint = "want postgres://user:password@host:5432/database, " +
	"with special characters of the password as %XX (/ is %2F, @ is %40, ? is %3F, # is %23)"

// checkURL refuses connection strings in which a password with special
// characters would be taken for a host, a database or a parameter: pgx accepts
// some of them, and then the password stands in messages and logs.
func checkURL(url string) error {
	if url == "" {
		return fmt.Errorf("%w: it is empty; %s", ErrURL, urlHint)
	}
	_, rest, isURL := strings.Cut(url, "://")
	if !isURL {
		return nil
	}
	authority := rest
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		authority = rest[:end]
	}
	// The one @ that may stand there ends the user and password.
	ats := strings.Count(rest, "@")
	if ats > 1 || ats != strings.Count(authority, "@") {
		return fmt.Errorf("%w: its user or password holds a special character; %s", ErrURL, urlHint)
	}
	if strings.HasPrefix(rest[len(authority):], "#") {
		return fmt.Errorf("%w: it holds a #; %s", ErrURL, urlHint)
	}
	return nil
}

// malformed makes a message that is safe to print of an error that may quote
// any part of the connection string: only words fixed here get through.
func malformed(err error) error {
	text := err.Error()
	for _, known := range []string{
		"invalid port", "sslmode is invalid", "sslcertmode", "sslrootcert", "failed to configure TLS",
		"invalid connect_timeout", "failed to read service", "target_session_attrs",
		"protocol_version", "channel_binding", "require_auth",
		"pool_max_conns", "pool_min_conns", "pool_min_idle_conns", "pool_max_conn_lifetime_jitter",
		"pool_max_conn_lifetime", "pool_max_conn_idle_time", "pool_health_check_period", "pool_ping_timeout",
		"port numbers to",
	} {
		// After the quoted connection string, which may hold the word too.
		if at := strings.LastIndex(text, "`: "); at >= 0 && strings.Contains(text[at:], known) {
			return fmt.Errorf("%w (%s); %s", ErrURL, strings.TrimSpace(strings.TrimSuffix(known, "to")), urlHint)
		}
	}
	return fmt.Errorf("%w; %s", ErrURL, urlHint)
}

// A connectError is a failed connection as one line: what could not be reached,
// why, and what to do.
type connectError struct {
	target, reason, hint string
	permanent            bool
	err                  error
}

func (e *connectError) Error() string {
	return fmt.Sprintf("cannot use PostgreSQL at %s: %s; %s", e.target, e.reason, e.hint)
}

func (e *connectError) Unwrap() error { return e.err }

// describe explains why connecting with config failed.
func describe(config *pgconn.Config, err error) *connectError {
	_, address := pgconn.NetworkAddress(config.Host, config.Port)
	e := &connectError{
		target: fmt.Sprintf("%s (database %q, user %q)", address, config.Database, config.User),
		err:    err,
	}
	var server *pgconn.PgError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &server):
		e.describeServer(server)
	case errors.As(err, &certificate):
		e.permanent = true
		e.reason = "its certificate is not trusted: " + oneLine(certificate.Err.Error())
		e.hint = "name its authority with sslrootcert in the database URL, or correct the host name"
	case strings.Contains(err.Error(), "server refused TLS connection"):
		e.permanent = true
		e.reason = "it does not speak TLS"
		e.hint = "set up TLS there, or use sslmode=disable in the database URL on a network you trust"
	default:
		e.reason = networkReason(err)
		e.hint = "start it, or correct the database URL"
	}
	return e
}

// describeServer explains what PostgreSQL itself answered. Codes are from
// https://www.postgresql.org/docs/current/errcodes-appendix.html.
func (e *connectError) describeServer(server *pgconn.PgError) {
	e.reason = oneLine(server.Message)
	e.permanent = true
	switch server.Code {
	case "28P01", "28000": // invalid_password, invalid_authorization_specification
		e.hint = "correct the user or the password in the database URL"
	case "3D000": // invalid_catalog_name
		e.hint = "create the database, or correct its name in the database URL"
	case "42704", "22023": // undefined_object, invalid_parameter_value
		// The message quotes what may be the rest of a password with a space.
		e.reason = "it does not know a parameter that the database URL sets"
		e.hint = "correct the database URL"
	case "08P01": // protocol_violation
		e.hint = "if this is PgBouncer, connect to PostgreSQL itself: broadsheet keeps a pool of its own"
	default:
		e.permanent = false
		e.hint = "it may be starting or busy; its own log says more"
	}
}

// networkReason is the innermost cause: the layers around it repeat addresses
// and, when several were tried, run over several lines.
func networkReason(err error) string {
	var dns *net.DNSError
	var errno syscall.Errno
	var timeout net.Error
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return "no such host"
	case errors.As(err, &errno):
		return errno.Error()
	case errors.As(err, &dns):
		return "looking up the host failed: " + oneLine(dns.Err)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded),
		errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	}
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return oneLine(err.Error())
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
