package server

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"runtime/debug"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"broadsheet/internal/page"
)

// requestID gives each request an id of its own, which stands in the log, in
// X-Request-Id and on error pages. One that a client sends is not believed.
func requestID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var raw [8]byte
		rand.Read(raw[:])
		id := hex.EncodeToString(raw[:])
		w.Header().Set("X-Request-Id", id)
		next.ServeHTTP(w, r.WithContext(page.WithRequestID(r.Context(), id)))
	})
}

// clientAddress sets RemoteAddr to the visitor's address.
func clientAddress(trusted []netip.Prefix) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.RemoteAddr = VisitorAddress(trusted, r.RemoteAddr, r.Header.Values("X-Forwarded-For")...)
			next.ServeHTTP(w, r)
		})
	}
}

// VisitorAddress returns the address and port of the visitor behind proxies:
// the first address in X-Forwarded-For, read from the right, that is not a
// trusted proxy. What stands left of it anybody can have written.
func VisitorAddress(trusted []netip.Prefix, peer string, forwarded ...string) string {
	from, err := netip.ParseAddrPort(peer)
	if err != nil {
		return peer
	}
	addr := from.Addr().Unmap()
	isProxy := func(p netip.Prefix) bool { return p.Contains(addr) }
	hops := strings.Split(strings.Join(forwarded, ","), ",")
	for i := len(hops) - 1; i >= 0 && slices.ContainsFunc(trusted, isProxy); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		addr = hop.Unmap()
	}
	return netip.AddrPortFrom(addr, from.Port()).String()
}

// accessLog writes one line a request. Query strings are left out: they hold
// what people search for, and the set-up code. Health checks that found nothing
// wrong are left out too: they come every few seconds, for as long as it runs.
func accessLog(log *slog.Logger) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			started := time.Now()
			ww := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
			defer func() {
				status := ww.Status()
				if status == 0 {
					status = http.StatusOK
				}
				if status == http.StatusOK && (r.URL.Path == "/livez" || r.URL.Path == "/readyz") {
					return
				}
				log.LogAttrs(r.Context(), slog.LevelInfo, "request",
					slog.String("method", r.Method),
					slog.String("path", r.URL.Path),
					slog.String("route", chi.RouteContext(r.Context()).RoutePattern()),
					slog.Int("status", status),
					slog.Int("bytes", ww.BytesWritten()),
					slog.Float64("duration_ms", float64(time.Since(started).Microseconds())/1000),
					slog.String("request_id", page.RequestID(r.Context())),
					slog.String("client", r.RemoteAddr),
				)
			}()
			next.ServeHTTP(ww, r)
		})
	}
}

// recoverer answers a panic with the error page, and logs where it came from.
func recoverer(log *slog.Logger, pages *page.Pages) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() {
				p := recover()
				if p == nil {
					return
				}
				if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
					panic(p)
				}
				log.ErrorContext(r.Context(), "panic", "panic", p, "stack", string(debug.Stack()),
					"request_id", page.RequestID(r.Context()))
				if ww, ok := w.(middleware.WrapResponseWriter); ok && ww.Status() != 0 {
					panic(http.ErrAbortHandler) // half an answer is out: cut the connection
				}
				pages.Error(w, r, http.StatusInternalServerError, "")
			}()
			next.ServeHTTP(w, r)
		})
	}
}

// contentSecurityPolicy lets pages use what this server serves and nothing
// else. Nothing is inline, so it needs no nonce and pages can be cached.
const contentSecurityPolicy = "default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'self'; script-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

func securityHeaders(base *url.URL) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			h.Set("Content-Security-Policy", contentSecurityPolicy)
			h.Set("X-Content-Type-Options", "nosniff")
			h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
			h.Set("Cross-Origin-Opener-Policy", "same-origin")
			if base.Scheme == "https" {
				h.Set("Strict-Transport-Security", "max-age=31536000")
			}
			next.ServeHTTP(w, r)
		})
	}
}

// deadline ends the work for an answer in bounded time, also when the database
// is frozen and cannot end it itself.
func deadline(limit time.Duration) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ctx, cancel := context.WithTimeout(r.Context(), limit)
			defer cancel()
			next.ServeHTTP(w, r.WithContext(ctx))
		})
	}
}

// formTime is how long the text of a post may take to arrive: 16 MB at
// 140 kB/s.
const formTime = 2 * time.Minute

// slowForms lets a post's text arrive over a slow line: the limits so far are
// for strangers and small forms. What has arrived is stored, also when its
// author has left; the page bounds that work itself.
func slowForms(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := http.NewResponseController(w)
		// Where the connection cannot be told, its own limits hold.
		_ = c.SetReadDeadline(time.Now().Add(formTime))
		_ = c.SetWriteDeadline(time.Now().Add(formTime + 20*time.Second))
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), formTime+10*time.Second)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// sameOrigin refuses what changes something when another site sent it.
func sameOrigin(pages *page.Pages) func(http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		pages.Error(w, r, http.StatusForbidden,
			"This form was sent from another site. Open the page here and send it again.")
	}))
	return protection.Handler
}

// canonicalPath gives every page one address: "/tags/", "//tags" and
// "/x/../tags" lead to "/tags". The target is a path of this site, whatever
// Host a request names.
func canonicalPath(pages *page.Pages) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !utf8.ValidString(r.URL.Path) || strings.ContainsRune(r.URL.Path, 0) {
				pages.Error(w, r, http.StatusNotFound, "")
				return
			}
			// Routes see the decoded path: how it was escaped makes no difference.
			r.URL.RawPath = ""
			clean := path.Clean("/" + r.URL.Path)
			if clean == r.URL.Path {
				next.ServeHTTP(w, r)
				return
			}
			if r.Method != http.MethodGet && r.Method != http.MethodHead {
				pages.Error(w, r, http.StatusNotFound, "")
				return
			}
			target := url.URL{Path: clean, RawQuery: r.URL.RawQuery}
			w.Header().Set("Location", target.String())
			w.WriteHeader(http.StatusMovedPermanently)
		})
	}
}
