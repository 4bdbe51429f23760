// Package explain records the queries that a piece of code runs and asks
// PostgreSQL what each one costs.
package explain

import (
	"context"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"
)

// A Query is one statement as PostgreSQL receives it: with $1, $2, … and their
// values in order.
type Query struct {
	SQL  string
	Args []any
}

// A Recorder collects the queries run with a context from [Record]. It is safe
// for concurrent use.
type Recorder struct {
	mu      sync.Mutex
	queries []Query
}

type recorderKey struct{}

// Record returns a context whose queries, on a pool that has the [Tracer],
// the recorder collects.
func Record(ctx context.Context) (context.Context, *Recorder) {
	r := new(Recorder)
	return context.WithValue(ctx, recorderKey{}, r), r
}

// Queries returns what was run so far, in order, also begin and commit: each
// one is a round trip, but those of a batch share one.
func (r *Recorder) Queries() []Query {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.queries)
}

func (r *Recorder) add(ctx context.Context, conn *pgx.Conn, sql string, args []any) {
	sql, args = positional(ctx, conn, sql, args)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.queries = append(r.queries, Query{sql, args})
}

// positional resolves what pgx accepts before the values of a query: options,
// and a rewriter such as named arguments.
func positional(ctx context.Context, conn *pgx.Conn, sql string, args []any) (string, []any) {
	for len(args) > 0 {
		switch option := args[0].(type) {
		case pgx.QueryExecMode, pgx.QueryResultFormats, pgx.QueryResultFormatsByOID:
			args = args[1:]
		case pgx.QueryRewriter:
			newSQL, newArgs, err := option.RewriteQuery(ctx, conn, sql, args[1:])
			if err != nil {
				return sql, args // pgx fails the query itself for the same reason
			}
			return newSQL, newArgs
		default:
			return sql, slices.Clone(args)
		}
	}
	return sql, nil
}

// Tracer is a [pgx.QueryTracer] and [pgx.BatchTracer] that hands queries to
// the recorder of their context, and does nothing where there is none.
type Tracer struct{}

// TraceQueryStart implements [pgx.QueryTracer].
func (Tracer) TraceQueryStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	if r, ok := ctx.Value(recorderKey{}).(*Recorder); ok {
		r.add(ctx, conn, data.SQL, data.Args)
	}
	return ctx
}

// TraceQueryEnd implements [pgx.QueryTracer].
func (Tracer) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart implements [pgx.BatchTracer].
func (Tracer) TraceBatchStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	if r, ok := ctx.Value(recorderKey{}).(*Recorder); ok {
		for _, queued := range data.Batch.QueuedQueries {
			r.add(ctx, conn, queued.SQL, queued.Arguments)
		}
	}
	return ctx
}

// TraceBatchQuery implements [pgx.BatchTracer].
func (Tracer) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd implements [pgx.BatchTracer].
func (Tracer) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}
