package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// stopTimeout is how long requests may take to finish when the server stops.
const stopTimeout = 25 * time.Second

// Serve answers requests until ctx ends, then takes no more, lets those that
// run finish, and returns.
func Serve(ctx context.Context, listener net.Listener, handler http.Handler, health *Health, log *slog.Logger) error {
	srv := &http.Server{
		Handler:           handler,
		ConnContext:       withConn,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      20 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug), // clients that break off
	}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(connListener{listener}) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}

	log.Info("stopping: finishing what runs", "at_most", stopTimeout.String())
	health.Stopping()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if err := srv.Shutdown(ctx); err != nil {
		srv.Close()
		return fmt.Errorf("stopping: requests were cut off after %s: %w", stopTimeout, err)
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving: %w", err)
	}
	return nil
}
