package load

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// Memory is what the server holds, in bytes.
type Memory struct {
	Budget int64 // of the cache
	Pages  int   // asked for, until it was full

	Idle, IdleProportional     int64 // resident, and counting what is shared in parts
	Loaded, LoadedProportional int64 // after the load
	Peak                       int64 // the most that was ever resident
	Sample                     Sample
}

// sweep makes wrk ask for one page after another.
const sweep = `
local requests, at = {}, 0
function init()
	for path in io.lines(%q) do requests[#requests + 1] = wrk.format("GET", path) end
end
function request()
	at = at %% #requests + 1
	return requests[at]
end
`

// memory measures the server after a page and some rest; then with a cache
// that many pages have filled, while more of them than fit are asked for.
func (l *lab) memory(ctx context.Context, r *Result) error {
	m := &r.Memory
	m.Pages = len(l.Crawl)
	m.Budget = int64(min(max(m.Pages*2>>10, 1), 32)) << 20 // a page takes several kB
	p, _, err := l.startServer(ctx, Broadsheet, fmt.Sprintf("BROADSHEET_CACHE_SIZE=%dMiB", m.Budget>>20))
	if err != nil {
		return err
	}
	time.Sleep(3 * time.Second)
	f, err := footprintOf(p.pid())
	if err != nil {
		return err
	}
	m.Idle, m.IdleProportional = f.resident, f.proportional

	l.Log.Info("filling the cache", "pages", m.Pages, "budget", m.Budget)
	if err := crawl(ctx, p.base, l.Crawl); err != nil {
		return err
	}
	script, list := filepath.Join(l.dir, "sweep.lua"), filepath.Join(l.dir, "pages.txt")
	if err := os.WriteFile(list, []byte(strings.Join(l.Crawl, "\n")+"\n"), 0o600); err != nil {
		return fmt.Errorf("writing the list of pages: %w", err)
	}
	if err := os.WriteFile(script, fmt.Appendf(nil, sweep, list), 0o600); err != nil {
		return fmt.Errorf("writing wrk's script: %w", err)
	}
	sweeping := request{server: p, path: "/", headers: []string{acceptGzip}, script: script}
	if m.Sample, err = l.wrk(ctx, sweeping, 64, 4*l.Run); err != nil {
		return err
	}
	if f, err = footprintOf(p.pid()); err != nil {
		return err
	}
	m.Loaded, m.LoadedProportional, m.Peak = f.resident, f.proportional, f.peak
	return l.stop(p)
}

// crawl asks for every page once, as several readers do.
func crawl(ctx context.Context, base string, paths []string) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(4)
	for _, path := range paths {
		group.Go(func() error {
			a, err := get(ctx, base+path, acceptGzip)
			if err == nil && a.Status != http.StatusOK {
				err = fmt.Errorf("%s: got status %s, want 200", path, strconv.Itoa(a.Status))
			}
			return err
		})
	}
	return group.Wait()
}
