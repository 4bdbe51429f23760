package server_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// sized answers with as many bytes as the query asks for, and says the same to
// everybody, so that two servers can be compared.
func sized(w http.ResponseWriter, r *http.Request) {
	size, _ := strconv.Atoi(r.FormValue("size"))
	body := bytes.Repeat([]byte("0123456789abcdef\n"), size/17+1)[:size]
	h := w.Header()
	h.Set("Date", "Sun, 06 Nov 1994 08:49:37 GMT")
	if r.FormValue("ready") == "" {
		h.Set("X-Request-Id", "the same")
	}
	h.Set("Content-Type", "text/plain")
	length := size
	if v := r.FormValue("length"); v != "" {
		length, _ = strconv.Atoi(v)
	}
	if length >= 0 {
		h.Set("Content-Length", strconv.Itoa(length))
	}
	if v := r.FormValue("early"); v != "" {
		w.WriteHeader(http.StatusEarlyHints)
	}
	if v := r.FormValue("status"); v != "" {
		status, _ := strconv.Atoi(v)
		w.WriteHeader(status)
	}
	if r.FormValue("parts") != "" {
		w.Write(body[:size/2])
		body = body[size/2:]
	}
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		panic(err)
	}
	w.Write(body)
	if r.FormValue("flush") != "" {
		w.(http.Flusher).Flush()
	}
}

// talk sends a text over a connection of its own and returns all that comes
// until the other side closes it.
func talk(t *testing.T, address, text string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	go io.WriteString(conn, text)
	got, err := io.ReadAll(conn)
	if err != nil {
		t.Errorf("reading the answer: %v", err)
	}
	return string(got)
}

const last = "GET /?size=1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"

// Answers are the same, byte by byte, as without our connections.
func TestOurConnectionsChangeNoByte(t *testing.T) {
	t.Parallel()
	ours, bare := serveOurs(t, observed(sized)), serveBare(t, http.HandlerFunc(sized))
	get := func(query string) string { return "GET /?" + query + " HTTP/1.1\r\nHost: h\r\n\r\n" }
	tests := []struct{ name, requests string }{
		{"no body", get("size=0")},
		{"small", get("size=100")},
		{"large", get("size=10000")},
		{"larger than any buffer", get("size=3000000")},
		{"HEAD", "HEAD /?size=10000 HTTP/1.1\r\nHost: h\r\n\r\n"},
		{"304", get("size=0&status=304&length=10000")},
		{"304 with a body", get("size=10000&status=304")},
		{"204 with a body", get("size=10000&status=204")},
		{"404", get("size=10000&status=404")},
		{"early hints", get("size=10000&early=1")},
		{"unknown length", get("size=10000&length=-1")},
		{"two parts", get("size=10000&parts=2")},
		{"flushed", get("size=10000&flush=1")},
		{"more than announced", get("size=10000&length=5000")},
		{"less than announced", get("size=5000&length=10000")},
		{"HTTP/1.0", "GET /?size=10000 HTTP/1.0\r\n\r\n"},
		{"HTTP/1.0, kept alive", "GET /?size=10000 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"},
		{"a form", "POST /?size=10000 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"},
		{"a form after asking", "POST /?size=10000 HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello"},
		{"pipelined", strings.Repeat(get("size=5000")+get("size=10")+"HEAD /?size=7000 HTTP/1.1\r\nHost: h\r\n\r\n", 5)},
		{"bad request after a good one", get("size=5000") + "GET\r\n\r\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, want := talk(t, ours, tt.requests+last), talk(t, bare, tt.requests+last)
			if got != want {
				t.Errorf("got %d bytes\n%.600q\nwant %d\n%.600q", len(got), got, len(want), want)
			}
		})
	}
	t.Run("every size around a bufferful", func(t *testing.T) {
		t.Parallel()
		var requests strings.Builder
		for size := 3600; size < 4100; size++ {
			requests.WriteString(get(fmt.Sprint("size=", size)))
		}
		got, want := talk(t, ours, requests.String()+last), talk(t, bare, requests.String()+last)
		if got != want {
			t.Errorf("got %d bytes, want %d", len(got), len(want))
		}
	})
}

// countedListener counts the writes that each cost a system call of their own.
// Writes of head and body together are none of them.
type countedListener struct {
	net.Listener
	writes atomic.Int64
}

type countedConn struct {
	*net.TCPConn
	writes *atomic.Int64
}

func (l *countedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return countedConn{c.(*net.TCPConn), &l.writes}, nil
}

func (c countedConn) Write(p []byte) (int, error) {
	c.writes.Add(1)
	return c.TCPConn.Write(p)
}

