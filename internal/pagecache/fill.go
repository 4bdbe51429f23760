package pagecache

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/maypok86/otter/v2"

	"broadsheet/internal/negotiate"
)

// errPanicked says that a page could not be made.
var errPanicked = errors.New("pagecache: the handler broke off")

// fill makes a page and keeps it where that is allowed. The handler sees the
// page's address and nothing else of the request, so that no field of it can
// change the page for others; it also sees no reader leave.
func (c *Cache) fill(r *http.Request, page *url.URL, key, route string, next http.Handler) (e *entry, err error) {
	f := &fill{key: key, epoch: c.epoch.Load()}
	c.index.begin(f)
	kept := (*entry)(nil)
	defer func() {
		if recover() != nil { // it was logged on its way
			err = errPanicked
		}
		c.index.end(f, kept, c.flights.Forget, c.keep)
	}()

	ctx := context.WithValue(context.WithoutCancel(r.Context()), fillKey{}, f)
	request := (&http.Request{
		Method: http.MethodGet, URL: page, RequestURI: key, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, Body: http.NoBody,
	}).WithContext(ctx)
	rec := &recorder{header: http.Header{}}
	next.ServeHTTP(rec, request)

	e = c.newEntry(f, route, rec, rec.compressed())
	e.busy, e.each = f.busy, f.each
	if c.keeps(e, rec) {
		kept = e
	}
	return e, nil
}

// keep keeps a page, unless a later one is there.
func (c *Cache) keep(e *entry) (kept bool) {
	c.pages.Compute(e.key, func(now *entry, found bool) (*entry, otter.ComputeOp) {
		if kept = !found || now.epoch <= e.epoch; kept {
			return e, otter.WriteOp
		}
		return now, otter.CancelOp
	})
	return kept
}

// keeps tells whether the cache keeps a page.
func (c *Cache) keeps(e *entry, rec *recorder) bool {
	return e.each == nil && rec.keepable() && len(e.deps) > 0 && int64(e.weight()) <= c.Size/largestPart
}

// recorder keeps what a handler answers.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (rec *recorder) Header() http.Header { return rec.header }

func (rec *recorder) WriteHeader(status int) {
	if rec.status == 0 && status >= 200 {
		rec.status = status
	}
}

func (rec *recorder) Write(b []byte) (int, error) {
	rec.WriteHeader(http.StatusOK)
	return rec.body.Write(b)
}

// keepable tells whether the answer is one that stands for more than one
// request (RFC 9111, section 3). Addresses with nothing behind them are not
// kept: there is no end of them.
func (rec *recorder) keepable() bool {
	switch rec.status {
	case http.StatusOK, http.StatusMovedPermanently, http.StatusPermanentRedirect:
		control := rec.header.Get("Cache-Control")
		return rec.header.Get("Set-Cookie") == "" && !strings.Contains(control, "no-store") && !strings.Contains(control, "private")
	}
	return false
}

// compressed returns the body compressed, nil where that gains nothing:
// pictures are compressed already.
func (rec *recorder) compressed() []byte {
	if strings.HasPrefix(rec.header.Get("Content-Type"), "image/") {
		return nil
	}
	return compressGzip(rec.body.Bytes())
}

// newEntry returns what was recorded; zipped is the body compressed, nil where
// that gains nothing.
func (c *Cache) newEntry(f *fill, route string, rec *recorder, zipped []byte) *entry {
	rec.WriteHeader(http.StatusOK)
	e := &entry{key: f.key, route: route, status: rec.status, deps: slices.Clone(f.deps), epoch: f.epoch}
	if c.CDN && len(f.deps) > 0 && rec.keepable() {
		forCDN(rec.header, f.deps)
	}
	for name, values := range rec.header {
		if perAnswer(name) {
			continue
		}
		e.add(field{name, slices.Clip(values)}) // many answers share them, and one may add to its own
	}
	body := bytes.Clone(rec.body.Bytes())
	etag := rec.header.Get("Etag")
	e.plain = newVariant(negotiate.Identity, etag, body)
	if zipped != nil {
		e.gzip = newVariant(negotiate.Gzip, etag, zipped)
	}
	return e
}

// forCDN tells a CDN how long it may keep the page (RFC 9213), also when this
// server is slow or away (RFC 5861), and by which keys it can be told to drop
// it. The times are short enough for a CDN that nobody tells.
func forCDN(h http.Header, deps []Dep) {
	h.Set("Cdn-Cache-Control", "public, max-age=10, stale-while-revalidate=30, stale-if-error=86400")
	var keys []string
	for _, d := range deps {
		if !slices.Contains(keys, d.Name) {
			keys = append(keys, d.Name)
		}
	}
	h.Set("Surrogate-Key", strings.Join(keys, " "))
}
