// Package pagecache keeps rendered pages in memory, whole and compressed, and
// ends each one when something that it shows changes.
//
// A page notes what it shows while it is made ([Show]). Whoever follows the
// database says what changed ([Cache.Changed]), and exactly the pages that
// show it end. While the database is away, pages stay.
package pagecache

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
	"golang.org/x/sync/singleflight"

	"broadsheet/internal/changes"
)

// Options is what a cache is made of.
type Options struct {
	// Size is how many bytes of pages to keep; 0 keeps none.
	Size int64
	// Address returns the one address of the page that a URL asks for: its
	// route, for the log, and its query with nothing in it but what the page
	// depends on. Pages that it does not know are not kept.
	Address func(u *url.URL) (route, query string, ok bool)
	// Follower says what changes; it may be nil where nothing does.
	Follower *changes.Follower
	// Context adds to the context in which a page is made what there is to know
	// of the request that asked first, which w belongs to.
	Context func(ctx context.Context, w http.ResponseWriter) context.Context
	// Served is told how a request was answered: "hit", "miss", or "stale".
	Served func(w http.ResponseWriter, route, outcome string)
	// Style is the address of the style sheet, which a reader who has to wait
	// for a page can fetch meanwhile.
	Style string
	// CDN adds the header fields for a CDN.
	CDN bool
	// Secure tells whether readers come by https.
	Secure bool
}

const (
	longestKey = 2 << 10
	// A page larger than this part of the cache would push out too many others.
	largestPart = 8
	// How long to wait for a page anew where an older one is at hand, should
	// the database be gone.
	patience = time.Second
	syncTime = time.Second
	hintTime = 100 * time.Millisecond
)

// Cache keeps pages. Its zero value is of no use; see [New].
type Cache struct {
	Options
	pages   *otter.Cache[string, *entry]
	index   *index
	flights singleflight.Group
	better  chan *entry // to be compressed better

	// An entry is as good as its epoch: the current one, fresh; older, to be
	// shown only while the database is away; before floor, not at all.
	epoch, floor atomic.Uint64

	counts counts
}

// counts is what the metrics say.
type counts struct{ hits, misses, stale, evicted, outdated atomic.Uint64 }

// New returns an empty cache.
func New(o Options) *Cache {
	c := &Cache{Options: o, index: newIndex(), better: make(chan *entry, 256)}
	if o.Served == nil {
		c.Served = func(http.ResponseWriter, string, string) {}
	}
	if o.Context == nil {
		c.Context = func(ctx context.Context, _ http.ResponseWriter) context.Context { return ctx }
	}
	if o.Size > 0 {
		c.pages = otter.Must(&otter.Options[string, *entry]{
			MaximumWeight: uint64(o.Size),
			Weigher:       func(_ string, e *entry) uint32 { return e.weight() },
			OnDeletion: func(e otter.DeletionEvent[string, *entry]) {
				switch e.Cause {
				case otter.CauseOverflow:
					c.counts.evicted.Add(1)
				case otter.CauseInvalidation:
					c.counts.outdated.Add(1)
				}
				c.index.remove(e.Value)
			},
		})
	}
	return c
}

// Handler answers from memory what is there, and has next make what is not.
// Readers who ask for the same page at once wait for one making of it. Without a
// cache, next makes all.
func (c *Cache) Handler(next http.Handler) http.Handler {
	if c == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		c.catchUp(r)
		if c.pages == nil {
			next.ServeHTTP(w, r)
			return
		}
		// Pages link to each other by their one address: mostly it is as it stands.
		e, fresh := c.lookup(r.RequestURI)
		if fresh {
			c.hit(w, r, e)
			return
		}
		c.miss(w, r, e, next)
	})
}

// away tells whether pages cannot be made now, for all that is known.
func (c *Cache) away() bool { return c.Follower == nil || !c.Follower.Following() }

func (c *Cache) hit(w http.ResponseWriter, r *http.Request, e *entry) {
	c.counts.hits.Add(1)
	c.Served(w, e.route, "hit")
	e.serve(w, r)
	if e.hits.Load() < hitsForBetter {
		c.improve(e)
	}
}

