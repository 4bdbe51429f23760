package load

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// baselineCommand is the argument with which this program is one of the
// servers that Broadsheet is compared with.
const baselineCommand = "baseline"

// IsBaseline tells whether the program was started to be a baseline.
func IsBaseline(args []string) bool { return len(args) == 4 && args[0] == baselineCommand }

// Baseline serves until ctx ends. The arguments are those that a run of the
// benchmark gives itself.
func Baseline(ctx context.Context, args []string) error {
	kind, address, source := args[1], args[2], args[3]
	var handler http.Handler
	switch kind {
	case Bare:
		text, err := os.ReadFile(source)
		if err != nil {
			return fmt.Errorf("reading the pages: %w", err)
		}
		var pages []canned
		if err := json.Unmarshal(text, &pages); err != nil {
			return fmt.Errorf("reading the pages: %w", err)
		}
		handler = newBare(pages)
	case Query:
		// Not in the arguments: those can be seen by everybody on the machine.
		pool, err := queryPool(ctx, os.Getenv("DATABASE_URL"))
		if err != nil {
			return err
		}
		defer pool.Close()
		handler = QueryHandler(pool)
	default:
		return fmt.Errorf("there is no baseline %q", kind)
	}
	srv := &http.Server{Addr: address, Handler: handler, ReadHeaderTimeout: time.Minute}
	context.AfterFunc(ctx, func() { srv.Close() })
	if err := srv.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// startBaseline starts this very program as a baseline.
func (l *lab) startBaseline(ctx context.Context, kind, source, path string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program: %w", err)
	}
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	p, err := l.start(kind, address, []string{"DATABASE_URL=" + l.Database}, self, baselineCommand, kind, address, source)
	if err != nil {
		return nil, err
	}
	return p, l.ready(ctx, p, path)
}

func (l *lab) startBare(ctx context.Context, pages []canned) (*process, error) {
	text, err := json.Marshal(pages)
	if err != nil {
		return nil, fmt.Errorf("writing the pages: %w", err)
	}
	file := filepath.Join(l.dir, "pages.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return nil, fmt.Errorf("writing the pages: %w", err)
	}
	return l.startBaseline(ctx, Bare, file, pages[0].Path)
}

// A written response is all there is to write, without anything to work out.
type written struct {
	fields []field
	body   []byte
}

type field struct {
	name   string
	values []string
}

type barePage struct {
	plain, gzip, same written
	etag              string // of gzip
}

// newBare returns the least that net/http can do: it finds the page, chooses
// among its encodings and writes the bytes and the header fields that the
// server wrote.
func newBare(pages []canned) http.Handler {
	byAddress := map[string]*barePage{}
	for _, p := range pages {
		byAddress[p.Path] = &barePage{
			plain: writtenAs(p.Plain), gzip: writtenAs(p.Gzip), same: writtenAs(p.Same), etag: p.Gzip.Header.Get("ETag"),
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page := byAddress[r.RequestURI]
		if page == nil {
			http.NotFound(w, r)
			return
		}
		answer, status := &page.plain, http.StatusOK
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			answer = &page.gzip
			if r.Header.Get("If-None-Match") == page.etag {
				answer, status = &page.same, http.StatusNotModified
			}
		}
		h := w.Header()
		for _, f := range answer.fields {
			h[f.name] = f.values
		}
		w.WriteHeader(status)
		if len(answer.body) > 0 {
			_, _ = w.Write(answer.body) // whoever measures may have left
		}
	})
}

func writtenAs(a answer) written {
	w := written{body: a.Body}
	for name, values := range a.Header {
		if name != "Date" { // which net/http writes itself
			w.fields = append(w.fields, field{name, values})
		}
	}
	return w
}
