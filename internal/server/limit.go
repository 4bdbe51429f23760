package server

import (
	"context"
	"errors"
	"net/http"
	"time"

	"broadsheet/internal/changes"
	"broadsheet/internal/page"
	"broadsheet/internal/pagecache"
	"broadsheet/internal/postgres"
)

// limit bounds how many requests of a kind work at once. Those beyond wait in
// a queue for a short time, and those beyond that are asked to come again:
// what cannot be done at once is done no sooner by beginning all of it.
type limit struct {
	working, queue chan struct{}
	patience       time.Duration
	message        string // for those who are asked to come again, a text's key
}

const (
	queueLength   = 256
	queuePatience = 2 * time.Second
)

// newReaders bounds the making of pages for readers.
func newReaders(atOnce int) *limit {
	return &limit{
		make(chan struct{}, atOnce), make(chan struct{}, queueLength), queuePatience,
		"error.busy",
	}
}

// newSearches bounds searches, which are pages for readers as well: there are
// places left that no search takes, however slow it is.
func newSearches(readersAtOnce int) *limit {
	return &limit{
		make(chan struct{}, min(2, max(1, readersAtOnce/2))), make(chan struct{}, queueLength/8), queuePatience,
		"error.busy-searching",
	}
}

// newSitemaps bounds the parts of the sitemap that are being sent, which takes as
// long as the crawler does and would keep a reader's place meanwhile.
func newSitemaps() *limit {
	return &limit{make(chan struct{}, 2), make(chan struct{}, queueLength/8), queuePatience, "error.busy"}
}

var errFull = errors.New("server: more requests than places")

// enter returns nil when the request may work; it then leaves when it is done.
// The error is errFull, or ctx's.
func (l *limit) enter(ctx context.Context) error {
	select {
	case l.working <- struct{}{}:
		return nil
	default:
	}
	select {
	case l.queue <- struct{}{}:
	default:
		return errFull
	}
	defer func() { <-l.queue }()
	patience := time.NewTimer(l.patience)
	defer patience.Stop()
	select {
	case l.working <- struct{}{}:
		return nil
	case <-patience.C:
		return errFull
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *limit) leave() { <-l.working }

func (l *limit) handler(pages *page.Pages) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return pages.Handle(func(w http.ResponseWriter, r *http.Request) error {
			switch err := l.enter(r.Context()); {
			case errors.Is(err, errFull):
				pagecache.Busy(r.Context())
				w.Header().Set("Retry-After", "2")
				pages.Error(w, r, http.StatusServiceUnavailable, l.message)
				return nil
			case err != nil: // the reader left, or the database is away
				return err
			}
			defer l.leave()
			next.ServeHTTP(w, r)
			return nil
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
				r = unasked(r)
			}
			next.ServeHTTP(w, r)
		})
	}
}

// unasked returns a request whose page is made without asking the database:
// it is away, or what is asked for is not worth a place among the readers.
func unasked(r *http.Request) *http.Request {
	ctx, cancel := context.WithCancelCause(r.Context())
	cancel(postgres.ErrDown)
	return r.WithContext(ctx)
}
