package embedded

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	baseName     = "postgres" // in the data folder
	dataName     = "data"     // in the base folder, like the rest
	lockName     = "lock"
	initPrefix   = "init-"
	databaseName = "broadsheet"
	roleName     = "broadsheet"
)

// A cluster is a data folder of PostgreSQL and what can run it.
type cluster struct {
	data   string // its files
	socket string // the folder of its socket
	owner  account
	bin    installation
}

// openCluster says where the cluster in base is, or will be, and finds the
// binaries to run it.
func openCluster(base string, owner account, search []string) (cluster, error) {
	c := cluster{data: filepath.Join(base, dataName), owner: owner}
	major, err := c.major()
	if err != nil {
		return cluster{}, err
	}
	c.bin, err = choose(installations(search), major)
	if err != nil {
		return cluster{}, err
	}
	c.socket, err = socketFolder(base, owner)
	return c, err
}

// ensureFiles makes the cluster where there is none.
func (c cluster) ensureFiles(ctx context.Context, log *slog.Logger) error {
	base := filepath.Dir(c.data)
	removeUnfinished(base)
	major, err := c.major()
	if err != nil || major > 0 {
		return err
	}
	log.Info("making a database cluster", "folder", c.data, "postgresql", c.bin.major)
	return c.make(ctx, base)
}

// major is the version that made the cluster; 0 where there is none.
func (c cluster) major() (int, error) {
	text, err := os.ReadFile(filepath.Join(c.data, "PG_VERSION"))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("reading the cluster's version: %w", err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fmt.Errorf("reading the cluster's version: %w", err)
	}
	return major, nil
}

// make runs initdb in a folder of its own and renames that when all is there
// and on disk: what is called data is complete, whenever the power goes.
func (c cluster) make(ctx context.Context, base string) error {
	unfinished, err := os.MkdirTemp(base, initPrefix)
	if err != nil {
		return fmt.Errorf("making the cluster: %w", err)
	}
	defer os.RemoveAll(unfinished)
	if err := c.owner.own(unfinished); err != nil {
		return err
	}
	if err := c.initdb(ctx, unfinished); err != nil {
		return err
	}
	if err := os.Rename(unfinished, c.data); err != nil {
		return fmt.Errorf("making the cluster: %w", err)
	}
	folder, err := os.Open(base)
	if err != nil {
		return fmt.Errorf("making the cluster: %w", err)
	}
	defer folder.Close()
	if err := folder.Sync(); err != nil {
		return fmt.Errorf("making the cluster: %w", err)
	}
	return nil
}

// initdb tries locales from the best on. All order text by code point, which
// is the same on every system and never changes under an index; they differ
// in how well they know letters beyond ASCII, which C.UTF-8 does everywhere
// but is missing on macOS.
func (c cluster) initdb(ctx context.Context, data string) error {
	var err error
	for _, locale := range [][]string{
		{"--locale=C.UTF-8"},
		{"--locale=C", "--lc-ctype=en_US.UTF-8"},
		{"--locale=C"},
	} {
		args := append([]string{
			"--pgdata=" + data, "--username=" + roleName, "--encoding=UTF8", "--data-checksums",
			// The folder of the socket keeps others out, and there is no host.
			"--auth-local=trust", "--auth-host=reject",
		}, locale...)
		cmd := exec.CommandContext(ctx, c.bin.path("initdb"), args...)
		c.owner.run(cmd, filepath.Dir(data))
		var out []byte
		out, err = cmd.CombinedOutput()
		if err == nil {
			return nil
		}
		err = fmt.Errorf("initdb: %w: %s", err, lastLines(out))
		if !bytes.Contains(out, []byte("invalid locale name")) {
			break
		}
	}
	return err
}

// removeUnfinished clears away what an interrupted make left. An initdb may
// still be writing there for a moment; the next start removes the rest.
func removeUnfinished(base string) {
	left, _ := filepath.Glob(filepath.Join(base, initPrefix+"*")) // fails for a bad pattern alone
	for _, folder := range left {
		os.RemoveAll(folder)
	}
}

// socketFolder makes the private folder of the socket: beside the cluster, or
// in the system's temporary folder when the path would be too long for a
// socket's address (103 bytes on macOS, 107 on Linux) or could not be written
// in PostgreSQL's list of folders.
func socketFolder(base string, owner account) (string, error) {
	folder := filepath.Join(base, "run")
	if len(folder)+len("/.s.PGSQL.5432") > 103 || strings.ContainsAny(folder, `",`) {
		sum := sha256.Sum256([]byte(base))
		folder = filepath.Join(os.TempDir(), fmt.Sprintf("broadsheet-%x", sum[:8]))
	}
	if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return "", fmt.Errorf("making the socket's folder: %w", err)
	} else if err == nil {
		if err := owner.own(folder); err != nil {
			return "", err
		}
	}
	// In a temporary folder anybody may have been first.
	info, err := os.Lstat(folder)
	if err != nil {
		return "", fmt.Errorf("making the socket's folder: %w", err)
	}
	if !info.IsDir() || info.Mode().Perm() != 0o700 || !owner.owns(info) {
		return "", fmt.Errorf("the socket's folder %s is not private to %s: remove it", folder, owner.name)
	}
	return folder, nil
}

func (c cluster) url(database string) string {
	return fmt.Sprintf("postgres://%s@/%s?host=%s&port=5432", roleName, database, escape(c.socket))
}

func (c cluster) connect(ctx context.Context, database string) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return pgx.Connect(ctx, c.url(database))
}

// ensureDatabase makes the database, which a start that was cut off after
// initdb did not.
func (c cluster) ensureDatabase(ctx context.Context) error {
	conn, err := c.connect(ctx, "postgres")
	if err != nil {
		return fmt.Errorf("looking for the database: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var there bool
	err = conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", databaseName).Scan(&there)
	if err != nil {
		return fmt.Errorf("looking for the database: %w", err)
	}
	if there {
		return nil
	}
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+databaseName); err != nil {
		return fmt.Errorf("making the database: %w", err)
	}
	return nil
}
