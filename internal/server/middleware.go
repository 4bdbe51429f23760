package server

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"

	"broadsheet/internal/page"
)

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
				if x := exchangeOf(w); x != nil && x.status != 0 {
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
const contentSecurityPolicy = "default-src 'none';img-src 'self' data:;media-src 'self';style-src 'self';script-src 'self';" +
	"connect-src 'self';form-action 'self';base-uri 'none';frame-ancestors 'none';require-trusted-types-for 'script'"

// SecurityHeaders are the header fields of every page, with their values as
// header maps hold them: setting them allocates nothing. Nobody changes them.
type SecurityHeaders []securityHeader

type securityHeader struct {
	name   string
	values []string
}

// NewSecurityHeaders returns those of a site at base.
func NewSecurityHeaders(base *url.URL) SecurityHeaders {
	s := SecurityHeaders{
		{"Content-Security-Policy", []string{contentSecurityPolicy}},
		{"X-Content-Type-Options", []string{"nosniff"}},
		{"Referrer-Policy", []string{"strict-origin-when-cross-origin"}},
		{"Cross-Origin-Opener-Policy", []string{"same-origin"}},
	}
	if base.Scheme == "https" {
		s = append(s, securityHeader{"Strict-Transport-Security", []string{"max-age=31536000"}})
	}
	return s
}

// Set sets them in h.
func (s SecurityHeaders) Set(h http.Header) {
	for _, field := range s {
		h[field.name] = field.values
	}
}

func (s SecurityHeaders) handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.Set(w.Header())
		next.ServeHTTP(w, r)
	})
}

// deadline ends the work for an answer in bounded time, also when the database
// is frozen and cannot end it itself. A stream of events has no end.
func deadline(limit time.Duration) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if events.MatchString(r.URL.Path) {
				next.ServeHTTP(w, r)
				return
			}
			ctx, cancel := context.WithTimeout(r.Context(), limit)
			defer cancel()
			next.ServeHTTP(w, r.WithContext(ctx))
		})
	}
}

// events are the addresses of streams.
var events = regexp.MustCompile(`^/admin/posts/[0-9]+/events$`)

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
		pages.Error(w, r, http.StatusForbidden, "error.cross-site")
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
				pages.Error(w, unasked(r), http.StatusNotFound, "")
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
				pages.Error(w, unasked(r), http.StatusNotFound, "")
				return
			}
			target := url.URL{Path: clean, RawQuery: r.URL.RawQuery}
			w.Header().Set("Location", target.String())
			w.WriteHeader(http.StatusMovedPermanently)
		})
	}
}
