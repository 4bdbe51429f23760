package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"broadsheet/cmd/bench/load"
)

// A goal is a measure, what it must be and what it should be.
type goal struct {
	measure   string
	must, aim float64
	atMost    bool // whether less is better
	unit      string
	exact     bool      // whether no other program can spoil it
	spoilt    bool      // whether one did
	got       []float64 // the worst counts
	note      string
}

// margin is how much of what it must be a measure reaches on a busy machine.
const margin = 0.7

// Verdicts, the best first.
const (
	good   = "reaches the aim"
	enough = "holds"
	missed = "**missed**"
	failed = "**failed**"
)

func (g goal) worst() float64 {
	if g.atMost {
		return slices.Max(g.got)
	}
	return slices.Min(g.got)
}

func (g goal) verdict() string {
	reaches := func(bound float64) bool {
		if g.atMost {
			return g.worst() <= bound
		}
		return g.worst() >= bound
	}
	far := g.must * margin
	if g.atMost {
		far = g.must / margin
	}
	switch {
	case reaches(g.aim):
		return good
	case reaches(g.must):
		return enough
	case g.exact || !g.spoilt && !reaches(far):
		return failed
	}
	return missed
}

func (g goal) format(v float64) string {
	switch g.unit {
	case "ms", "MiB":
		return fmt.Sprintf("%.1f %s", v, g.unit)
	case "":
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.0f %s", v, g.unit)
}

func (g goal) measured() string {
	low, high := slices.Min(g.got), slices.Max(g.got)
	text := g.format(g.worst())
	if g.format(low) != g.format(high) {
		best := high
		if g.atMost {
			best = low
		}
		text += " (best " + g.format(best) + ")"
	}
	if g.note != "" {
		text += ", " + g.note
	}
	return text
}

// goalTable prints the goals and returns an error when one was missed by more
// than a busy machine explains.
func goalTable(b *strings.Builder, goals []goal) error {
	var lost []string
	b.WriteString("| measure | must | aim | measured | verdict |\n| --- | ---: | ---: | ---: | --- |\n")
	for _, g := range goals {
		sign := "≥ "
		if g.atMost {
			sign = "≤ "
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", g.measure, sign+g.format(g.must), sign+g.format(g.aim), g.measured(), g.verdict())
		if g.verdict() == failed {
			lost = append(lost, g.measure)
		}
	}
	if len(lost) > 0 {
		return errors.New("goals out of reach: " + strings.Join(lost, "; "))
	}
	return nil
}

// wireLimit divides small answers from large ones: what net/http writes at
// once, head and body.
const wireLimit = 4096

// goals says what was measured of each goal.
func (r measured) goals() []goal {
	l := r.load
	var small, large []string
	for _, page := range l.CachedPages() {
		if l.Wire[page] <= wireLimit {
			small = append(small, page)
		} else {
			large = append(large, page)
		}
	}
	first := l.CachedPages()[0]
	same := []string{load.Same(first)}
	uncached := l.UncachedPages()
	_, problems := l.Problems()
	goals := []goal{
		{measure: "cached hit against bare net/http, under 4 kB", must: 0.85, aim: 0.97, got: l.Ratios(small, load.Broadsheet, load.Bare)},
		{measure: "the same, above 4 kB", must: 0.85, aim: 0.97, got: l.Ratios(large, load.Broadsheet, load.Bare)},
		{measure: "cached hit against nginx static, under 4 kB", must: 0.45, aim: 0.70, got: l.Ratios(small, load.Broadsheet, load.Nginx)},
		{measure: "the same, above 4 kB", must: 0.33, aim: 0.60, got: l.Ratios(large, load.Broadsheet, load.Nginx)},
		{measure: "304 against nginx 304", must: 0.5, aim: 0.65, got: l.Ratios(same, load.Broadsheet, load.Nginx)},
		{measure: "p99 of a hit at 64 connections against nginx", must: 2.5, aim: 1.5, atMost: true, got: l.Tails(l.CachedPages(), load.Broadsheet, load.Nginx)},
		{measure: "uncached listing against one query + template", must: 0.7, aim: 2, got: l.Ratios(uncached[:1], load.Uncached, load.Query)},
		{measure: "deep or tag page against first page, uncached", must: 0.75, aim: 0.95, got: l.Slowdowns(uncached)},
		{measure: "exec to first 200", must: 150, aim: 40, atMost: true, unit: "ms", got: []float64{millis(load.Median(l.Starts))},
			note: "at most " + ms(slices.Max(l.Starts))},
		{measure: "publish to visible, this copy", must: 50, aim: 10, atMost: true, unit: "ms", got: []float64{millis(load.Median(l.Visible.Here))},
			note: "at most " + ms(slices.Max(l.Visible.Here))},
		{measure: "publish to visible, another copy", must: 250, aim: 30, atMost: true, unit: "ms", got: []float64{millis(load.Median(l.Visible.There))},
			note: "at most " + ms(slices.Max(l.Visible.There))},
		{measure: "old pages shown to the author after the answer", atMost: true, exact: true, unit: "pages", got: []float64{float64(l.Visible.Stale)}},
		{measure: "memory idle", must: 50, aim: 30, atMost: true, exact: true, unit: "MiB", got: []float64{mib(l.Memory.Idle)},
			note: fmt.Sprintf("PSS %.1f", mib(l.Memory.IdleProportional))},
		{measure: fmt.Sprintf("memory under load, with a cache of %.0f MiB", mib(l.Memory.Budget)), atMost: true, exact: true, unit: "MiB",
			must: 60 + 2*mib(l.Memory.Budget), aim: 60 + 1.2*mib(l.Memory.Budget), got: []float64{mib(l.Memory.Peak)},
			note: fmt.Sprintf("the peak; PSS afterwards %.1f", mib(l.Memory.LoadedProportional))},
		{measure: "wrong answers under load", atMost: true, exact: true, unit: "answers", got: []float64{float64(problems)}},
	}
	goals = append(goals, r.pageGoals()...)
	for i := range goals {
		goals[i].spoilt = l.Disturbance() > load.Disturbed
	}
	// There may be no page of a size.
	return slices.DeleteFunc(goals, func(g goal) bool { return len(g.got) == 0 })
}

// pageGoals are those that are measured in this process.
func (r measured) pageGoals() []goal {
	if len(r.pages) == 0 {
		return nil
	}
	buffers := goal{measure: "buffers of a first, deep or tag page, uncached", must: 60, aim: 60, atMost: true, exact: true, unit: "buffers"}
	for _, p := range r.pages {
		if p.loaded {
			buffers.got = append(buffers.got, float64(p.buffers))
		}
	}
	publish := goal{measure: "publish cost against a blog of " + group(smallPosts) + " posts", must: 1.5, aim: 1, atMost: true,
		got:  []float64{float64(r.writes[0].big.median) / float64(r.writes[0].small.median)},
		note: fmt.Sprintf("buffers %.2f", float64(r.writes[0].big.buffers)/float64(r.writes[0].small.buffers))}
	return []goal{buffers, publish}
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
func mib(bytes int64) float64        { return float64(bytes) / (1 << 20) }
