package pagecache

import (
	"context"
	"net/http"
	"strings"
)

// savedCookie tells every copy of the server that this browser has just saved
// something: whichever answers next, it first finds out what.
const savedCookie = "broadsheet_saved"

// savedFor is how many seconds other copies may take to know of themselves.
const savedFor = 3

// hasSaved looks for the cookie without reading the others.
func hasSaved(r *http.Request) bool {
	for _, line := range r.Header["Cookie"] {
		if strings.Contains(line, savedCookie+"=") {
			return true
		}
	}
	return false
}

// Writes stands before handlers that change something: their answers wait
// until this copy of the server shows the change, and have the browser's next
// requests wait for it in others.
func (c *Cache) Writes(next http.Handler) http.Handler {
	if c == nil || c.Follower == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(&afterWrite{ResponseWriter: w, cache: c, request: r}, r)
	})
}

// afterWrite catches up before the first byte of an answer.
type afterWrite struct {
	http.ResponseWriter
	cache   *Cache
	request *http.Request
	done    bool
}

func (w *afterWrite) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *afterWrite) WriteHeader(status int) {
	if !w.done && status >= 200 {
		w.done = true
		ctx, cancel := context.WithTimeout(context.WithoutCancel(w.request.Context()), syncTime)
		defer cancel()
		_ = w.cache.Follower.Sync(ctx) // what cannot be known now is made up for within two seconds
		if status < 400 {
			http.SetCookie(w.ResponseWriter, &http.Cookie{
				Name: savedCookie, Value: "1", Path: "/", MaxAge: savedFor,
				HttpOnly: true, Secure: w.cache.Secure, SameSite: http.SameSiteLaxMode,
			})
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *afterWrite) Write(b []byte) (int, error) {
	if !w.done {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(b)
}
