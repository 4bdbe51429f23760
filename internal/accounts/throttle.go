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

// How often an account and an address may fail within the window. Many people
// may stand behind one address.
const (
	accountFailures = 5
	addressFailures = 20
	failureWindow   = 15 * time.Minute
)

// An attempt to sign in counts as a failure until it has succeeded, so that
// attempts made at once cannot slip through together.
type attempt struct {
	account string // its subject
	address int64  // id of the failure counted against the address
}

// attempt counts a failure for the account and the client's address, or
// returns *TooManyError and counts nothing.
func (s *Store) attempt(ctx context.Context, email string, addr netip.Addr) (attempt, error) {
	var made attempt
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		account, err := accountSubject(ctx, tx, email)
		if err != nil {
			return err
		}
		address := addressSubject(addr)
		// Always the account first: nobody waits for who waits for him.
		if err := checkFailures(ctx, tx, account, accountFailures); err != nil {
			return err
		}
		if err := checkFailures(ctx, tx, address, addressFailures); err != nil {
			return err
		}
		made.account = account
		return tx.QueryRow(ctx, `
			WITH old AS (
				DELETE FROM sign_in_failures WHERE id IN (
					SELECT id FROM sign_in_failures WHERE failed_at < clock_timestamp() - @window::interval
					ORDER BY failed_at LIMIT 1000 FOR UPDATE SKIP LOCKED)
			), account AS (
				INSERT INTO sign_in_failures (subject, failed_at) VALUES (@account, clock_timestamp())
			)
			INSERT INTO sign_in_failures (subject, failed_at) VALUES (@address, clock_timestamp()) RETURNING id`,
			pgx.StrictNamedArgs{"account": account, "address": address, "window": failureWindow}).Scan(&made.address)
	})
	if err != nil {
		return attempt{}, fmt.Errorf("counting a sign-in: %w", err)
	}
	return made, nil
}

// checkFailures locks the subject until the transaction ends and returns
// *TooManyError when it has failed limit times within the window.
func checkFailures(ctx context.Context, tx pgx.Tx, subject string, limit int) error {
	if err := lock(ctx, tx, subject); err != nil {
		return err
	}
	// The transaction may have waited for the lock: its now() is in the past.
	rows, err := tx.Query(ctx, `
		SELECT failed_at + @window::interval - clock_timestamp() FROM sign_in_failures
		WHERE subject = @subject AND failed_at > clock_timestamp() - @window::interval
		ORDER BY failed_at DESC LIMIT @limit`,
		pgx.StrictNamedArgs{"subject": subject, "window": failureWindow, "limit": limit})
	if err != nil {
		return err
	}
	left, err := pgx.CollectRows(rows, pgx.RowTo[time.Duration])
	if err != nil {
		return err
	}
	if len(left) < limit {
		return nil
	}
	return &TooManyError{RetryAfter: max(left[limit-1], time.Second)}
}

// forgive takes back what an attempt counted, and all failures of its account.
func (s *Store) forgive(ctx context.Context, a attempt) error {
	_, err := s.pool.Exec(ctx, `DELETE FROM sign_in_failures WHERE subject = @account OR id = @address`,
		pgx.StrictNamedArgs{"account": a.account, "address": a.address})
	if err != nil {
		return fmt.Errorf("forgetting failed sign-ins: %w", err)
	}
	return nil
}

// accountSubject hashes the address, since what a stranger types may be a
// password in the wrong field. The database folds it as it does to find users.
func accountSubject(ctx context.Context, db querier, email string) (string, error) {
	var folded string
	err := db.QueryRow(ctx, `SELECT lower(@email)`, pgx.StrictNamedArgs{"email": email}).Scan(&folded)
	hash := sha256.Sum256([]byte(folded))
	return "account:" + hex.EncodeToString(hash[:]), err
}

// addressSubject takes an IPv6 network of 64 bits for one client: whoever has
// one address there has them all.
func addressSubject(addr netip.Addr) string {
	addr = addr.Unmap().WithZone("")
	if addr.Is6() {
		network, _ := addr.Prefix(64) // fails only for IPv4 addresses
		return "address:" + network.String()
	}
	return "address:" + addr.String()
}
