package accounts

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"time"

	"github.com/jackc/pgx/v5"
)

// A subject is what failures are counted against. Once it has failed so often
// within the window it has to wait: a firm one until enough failures are
// forgotten, a lenient one a little after each, longer and longer.
type subject struct {
	name     string
	failures int
	lenient  bool
}

const (
	failureWindow = 15 * time.Minute
	longestDelay  = time.Minute // of lenient subjects
)

// signInSubjects are firm with who guesses from one network, whether one
// account's password or many accounts'. An account as such is let off lightly:
// anybody can fail in its owner's name, and must not lock the owner out.
func signInSubjects(account string, addr netip.Addr) (own subject, all []subject) {
	from := network(addr)
	own = subject{name: account + " from " + from, failures: 5}
	return own, []subject{
		{name: account, failures: 100, lenient: true},
		own,
		{name: "address:" + from, failures: 20}, // many people may stand behind it
	}
}

// wait returns how long the subject has to wait, given how long ago its
// failures within the window were, the latest first.
func (s subject) wait(ago []time.Duration) time.Duration {
	over := len(ago) - s.failures
	switch {
	case over < 0:
		return 0
	case s.lenient:
		doublings := min(over/10, 10)
		return max(0, min(time.Second<<doublings, longestDelay)-ago[0])
	}
	return max(failureWindow-ago[s.failures-1], time.Second)
}

// attempt counts a failure against each of the subjects and returns its ids,
// or returns *TooManyError and counts nothing. It counts before the password is
// looked at, so that attempts made at once cannot slip through together.
// Callers name the subjects in one order: nobody waits for who waits for him.
func (s *Store) attempt(ctx context.Context, subjects ...subject) (ids []int64, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var names []string
		for _, subject := range subjects {
			if err := checkFailures(ctx, tx, subject); err != nil {
				return err
			}
			names = append(names, subject.name)
		}
		rows, err := tx.Query(ctx, `
			WITH old AS (
				DELETE FROM sign_in_failures WHERE id IN (
					SELECT id FROM sign_in_failures WHERE failed_at < clock_timestamp() - @window::interval
					ORDER BY failed_at LIMIT 1000 FOR UPDATE SKIP LOCKED)
			)
			INSERT INTO sign_in_failures (subject, failed_at)
			SELECT unnest(@subjects::text[]), clock_timestamp() RETURNING id`,
			pgx.StrictNamedArgs{"subjects": names, "window": failureWindow})
		if err != nil {
			return err
		}
		ids, err = pgx.CollectRows(rows, pgx.RowTo[int64])
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("counting an attempt: %w", err)
	}
	return ids, nil
}

// checkFailures locks the subject until the transaction ends and returns
// *TooManyError when it has to wait.
func checkFailures(ctx context.Context, tx pgx.Tx, subject subject) error {
	if err := lock(ctx, tx, subject.name); err != nil {
		return err
	}
	// The transaction may have waited for the lock: its now() is in the past.
	rows, err := tx.Query(ctx, `
		SELECT clock_timestamp() - failed_at FROM sign_in_failures
		WHERE subject = @subject AND failed_at > clock_timestamp() - @window::interval
		ORDER BY failed_at DESC`,
		pgx.StrictNamedArgs{"subject": subject.name, "window": failureWindow})
	if err != nil {
		return err
	}
	ago, err := pgx.CollectRows(rows, pgx.RowTo[time.Duration])
	if err != nil {
		return err
	}
	if wait := subject.wait(ago); wait > 0 {
		return &TooManyError{RetryAfter: wait}
	}
	return nil
}

// forgive takes back what an attempt counted, and all failures of the subject
// that has shown to know the password.
func (s *Store) forgive(ctx context.Context, attempt []int64, own subject) error {
	_, err := s.pool.Exec(ctx, `DELETE FROM sign_in_failures WHERE subject = @own OR id = ANY (@ids)`,
		pgx.StrictNamedArgs{"own": own.name, "ids": attempt})
	if err != nil {
		return fmt.Errorf("forgetting failed attempts: %w", err)
	}
	return nil
}

// accountSubject hashes the address, since what a stranger types may be a
// password in the wrong field. The database folds it as it does to find users.
func (s *Store) accountSubject(ctx context.Context, email string) (string, error) {
	var folded string
	err := s.pool.QueryRow(ctx, `SELECT lower(@email)`, pgx.StrictNamedArgs{"email": email}).Scan(&folded)
	if err != nil {
		return "", fmt.Errorf("folding an e-mail address: %w", err)
	}
	hash := sha256.Sum256([]byte(folded))
	return "account:" + hex.EncodeToString(hash[:]), nil
}

// passwordSubject is for guesses at a password by who is signed in.
func passwordSubject(userID int64) subject {
	return subject{name: fmt.Sprintf("password:%d", userID), failures: 5}
}

// network takes an IPv6 network of 64 bits for one client: whoever has one
// address there has them all.
func network(addr netip.Addr) string {
	addr = addr.Unmap().WithZone("")
	if addr.Is6() {
		network, _ := addr.Prefix(64) // fails only for IPv4 addresses
		return network.String()
	}
	return addr.String()
}