func TestHeadAndBodyAreOneWrite(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	counted := &countedListener{Listener: listener}
	serveOn(t, counted, observed(sized))
	tests := []struct {
		query string
		want  int64
	}{
		{"size=0", 1}, {"size=100", 1}, {"size=2999", 1}, {"size=3000", 1}, {"size=0&status=304", 1},
		{"size=5000", 0}, {"size=20000", 0}, {"size=500000", 0},
		{"size=5000&length=-1", 2}, // nobody knows yet that this is all
	}
	for _, tt := range tests {
		before := counted.writes.Load()
		response, err := http.Get("http://" + listener.Addr().String() + "/?" + tt.query)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, response.Body); err != nil {
			t.Error(err)
		}
		response.Body.Close()
		if got := counted.writes.Load() - before; got != tt.want {
			t.Errorf("%s: got %d writes, want %d", tt.query, got, tt.want)
		}
	}
}

// Whoever waits for an answer has all of it while its handler is still busy.
func TestNothingIsHeldBack(t *testing.T) {
	t.Parallel()
	finish := make(chan struct{})
	defer close(finish)
	address := serveOurs(t, observed(func(w http.ResponseWriter, r *http.Request) {
		sized(w, r)
		if r.FormValue("wait") != "" {
			<-finish
		}
	}))
	// How long the head is, to meet the sizes around a bufferful.
	response, err := http.Get("http://" + address + "/?size=3500")
	if err != nil {
		t.Fatal(err)
	}
	var head bytes.Buffer
	response.Header.Write(&head)
	response.Body.Close()
	around := 4096 - head.Len() - len("HTTP/1.1 200 OK\r\n\r\n")
	for size := around - 2; size <= around+2; size++ {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "GET /?wait=1&size=%d HTTP/1.1\r\nHost: h\r\n\r\n", size)
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(response.Body); len(body) != size || err != nil {
			t.Errorf("got %d bytes and error %v, want %d", len(body), err, size)
		}
	}
}

func TestSlowReaderGetsEverything(t *testing.T) {
	t.Parallel()
	const size = 8 << 20 // more than the system takes in advance
	address := serveOurs(t, observed(sized))
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET /?size=%d HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", size)
	total := 0
	for part := make([]byte, 3001); ; {
		n, err := conn.Read(part)
		total += n
		if err != nil {
			break
		}
		if total < 100_000 {
			time.Sleep(time.Millisecond)
		}
	}
	if total < size || total > size+2000 {
		t.Errorf("got %d bytes, want %d and a head", total, size)
	}
}

func TestReaderWhoNeverReadsMeetsTheDeadline(t *testing.T) {
	t.Parallel()
	failed := make(chan error, 1)
	address := serveOurs(t, observed(func(w http.ResponseWriter, r *http.Request) {
		if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
			failed <- err
			return
		}
		body := make([]byte, 64<<20)
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, err := w.Write(body)
		failed <- err
	}))
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	if err := <-failed; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got error %v, want that of the deadline", err)
	}
	if _, err := io.Copy(io.Discard, conn); err != nil && !strings.Contains(err.Error(), "reset") {
		t.Errorf("got error %v, want the connection to be closed", err)
	}
}

// brokenListener makes connections that take requests and no answers.
type brokenListener struct{ net.Listener }

type brokenConn struct{ net.Conn }

var errBroken = errors.New("broken")

func (l brokenListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return brokenConn{c}, err
}

func (brokenConn) Write([]byte) (int, error) { return 0, errBroken }

// Whatever its size, a handler learns that its answer went nowhere, and the
// connection ends.
func TestBrokenConnections(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	failed := make(chan error, 2)
	serveOn(t, brokenListener{listener}, observed(func(w http.ResponseWriter, r *http.Request) {
		size, _ := strconv.Atoi(r.FormValue("size"))
		w.Header().Set("Content-Length", strconv.Itoa(size))
		_, err := w.Write(make([]byte, size))
		failed <- err
	}))
	for size := 3900; size < 4100; size++ {
		request := fmt.Sprintf("GET /?size=%d HTTP/1.1\r\nHost: h\r\n\r\n", size)
		if got := talk(t, listener.Addr().String(), request); got != "" {
			t.Errorf("size %d: got %q", size, got)
		}
		if err := <-failed; !errors.Is(err, errBroken) {
			t.Errorf("size %d: got error %v, want that of the connection", size, err)
		}
	}
}

// ready is sized with fields that are given as lines, or in the header map
// where those are not taken.
func ready(took func(bool)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		lines, ok := w.(interface{ AddFieldLines(common, own []byte) bool })
		ok = ok && lines.AddFieldLines([]byte("Etag: \"1\"\r\nVary: Accept\r\nVary: Cookie\r\n"), []byte("Content-Encoding: none\r\n"))
		took(ok)
		if !ok {
			w.Header()["Etag"], w.Header()["Vary"] = []string{`"1"`}, []string{"Accept", "Cookie"}
			w.Header()["Content-Encoding"] = []string{"none"}
		}
		sized(w, r)
	}
}

