package server_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/server"
)

// notStarted is a server whose database is not there yet.
func notStarted(t *testing.T) (*blog, *server.Health) {
	t.Helper()
	var health *server.Health
	b := newBlog(t, func(o *server.Options) {
		health = server.NewHealth(nil)
		o.Health = health
	})
	return b, health
}

func TestBeforeTheDatabaseIsThere(t *testing.T) {
	t.Parallel()
	b, _ := notStarted(t)
	w := b.do(http.MethodGet, "/")
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "starting") {
		t.Errorf("got %d, Retry-After %q, want 503 that says it is starting", w.Code, w.Header().Get("Retry-After"))
	}
	if w := b.do(http.MethodGet, "/livez"); w.Code != http.StatusOK {
		t.Errorf("/livez: got %d, want 200", w.Code)
	}
	if w := b.do(http.MethodGet, "/readyz"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("/readyz: got %d, want 503", w.Code)
	}
}

// watched is a context that says when somebody begins to wait for its end.
type watched struct {
	context.Context
	waits chan struct{}
}

func (w watched) Done() <-chan struct{} {
	select {
	case w.waits <- struct{}{}:
	default:
	}
	return w.Context.Done()
}

func TestVisitorsWaitForTheStart(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		then func(health *server.Health, leave func())
		want int
	}{
		{"it starts", func(h *server.Health, _ func()) { h.Started() }, http.StatusOK},
		{"the visitor leaves", func(_ *server.Health, leave func()) { leave() }, http.StatusServiceUnavailable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b, health := notStarted(t)
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			waits := make(chan struct{}, 1)
			w := httptest.NewRecorder()
			answered := make(chan struct{})
			go func() {
				defer close(answered)
				b.handler.ServeHTTP(w, httptest.NewRequestWithContext(watched{ctx, waits}, http.MethodGet, "/", nil))
			}()
			select {
			case <-waits:
			case <-answered:
				t.Fatalf("got %d at once, want it to wait", w.Code)
			}
			tt.then(health, leave)
			<-answered
			if w.Code != tt.want {
				t.Errorf("got %d, want %d", w.Code, tt.want)
			}
		})
	}
}

// Health checks come every few seconds for ever: only those that found
// something are worth a line.
func TestHealthChecksInTheLog(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.do(http.MethodGet, "/livez")
	b.do(http.MethodGet, "/readyz")
	if got := b.log.String(); got != "" {
		t.Errorf("got %s, want nothing while all is well", got)
	}
	b.health.Stopping()
	b.do(http.MethodGet, "/readyz")
	if got := b.log.String(); !strings.Contains(got, `"path":"/readyz"`) || !strings.Contains(got, `"status":503`) {
		t.Errorf("got %q, want the check that failed", got)
	}
}

// Stopping finishes what runs and takes nothing more.
func TestServeStops(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	running, finish := make(chan struct{}), make(chan struct{})
	mux := http.NewServeMux()
	mux.Handle("/", b.handler)
	mux.HandleFunc("/slow", func(w http.ResponseWriter, _ *http.Request) {
		close(running)
		<-finish
		fmt.Fprint(w, "finished")
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	stopped := make(chan error, 1)
	go func() {
		stopped <- server.Serve(ctx, listener, mux, b.health, slog.New(slog.NewJSONHandler(b.log, nil)))
	}()

	body := make(chan string, 1)
	go func() {
		text, err := get(t, "http://"+address+"/slow")
		if err != nil {
			text = err.Error()
		}
		body <- text
	}()
	<-running

	stop()
	for {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			break // new connections are refused
		}
		conn.Close()
		time.Sleep(time.Millisecond)
	}
	if w := b.do(http.MethodGet, "/readyz"); w.Code != http.StatusServiceUnavailable || strings.TrimSpace(w.Body.String()) != "stopping" {
		t.Errorf("/readyz: got %d %q, want 503 stopping", w.Code, w.Body)
	}
	select {
	case err := <-stopped:
		t.Fatalf("got stopped with error %v, want it to wait for the request that runs", err)
	default:
	}

	close(finish)
	if got := <-body; got != "finished" {
		t.Errorf("got %q, want the whole answer", got)
	}
	if err := <-stopped; err != nil {
		t.Errorf("got error %v, want none", err)
	}
	if !strings.Contains(b.log.String(), `"at_most":"25s"`) {
		t.Errorf("got log %s, want it to say how long it waits", b.log)
	}
}

func get(t *testing.T, address string) (string, error) {
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return string(text), err
}