// lookup returns the entry of a page, and whether it is fresh.
func (c *Cache) lookup(key string) (e *entry, fresh bool) {
	e, ok := c.pages.GetIfPresent(key)
	if !ok || e.dead.Load() || e.epoch < c.floor.Load() {
		return nil, false
	}
	return e, e.epoch == c.epoch.Load()
}

// catchUp waits for what must be known before this request is answered: what
// was due to appear, and for an author what was saved just now.
func (c *Cache) catchUp(r *http.Request) {
	if c.Follower == nil || !c.Follower.Due(time.Now()) && !hasSaved(r) || !c.Follower.Following() {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), syncTime)
	defer cancel()
	_ = c.Follower.Sync(ctx) // a database that is away changes nothing
}

// miss looks the page up by its one address, and has it made when it is not there.
func (c *Cache) miss(w http.ResponseWriter, r *http.Request, old *entry, next http.Handler) {
	route, query, ok := c.Address(r.URL)
	if !ok {
		next.ServeHTTP(w, r)
		return
	}
	page := url.URL{Path: r.URL.Path, RawQuery: query}
	key := page.String()
	if len(key) > longestKey || strings.HasPrefix(key, "//") {
		next.ServeHTTP(w, r)
		return
	}
	if old == nil && key != r.RequestURI {
		var fresh bool
		if old, fresh = c.lookup(key); fresh {
			c.hit(w, r, old)
			return
		}
	}
	if old != nil && c.Follower != nil && c.away() {
		c.serveStale(w, r, old)
		return
	}
	e, err := c.await(w, r, &page, key, route, old, next)
	switch {
	case err != nil && r.Context().Err() != nil:
		w.WriteHeader(statusClientClosed)
	case old != nil && (err != nil || e.status == http.StatusServiceUnavailable && !e.busy):
		c.serveStale(w, r, old)
	case err != nil:
		panic(http.ErrAbortHandler)
	default:
		if old != nil && e.status < http.StatusInternalServerError {
			c.drop(old) // where the page is gone, no outage brings the old one back
		}
		c.counts.misses.Add(1)
		c.Served(w, route, "miss")
		e.serve(w, r)
	}
}

// statusClientClosed is for the log: nobody is there to read it.
const statusClientClosed = 499

func (c *Cache) serveStale(w http.ResponseWriter, r *http.Request, e *entry) {
	c.counts.stale.Add(1)
	c.Served(w, e.route, "stale")
	e.serve(w, r)
}

// errLate says that a page was not made in time.
var errLate = errors.New("pagecache: the page takes too long")

// await returns the page when it is made, by this request or by another.
func (c *Cache) await(w http.ResponseWriter, r *http.Request, page *url.URL, key, route string, old *entry, next http.Handler) (*entry, error) {
	asking := r.WithContext(c.Context(r.Context(), w))
	made := c.flights.DoChan(key, func() (any, error) {
		return c.fill(asking, page, key, route, next)
	})
	hint := time.NewTimer(hintTime)
	defer hint.Stop()
	var late <-chan time.Time
	if old != nil {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		late = timer.C
	}
	for {
		select {
		case result := <-made:
			if result.Err != nil {
				return nil, result.Err
			}
			return result.Val.(*entry), nil
		case <-hint.C:
			c.hint(w, r)
		case <-late:
			if c.away() {
				return nil, errLate
			}
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
}

// hint tells a browser that waits for a page what the page will need
// (RFC 8297). Other clients may not expect an answer before the answer.
func (c *Cache) hint(w http.ResponseWriter, r *http.Request) {
	if c.Style == "" || r.Header.Get("Sec-Fetch-Mode") != "navigate" || !r.ProtoAtLeast(1, 1) {
		return
	}
	w.Header().Set("Link", "<"+c.Style+">; rel=preload; as=style")
	w.WriteHeader(http.StatusEarlyHints)
	w.Header().Del("Link")
}
