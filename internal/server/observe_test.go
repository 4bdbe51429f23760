package server_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"broadsheet/internal/page"
	"broadsheet/internal/server"
)

// line is what the log says about a request.
type line struct {
	Time      string  `json:"time"`
	Level     string  `json:"level"`
	Msg       string  `json:"msg"`
	Method    string  `json:"method"`
	Path      string  `json:"path"`
	Route     string  `json:"route"`
	Cache     string  `json:"cache"`
	Status    int     `json:"status"`
	Bytes     int64   `json:"bytes"`
	Duration  float64 `json:"duration_ms"`
	RequestID string  `json:"request_id"`
	Client    string  `json:"client"`
}

// logged returns the line about a request that h answers. It may panic.
func logged(t testing.TB, h http.HandlerFunc, r *http.Request) (line, *httptest.ResponseRecorder) {
	t.Helper()
	var out syncBuffer
	access := server.NewAccessLog(&out)
	w := httptest.NewRecorder()
	func() {
		defer func() { _ = recover() }()
		observed(h, func(o *server.Options) { o.AccessLog = access }).ServeHTTP(w, r)
	}()
	if err := access.Flush(); err != nil {
		t.Fatal(err)
	}
	var l line
	if err := json.Unmarshal([]byte(out.String()), &l); err != nil {
		t.Fatalf("%v in %q", err, out.String())
	}
	return l, w
}

func TestExchange(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		answer http.HandlerFunc
		status int
		bytes  int64
	}{
		{"nothing written", func(http.ResponseWriter, *http.Request) {}, 200, 0},
		{"a body alone", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "12345") }, 200, 5},
		{"several writes", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusTeapot)
			io.WriteString(w, "123")
			io.WriteString(w, "45")
		}, 418, 5},
		{"early hints", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusNotFound)
		}, 404, 0},
		{"the first status counts", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNotFound)
			w.WriteHeader(http.StatusOK)
		}, 404, 0},
		{"flushed", func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			w.WriteHeader(http.StatusNotFound)
		}, 200, 0},
		{"flushed by a controller", func(w http.ResponseWriter, _ *http.Request) {
			if err := http.NewResponseController(w).Flush(); err != nil {
				panic(err)
			}
		}, 200, 0},
		{"aborted", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 500, 0},
		{"aborted on the way", func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "half")
			panic(http.ErrAbortHandler)
		}, 200, 4},
		{"a writer around it", func(w http.ResponseWriter, _ *http.Request) {
			server.Served(around{w}, "/x", "stale")
			around{w}.WriteHeader(http.StatusFound)
		}, 302, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, w := logged(t, tt.answer, httptest.NewRequest(http.MethodGet, "/a", nil))
			if got.Status != tt.status || got.Bytes != tt.bytes {
				t.Errorf("got status %d, %d bytes, want %d, %d", got.Status, got.Bytes, tt.status, tt.bytes)
			}
			if id := w.Header().Get("X-Request-Id"); len(id) != 16 || id != got.RequestID {
				t.Errorf("got id %q in the answer, %q in the log", id, got.RequestID)
			}
			if tt.status == http.StatusFound && (got.Route != "/x" || got.Cache != "stale") {
				t.Errorf("got route %q, cache %q", got.Route, got.Cache)
			}
		})
	}
}

type around struct{ http.ResponseWriter }

func (a around) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func TestServedWithoutAnExchange(t *testing.T) {
	t.Parallel()
	server.Served(httptest.NewRecorder(), "/", "hit") // what is made for the cache has none
}

// The router, its handlers and the log agree about a request that is not
// answered from memory; one from memory finds its context as it was.
func TestInnerAndOuter(t *testing.T) {
	t.Parallel()
	var seen string
	routes := chi.NewRouter()
	routes.Use(server.Inner)
	routes.Get("/posts/{slug}", func(w http.ResponseWriter, r *http.Request) {
		seen = page.RequestID(r.Context())
		if r.FormValue("panic") != "" {
			panic(http.ErrAbortHandler)
		}
	})
	for _, target := range []string{"/posts/hello", "/posts/hello?panic=1"} {
		r := httptest.NewRequest(http.MethodGet, target, nil)
		r.Header.Set("X-Request-Id", "forged")
		got, w := logged(t, routes.ServeHTTP, r)
		if seen == "" || seen != got.RequestID || seen != w.Header().Get("X-Request-Id") || got.Route != "/posts/{slug}" {
			t.Errorf("%s: got id %q for the handler, line %+v", target, seen, got)
		}
	}

	r := httptest.NewRequest(http.MethodGet, "/", nil)
	logged(t, func(w http.ResponseWriter, inside *http.Request) {
		if inside != r {
			t.Error("the request was copied")
		}
		if got := page.RequestID(server.RequestContext(inside.Context(), w)); got != w.Header().Get("X-Request-Id") {
			t.Errorf("got id %q in the context, want the answer's", got)
		}
	}, r)
}

