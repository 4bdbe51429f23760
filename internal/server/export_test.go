package server

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"broadsheet/internal/page"
)

// Observe puts what stands around every answer before a handler of a test's own.
func Observe(o Options, next http.Handler) http.Handler {
	routes, ok := next.(chi.Routes)
	if !ok {
		routes = chi.NewRouter()
	}
	return newObserver(o, routes).observe(next)
}

// Inner is what stands inside the router.
var Inner = inner

// ReadersLimit is the bound on the making of pages for readers.
func ReadersLimit(atOnce int, pages *page.Pages) func(http.Handler) http.Handler {
	return newReaders(atOnce).handler(pages)
}
