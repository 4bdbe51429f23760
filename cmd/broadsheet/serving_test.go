package main

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// serving is a running "broadsheet serve".
type serving struct {
	t       *testing.T
	address string
	out     *buffer // what it prints
	all     *buffer // that and its log
	signal  func()  // asks it to stop
	done    chan struct{}
	err     error // once done is closed
}

// both writes what is printed to a buffer of its own too.
type both struct{ own, all io.Writer }

func (b both) Write(p []byte) (int, error) {
	b.all.Write(p)
	return b.own.Write(p)
}

// serve runs a server in this process, on a port of its own, until the test ends.
func serve(t *testing.T, e env) *serving {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	s := &serving{t: t, out: &buffer{}, all: &buffer{}, signal: cancel, done: make(chan struct{})}
	settings := env{"BROADSHEET_LISTEN": "127.0.0.1:0", "BROADSHEET_BASE_URL": "http://blog.example"}
	for name, value := range e {
		settings[name] = value
	}
	getenv := func(name string) string { return settings[name] }
	go func() {
		defer close(s.done)
		s.err = run(app{ctx, getenv, strings.NewReader(""), both{s.out, s.all}, s.all}, []string{"serve"})
	}()
	t.Cleanup(func() { cancel(); <-s.done })
	s.listens()
	return s
}

var listening = regexp.MustCompile(`"msg":"listening","address":"([^"]+)"`)

// listens waits until the server says where.
func (s *serving) listens() {
	s.t.Helper()
	eventually(s.t, "it listens", func() bool {
		if found := listening.FindStringSubmatch(s.all.String()); found != nil {
			s.address = found[1]
		}
		return s.address != "" || s.ended()
	})
	if s.address == "" {
		s.t.Fatalf("the server ended with error %v\n%s", s.err, s.all)
	}
}

func (s *serving) ended() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// greets waits until the server has said what a person needs.
func (s *serving) greets() {
	s.t.Helper()
	eventually(s.t, "it greets", func() bool { return strings.HasSuffix(s.out.String(), "\n\n") || s.ended() })
	if s.ended() {
		s.t.Fatalf("the server ended with error %v\n%s", s.err, s.all)
	}
}

// stop asks the server to stop and waits for its end.
func (s *serving) stop() error {
	s.signal()
	<-s.done
	return s.err
}

// get returns the answer's status, body and Retry-After; the status is 0 when
// there is none.
func (s *serving) get(target string) (status int, body, retryAfter string) {
	return s.answer(http.Get("http://" + s.address + target))
}

func (s *serving) post(target string, form url.Values) (status int, body, retryAfter string) {
	return s.answer(http.PostForm("http://"+s.address+target, form))
}

func (s *serving) answer(response *http.Response, err error) (status int, body, retryAfter string) {
	if err != nil {
		return 0, err.Error(), ""
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err.Error(), ""
	}
	return response.StatusCode, string(text), response.Header.Get("Retry-After")
}

// wants checks the status of addresses, given as address and status in turn.
func (s *serving) wants(targets map[string]int) {
	s.t.Helper()
	for target, want := range targets {
		if got, body, _ := s.get(target); got != want {
			s.t.Errorf("%s: got %d, want %d\n%s", target, got, want, body)
		}
	}
}
