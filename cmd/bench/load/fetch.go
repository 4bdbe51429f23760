package load

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// client takes answers as they are: compressed, and without following them.
var client = &http.Client{
	Timeout:       10 * time.Second,
	Transport:     &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 8},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// An answer is a response that was read to its end.
type answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// get asks for a page. Headers are written as in HTTP: "Name: value".
func get(ctx context.Context, url string, headers ...string) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return answer{}, err
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		request.Header.Set(name, value)
	}
	return do(request)
}

func do(request *http.Request) (answer, error) {
	response, err := client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, fmt.Errorf("reading %s: %w", request.URL, err)
	}
	return answer{Status: response.StatusCode, Header: response.Header, Body: body}, nil
}

const acceptGzip = "Accept-Encoding: gzip"

// canned is a page with everything that a server can say about it.
type canned struct {
	Path              string
	Plain, Gzip, Same answer // Same: what If-None-Match is answered with
}

// can takes a page from a server.
func can(ctx context.Context, base, path string) (c canned, err error) {
	c.Path = path
	if c.Plain, err = get(ctx, base+path, "Accept-Encoding: identity"); err != nil {
		return c, err
	}
	if c.Gzip, err = get(ctx, base+path, acceptGzip); err != nil {
		return c, err
	}
	if c.Plain.Status != http.StatusOK || c.Gzip.Status != http.StatusOK || c.Gzip.Header.Get("Content-Encoding") != "gzip" {
		return c, fmt.Errorf("%s: got status %d, and %d with Content-Encoding %q, want 200 and gzip",
			path, c.Plain.Status, c.Gzip.Status, c.Gzip.Header.Get("Content-Encoding"))
	}
	if c.Same, err = get(ctx, base+path, acceptGzip, ifNoneMatch(c.Gzip)); err != nil {
		return c, err
	}
	if c.Same.Status != http.StatusNotModified {
		return c, fmt.Errorf("%s: got status %d for its own ETag, want 304", path, c.Same.Status)
	}
	return c, nil
}

func ifNoneMatch(a answer) string { return "If-None-Match: " + a.Header.Get("ETag") }

// wireSize returns how many bytes the compressed answer takes, head and body,
// as a connection that is kept sees it.
func wireSize(ctx context.Context, base, path string) (int, error) {
	host := strings.TrimPrefix(base, "http://")
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", host)
	if err != nil {
		return 0, fmt.Errorf("measuring %s: %w", path, err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second)) // fails for a closed connection, as reading will
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\n%s\r\nConnection: close\r\n\r\n", path, host, acceptGzip)
	text, err := io.ReadAll(conn)
	if err != nil {
		return 0, fmt.Errorf("measuring %s: %w", path, err)
	}
	return len(text) - len("Connection: close\r\n"), nil
}