// readAnswers reads all answers on a connection, to requests of these methods.
func readAnswers(t *testing.T, text string, methods []string) (answers []string) {
	t.Helper()
	r := bufio.NewReader(strings.NewReader(text))
	for _, method := range methods {
		response, err := http.ReadResponse(r, &http.Request{Method: method})
		if err != nil {
			t.Fatalf("reading answer %d: %v", len(answers)+1, err)
		}
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatalf("reading the body of answer %d: %v", len(answers)+1, err)
		}
		if id := response.Header["X-Request-Id"]; len(id) > 1 {
			t.Errorf("answer %d: got ids %q", len(answers)+1, id)
		}
		response.Header.Del("X-Request-Id")
		answers = append(answers, fmt.Sprintf("%s %v close=%t %s", response.Status, response.Header, response.Close, body))
	}
	if rest, _ := io.ReadAll(r); len(rest) > 0 {
		t.Errorf("after the answers came %.100q", rest)
	}
	return answers
}

// answer is the only answer on a connection.
func answer(t *testing.T, address, method, request string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	go io.WriteString(conn, request)
	var text bytes.Buffer
	r := bufio.NewReader(io.TeeReader(conn, &text))
	for {
		response, err := http.ReadResponse(r, &http.Request{Method: method})
		if err != nil {
			t.Fatalf("reading the answer: %v", err)
		}
		if _, err := io.Copy(io.Discard, response.Body); err != nil {
			t.Fatalf("reading the body: %v", err)
		}
		if response.StatusCode != http.StatusContinue {
			break
		}
	}
	final := strings.TrimPrefix(text.String(), "HTTP/1.1 100 Continue\r\n\r\n")
	return readAnswers(t, final, []string{method})[0]
}

// Fields that are ready change nothing but the order of fields.
func TestReadyFieldsAreFieldsLikeOthers(t *testing.T) {
	t.Parallel()
	took := make(chan bool, 1000)
	ours, bare := serveOurs(t, observed(ready(func(ok bool) { took <- ok }))), serveBare(t, ready(func(bool) {}))
	request := func(method, query, fields string) string {
		return method + " /?ready=1&" + query + " HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n"
	}
	const ask = "Expect: 100-continue\r\nContent-Length: 5\r\n"
	tests := []struct {
		name, method, request string
		taken                 bool
	}{
		{"no body", "GET", request("GET", "size=0", ""), true},
		{"small", "GET", request("GET", "size=100", ""), true},
		{"large", "GET", request("GET", "size=10000", ""), true},
		{"larger than any buffer", "GET", request("GET", "size=3000000", ""), true},
		{"unknown length", "GET", request("GET", "size=10000&length=-1", ""), true},
		{"HEAD", "HEAD", request("HEAD", "size=10000", ""), true},
		{"304", "GET", request("GET", "size=0&status=304", ""), true},
		{"404", "GET", request("GET", "size=100&status=404", ""), true},
		{"to be closed", "GET", request("GET", "size=100", "Connection: close\r\n"), true},
		{"a form", "POST", request("POST", "size=100", "Content-Length: 5\r\n") + "hello", false},
		{"HTTP/1.0", "GET", "GET /?ready=1&size=100 HTTP/1.0\r\n\r\n", true},
		{"HTTP/1.0, kept alive", "GET", "GET /?ready=1&size=100 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true},
		{"a body after asking", "GET", request("GET", "size=100", ask) + "hello", false},
	}
	all, methods := "", []string{}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, want := answer(t, ours, tt.method, tt.request), answer(t, bare, tt.method, tt.request)
			if got != want {
				t.Errorf("got\n%.600q\nwant\n%.600q", got, want)
			}
			if taken := <-took; taken != tt.taken {
				t.Errorf("lines taken: %t, want %t", taken, tt.taken)
			}
		})
	}
	for size := 3500; size < 4100; size += 7 {
		all += request("GET", fmt.Sprint("size=", size), "") + request("HEAD", "size=9", "")
		methods = append(methods, "GET", "HEAD")
	}
	all += request("GET", "size=1", "Connection: close\r\n")
	methods = append(methods, "GET")
	got, want := readAnswers(t, talk(t, ours, all), methods), readAnswers(t, talk(t, bare, all), methods)
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("answer %d of a connection: got\n%.600q\nwant\n%.600q", i+1, got[i], want[i])
		}
	}
}
