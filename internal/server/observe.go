package server

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"

	"broadsheet/internal/page"
)

// exchange is a request with what is known about its answer so far. It stands
// around every answer, pages from memory too, so that it costs next to nothing.
type exchange struct {
	http.ResponseWriter
	request *http.Request
	id      string
	route   string // pattern; "" for none
	outcome string // of the page cache; "" where it had no part
	status  int    // 0 for none yet
	bytes   int64  // of the body
	named   bool   // whether the answer has the id
	started time.Time
}

var exchanges = sync.Pool{New: func() any { return new(exchange) }}

// exchangeOf returns the exchange that a writer belongs to, nil for none.
func exchangeOf(w http.ResponseWriter) *exchange {
	for {
		switch v := w.(type) {
		case *exchange:
			return v
		case interface{ Unwrap() http.ResponseWriter }:
			w = v.Unwrap()
		default:
			return nil
		}
	}
}

// Served notes for the log and the metrics which route answers the request
// that w belongs to, and what the page cache had to do with it: "hit" where the
// answer comes from memory and no handler ever sees w, "miss", or "stale".
func Served(w http.ResponseWriter, route, outcome string) {
	if x := exchangeOf(w); x != nil {
		x.route, x.outcome = route, outcome
	}
}

// RequestContext returns ctx with what handlers know of the request that w
// belongs to: its id.
func RequestContext(ctx context.Context, w http.ResponseWriter) context.Context {
	if x := exchangeOf(w); x != nil {
		return page.WithRequestID(ctx, x.id)
	}
	return ctx
}

func (x *exchange) Unwrap() http.ResponseWriter { return x.ResponseWriter }

func (x *exchange) Header() http.Header {
	x.name()
	return x.ResponseWriter.Header()
}

// name gives the answer the request's id.
func (x *exchange) name() {
	if !x.named {
		x.named = true
		x.ResponseWriter.Header()["X-Request-Id"] = []string{x.id}
	}
}

// AddFieldLines has the answer's head sent with these lines, each a field with
// its line end, besides the header's and the request's id. It returns false
// where that cannot be.
func (x *exchange) AddFieldLines(common, own []byte) bool {
	r := x.request
	c, ok := r.Context().Value(connKey{}).(*conn)
	// Before the answer to a request with a body, 100 Continue may be written.
	if !ok || x.named || x.status != 0 || r.ContentLength != 0 || r.ProtoMajor != 1 {
		return false
	}
	x.named = true
	c.addToHead(common, own, x.id)
	return true
}

func (x *exchange) WriteHeader(status int) {
	x.name()
	if x.status == 0 && (status >= 200 || status == http.StatusSwitchingProtocols) {
		x.status = status
	}
	x.ResponseWriter.WriteHeader(status)
}

// begin notes that the answer begins, where no status was said.
func (x *exchange) begin() {
	if x.status == 0 {
		x.name()
		x.status = http.StatusOK
	}
}

// corkFrom is the size of a body that may not fit a bufferful with its head.
const corkFrom = 3000

func (x *exchange) Write(p []byte) (n int, err error) {
	x.begin()
	if len(p) >= corkFrom && x.isWhole(p) {
		n, err = writeAtOnce(x.request.Context(), x.ResponseWriter, p)
	} else {
		n, err = x.ResponseWriter.Write(p)
	}
	x.bytes += int64(n)
	return n, err
}

// isWhole tells whether p is all there is of the body.
func (x *exchange) isWhole(p []byte) bool {
	length := x.Header()["Content-Length"]
	if len(length) != 1 {
		return false
	}
	n, err := strconv.Atoi(length[0])
	return err == nil && n == len(p)
}

// Flush is for those who ask for an [http.Flusher].
func (x *exchange) Flush() { _ = x.FlushError() }

// FlushError is for [http.ResponseController].
func (x *exchange) FlushError() error {
	x.begin()
	return http.NewResponseController(x.ResponseWriter).Flush()
}

