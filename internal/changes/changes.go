// Package changes follows what is changed in the database, by any copy of the
// server or any other program, and tells those who keep something in memory.
//
// Triggers write what a transaction touched to the table changes and notify.
// The notification only wakes: what changed is read from the table, exactly
// once, by comparing snapshots. A lost notification is made up for by looking
// every second, and for a lost connection by saying that anything may have
// changed.
package changes

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"broadsheet/internal/postgres"
)

// A Listener keeps something in memory that comes from the database.
type Listener interface {
	// Reset says that anything may have changed. The first Reset also says
	// that from now on every change will be told.
	Reset()
	// Changed says what was touched; "*" among the keys stands for everything.
	Changed(keys []string)
}

const (
	lookEvery  = time.Second            // also how often the database is seen to be well
	readTime   = time.Second            // more than that, and the database is not well
	tryAgain   = 250 * time.Millisecond // to connect
	longestGap = 8 * time.Minute        // between readings: rows of the log are kept for ten
	// However often somebody asks or something changes, so much lies between
	// two readings.
	readEvery = 5 * time.Millisecond
	// A transaction that writes for longer than this may commit notes that are
	// old already, or posts that were due before anybody could see them.
	longTransaction = 30 * time.Second
)

// Follower follows one database.
type Follower struct {
	pool      *pgxpool.Pool
	log       *slog.Logger
	listeners []Listener

	told atomic.Bool // whether the listeners were told anything yet
	down atomic.Bool
	due  atomic.Int64 // when the next scheduled post appears, by this machine's clock, in ns since 1970

	wake     chan struct{} // tells the loop that somebody waits
	ended    chan struct{} // closed when nobody follows any more
	seen     *seen         // up to where the log was read; nil when that cannot be known
	readAt   time.Time     // when the last reading began
	notified bool          // since then

	mu      sync.Mutex
	waiting []chan error       // calls of Sync
	well    context.Context    // ends when the database stops answering
	ill     context.CancelFunc // ends well
}

// seen is what the last reading saw.
type seen struct {
	snapshot string
	at       time.Time // by the database's clock
	// The oldest transaction that was writing, and when it was first seen.
	oldest string
	since  time.Time
}

// NewFollower returns a follower that has nobody to tell yet.
func NewFollower(pool *pgxpool.Pool, log *slog.Logger) *Follower {
	f := &Follower{pool: pool, log: log, wake: make(chan struct{}, 1), ended: make(chan struct{})}
	f.due.Store(math.MaxInt64)
	f.well, f.ill = context.WithCancel(context.Background())
	return f
}

// Tell has the follower tell the listeners, in their order: those that others
// take from come first. It must be called before Run.
func (f *Follower) Tell(listeners ...Listener) { f.listeners = append(f.listeners, listeners...) }

// Down tells whether the database was seen not to answer.
func (f *Follower) Down() bool { return f.down.Load() }

// Following tells whether the listeners are told what changes.
func (f *Follower) Following() bool { return f.told.Load() && !f.Down() }

// Due tells whether a scheduled post should have appeared by now that nobody
// was told of yet.
func (f *Follower) Due(now time.Time) bool { return now.UnixNano() >= f.due.Load() }

// Well returns a context that ends when the database stops answering: what
// waits for it need not wait on.
func (f *Follower) Well() context.Context {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.well
}

