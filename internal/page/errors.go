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

	"broadsheet/internal/postgres"
	"broadsheet/internal/posts"
)

// StatusError is an answer that a handler gives instead of its page.
type StatusError struct {
	Status  int
	Message string // for the reader; "" for the usual words
}

func (e *StatusError) Error() string { return fmt.Sprintf("status %d: %s", e.Status, e.Message) }

// NotFound says that there is no such page.
func NotFound(message string) error { return &StatusError{http.StatusNotFound, message} }

// BadRequest says what the reader can change about the request.
func BadRequest(message string) error { return &StatusError{http.StatusBadRequest, message} }

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
		return StatusError{http.StatusBadRequest, "The address points to a place in the list that does not exist. It may have been cut when it was copied."}
	case errors.Is(err, posts.ErrBusy):
		return StatusError{http.StatusServiceUnavailable, "Many people are searching at this moment. Please try again shortly."}
	case errors.As(err, &tooLarge):
		return StatusError{http.StatusRequestEntityTooLarge, fmt.Sprintf("What you sent is larger than the %d kB that fit here.", tooLarge.Limit>>10)}
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
		p.Error(w, r, s.Status, s.Message)
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
			"method", r.Method, "path", r.URL.Path, "request_id", RequestID(r.Context()))
	}
	return s
}

// errorPage is every page that is shown instead of the one asked for.
type errorPage struct {
	Base
	Status    int
	Message   string
	RequestID string       // on errors of ours
	FirstPage string       // address without cursors; "" when it has none
	Search    bool         // whether searching may help
	Recent    []posts.Link // newest posts, when searching may help
}

var errorTemplate = Parse[errorPage]("pages/error.html")

// usual says what an error page is called and, where nothing better is known,
// why it is shown.
var usual = map[int]struct{ title, message string }{
	http.StatusBadRequest:            {"This address cannot be read", "Something in the address is not as it should be."},
	http.StatusUnauthorized:          {"You are signed out", "Sign in and try again. Nothing was changed."},
	http.StatusForbidden:             {"Not yours to open", "You may not do this."},
	http.StatusNotFound:              {"Page not found", "There is nothing at this address. It may have been mistyped, or the page was never published."},
	http.StatusMethodNotAllowed:      {"Not possible here", "This address does not take what your browser sent."},
	http.StatusConflict:              {"Somebody was faster", "This was changed in the meantime."},
	http.StatusGone:                  {"This post is gone", "It was here once, and its author has taken it down."},
	http.StatusRequestEntityTooLarge: {"That is too large", "What you sent is larger than fits here."},
	http.StatusUnsupportedMediaType:  {"Not possible here", "This address does not take what was sent in this form."},
	http.StatusUnprocessableEntity:   {"Not yet", "Something that you sent is not as it should be."},
	http.StatusTooManyRequests:       {"Too many tries", "Please wait a moment."},
	http.StatusInternalServerError:   {"Something went wrong", "The mistake is ours, and it has been written down. Please try again."},
	http.StatusServiceUnavailable:    {"Back in a moment", "The blog cannot reach its database right now. Please try again shortly."},
}

// Error answers with a whole error page; message is for the reader and may be
// "" for the usual words. It works while the database is away.
func (p *Pages) Error(w http.ResponseWriter, r *http.Request, status int, message string) {
	words, ok := usual[status]
	if !ok {
		words = usual[http.StatusInternalServerError]
		if status < 500 {
			words = usual[http.StatusBadRequest]
		}
	}
	data := errorPage{Base: p.LastBase(), Status: status, Message: cmp.Or(message, words.message)}
	if status < 500 {
		p.askDatabase(r, &data)
	} else {
		data.RequestID = RequestID(r.Context())
	}
	if status == http.StatusServiceUnavailable && w.Header().Get("Retry-After") == "" {
		w.Header().Set("Retry-After", "10")
	}
	data.Title, data.Robots = words.title, "noindex"
	if status == http.StatusBadRequest {
		data.FirstPage = firstPage(r.URL)
	}
	if err := errorTemplate.Write(w, r, status, data); err != nil {
		p.log.ErrorContext(r.Context(), "rendering an error page failed", "error", err)
		http.Error(w, words.title, status)
	}
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
	if recent, err := p.posts.Recent(ctx, 5); err == nil {
		data.Recent = recent
	}
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
