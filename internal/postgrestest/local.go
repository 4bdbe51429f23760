package postgrestest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"broadsheet/internal/postgres/embedded"
)

// startLocal starts the binaries of this machine's own installation.
func startLocal(ctx context.Context) (string, func() error, error) {
	dir, err := os.MkdirTemp(memoryFolder(), "broadsheet-test-")
	if err != nil {
		return "", nil, fmt.Errorf("making a folder for the cluster: %w", err)
	}
	// Under root the cluster has another owner, who must get to it.
	if err := os.Chmod(dir, 0o711); err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(dir))
	}
	settings := make(map[string]string)
	for _, setting := range tuning {
		name, value, _ := strings.Cut(setting, "=")
		settings[name] = value
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	server, err := embedded.Start(ctx, embedded.Options{Dir: dir, Log: log, Settings: settings})
	if err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(dir))
	}
	return server.URL(), func() error { return errors.Join(server.Stop(), os.RemoveAll(dir)) }, nil
}