// Sync returns when the listeners know of everything that was committed, and
// every post that was due, before it was called. It fails when ctx ends, the
// database does not answer, or nobody follows it any more.
func (f *Follower) Sync(ctx context.Context) error {
	if f.Down() {
		return postgres.ErrDown
	}
	done := make(chan error, 1)
	f.mu.Lock()
	f.waiting = append(f.waiting, done)
	f.mu.Unlock()
	select {
	case f.wake <- struct{}{}:
	default: // the loop will look anyway
	}
	select {
	case err := <-done:
		return err
	case <-f.ended:
		return postgres.ErrDown
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Run follows until ctx ends, once. From then on the database counts as away.
func (f *Follower) Run(ctx context.Context) {
	defer f.end()
	for {
		began := time.Now()
		connected, err := f.listen(ctx)
		if ctx.Err() != nil {
			return
		}
		switch {
		case connected:
			f.log.Warn("the connection that tells of changes was lost", "error", err)
			f.lose()
			if time.Since(began) > tryAgain {
				continue // at once: most often there is another
			}
		case !postgres.Unavailable(err) && !errors.As(err, new(*pgconn.ConnectError)):
			f.forgetAll(err)
		case errors.Is(err, context.DeadlineExceeded):
			f.lose()
			f.fall(err)
		default:
			// The database may have no connection to give but those it gave.
			if err := f.read(ctx, f.pool); err != nil {
				f.lose()
				f.fall(err)
			}
		}
		f.pause(ctx)
	}
}

// lose notes that a connection was lost. What ended it may have ended those of
// the pool, which would find out one request at a time.
func (f *Follower) lose() {
	f.seen = nil
	f.pool.Reset()
}

// forgetAll helps itself when the database answers but the log cannot be read,
// say because an older version of the program took the schema back.
func (f *Follower) forgetAll(err error) {
	if f.seen != nil || !f.told.Load() {
		f.log.Error("what changes in the database cannot be read; pages are made anew all the time", "error", err)
	}
	f.seen = nil
	waiting := f.take()
	for _, l := range f.listeners {
		l.Reset()
	}
	f.told.Store(true)
	f.rise()
	f.answer(waiting, nil)
}

// listen connects and tells of changes until the connection fails.
func (f *Follower) listen(ctx context.Context) (connected bool, err error) {
	conn, err := f.connect(ctx)
	if err != nil {
		return false, err
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), tryAgain)
		defer cancel()
		conn.Close(closing)
	}()
	for {
		if err := f.read(ctx, conn); err != nil {
			return connected, err
		}
		connected = true
		if err := f.wait(ctx, conn); err != nil {
			return connected, err
		}
	}
}

func (f *Follower) connect(ctx context.Context) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	config := f.pool.Config().ConnConfig
	config.RuntimeParams["application_name"] += " changes"
	config.OnNotification = func(*pgconn.PgConn, *pgconn.Notification) { f.notified = true }
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if _, err := conn.Exec(ctx, "LISTEN broadsheet_changes"); err != nil {
		conn.Close(ctx)
		return nil, err
	}
	return conn, nil
}

// wait returns when it is time to read again: something changed, somebody
// asks, a scheduled post appears, or a second is over.
func (f *Follower) wait(ctx context.Context, conn *pgx.Conn) error {
	waiting, cancel := context.WithTimeout(ctx, f.untilNext())
	defer cancel()
	var asked sync.WaitGroup
	asked.Go(func() {
		select {
		case <-f.wake:
			cancel()
		case <-waiting.Done():
		}
	})
	var err error
	if !f.notified {
		err = conn.PgConn().WaitForNotification(waiting)
	}
	ended := waiting.Err() != nil
	cancel()
	// Whoever asks from here on is seen by the next reading.
	asked.Wait()
	if ended {
		err = ctx.Err()
	}
	if err == nil {
		time.Sleep(time.Until(f.readAt.Add(readEvery)))
	}
	return err
}

func (f *Follower) untilNext() time.Duration {
	due := time.Duration(f.due.Load() - time.Now().UnixNano())
	return min(lookEvery, max(due, time.Millisecond))
}

func (f *Follower) pause(ctx context.Context) {
	timer := time.NewTimer(tryAgain)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-f.wake:
	}
}

