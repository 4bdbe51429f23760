package main

import (
	"strings"
	"testing"
	"time"

	"broadsheet/cmd/bench/load"
)

func TestGoalVerdict(t *testing.T) {
	t.Parallel()
	rate := goal{measure: "rate", must: 0.5, aim: 0.8}
	wait := goal{measure: "wait", must: 140, aim: 40, atMost: true, unit: "ms"}
	work := goal{measure: "work", must: 60, aim: 60, atMost: true, exact: true, unit: "buffers"}
	tests := []struct {
		name         string
		goal         goal
		got          []float64
		want         string
		wantMeasured string
	}{
		{"the aim", rate, []float64{0.8}, good, "0.80"},
		{"all reach the aim", rate, []float64{1.2, 0.9}, good, "0.90 (best 1.20)"},
		{"one does not", rate, []float64{0.9, 0.79}, enough, "0.79 (best 0.90)"},
		{"just", rate, []float64{0.5}, enough, "0.50"},
		{"a busy machine", rate, []float64{0.36}, missed, "0.36"},
		{"far away", rate, []float64{0.9, 0.34}, failed, "0.34 (best 0.90)"},
		{"as fast as it should", wait, []float64{40}, good, "40.0 ms"},
		{"as fast as it must", wait, []float64{10, 140}, enough, "140.0 ms (best 10.0 ms)"},
		{"slow for once", wait, []float64{199}, missed, "199.0 ms"},
		{"slow", wait, []float64{201}, failed, "201.0 ms"},
		{"no more work than it may be", work, []float64{60, 7}, good, "60 buffers (best 7 buffers)"},
		{"more work", work, []float64{61}, failed, "61 buffers"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g := tt.goal
			g.got = tt.got
			if got := g.verdict(); got != tt.want {
				t.Errorf("got verdict %q, want %q", got, tt.want)
			}
			if got := g.measured(); got != tt.wantMeasured {
				t.Errorf("got %q, want %q", got, tt.wantMeasured)
			}
			var b strings.Builder
			if err := goalTable(&b, []goal{g}); (err != nil) != (tt.want == failed) || err != nil && !strings.Contains(err.Error(), g.measure) {
				t.Errorf("got error %v, want one that names the measure when it failed", err)
			}
			if !strings.Contains(b.String(), tt.wantMeasured+" | "+tt.want+" |") {
				t.Errorf("got\n%s", &b)
			}
		})
	}
}

// loaded is what a run of two rounds gives in which every server answers 1,000
// requests a second, but for those in rates.
func loaded(rates map[string]float64) load.Result {
	r := load.Result{
		Wire:   map[string]int{"newest page": 3600, "a long post": 4900},
		Starts: []time.Duration{30 * time.Millisecond, 90 * time.Millisecond, 20 * time.Millisecond},
		Visible: load.Visible{
			Answered: []time.Duration{4 * time.Millisecond}, Here: []time.Duration{5 * time.Millisecond}, There: []time.Duration{25 * time.Millisecond},
		},
		Memory: load.Memory{Budget: 32 << 20, Pages: 20_000, Idle: 28 << 20, Loaded: 80 << 20, Peak: 90 << 20, Sample: load.Sample{Requests: 8000}},
	}
	for _, connections := range load.Connections {
		add := func(page string, servers ...string) {
			for _, server := range servers {
				rate := rates[server+" "+page]
				if rate == 0 {
					rate = 1000
				}
				s := load.Sample{Requests: 2000, Rate: rate, P50: time.Millisecond, P99: 8 * time.Millisecond, CPU: 40 * time.Millisecond}
				r.Cells = append(r.Cells, &load.Cell{Page: page, Server: server, Connections: connections, Samples: []load.Sample{s, s}})
			}
		}
		add("newest page", load.Broadsheet, load.Nginx, load.Bare)
		add("a long post", load.Broadsheet, load.Nginx, load.Bare)
		add(load.Same("newest page"), load.Broadsheet, load.Nginx, load.Bare)
		add("newest page", load.Query, load.QueryGzip, load.Uncached)
		add("common tag", load.Uncached)
	}
	return r
}

