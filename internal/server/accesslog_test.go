package server_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"testing"

	"broadsheet/internal/server"
)

// asJSON is a string as it comes out of JSON: what is no UTF-8 is replaced.
func asJSON(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	var back string
	if err := json.Unmarshal(text, &back); err != nil {
		panic(err)
	}
	return back
}

// However hostile a request is, its line is one line, is JSON, says what slog
// says, and gives the path back, but for the secret of a preview link.
func FuzzAccessLine(f *testing.F) {
	f.Add("/posts/hello", "GET", "192.0.2.1:80", "/posts/{slug}", 200)
	f.Add("/\x00\x1f\x7f\"\\\n<script>&'", "PRI\"", "\u2028:1", "", 599)
	f.Add("/\xff\xc3\u65e5\u672c\u202e\U0001F600", "", "@", "\"", -1)
	f.Add("/preview/SECRET", "GET", "192.0.2.1:80", "/preview/{token}", 200)
	f.Add("//x/../preview//SECRET", "GET", "192.0.2.1:80", "", 301)
	f.Fuzz(func(t *testing.T, path, method, client, route string, status int) {
		about := func(quickly bool) map[string]any {
			var out syncBuffer
			r := (&http.Request{Method: method, URL: &url.URL{Path: path}, RemoteAddr: client}).WithContext(t.Context())
			access := server.NewAccessLog(&out)
			observed(func(w http.ResponseWriter, _ *http.Request) {
				server.Served(w, route, "hit")
				w.WriteHeader(status)
			}, func(o *server.Options) {
				o.AccessLog = nil
				o.Log = slog.New(slog.NewJSONHandler(&out, nil))
				if quickly {
					o.AccessLog = access
				}
			}).ServeHTTP(&nowhere{header: http.Header{}}, r)
			access.Flush()
			text := out.String()
			if text == "" {
				return nil
			}
			if strings.Count(text, "\n") != 1 || !strings.HasSuffix(text, "}\n") {
				t.Errorf("got %q, want one line", text)
			}
			var fields map[string]any
			if err := json.Unmarshal([]byte(text), &fields); err != nil {
				t.Fatalf("%v in %q", err, text)
			}
			want := asJSON(path)
			if before, _, secret := strings.Cut(path, "/preview/"); secret {
				want = asJSON(before) + "/preview/…"
			}
			if got := fields["path"]; got != want {
				t.Errorf("got path %q, want %q", got, want)
			}
			for _, name := range []string{"time", "duration_ms", "request_id"} {
				if fields[name] == nil {
					t.Errorf("got no %s in %q", name, text)
				}
				delete(fields, name)
			}
			return fields
		}
		if quick, slow := about(true), about(false); !reflect.DeepEqual(quick, slow) {
			t.Errorf("got %v, want what slog writes: %v", quick, slow)
		}
	})
}

// writes hands over what is written, one by one.
type writes chan string

func (w writes) Write(p []byte) (int, error) {
	w <- string(p)
	return len(p), nil
}

// ask has a handler with an access log answer a request.
func ask(a *server.AccessLog, path string) {
	h := observed(func(http.ResponseWriter, *http.Request) {}, func(o *server.Options) { o.AccessLog = a })
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
}

func TestLinesAreWrittenByThemselves(t *testing.T) {
	t.Parallel()
	out := make(writes, 1)
	a := server.NewAccessLog(out)
	for round := range 2 {
		path := fmt.Sprint("/", round)
		ask(a, path)
		if got := <-out; !strings.Contains(got, `"path":"`+path+`"`) {
			t.Errorf("got %q, want the line about %s", got, path)
		}
	}
}

func TestOtherLinesStayInOrder(t *testing.T) {
	t.Parallel()
	var out syncBuffer
	a := server.NewAccessLog(&out)
	log := slog.New(slog.NewJSONHandler(a, nil))
	for i := range 3 {
		ask(a, fmt.Sprint("/", i))
		log.Warn("look", "after", i)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 6 {
		t.Fatalf("got %d lines, want 6:\n%s", len(lines), out.String())
	}
	for i, l := range lines {
		want := fmt.Sprintf(`"path":"/%d"`, i/2)
		if i%2 == 1 {
			want = fmt.Sprintf(`"msg":"look","after":%d`, i/2)
		}
		if !strings.Contains(l, want) {
			t.Errorf("line %d: got %s, want %s", i, l, want)
		}
	}
}

// Many lines make few writes, each of whole lines, and none is lost.
func TestLinesAreJoined(t *testing.T) {
	t.Parallel()
	out := make(writes, 1000)
	a := server.NewAccessLog(out)
	const requests = 2000
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range requests / 4 {
				ask(a, "/")
			}
		})
	}
	all.Wait()
	if err := a.Flush(); err != nil {
		t.Error(err)
	}
	close(out)
	written, lines, longest := 0, 0, 0
	for text := range out {
		written++
		lines += strings.Count(text, "\n")
		longest = max(longest, len(text))
		if !strings.HasPrefix(text, "{") || !strings.HasSuffix(text, "}\n") {
			t.Errorf("got %q, want whole lines", text)
		}
	}
	if lines != requests || written > requests/20 || longest > 64<<10 {
		t.Errorf("got %d lines in %d writes of %d bytes at most", lines, written, longest)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// A log that cannot be written keeps nobody from reading pages.
func TestLogThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	a := server.NewAccessLog(full{})
	for range 1000 {
		ask(a, "/"+strings.Repeat("x", 1000))
	}
	ask(a, "/")
	if a.Flush() == nil {
		t.Error("got no error")
	}
	if _, err := io.WriteString(a, "x"); err == nil {
		t.Error("got no error")
	}
	if err := a.Flush(); err != nil {
		t.Errorf("got error %v with nothing to write", err)
	}
}
