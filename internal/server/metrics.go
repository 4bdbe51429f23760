package server

import (
	"net/http"
	"net/http/pprof"
	"sync/atomic"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics counts requests. Labels have few values, whatever clients send: the
// routes that there are, the methods that are known.
type Metrics struct {
	inFlight prometheus.Gauge
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	routes   map[string]*routeMetrics // of the server that New made last
	others   *routeMetrics
}

// NewMetrics returns metrics that are registered with r.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{
		inFlight: promauto.With(r).NewGauge(prometheus.GaugeOpts{
			Name: "broadsheet_http_requests_in_flight",
			Help: "Requests that are being answered.",
		}),
		requests: promauto.With(r).NewCounterVec(prometheus.CounterOpts{
			Name: "broadsheet_http_requests_total",
			Help: "Requests answered, by what the page cache had to do with it.",
		}, []string{"method", "route", "status", "cache"}),
		duration: promauto.With(r).NewHistogramVec(prometheus.HistogramOpts{
			Name: "broadsheet_http_request_duration_seconds",
			Help: "Time from the head of a request to the end of its answer.",
			// A page from memory, a page that is made, and what is slow.
			Buckets: []float64{.0001, .001, .005, .025, .1, .5, 2.5, 10},
		}, []string{"route"}),
	}
	m.others = m.route("other")
	return m
}

// know has the routes counted one by one; all else is "other".
func (m *Metrics) know(routes chi.Routes) {
	m.routes = map[string]*routeMetrics{}
	// The walk fails only where its function does.
	_ = chi.Walk(routes, func(_, pattern string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		m.routes[pattern] = m.route(pattern)
		return nil
	})
}

func (m *Metrics) route(pattern string) *routeMetrics {
	return &routeMetrics{all: m, pattern: pattern}
}

func (m *Metrics) observe(x *exchange, took time.Duration) {
	route, ok := m.routes[x.route]
	if !ok {
		route = m.others
	}
	route.observe(x.request.Method, x.status, x.outcome, took)
}

// The values of labels. What is none of a list counts as its last.
var (
	methods  = [...]string{http.MethodGet, http.MethodHead, http.MethodPost, "other"}
	statuses = [...]string{"1xx", "2xx", "3xx", "4xx", "5xx"}
	outcomes = [...]string{"hit", "miss", "stale", ""}
)

// routeMetrics are those of one route, each looked up once: to look one up by
// its labels takes longer than a page from memory may.
type routeMetrics struct {
	all      *Metrics
	pattern  string
	counters [len(methods)][len(statuses)][len(outcomes)]atomic.Pointer[prometheus.Counter]
	duration atomic.Pointer[prometheus.Observer]
}

func (m *routeMetrics) observe(method string, status int, outcome string, took time.Duration) {
	of, s, o := index(methods[:], method), min(max(status/100, 1), len(statuses))-1, index(outcomes[:], outcome)
	counter := m.counters[of][s][o].Load()
	if counter == nil {
		c := m.all.requests.WithLabelValues(methods[of], m.pattern, statuses[s], outcomes[o])
		counter = &c
		m.counters[of][s][o].Store(counter)
	}
	(*counter).Inc()
	duration := m.duration.Load()
	if duration == nil {
		d := m.all.duration.WithLabelValues(m.pattern)
		duration = &d
		m.duration.Store(duration)
	}
	(*duration).Observe(took.Seconds())
}

func index(values []string, v string) int {
	last := len(values) - 1
	for i, known := range values[:last] {
		if v == known {
			return i
		}
	}
	return last
}

// Operations answers those who run the server: metrics, and profiles of the
// running program. It is for a listener that nobody else reaches.
func Operations(metrics prometheus.Gatherer) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(metrics, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	return mux
}
