package load_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"broadsheet/cmd/bench/load"
)

// original is a server of one page, as Broadsheet answers.
func original(t *testing.T) *httptest.Server {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, etag := "<p>plain</p>", `"1"`
		h := w.Header()
		h.Set("Vary", "Accept-Encoding")
		if r.Header.Get("Accept-Encoding") == "gzip" {
			body, etag = "packed", `"1-gzip"`
			h.Set("Content-Encoding", "gzip")
		}
		h["X-Several"] = []string{"a", "b"}
		h.Set("ETag", etag)
		if r.Header.Get("If-None-Match") == etag {
			h.Del("Content-Encoding")
			w.WriteHeader(http.StatusNotModified)
			return
		}
		h.Set("Content-Type", "text/html; charset=utf-8")
		if r.URL.Path == "/large" {
			body += strings.Repeat("x", 10_000)
		}
		h.Set("Content-Length", strconv.Itoa(len(body)))
		io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return server
}

// The bare server says what the other one says, to the last header field.
func TestBare(t *testing.T) {
	t.Parallel()
	of := original(t)
	handler, err := load.BareOf(t.Context(), of.URL, "/?after=x", "/large")
	if err != nil {
		t.Fatalf("taking the pages: %v", err)
	}
	bare := httptest.NewServer(handler)
	t.Cleanup(bare.Close)
	for _, path := range []string{"/?after=x", "/large"} {
		for name, headers := range map[string]http.Header{
			"plain": {"Accept-Encoding": {"identity"}},
			"gzip":  {"Accept-Encoding": {"gzip"}},
			"same":  {"Accept-Encoding": {"gzip"}, "If-None-Match": {`"1-gzip"`}},
			"other": {"Accept-Encoding": {"gzip"}, "If-None-Match": {`"2-gzip"`}},
		} {
			want, got := fetch(t, of.URL+path, headers), fetch(t, bare.URL+path, headers)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, %s (-original +bare):\n%s", path, name, diff)
			}
		}
		want, err := load.WireSize(t.Context(), of.URL, path)
		if err != nil {
			t.Fatalf("measuring: %v", err)
		}
		if got, err := load.WireSize(t.Context(), bare.URL, path); err != nil || got < want-2 || got > want+2 { // the port may be longer
			t.Errorf("%s: got %d bytes and error %v, want %d", path, got, err, want)
		}
	}
	if got := fetch(t, bare.URL+"/else", http.Header{}); got.Status != http.StatusNotFound {
		t.Errorf("got %d for a page that was not taken, want 404", got.Status)
	}
}

// Pages that are no good for comparing are refused, not compared.
func TestBareRefuses(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"an error":      func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
		"no gzip":       func(w http.ResponseWriter, r *http.Request) { w.Header().Set("ETag", `"1"`) },
		"no conditions": func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Content-Encoding", "gzip") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(handler)
			defer server.Close()
			if _, err := load.BareOf(t.Context(), server.URL, "/"); err == nil {
				t.Error("got no error")
			}
		})
	}
}

type fetched struct {
	Status int
	Header http.Header
	Body   string
}

func fetch(t *testing.T, url string, headers http.Header) fetched {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header = headers
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	response.Header.Del("Date")
	return fetched{response.StatusCode, response.Header, string(body)}
}
