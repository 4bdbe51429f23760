package load

import (
	"fmt"
	"slices"
)

// CachedPages returns the names of the pages that nginx serves too.
func (r Result) CachedPages() []string { return r.pages(Nginx, true) }

// UncachedPages returns the names of the pages that are made anew, the blog's
// first page first.
func (r Result) UncachedPages() []string { return r.pages(Uncached, false) }

func (r Result) pages(server string, onWire bool) (names []string) {
	for _, c := range r.Cells {
		if c.Server == server && (!onWire || r.Wire[c.Page] > 0) && !slices.Contains(names, c.Page) {
			names = append(names, c.Page)
		}
	}
	return names
}

// Ratios compares the rates of two servers: a value for each page and number
// of connections.
func (r Result) Ratios(pages []string, of, to string) (ratios []float64) {
	for _, page := range pages {
		for _, connections := range Connections {
			ratios = append(ratios, Ratio(r.Cell(page, of, connections), r.Cell(page, to, connections), Rate))
		}
	}
	return ratios
}

// Tails compares the slowest requests of two servers at most connections.
func (r Result) Tails(pages []string, of, to string) (ratios []float64) {
	most := slices.Max(Connections)
	for _, page := range pages {
		ratios = append(ratios, Ratio(r.Cell(page, of, most), r.Cell(page, to, most), P99))
	}
	return ratios
}

// Slowdowns compares the rates of uncached pages with that of the first.
func (r Result) Slowdowns(pages []string) (ratios []float64) {
	for _, page := range pages[1:] {
		for _, connections := range Connections {
			ratios = append(ratios, Ratio(r.Cell(page, Uncached, connections), r.Cell(pages[0], Uncached, connections), Rate))
		}
	}
	return ratios
}

// Base returns the cell that a cell is compared with in the table of all of
// them: nginx, or one query and a template. It is nil for that cell itself.
func (r Result) Base(c *Cell) *Cell {
	server, page := Nginx, c.Page
	switch c.Server {
	case Nginx, Query:
		return nil
	case Uncached, QueryGzip:
		server, page = Query, r.UncachedPages()[0]
	}
	return r.Cell(page, server, c.Connections)
}

// Problems says where Broadsheet gave wrong answers, or none, and how many.
func (r Result) Problems() (lines []string, errors int) {
	note := func(what string, s Sample) {
		if s.Errors > 0 {
			lines = append(lines, what+": "+s.Problems)
			errors += s.Errors
		}
	}
	for _, c := range r.Cells {
		if c.Server == Broadsheet || c.Server == Uncached {
			for _, s := range c.Samples {
				note(fmt.Sprintf("%s, %s, %d connections", c.Page, c.Server, c.Connections), s)
			}
		}
	}
	note("many pages, over 64 connections", r.Memory.Sample)
	return lines, errors
}

// Disturbance returns how many processors other programs used meanwhile.
func (r Result) Disturbance() float64 {
	var others []float64
	for _, c := range r.Cells {
		for _, s := range c.Samples {
			others = append(others, s.Others)
		}
	}
	return Median(others)
}
