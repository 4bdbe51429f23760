// Package migrations holds the database schema as numbered pairs of SQL files,
// NNNNNN_name.up.sql and NNNNNN_name.down.sql, compiled into the binary.
package migrations

import "embed"

// FS holds the files at its root, as internal/postgres's Migrator reads them.
//
//go:embed *.sql
var FS embed.FS
