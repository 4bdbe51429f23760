package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/golang-migrate/migrate/v4/database"
	"github.com/golang-migrate/migrate/v4/source"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

var (
	// ErrNewerSchema means that a newer binary migrated the database.
	ErrNewerSchema = errors.New("the database schema is newer than this program")
	// ErrDirtySchema means that a migration did not finish.
	ErrDirtySchema = errors.New("the database schema is in doubt")
)

// Status is what a database's schema is, and what it would become.
type Status struct {
	Version uint        // 0: no migration was applied
	Latest  uint        // the newest that this program knows
	Dirty   bool        // the migration to Version did not finish
	Pending []Migration // in the order they would run
}

// A Migration is one numbered step of the schema.
type Migration struct {
	Version uint
	Name    string
}

// Err says why the schema cannot be used or migrated as it is: [ErrNewerSchema]
// or [ErrDirtySchema], with the way out. Pending migrations are no error.
func (s Status) Err() error {
	if s.Version > s.Latest {
		return fmt.Errorf("%w: it is at version %d, and this program knows %d; "+
			"run the newer program again, or restore a backup from before the upgrade",
			ErrNewerSchema, s.Version, s.Latest)
	}
	if s.Dirty {
		return fmt.Errorf("%w: the step to version %d began and did not finish; restore a backup, or look at the schema "+
			"and run \"broadsheet migrate force %d\" if all of the step is there, or force the version before it if nothing is",
			ErrDirtySchema, s.Version, s.Version)
	}
	return nil
}

// Status reads the schema's version and changes nothing, not even to make
// golang-migrate's table. It waits for a server that migrates at the moment.
func (m Migrator) Status(ctx context.Context) (Status, error) {
	config, err := m.connConfig()
	if err != nil {
		return Status{}, err
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return Status{}, describe(&config.Config, err)
	}
	defer conn.Close(context.WithoutCancel(ctx))

	version, dirty, err := readVersion(ctx, conn)
	if err == nil && dirty {
		// So is one that a server migrates at this moment: look again when it
		// has finished.
		if err := m.lock(ctx, conn); err != nil {
			return Status{}, err
		}
		version, dirty, err = readVersion(ctx, conn)
	}
	if err != nil {
		return Status{}, fmt.Errorf("reading the schema's version: %w", err)
	}
	return m.statusAt(version, dirty)
}

// readVersion reads what golang-migrate keeps: -1 where it keeps nothing yet.
func readVersion(ctx context.Context, conn *pgx.Conn) (version int, dirty bool, err error) {
	version = database.NilVersion
	err = conn.QueryRow(ctx, "SELECT version, dirty FROM schema_migrations").Scan(&version, &dirty)
	var server *pgconn.PgError
	absent := errors.As(err, &server) && server.Code == "42P01" // undefined_table
	if absent || errors.Is(err, pgx.ErrNoRows) {
		err = nil
	}
	return version, dirty, err
}

// statusAt compares a version as golang-migrate keeps it, -1 for none, with
// the migrations of the source.
func (m Migrator) statusAt(version int, dirty bool) (Status, error) {
	known, err := m.known()
	if err != nil {
		return Status{}, err
	}
	s := Status{Version: uint(max(version, 0)), Dirty: dirty}
	for _, migration := range known {
		s.Latest = migration.Version
		if migration.Version > s.Version {
			s.Pending = append(s.Pending, migration)
		}
	}
	return s, nil
}

// known lists the migrations of the source in order.
func (m Migrator) known() ([]Migration, error) {
	entries, err := fs.ReadDir(m.Source, ".")
	if err != nil {
		return nil, fmt.Errorf("listing migrations: %w", err)
	}
	var known []Migration
	for _, entry := range entries {
		file, err := source.Parse(entry.Name())
		if err == nil && file.Direction == source.Up {
			known = append(known, Migration{Version: file.Version, Name: file.Identifier})
		}
	}
	slices.SortFunc(known, func(a, b Migration) int { return cmp.Compare(a.Version, b.Version) })
	return known, nil
}
