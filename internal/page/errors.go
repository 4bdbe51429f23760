package page

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"broadsheet/internal/pagecache"
	"broadsheet/internal/postgres"
	"broadsheet/internal/posts"
	"broadsheet/internal/texts"
)

// StatusError is an answer that a handler gives instead of its page.
type StatusError struct {
	Status  int
	Message string // for the reader: a text's key, or a sentence; "" for the usual words
	Args    []any  // of the text
}

func (e *StatusError) Error() string { return fmt.Sprintf("status %d: %s", e.Status, e.Message) }

// NotFound says that there is no such page.
func NotFound(message string, args ...any) error {
	return &StatusError{http.StatusNotFound, message, args}
}

// BadRequest says what the reader can change about the request.
func BadRequest(message string, args ...any) error {
	return &StatusError{http.StatusBadRequest, message, args}
}

// statusClientClosed is nginx's number for a client that did not wait for the
// answer. Nobody sees it but the access log.
const statusClientClosed = 499

// status is the one table from errors to answers.
func status(err error) StatusError {
	var own *StatusError
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &own):
		return *own
	case errors.Is(err, posts.ErrNotFound):
		return StatusError{Status: http.StatusNotFound}
	case errors.Is(err, posts.ErrGone):
		return StatusError{Status: http.StatusGone}
	case errors.Is(err, posts.ErrBadCursor):
		return StatusError{Status: http.StatusBadRequest, Message: "error.cursor"}
	case errors.Is(err, posts.ErrBusy):
		return StatusError{Status: http.StatusServiceUnavailable, Message: "error.busy-searching"}
	case errors.As(err, &tooLarge):
		return StatusError{http.StatusRequestEntityTooLarge, "error.too-large.kilobytes", []any{tooLarge.Limit >> 10}}
	case errors.Is(err, context.Canceled):
		return StatusError{Status: statusClientClosed}
	case postgres.Unavailable(err):
		return StatusError{Status: http.StatusServiceUnavailable}
	}
	return StatusError{Status: http.StatusInternalServerError}
}

// Handle makes an http.Handler of a handler that returns an error instead of
// writing a page of its own.
func (p *Pages) Handle(h func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := h(w, r)
		if err == nil {
			return
		}
		s := p.Failure(r, err)
		if s.Status == statusClientClosed {
			w.WriteHeader(statusClientClosed)
			return
		}
		p.Error(w, r, s.Status, s.Message, s.Args...)
	}
}

// Failure returns what a handler's error is answered with, and logs it when
// the mistake is not the client's.
func (p *Pages) Failure(r *http.Request, err error) StatusError {
	s := status(err)
	if s.Status == statusClientClosed {
		switch cause := context.Cause(r.Context()); {
		case cause == nil:
			s.Status = http.StatusInternalServerError // somebody else gave up
		case postgres.Unavailable(cause):
			s.Status = http.StatusServiceUnavailable
		}
	}
	if s.Status >= 500 {
		p.log.ErrorContext(r.Context(), "request failed", "status", s.Status, "error", err,
			"method", r.Method, "path", LoggedPath(r.URL), "request_id", RequestID(r.Context()))
	}
	return s
}

// LoggedPath returns the path of an address as logs have it: without the secret
// of a preview link.
func LoggedPath(u *url.URL) string {
	const previews = "/preview/"
	// Anywhere: what is not spelled as it should be leads there, too.
	if at := strings.Index(u.Path, previews); at >= 0 {
		return u.Path[:at] + previews + "…"
	}
	return u.Path
}

// errorPage is every page that is shown instead of the one asked for.
type errorPage struct {
	Base
	Status    int
	Message   string
	RequestID string           // on errors of ours
	FirstPage string           // address without cursors; "" when it has none
	Search    bool             // whether searching may help
	Recent    []posts.Link     // newest posts, when searching may help
	Near      []posts.CardLink // posts and pages that may be meant
}

var errorTemplate = Parse[errorPage]("pages/error.html")

