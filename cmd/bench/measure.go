package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"time"

	"broadsheet/internal/postgres/explain"
)

// result is what a kind of page costs.
type result struct {
	kind
	failed  string          // why it gave no page; "" when it did
	times   []time.Duration // of its requests, shortest first
	queries int             // of a request
	buffers int64           // that its queries touch, by the worse of both plans
	mode    explain.PlanMode
	unknown bool // the worse plan did not end in time
	rows    int64
	worst   string // the worse plans, when they touch more than the bound
}

func (r result) quantile(q float64) time.Duration {
	if len(r.times) == 0 {
		return 0
	}
	return r.times[min(len(r.times)-1, int(q*float64(len(r.times))))]
}

// measure requests each page again and again, in rounds, so that all of them
// meet the same weather. A page that used up its share of the time sits out.
func measure(ctx context.Context, kinds []kind, patience time.Duration, log *slog.Logger) ([]result, error) {
	const warm, most = 10, 2000
	results := make([]result, len(kinds))
	for i, k := range kinds {
		results[i].kind = k
		if err := results[i].work(ctx); err != nil {
			return nil, err
		}
	}
	log.Info("timing pages", "for at most", patience)
	share := patience / time.Duration(len(kinds))
	spent := make([]time.Duration, len(kinds))
	order := make([]int, len(kinds))
	for i := range order {
		order[i] = i
	}
	random := rand.New(rand.NewPCG(1, 2))
	for round := range most {
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		busy := false
		for _, i := range order {
			r := &results[i]
			if spent[i] > share || r.failed != "" {
				continue
			}
			busy = true
			status, took := r.get(ctx)
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if !r.answers(status) {
				r.failed = fmt.Sprintf("status %d after %v", status, took.Round(time.Millisecond))
			}
			spent[i] += took
			if round == warm {
				r.times = nil // the first ones filled caches
			}
			r.times = append(r.times, took)
		}
		if !busy {
			break
		}
	}
	for i := range results {
		slices.Sort(results[i].times)
	}
	return results, nil
}

// get requests the page from the whole server, as a browser does.
func (k kind) get(ctx context.Context) (status int, took time.Duration) {
	request := httptest.NewRequestWithContext(ctx, http.MethodGet, k.path, nil)
	request.Header.Set("Accept-Encoding", "gzip")
	response := httptest.NewRecorder()
	started := time.Now()
	k.blog.handler.ServeHTTP(response, request)
	return response.Code, time.Since(started)
}

// answers tells whether the page has the status that it should.
func (k kind) answers(status int) bool { return status == cmp.Or(k.status, http.StatusOK) }

// work finds out what a request has the database do: how many queries it
// takes, and what they touch by the plans for these very values and by those
// for any. Unlike time, that is the same on every machine.
func (r *result) work(ctx context.Context) error {
	r.get(ctx) // from now on the names that it shows are remembered
	recording, recorder := explain.Record(ctx)
	if status, _ := r.get(recording); !r.answers(status) {
		r.failed = fmt.Sprintf("status %d", status)
	}
	queries := recorder.Queries()
	r.queries = len(queries)
	for _, mode := range []explain.PlanMode{explain.Custom, explain.Generic} {
		plans, err := explain.Run(ctx, r.blog.pool, mode, queries)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			r.unknown, r.mode, r.worst = true, mode, err.Error()
			continue
		}
		var buffers, rows int64
		var text string
		for _, p := range plans {
			buffers += p.Buffers
			rows += p.Rows
			text += p.Text
		}
		r.rows = max(r.rows, rows)
		if buffers > r.buffers && !r.unknown {
			r.buffers, r.mode, r.worst = buffers, mode, text
		}
	}
	return nil
}