type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// read tells the listeners what happened since the last reading, and those who
// wait for that that it was told.
func (f *Follower) read(ctx context.Context, db querier) (err error) {
	f.notified, f.readAt = false, time.Now()
	waiting := f.take()
	defer func() { f.answer(waiting, err) }()
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()

	last := seen{}
	if f.seen != nil {
		last = *f.seen
	}
	var now seen
	var due *time.Time
	var keys []string
	// One statement sees one snapshot: what it does not list the next one will.
	err = db.QueryRow(ctx, `
		SELECT now(), pg_current_snapshot()::text,
			least(
				(SELECT p.published_at FROM posts p
				 WHERE p.status = 'published' AND p.published_at > now() ORDER BY p.published_at LIMIT 1),
				(SELECT p.unpublish_at FROM posts p
				 WHERE p.status = 'published' AND p.unpublish_at > now() AND p.unpublish_at < 'infinity' ORDER BY p.unpublish_at LIMIT 1)),
			ARRAY(
				SELECT k FROM changes c, unnest(c.keys) k
				WHERE c.xid >= pg_snapshot_xmin(@snapshot::pg_snapshot)
				  AND NOT pg_visible_in_snapshot(c.xid, @snapshot::pg_snapshot)
				  AND pg_visible_in_snapshot(c.xid, pg_current_snapshot()) -- not of another cluster, whose dump this is
				UNION
				SELECT k FROM (
					SELECT p.* FROM posts p WHERE p.status = 'published' AND p.published_at > @at AND p.published_at <= now()
					UNION ALL
					SELECT p.* FROM posts p
					WHERE p.status = 'published' AND p.unpublish_at > @at AND p.unpublish_at <= now() AND p.unpublish_at < 'infinity'
				) p, unnest(post_keys(p.id, p.kind, p.slug, p.published_at, p.tag_ids,
					p.author_id, p.series_id, p.featured) || author_keys(p.coauthor_ids, p.published_at)) k)`,
		pgx.StrictNamedArgs{"snapshot": nullable(last.snapshot), "at": nullable(last.at)}).
		Scan(&now.at, &now.snapshot, &due, &keys)
	if err != nil {
		return err
	}
	longEnded := now.compare(last)
	reset := f.seen == nil || now.at.Sub(last.at).Abs() > longestGap || longEnded
	for _, l := range f.listeners {
		if reset {
			l.Reset()
		} else if len(keys) > 0 {
			l.Changed(keys)
		}
	}
	f.seen = &now
	f.expect(f.readAt, now.at, due)
	f.told.Store(true)
	f.rise()
	return nil
}

// compare notes which transaction is writing for how long, and tells whether
// one that wrote for long has ended since the last reading.
func (s *seen) compare(last seen) (longEnded bool) {
	oldest, rest, _ := strings.Cut(s.snapshot, ":")
	next, _, _ := strings.Cut(rest, ":")
	if oldest != next { // it is still open
		s.oldest, s.since = oldest, s.at
	}
	if s.oldest == last.oldest {
		s.since = last.since
		return false
	}
	return last.oldest != "" && s.at.Sub(last.since) > longTransaction
}

// expect remembers when the next scheduled post appears, by this machine's
// clock and rather a little early: the database is asked then.
func (f *Follower) expect(sent, now time.Time, due *time.Time) {
	if due == nil {
		f.due.Store(math.MaxInt64)
		return
	}
	f.due.Store(sent.Add(due.Sub(now)).UnixNano())
}

// fall says that the database does not answer.
func (f *Follower) fall(err error) {
	if f.down.Swap(true) {
		return
	}
	f.log.Error("the database does not answer; pages are served from memory", "error", err)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ill()
}

// rise says that it answers.
func (f *Follower) rise() {
	if !f.down.Load() {
		return
	}
	f.mu.Lock()
	f.well, f.ill = context.WithCancel(context.Background())
	f.mu.Unlock()
	f.down.Store(false)
	f.log.Info("the database answers again")
}

// end is what happens when nobody follows any more.
func (f *Follower) end() {
	close(f.ended)
	f.down.Store(true)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ill()
}

// take returns who waits, and forgets them.
func (f *Follower) take() []chan error {
	f.mu.Lock()
	defer f.mu.Unlock()
	waiting := f.waiting
	f.waiting = nil
	return waiting
}

func (f *Follower) answer(waiting []chan error, err error) {
	for _, done := range waiting {
		done <- err
	}
}

func nullable[T comparable](v T) *T {
	if v == *new(T) {
		return nil
	}
	return &v
}