// usual says, by texts, what an error page is called and, where nothing better
// is known, why it is shown.
var usual = map[int]struct{ title, message string }{
	http.StatusBadRequest:            {"error.bad-request.title", "error.bad-request"},
	http.StatusUnauthorized:          {"error.unauthorized.title", "error.unauthorized"},
	http.StatusForbidden:             {"error.forbidden.title", "error.forbidden"},
	http.StatusNotFound:              {"error.not-found.title", "error.not-found"},
	http.StatusMethodNotAllowed:      {"error.method.title", "error.method"},
	http.StatusConflict:              {"error.conflict.title", "error.conflict"},
	http.StatusGone:                  {"error.gone.title", "error.gone"},
	http.StatusRequestEntityTooLarge: {"error.too-large.title", "error.too-large"},
	http.StatusUnsupportedMediaType:  {"error.media-type.title", "error.media-type"},
	http.StatusUnprocessableEntity:   {"error.unprocessable.title", "error.unprocessable"},
	http.StatusTooManyRequests:       {"error.too-many.title", "error.too-many"},
	http.StatusInternalServerError:   {"error.internal.title", "error.internal"},
	http.StatusServiceUnavailable:    {"error.unavailable.title", "error.unavailable"},
}

// Error answers with a whole error page, in the reader's language; message and args are those of a
// [StatusError]. It works while the database is away.
func (p *Pages) Error(w http.ResponseWriter, r *http.Request, status int, message string, args ...any) {
	words, ok := usual[status]
	if !ok {
		words = usual[http.StatusInternalServerError]
		if status < 500 {
			words = usual[http.StatusBadRequest]
		}
	}
	if status == http.StatusServiceUnavailable && w.Header().Get("Retry-After") == "" {
		w.Header().Set("Retry-After", "10")
	}
	data := errorPage{Base: p.LastBase(), Status: status}
	if WantsJSON(r) {
		data.Language = Language(r)
		_ = WriteJSON(w, r, status, map[string]string{"error": data.Text(cmp.Or(message, words.message), args...)})
		return
	}
	if status < 500 {
		p.askDatabase(r, &data)
	} else {
		data.RequestID = RequestID(r.Context())
	}
	if status == http.StatusBadRequest {
		data.FirstPage = firstPage(r.URL)
	}
	data.Robots = "noindex"
	answer := func(w http.ResponseWriter, r *http.Request) {
		data := data
		data.Language = errorLanguage(r, message)
		data.Title, data.Message = data.Text(words.title), data.Text(cmp.Or(message, words.message), args...)
		w.Header().Add("Vary", "Accept-Language")
		if err := errorTemplate.Write(w, r, status, data); err != nil {
			p.log.ErrorContext(r.Context(), "rendering an error page failed", "error", err)
			http.Error(w, data.Title, status)
		}
	}
	if pagecache.Each(r.Context(), answer) {
		w.WriteHeader(status)
		return
	}
	answer(w, r)
}

// errorLanguage returns the language of an error page: the reader's where the
// program speaks it, else "" for the site's. A message that is a sentence, not
// a text, is in English.
func errorLanguage(r *http.Request, message string) string {
	if message != "" && !texts.Has(message) {
		return texts.Reference
	}
	return Language(r)
}

// askDatabase adds what makes an error page helpful. It waits only briefly:
// the page is good enough without.
func (p *Pages) askDatabase(r *http.Request, data *errorPage) {
	ctx, cancel := context.WithTimeout(r.Context(), time.Second)
	defer cancel()
	if base, err := p.Base(ctx); err == nil {
		data.Base = base
	}
	if data.Status != http.StatusNotFound && data.Status != http.StatusGone {
		return
	}
	data.Search = true
	if slug, ok := meant(r.URL.Path); ok && data.Status == http.StatusNotFound {
		if near, err := p.posts.Near(ctx, slug); err == nil {
			data.Near = near
		}
	}
	if recent, err := p.posts.Recent(ctx, 5); err == nil {
		data.Recent = recent
	}
}

// meant returns the part of a path that may have been meant for a post's or a
// page's address: also of paths that other blogs have, with a date before it or
// a suffix behind.
func meant(path string) (slug string, ok bool) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	slug = parts[len(parts)-1]
	for _, suffix := range []string{".html", ".htm", ".php", ".md"} {
		slug = strings.TrimSuffix(slug, suffix)
	}
	switch parts[0] {
	case "static", "admin", "media", "preview", "tags", "authors", "series", "archive", "search":
		return "", false
	}
	return slug, len(parts) <= 5 && len(slug) <= 4*posts.MaxSlug && !strings.Contains(slug, ".") && utf8.ValidString(slug) && !strings.ContainsRune(slug, 0)
}

// firstPage returns the address of the listing that a cursor belongs to, or
// "" when the address has no cursor, or would be taken for another host's.
func firstPage(u *url.URL) string {
	query := u.Query()
	if !query.Has("after") && !query.Has("before") || strings.HasPrefix(u.Path, "//") {
		return ""
	}
	query.Del("after")
	query.Del("before")
	return (&url.URL{Path: u.Path, RawPath: u.RawPath, RawQuery: query.Encode()}).String()
}
