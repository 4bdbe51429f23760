package main

import (
	"errors"
	"fmt"
	"text/tabwriter"

	"broadsheet/internal/postgres"
	"broadsheet/migrations"
)

type migrateCmd struct {
	Up     migrateUpCmd     `cmd:"" help:"Apply every pending migration."`
	Down   migrateDownCmd   `cmd:"" help:"Take back the last migrations, and the data in what they made."`
	Status migrateStatusCmd `cmd:"" help:"Show the schema's version and what is pending."`
	Force  migrateForceCmd  `cmd:"" help:"Record a version as the schema's without running anything, after a migration failed half-way."`
}

type (
	migrateUpCmd   struct{ usesDatabase }
	migrateDownCmd struct {
		usesDatabase
		Steps int `arg:"" default:"1" help:"How many."`
	}
	migrateStatusCmd struct{ usesDatabase }
	migrateForceCmd  struct {
		usesDatabase
		Version uint `arg:"" help:"The version; 0 for a schema without any."`
	}
)

func (migrateUpCmd) Run(a *app) error {
	return a.withMigrator(func(m postgres.Migrator) error { return m.Up(a.ctx) })
}

func (c migrateDownCmd) Run(a *app) error {
	return a.withMigrator(func(m postgres.Migrator) error { return m.Down(a.ctx, c.Steps) })
}

func (c migrateForceCmd) Run(a *app) error {
	return a.withMigrator(func(m postgres.Migrator) error {
		status, err := m.Status(a.ctx)
		if err != nil {
			return err
		}
		// Nothing but a newer program would touch the database again.
		if c.Version > status.Latest {
			return fmt.Errorf("there is no version %d: this program's schema ends with %d", c.Version, status.Latest)
		}
		return m.Force(a.ctx, c.Version)
	})
}

func (migrateStatusCmd) Run(a *app) error {
	return a.withMigrator(func(m postgres.Migrator) error {
		status, err := m.Status(a.ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintf(w, "schema version\t%d\n", status.Version)
		fmt.Fprintf(w, "this program's version\t%d\n", status.Latest)
		for _, p := range status.Pending {
			fmt.Fprintf(w, "pending\t%d %s\n", p.Version, p.Name)
		}
		return errors.Join(w.Flush(), status.Err())
	})
}

func (a *app) withMigrator(do func(postgres.Migrator) error) (err error) {
	c, log, err := a.settings()
	if err != nil {
		return err
	}
	url, release, err := a.databaseURL(c, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	return do(postgres.Migrator{URL: url, Source: migrations.FS, Log: log})
}
