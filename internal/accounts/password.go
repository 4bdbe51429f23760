package accounts

import (
	"context"
	"fmt"

	"github.com/alexedwards/argon2id"
)

// What hashing a password costs: OWASP's first recommendation for argon2id.
// When it is raised, accounts follow as their owners sign in.
var hashParams = argon2id.Params{Memory: 46 * 1024, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// hashesAtOnce bounds the memory that a flood of sign-ins can take.
const hashesAtOnce = 2

// hash returns the password's hash in the PHC string format. It waits for a
// free slot as long as ctx allows.
func (s *Store) hash(ctx context.Context, password string) (string, error) {
	if err := s.waitToHash(ctx); err != nil {
		return "", err
	}
	defer s.doneHashing()
	hash, err := argon2id.CreateHash(password, &hashParams)
	if err != nil {
		return "", fmt.Errorf("hashing a password: %w", err)
	}
	return hash, nil
}

// matches says whether the password is the one that was hashed, and whether
// its hash was made with other parameters than today's. Without a hash it
// takes as long as with one, so that time does not tell which accounts exist.
func (s *Store) matches(ctx context.Context, password, hash string) (matches, outdated bool, err error) {
	if hash == "" {
		_, err := s.hash(ctx, password)
		return false, false, err
	}
	if err := s.waitToHash(ctx); err != nil {
		return false, false, err
	}
	defer s.doneHashing()
	matches, params, err := argon2id.CheckHash(password, hash)
	if err != nil {
		return false, false, fmt.Errorf("checking a password: %w", err)
	}
	return matches, *params != hashParams, nil
}

func (s *Store) waitToHash(ctx context.Context) error {
	select {
	case s.hashing <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting to hash a password: %w", ctx.Err())
	}
}

func (s *Store) doneHashing() { <-s.hashing }