func TestRequestIDsDiffer(t *testing.T) {
	t.Parallel()
	h := observed(func(http.ResponseWriter, *http.Request) {})
	seen := map[string]bool{}
	for range 1000 {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		seen[w.Header().Get("X-Request-Id")] = true
	}
	if len(seen) != 1000 {
		t.Errorf("got %d different ids of 1000", len(seen))
	}
}

// A handler may leave its writer with a goroutine that outlives the request:
// that writer is never another request's.
func TestWritersThatOutliveTheirRequest(t *testing.T) {
	t.Parallel()
	var kept []http.ResponseWriter
	h := observed(func(w http.ResponseWriter, r *http.Request) {
		if slices.Contains(kept, w) {
			t.Error("a writer that somebody kept was used again")
		}
		switch r.URL.Path {
		case "/hit":
			server.Served(w, "/hit", "hit")
		case "/panic":
			server.Served(w, "/panic", "hit")
			kept = append(kept, w)
			panic(http.ErrAbortHandler)
		default:
			kept = append(kept, w)
		}
	})
	for range 100 {
		for _, path := range []string{"/miss", "/hit", "/hit", "/panic", "/hit"} {
			func() {
				defer func() { _ = recover() }()
				h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
			}()
		}
	}
	for _, w := range kept {
		server.Served(w, "/late", "miss")
	}
}

// What stands around a page from memory allocates its id and the field for it.
func TestAroundAHitAllocatesTwice(t *testing.T) {
	h := inProduction(newFromMemory(2700))
	r := httptest.NewRequest(http.MethodGet, "/posts/hello", nil)
	w := &nowhere{header: http.Header{}}
	allocated := testing.AllocsPerRun(1000, func() {
		clear(w.header)
		h.ServeHTTP(w, r)
	})
	if allocated > 2 {
		t.Errorf("got %v allocations, want 2", allocated)
	}
}

func TestAddressesAreLeftAsTheyAre(t *testing.T) {
	t.Parallel()
	for peer, want := range map[string]string{
		"203.0.113.9:1":        "203.0.113.9:1",
		"[2001:db8::1]:2":      "[2001:db8::1]:2",
		"[fe80::1%eth0]:3":     "[fe80::1%eth0]:3",
		"[::ffff:192.0.2.1]:4": "192.0.2.1:4",
		"@":                    "@", // of a Unix socket
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = peer
		r.Header.Set("X-Forwarded-For", "198.51.100.1")
		if got, _ := logged(t, func(http.ResponseWriter, *http.Request) {}, r); got.Client != want || server.VisitorAddress(nil, peer) != want {
			t.Errorf("%s: got %s, and %s of VisitorAddress, want %s", peer, got.Client, server.VisitorAddress(nil, peer), want)
		}
	}
}

var proxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fc00::/7")}

// visitor is VisitorAddress, slow and obvious.
func visitor(peer string, forwarded ...string) string {
	from, err := netip.ParseAddrPort(peer)
	if err != nil {
		return peer
	}
	addr := from.Addr().Unmap()
	hops := strings.Split(strings.Join(forwarded, ","), ",")
	slices.Reverse(hops)
	for _, hop := range hops {
		next, err := netip.ParseAddr(strings.TrimSpace(hop))
		if !proxies[0].Contains(addr) && !proxies[1].Contains(addr) || err != nil {
			break
		}
		addr = next.Unmap()
	}
	return netip.AddrPortFrom(addr, from.Port()).String()
}

func FuzzVisitorAddress(f *testing.F) {
	f.Add("10.0.0.1:80", "198.51.100.1, 10.1.1.1", "10.2.2.2,, fc00::1")
	f.Add("[::ffff:10.0.0.1]:80", "", " ::ffff:198.51.100.1 ")
	f.Fuzz(func(t *testing.T, peer, first, second string) {
		if got, want := server.VisitorAddress(proxies, peer, first, second), visitor(peer, first, second); got != want {
			t.Errorf("%q, %q, %q: got %q, want %q", peer, first, second, got, want)
		}
	})
}
