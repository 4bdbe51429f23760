package load

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A trial is what is asked for, and what must come back every time.
type trial struct {
	page, server string
	request      request
	status       int
	length       int // of the body, -1 for any
}

// rates measures how many requests a second each server answers.
func (l *lab) rates(ctx context.Context, r *Result) error {
	cached, _, err := l.startServer(ctx, Broadsheet)
	if err != nil {
		return err
	}
	pages := make([]canned, len(l.Cached))
	r.Wire = map[string]int{}
	for i, page := range l.Cached {
		if pages[i], err = can(ctx, cached.base, page.Path); err != nil {
			return err
		}
		if r.Wire[page.Name], err = wireSize(ctx, cached.base, page.Path); err != nil {
			return err
		}
	}
	nginx, err := l.startNginx(ctx, pages)
	if err != nil {
		return err
	}
	bare, err := l.startBare(ctx, pages)
	if err != nil {
		return err
	}
	uncached, _, err := l.startServer(ctx, Uncached, "BROADSHEET_CACHE_SIZE=0")
	if err != nil {
		return err
	}
	query, err := l.startBaseline(ctx, Query, "", "/")
	if err != nil {
		return err
	}

	blocks, err := l.hits(ctx, cached, nginx, bare, pages)
	if err != nil {
		return err
	}
	blocks = append(blocks, l.misses(uncached, query))
	if err := l.run(ctx, r, blocks); err != nil {
		return err
	}
	for _, p := range []*process{query, uncached, bare, nginx, cached} {
		if err := l.stop(p); err != nil {
			return err
		}
	}
	return nil
}

// hits returns the trials of pages from memory, and of one that the reader has.
func (l *lab) hits(ctx context.Context, cached, nginx, bare *process, pages []canned) (blocks [][]trial, err error) {
	for i, page := range pages {
		file := "/" + strconv.Itoa(i) + ".html"
		name, length := l.Cached[i].Name, len(page.Gzip.Body)
		of := func(server string, p *process, path string) trial {
			return trial{name, server, request{server: p, path: path, headers: []string{acceptGzip}}, http.StatusOK, length}
		}
		blocks = append(blocks, []trial{of(Broadsheet, cached, page.Path), of(Nginx, nginx, file), of(Bare, bare, page.Path)})
	}
	same := make([]trial, len(blocks[0]))
	for i, t := range blocks[0] {
		a, err := get(ctx, t.request.server.base+t.request.path, acceptGzip)
		if err != nil {
			return nil, err
		}
		t.page, t.status, t.length = Same(t.page), http.StatusNotModified, 0
		t.request.headers = []string{acceptGzip, ifNoneMatch(a)}
		same[i] = t
	}
	return append(blocks, same), nil
}

// Same names the page that a reader asks for who has it already.
func Same(page string) string { return page + ", 304" }

// misses returns the trials of pages that are made anew.
func (l *lab) misses(uncached, query *process) []trial {
	first := l.Uncached[0].Name
	block := []trial{
		{first, Query, request{server: query, path: "/", headers: []string{acceptGzip}}, http.StatusOK, -1},
		{first, QueryGzip, request{server: query, path: "/gzip", headers: []string{acceptGzip}}, http.StatusOK, -1},
	}
	for _, page := range l.Uncached {
		block = append(block, trial{page.Name, Uncached, request{server: uncached, path: page.Path, headers: []string{acceptGzip}}, http.StatusOK, -1})
	}
	return block
}

// run makes sure that every answer is right, and measures.
func (l *lab) run(ctx context.Context, r *Result, trials [][]trial) error {
	var blocks [][]*Cell
	for _, connections := range Connections {
		for _, trials := range trials {
			var block []*Cell
			for _, t := range trials {
				if err := t.check(ctx); err != nil {
					return err
				}
				block = append(block, &Cell{Page: t.page, Server: t.server, Connections: connections, request: t.request})
			}
			blocks = append(blocks, block)
			r.Cells = append(r.Cells, block...)
		}
	}
	about := time.Duration(len(r.Cells)*l.Rounds) * l.Run
	l.Log.Info("loading servers", "rounds", l.Rounds, "cells", len(r.Cells), "for about", about)
	return interleave(l.Rounds, blocks, func(c *Cell) (Sample, error) { return l.quiet(ctx, c) })
}

// Disturbed is how many processors other programs may use before times say
// little.
const Disturbed = 0.3

// quiet takes a sample, and once again when another program was at work
// meanwhile; the quieter one counts.
func (l *lab) quiet(ctx context.Context, c *Cell) (Sample, error) {
	first, err := l.wrk(ctx, c.request, c.Connections, l.Run)
	if err != nil || first.Others < Disturbed {
		return first, err
	}
	again, err := l.wrk(ctx, c.request, c.Connections, l.Run)
	if err != nil {
		return Sample{}, err
	}
	if first.Others < again.Others {
		first, again = again, first
	}
	again.Errors += first.Errors
	again.Problems = strings.TrimSpace(first.Problems + " " + again.Problems)
	return again, nil
}

func (t trial) check(ctx context.Context) error {
	a, err := get(ctx, t.request.server.base+t.request.path, t.request.headers...)
	if err != nil {
		return fmt.Errorf("%s of %s: %w", t.page, t.server, err)
	}
	if a.Status != t.status || t.length >= 0 && len(a.Body) != t.length {
		return fmt.Errorf("%s of %s: got status %d and %d bytes, want %d and %d", t.page, t.server, a.Status, len(a.Body), t.status, t.length)
	}
	return nil
}
