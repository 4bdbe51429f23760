package server

import (
	"context"
	"net/http"
	"time"

	"broadsheet/internal/changes"
	"broadsheet/internal/page"
	"broadsheet/internal/postgres"
)

// limit bounds how many requests of a kind work at once. Those beyond wait in
// a queue for a short time, and those beyond that are asked to come again:
// what cannot be done at once is done no sooner by beginning all of it.
type limit struct {
	working, queue chan struct{}
	patience       time.Duration
}

func newLimit(atOnce, queue int, patience time.Duration) *limit {
	return &limit{make(chan struct{}, atOnce), make(chan struct{}, queue), patience}
}

// enter tells whether the request may work; it then leaves when it is done.
func (l *limit) enter(ctx context.Context) bool {
	select {
	case l.working <- struct{}{}:
		return true
	default:
	}
	select {
	case l.queue <- struct{}{}:
	default:
		return false
	}
	defer func() { <-l.queue }()
	patience := time.NewTimer(l.patience)
	defer patience.Stop()
	select {
	case l.working <- struct{}{}:
		return true
	case <-patience.C:
	case <-ctx.Done():
	}
	return false
}

func (l *limit) leave() { <-l.working }

func (l *limit) handler(pages *page.Pages) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !l.enter(r.Context()) {
				w.Header().Set("Retry-After", "2")
				pages.Error(w, r, http.StatusServiceUnavailable,
					"More people are asking for pages than can be served at this moment. Please try again shortly.")
				return
			}
			defer l.leave()
			next.ServeHTTP(w, r)
		})
	}
}

// failFast answers at once while the database is known to be away, and ends
// the wait of those who were too early to know.
func failFast(f *changes.Follower, pages *page.Pages) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		if f == nil {
			return next
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if f.Down() {
				w.Header().Set("Retry-After", "2")
				pages.Error(w, r, http.StatusServiceUnavailable, "")
				return
			}
			ctx, cancel := context.WithCancelCause(r.Context())
			defer cancel(nil)
			stop := context.AfterFunc(f.Well(), func() { cancel(postgres.ErrDown) })
			defer stop()
			next.ServeHTTP(w, r.WithContext(ctx))
		})
	}
}

// keepText lets authors' forms through while the database is away: their
// handlers fail at once, and show the text that was typed.
func keepText(f *changes.Follower) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		if f == nil {
			return next
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if f.Down() {
				ctx, cancel := context.WithCancelCause(r.Context())
				cancel(postgres.ErrDown)
				r = r.WithContext(ctx)
			}
			next.ServeHTTP(w, r)
		})
	}
}