// newRequestID returns an id that no other request has, in practice. It
// identifies and is no secret.
func newRequestID() string {
	var raw [8]byte
	var text [16]byte
	binary.BigEndian.PutUint64(raw[:], rand.Uint64())
	hex.Encode(text[:], raw[:])
	return string(text[:])
}

// observer gives each request an id of its own, which stands in the log, in
// X-Request-Id and on error pages, and the visitor's address as RemoteAddr. It
// writes a line of the access log and counts. An id that a client sends is not
// believed.
type observer struct {
	log     *slog.Logger
	access  *AccessLog // nil: each line goes to log
	trusted []netip.Prefix
	metrics *Metrics // nil for none
}

// newObserver returns the observer of a server with these routes.
func newObserver(o Options, routes chi.Routes) *observer {
	if o.Metrics != nil {
		o.Metrics.know(routes)
	}
	return &observer{log: o.Log, access: o.AccessLog, trusted: o.TrustedProxies, metrics: o.Metrics}
}

func (o *observer) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := exchanges.Get().(*exchange)
		*x = exchange{ResponseWriter: w, request: r, id: newRequestID(), started: time.Now()}
		// net/http writes IPv4 addresses as such; others may have written this one.
		if len(o.trusted) > 0 || strings.HasPrefix(r.RemoteAddr, "[::ffff:") {
			r.RemoteAddr = VisitorAddress(o.trusted, r.RemoteAddr, r.Header["X-Forwarded-For"]...)
		}
		if o.metrics != nil {
			o.metrics.inFlight.Inc()
		}
		whole := false
		defer func() { o.end(x, whole) }()
		next.ServeHTTP(x, r)
		whole = true
	})
}

// end notes an answer; whole is false when a panic ended it.
func (o *observer) end(x *exchange, whole bool) {
	switch {
	case whole:
		x.begin()
	case x.status == 0:
		x.name()
		x.status = http.StatusInternalServerError
	}
	now := time.Now()
	took := now.Sub(x.started)
	if o.metrics != nil {
		o.metrics.inFlight.Dec()
		o.metrics.observe(x, took)
	}
	o.logLine(x, now, took)
	// A handler may have left w with a goroutine of its own; memory has none.
	if whole && x.outcome == "hit" {
		*x = exchange{}
		exchanges.Put(x)
	}
}

// inner stands inside the router, around what is made for this request alone:
// it tells handlers the request's id, and the exchange its route.
func inner(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := exchangeOf(w)
		if x == nil {
			next.ServeHTTP(w, r)
			return
		}
		r = r.WithContext(RequestContext(r.Context(), w))
		defer func() { x.route = chi.RouteContext(r.Context()).RoutePattern() }()
		next.ServeHTTP(w, r)
	})
}

// VisitorAddress returns the address and port of the visitor behind proxies:
// the first address in the lines of X-Forwarded-For, read from the right, that
// is not a trusted proxy. What stands left of it anybody can have written.
func VisitorAddress(trusted []netip.Prefix, peer string, forwarded ...string) string {
	from, err := netip.ParseAddrPort(peer)
	if err != nil {
		return peer
	}
	addr := firstStranger(trusted, from.Addr().Unmap(), forwarded)
	return netip.AddrPortFrom(addr, from.Port()).String()
}

func firstStranger(trusted []netip.Prefix, addr netip.Addr, forwarded []string) netip.Addr {
	isProxy := func(p netip.Prefix) bool { return p.Contains(addr) }
	for _, hops := range slices.Backward(forwarded) {
		for comma := len(hops); comma >= 0; {
			hops = hops[:comma]
			if !slices.ContainsFunc(trusted, isProxy) {
				return addr
			}
			comma = strings.LastIndexByte(hops, ',')
			hop, err := netip.ParseAddr(strings.TrimSpace(hops[comma+1:]))
			if err != nil {
				return addr
			}
			addr = hop.Unmap()
		}
	}
	return addr
}