func TestGoals(t *testing.T) {
	t.Parallel()
	fine := loaded(map[string]float64{load.Uncached + " newest page": 2500, load.Uncached + " common tag": 2000})
	tests := []struct {
		name   string
		change func(*load.Result)
		want   []string
		lost   string
	}{
		{"everything is measured", func(*load.Result) {}, []string{
			"| cached hit against bare net/http, under 4 kB | ≥ 0.85 | ≥ 0.97 | 1.00 | reaches the aim |",
			"| the same, above 4 kB | ≥ 0.85 | ≥ 0.97 | 1.00 | reaches the aim |",
			"| cached hit against nginx static, under 4 kB | ≥ 0.45 | ≥ 0.70 | 1.00 | reaches the aim |",
			"| the same, above 4 kB | ≥ 0.33 | ≥ 0.60 | 1.00 | reaches the aim |",
			"| 304 against nginx 304 | ≥ 0.50 | ≥ 0.65 | 1.00 | reaches the aim |",
			"| p99 of a hit at 64 connections against nginx | ≤ 2.50 | ≤ 1.50 | 1.00 | reaches the aim |",
			"| uncached listing against one query + template | ≥ 0.70 | ≥ 2.00 | 2.50 | reaches the aim |",
			"| deep or tag page against first page, uncached | ≥ 0.75 | ≥ 0.95 | 0.80 | holds |",
			"| exec to first 200 | ≤ 150.0 ms | ≤ 40.0 ms | 30.0 ms, at most 90.00 ms | reaches the aim |",
			"| publish to visible, this copy | ≤ 50.0 ms | ≤ 10.0 ms | 5.0 ms, at most 5.00 ms | reaches the aim |",
			"| publish to visible, another copy | ≤ 250.0 ms | ≤ 30.0 ms | 25.0 ms, at most 25.00 ms | reaches the aim |",
			"| memory idle | ≤ 50.0 MiB | ≤ 30.0 MiB | 28.0 MiB, PSS 0.0 | reaches the aim |",
			"| memory under load, with a cache of 32 MiB | ≤ 124.0 MiB | ≤ 98.4 MiB | 90.0 MiB, the peak; PSS afterwards 0.0 | reaches the aim |",
			"| wrong answers under load | ≤ 0 answers | ≤ 0 answers | 0 answers | reaches the aim |",
			"| newest page (3,600 B) | broadsheet | 16 | 1,000 (1,000–1,000) | 1.00 | 1.00 ms | 8.00 ms | 20.0 | 1.00 |  |",
			"| newest page | broadsheet, no cache | 64 | 2,500 (2,500–2,500) | 2.50 |",
		}, ""},
		{"one wrong answer", func(r *load.Result) {
			r.Cells[0].Samples = append([]load.Sample{{Errors: 1, Problems: "Non-2xx or 3xx responses: 1"}}, r.Cells[0].Samples...)
		},
			[]string{"| 1 answers | **failed** |", "Wrong answers: newest page, broadsheet, 16 connections: Non-2xx or 3xx responses: 1."}, "wrong answers"},
		{"an old page", func(r *load.Result) { r.Visible.Stale = 1 }, []string{"| 1 pages | **failed** |"}, "old pages"},
		{"too much memory", func(r *load.Result) { r.Memory.Peak = 125 << 20 }, []string{"125.0 MiB, the peak; PSS afterwards 0.0 | **failed** |"}, "memory under load"},
		{"slow", func(r *load.Result) { r.Starts = []time.Duration{time.Second} }, []string{"1000.0 ms, at most 1000.00 ms | **failed** |"}, "exec to first 200"},
		{"slow beside others", func(r *load.Result) {
			r.Starts = []time.Duration{time.Second}
			for _, c := range r.Cells {
				c.Samples = []load.Sample{c.Samples[0]}
				c.Samples[0].Others = 0.4
			}
		}, []string{"1000.0 ms, at most 1000.00 ms | **missed** |", "Other programs used 0.40 processors meanwhile. That is too many"}, ""},
		{"too much memory beside others", func(r *load.Result) {
			r.Memory.Peak = 125 << 20
			for _, c := range r.Cells {
				c.Samples = []load.Sample{{Requests: 1, Others: 1}}
			}
		}, []string{"PSS afterwards 0.0 | **failed** |"}, "memory under load"},
		{"no long page", func(r *load.Result) { r.Wire["a long post"] = 4000 }, []string{"under 4 kB | ≥ 0.45 | ≥ 0.70 | 1.00 |"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := fine
			r.Wire = map[string]int{"newest page": 3600, "a long post": 4900}
			r.Cells = nil
			for _, c := range fine.Cells {
				same := *c
				r.Cells = append(r.Cells, &same)
			}
			tt.change(&r)
			var b strings.Builder
			err := measured{machine: "A machine.", load: r}.report(&b)
			if (err != nil) != (tt.lost != "") || err != nil && !strings.Contains(err.Error(), tt.lost) {
				t.Errorf("got error %v, want one with %q", err, tt.lost)
			}
			for _, want := range tt.want {
				if !strings.Contains(b.String(), want) {
					t.Errorf("got no %q in\n%s", want, &b)
				}
			}
		})
	}
}

// What is measured in this process decides too, when it was measured.
func TestPageGoals(t *testing.T) {
	t.Parallel()
	pages := []result{
		{kind: kind{name: "newest", loaded: true, most: 100}, buffers: 40},
		{kind: kind{name: "deep", loaded: true, most: 100}, buffers: 61},
		{kind: kind{name: "search", most: 5000}, buffers: 4000},
	}
	writes := []write{{name: "publish", big: cost{median: 3 * time.Millisecond, buffers: 700}, small: cost{median: 2 * time.Millisecond, buffers: 700}}}
	var b strings.Builder
	err := goalTable(&b, measured{pages: pages, writes: writes}.pageGoals())
	for _, want := range []string{
		"| ≤ 60 buffers | ≤ 60 buffers | 61 buffers (best 40 buffers) | **failed** |",
		"| publish cost against a blog of 1,000 posts | ≤ 1.50 | ≤ 1.00 | 1.50, buffers 1.00 | holds |",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("got no %q in\n%s", want, &b)
		}
	}
	if err == nil || !strings.Contains(err.Error(), "buffers of a first, deep or tag page") {
		t.Errorf("got error %v, want one that names the buffers", err)
	}
}
