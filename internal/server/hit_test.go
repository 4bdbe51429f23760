package server_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"broadsheet/internal/server"
)

// fromMemory is a page from memory: what the cache does, without the cache.
type fromMemory struct {
	header http.Header
	framed http.Header // those that net/http has to know
	lines  []byte      // the others, as they go over the wire
	body   []byte
}

func newFromMemory(size int) fromMemory {
	framed := http.Header{
		"Content-Type":   {"text/html; charset=utf-8"},
		"Content-Length": {strconv.Itoa(size)},
	}
	others := http.Header{
		"Content-Encoding": {"gzip"},
		"Etag":             {`"0123456789abcdef01234567-gzip"`},
		"Cache-Control":    {"public, max-age=0, must-revalidate"},
		"Vary":             {"Accept-Encoding"},
	}
	server.NewSecurityHeaders(&url.URL{Scheme: "https", Host: "blog.example"}).Set(others)
	var lines bytes.Buffer
	others.Write(&lines)
	p := fromMemory{header: others.Clone(), framed: framed, lines: lines.Bytes(), body: make([]byte, size)}
	maps.Copy(p.header, framed)
	for i := range p.body {
		p.body[i] = "0123456789abcdef"[i*7%16]
	}
	return p
}

func (p fromMemory) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	server.Served(w, "/posts/{slug}", "hit")
	header := p.header
	if lw, ok := w.(interface{ AddFieldLines(common, own []byte) bool }); ok && lw.AddFieldLines(p.lines, nil) {
		header = p.framed
	}
	h := w.Header()
	for name, values := range header {
		h[name] = values
	}
	w.WriteHeader(http.StatusOK)
	w.Write(p.body)
}

// inProduction is a server around a page from memory, with everything on.
func inProduction(page http.Handler, change ...func(*server.Options)) http.Handler {
	return observed(page.ServeHTTP, change...)
}

// observed is a handler with the log and the metrics on.
func observed(h http.HandlerFunc, change ...func(*server.Options)) http.Handler {
	o := server.Options{
		Log: slog.New(slog.DiscardHandler), AccessLog: server.NewAccessLog(io.Discard),
		Metrics: server.NewMetrics(prometheus.NewRegistry()),
	}
	for _, c := range change {
		c(&o)
	}
	return server.Observe(o, h)
}

// nowhere takes answers and costs nothing itself.
type nowhere struct{ header http.Header }

func (n *nowhere) Header() http.Header         { return n.header }
func (n *nowhere) WriteHeader(int)             {}
func (n *nowhere) Write(p []byte) (int, error) { return len(p), nil }

func BenchmarkAroundAHit(b *testing.B) {
	page := newFromMemory(2700)
	request := httptest.NewRequest(http.MethodGet, "/posts/hello", nil)
	all := func(*server.Options) {}
	for name, handler := range map[string]http.Handler{
		"nothing":         page,
		"all":             inProduction(page, all),
		"without log":     inProduction(page, func(o *server.Options) { o.AccessLog = nil }),
		"with slog":       inProduction(page, func(o *server.Options) { o.AccessLog, o.Log = nil, slog.New(slog.NewJSONHandler(io.Discard, nil)) }),
		"without metrics": inProduction(page, func(o *server.Options) { o.Metrics = nil }),
	} {
		b.Run(name, func(b *testing.B) {
			w := &nowhere{header: http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				clear(w.header)
				handler.ServeHTTP(w, request)
			}
		})
	}
}

// BenchmarkHit compares whole answers over TCP with those of a bare net/http
// server that sends the same bytes.
func BenchmarkHit(b *testing.B) {
	id := []string{"0123456789abcdef"}
	for _, size := range []int{0, 2700, 3860, 8000, 30000} {
		page := newFromMemory(size)
		bare := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			h["X-Request-Id"] = id
			page.ServeHTTP(w, r)
		})
		b.Run(fmt.Sprint("bare/", size), func(b *testing.B) { load(b, serveBare(b, bare)) })
		b.Run(fmt.Sprint("ours/", size), func(b *testing.B) { load(b, serveOurs(b, inProduction(page))) })
	}
}

func serveBare(tb testing.TB, h http.Handler) (address string) {
	tb.Helper()
	s := httptest.NewServer(h)
	tb.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

// serveOurs runs a server on a listener of its own until the test ends.
func serveOurs(tb testing.TB, h http.Handler) (address string) {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	serveOn(tb, listener, h)
	return listener.Addr().String()
}

func serveOn(tb testing.TB, listener net.Listener, h http.Handler) {
	tb.Helper()
	ctx, stop := context.WithCancel(context.Background())
	stopped := make(chan error, 1)
	go func() {
		stopped <- server.Serve(ctx, listener, h, server.NewHealth(nil), slog.New(slog.DiscardHandler))
	}()
	tb.Cleanup(func() {
		stop()
		if err := <-stopped; err != nil {
			tb.Errorf("the server ended with %v", err)
		}
	})
}

// load asks for a page over 16 connections.
func load(b *testing.B, address string) {
	request := []byte("GET /posts/hello HTTP/1.1\r\nHost: blog.example\r\nAccept-Encoding: gzip\r\n\r\n")
	b.SetParallelism(8)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			panic(err)
		}
		defer conn.Close()
		r := bufio.NewReaderSize(conn, 64<<10)
		for pb.Next() {
			if _, err := conn.Write(request); err != nil {
				panic(err)
			}
			length := 0
			for {
				line, err := r.ReadSlice('\n')
				if err != nil {
					panic(err)
				}
				const name = "Content-Length: "
				if len(line) > len(name) && string(line[:len(name)]) == name {
					length, _ = strconv.Atoi(string(line[len(name) : len(line)-2]))
				}
				if len(line) == 2 {
					break
				}
			}
			if _, err := r.Discard(length); err != nil {
				panic(err)
			}
		}
	})
}
