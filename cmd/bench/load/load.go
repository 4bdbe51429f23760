// Package load measures the program as it is run, over the network and beside
// others: nginx with the same pages as files, a net/http server that writes
// the same bytes, and a page made anew for each request.
package load

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// Who answers the requests.
const (
	Broadsheet = "broadsheet"
	Uncached   = "broadsheet, no cache"
	Nginx      = "nginx"
	Bare       = "net/http"
	Query      = "query + template"
	QueryGzip  = "query + template + gzip"
)

// Connections are how many wrk holds open, in turn.
var Connections = []int{16, 64}

// Options say what to measure.
type Options struct {
	Database string // URL of a blog that the benchmark filled
	Server   string // the program; "" to build it from this module
	Cached   []Page // to be served from memory; the first is asked for with If-None-Match too
	Uncached []Page // to be made anew; the first is the blog's first page
	Crawl    []string
	Run      time.Duration // of one measurement, in whole seconds
	Rounds   int
	Log      *slog.Logger
}

// A Page is something to ask for.
type Page struct{ Name, Path string }

// Result is what was measured.
type Result struct {
	Cells   []*Cell
	Wire    map[string]int  // bytes of an answer by the page's name, head and body
	Starts  []time.Duration // from exec to the first answer of status 200
	Visible Visible
	Memory  Memory
}

// Run starts everything, measures, and stops everything again. It changes
// nothing in the blog for good.
func Run(ctx context.Context, o Options) (r Result, err error) {
	l, err := newLab(ctx, o)
	if err != nil {
		return Result{}, err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	for _, measure := range []func(context.Context, *Result) error{l.rates, l.memory, l.starts, l.visible} {
		if err := measure(ctx, &r); err != nil {
			return Result{}, err
		}
	}
	return r, nil
}
