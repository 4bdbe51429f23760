package server_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/client_golang/prometheus"

	"broadsheet/internal/server"
)

// counting is a server with routes whose metrics a registry gathers.
func counting() (*prometheus.Registry, http.Handler) {
	registry := prometheus.NewRegistry()
	routes := chi.NewRouter()
	routes.Use(server.Inner)
	routes.Get("/posts/{slug}", func(w http.ResponseWriter, r *http.Request) {
		switch chi.URLParam(r, "slug") {
		case "hit":
			server.Served(w, "/posts/{slug}", "hit")
		case "gone":
			w.WriteHeader(http.StatusGone)
		}
	})
	routes.Post("/posts", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusSeeOther) })
	o := server.Options{AccessLog: server.NewAccessLog(full{}), Metrics: server.NewMetrics(registry)}
	return registry, server.Observe(o, routes)
}

func TestRequestsAreCounted(t *testing.T) {
	t.Parallel()
	registry, h := counting()
	for _, request := range []string{
		"GET /posts/a", "GET /posts/b", "HEAD /posts/a", "GET /posts/hit", "GET /posts/gone", "POST /posts", "GET /nowhere",
	} {
		method, target, _ := strings.Cut(request, " ")
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(method, target, nil))
	}
	want := []string{
		`broadsheet_http_requests_total{cache="",method="GET",route="/posts/{slug}",status="2xx"} 2`,
		`broadsheet_http_requests_total{cache="",method="GET",route="/posts/{slug}",status="4xx"} 1`,
		`broadsheet_http_requests_total{cache="",method="GET",route="other",status="4xx"} 1`,
		`broadsheet_http_requests_total{cache="",method="HEAD",route="other",status="4xx"} 1`,
		`broadsheet_http_requests_total{cache="",method="POST",route="/posts",status="3xx"} 1`,
		`broadsheet_http_requests_total{cache="hit",method="GET",route="/posts/{slug}",status="2xx"} 1`,
	}
	if got := series(t, registry, "broadsheet_http_requests_total"); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	want = []string{
		`broadsheet_http_request_duration_seconds_count{route="/posts"} 1`,
		`broadsheet_http_request_duration_seconds_count{route="/posts/{slug}"} 4`,
		`broadsheet_http_request_duration_seconds_count{route="other"} 2`,
	}
	if got := series(t, registry, "broadsheet_http_request_duration_seconds_count"); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// series returns what a scrape says about the metrics whose names begin so.
func series(t *testing.T, registry *prometheus.Registry, prefix string) (found []string) {
	t.Helper()
	w := httptest.NewRecorder()
	server.Operations(registry).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for l := range strings.Lines(w.Body.String()) {
		if strings.HasPrefix(l, prefix) {
			found = append(found, strings.TrimSpace(l))
		}
	}
	return found
}

// A request is counted as in flight while it is answered, however it ends.
func TestRequestsInFlight(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	const name = "broadsheet_http_requests_in_flight"
	h := server.Observe(server.Options{AccessLog: server.NewAccessLog(full{}), Metrics: server.NewMetrics(registry)},
		http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			if got := series(t, registry, name); !slices.Equal(got, []string{name + " 1"}) {
				t.Errorf("got %q on the way, want 1", got)
			}
			panic(http.ErrAbortHandler)
		}))
	func() {
		defer func() { _ = recover() }()
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	}()
	if got := series(t, registry, name); !slices.Equal(got, []string{name + " 0"}) {
		t.Errorf("got %q afterwards, want 0", got)
	}
}

// However many addresses, methods, statuses and outcomes there are, metrics
// stay few.
func TestMetricsStayFew(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	h := server.Observe(server.Options{AccessLog: server.NewAccessLog(full{}), Metrics: server.NewMetrics(registry)},
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			server.Served(w, r.URL.Path, r.Method)
			w.WriteHeader(100*len(r.Method) + 99)
		}))
	for i := range 2000 {
		method := strings.Repeat("X", i%12)
		r := httptest.NewRequest(http.MethodGet, "/"+strings.Repeat("x", i), nil)
		r.Method = method
		h.ServeHTTP(&nowhere{header: http.Header{}}, r)
	}
	if got := series(t, registry, "broadsheet_"); len(got) > 40 {
		t.Errorf("got %d series, want a few:\n%s", len(got), strings.Join(got[:40], "\n"))
	}
}

func TestCountingAllocatesNothing(t *testing.T) {
	with, without := measured(func(*server.Options) {}), measured(func(o *server.Options) { o.Metrics = nil })
	if with != without {
		t.Errorf("got %v allocations, want %v as without metrics", with, without)
	}
}

func measured(change func(*server.Options)) float64 {
	h := inProduction(newFromMemory(100), change)
	r := httptest.NewRequest(http.MethodGet, "/posts/hello", nil)
	w := &nowhere{header: http.Header{}}
	return testing.AllocsPerRun(1000, func() {
		clear(w.header)
		h.ServeHTTP(w, r)
	})
}

func TestOperations(t *testing.T) {
	t.Parallel()
	registry, counted := counting()
	counted.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/posts/a", nil))
	h := server.Operations(registry)
	for target, want := range map[string]string{
		"/metrics":                       `broadsheet_http_requests_total{cache="",method="GET",route="/posts/{slug}",status="2xx"} 1`,
		"/debug/pprof/":                  "goroutine",
		"/debug/pprof/goroutine?debug=1": "TestOperations",
		"/debug/pprof/heap?debug=1":      "heap profile",
		"/debug/pprof/cmdline":           "",
		"/debug/pprof/symbol":            "num_symbols",
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, target, nil))
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: got %d\n%.300s\nwant %q in it", target, w.Code, w.Body, want)
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	if w.Code != http.StatusNotFound {
		t.Errorf("got %d, want 404", w.Code)
	}
}
