package server

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"broadsheet/internal/page"
)

// Health says whether this copy of the server lives (/livez) and whether it
// should be sent visitors (/readyz).
type Health struct {
	ping     func(context.Context) error
	without  bool // whether to stay ready without the database
	start    sync.Once
	started  chan struct{} // closed when the database was there and its schema is right
	stopping atomic.Bool
}

// NewHealth returns the health of a server that has not started yet, and whose
// database answers to ping.
func NewHealth(ping func(context.Context) error) *Health {
	return &Health{ping: ping, started: make(chan struct{})}
}

// ReadyWithoutDatabase has a server that has started say that it is ready also
// while the database is away: it still has the pages that it keeps in memory.
func (h *Health) ReadyWithoutDatabase() { h.without = true }

// Started says that the database was reached and its schema is right.
func (h *Health) Started() { h.start.Do(func() { close(h.started) }) }

func (h *Health) hasStarted() bool {
	select {
	case <-h.started:
		return true
	default:
		return false
	}
}

// Stopping says that the server will end, so that balancers look elsewhere.
func (h *Health) Stopping() { h.stopping.Store(true) }

func (h *Health) live(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, "ok")
}

func (h *Health) ready(w http.ResponseWriter, r *http.Request) {
	if h.stopping.Load() {
		answer(w, http.StatusServiceUnavailable, "stopping")
		return
	}
	if !h.hasStarted() {
		answer(w, http.StatusServiceUnavailable, "waiting for the database")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), time.Second)
	defer cancel()
	if err := h.ping(ctx); err != nil {
		if h.without {
			answer(w, http.StatusOK, "the database does not answer; pages are served from memory")
			return
		}
		answer(w, http.StatusServiceUnavailable, "the database does not answer")
		return
	}
	answer(w, http.StatusOK, "ok")
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	fmt.Fprintln(w, text)
}

// gateWait is how long a visitor who comes before the start waits for it: most
// starts take less, and then nobody sees them.
const gateWait = 2 * time.Second

// gate keeps visitors from pages that need the database before it is there.
func (h *Health) gate(pages *page.Pages) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !h.waitForStart(r.Context()) {
				w.Header().Set("Retry-After", "5")
				pages.Error(w, r, http.StatusServiceUnavailable, "error.starting")
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// waitForStart tells whether the server has started, if need be after a while.
func (h *Health) waitForStart(ctx context.Context) bool {
	if h.hasStarted() {
		return true
	}
	timeout := time.NewTimer(gateWait)
	defer timeout.Stop()
	select {
	case <-h.started:
		return true
	case <-timeout.C:
	case <-ctx.Done():
	}
	return false
}
