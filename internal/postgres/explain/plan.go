package explain

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

// PlanMode says how PostgreSQL plans, as its setting plan_cache_mode does.
type PlanMode string

const (
	// Custom plans for the very values: what the first five executions of a
	// prepared statement get.
	Custom PlanMode = "force_custom_plan"
	// Generic plans once for any values: what a statement that was prepared
	// long ago may get.
	Generic PlanMode = "force_generic_plan"
)

// A Plan is how PostgreSQL ran a query and what that cost.
type Plan struct {
	Query     Query
	Buffers   int64         // shared buffers touched, 8 KiB each, cached or read
	Read      int64         // of these, the ones that were not cached
	Rows      int64         // returned
	Execution time.Duration // in PostgreSQL, without planning
	Text      string        // the tree, one node a line
	JSON      string        // all that PostgreSQL said
}

// Run runs each query that reads (SELECT, WITH) once more under EXPLAIN
// (ANALYZE, BUFFERS), in a transaction that is rolled back, and returns their
// plans in order. The other queries are left out.
func Run(ctx context.Context, pool *pgxpool.Pool, mode PlanMode, queries []Query) ([]Plan, error) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return nil, fmt.Errorf("explaining: %w", err)
	}
	defer conn.Release()
	tx, err := conn.Begin(ctx)
	if err != nil {
		return nil, fmt.Errorf("explaining: %w", err)
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	if _, err := tx.Exec(ctx, "SET LOCAL plan_cache_mode = "+string(mode)); err != nil {
		return nil, fmt.Errorf("explaining: %w", err)
	}
	var plans []Plan
	for _, query := range queries {
		if !reads(query.SQL) {
			continue
		}
		plan, err := run(ctx, tx, query)
		if err != nil {
			return nil, fmt.Errorf("explaining %s: %w", query.SQL, err)
		}
		plans = append(plans, plan)
	}
	return plans, nil
}

// run prepares the query and explains the execution of that: the parameters of
// an EXPLAIN of the query itself would always be planned as the values they
// have, and never generically.
func run(ctx context.Context, tx pgx.Tx, query Query) (Plan, error) {
	const name = "explained"
	prepared, err := tx.Prepare(ctx, name, query.SQL)
	if err != nil {
		return Plan{}, err
	}
	defer tx.Conn().Deallocate(ctx, name)
	values, err := literals(tx.Conn().TypeMap(), prepared.ParamOIDs, query.Args)
	if err != nil {
		return Plan{}, err
	}
	var text string
	err = tx.QueryRow(ctx, "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE "+name+values, pgx.QueryExecModeExec).
		Scan(&text)
	if err != nil {
		return Plan{}, err
	}
	return parse(query, text)
}

// literals writes the values of parameters as the arguments of EXECUTE.
func literals(types *pgtype.Map, oids []uint32, args []any) (string, error) {
	if len(args) != len(oids) {
		return "", fmt.Errorf("the query has %d parameters and %d values", len(oids), len(args))
	}
	if len(args) == 0 {
		return "", nil
	}
	written := make([]string, len(args))
	for i, arg := range args {
		// Encode appends, and returns nil for NULL: not to a nil slice, to
		// which an empty text appended is nil too.
		text, err := types.Encode(oids[i], pgtype.TextFormatCode, arg, []byte{})
		if err != nil {
			return "", fmt.Errorf("writing $%d: %w", i+1, err)
		}
		written[i] = "NULL"
		if text != nil {
			written[i] = "'" + strings.ReplaceAll(string(text), "'", "''") + "'"
		}
	}
	return "(" + strings.Join(written, ", ") + ")", nil
}

// reads tells whether the query begins with SELECT or WITH after its comments.
func reads(sql string) bool {
	for {
		sql = strings.TrimSpace(sql)
		end := ""
		switch {
		case strings.HasPrefix(sql, "--"):
			end = "\n"
		case strings.HasPrefix(sql, "/*"):
			end = "*/"
		default:
			word := strings.ToUpper(sql[:min(len(sql), 6)])
			return word == "SELECT" || strings.HasPrefix(word, "WITH")
		}
		_, sql, _ = strings.Cut(sql, end)
	}
}

// node is what is used of PostgreSQL's JSON for a step of a plan; counts of
// buffers include those of the steps below.
type node struct {
	Type     string  `json:"Node Type"`
	Relation string  `json:"Relation Name"`
	Index    string  `json:"Index Name"`
	Rows     float64 `json:"Actual Rows"`
	Loops    float64 `json:"Actual Loops"`
	Removed  float64 `json:"Rows Removed by Filter"`
	Hit      int64   `json:"Shared Hit Blocks"`
	Read     int64   `json:"Shared Read Blocks"`
	Plans    []node  `json:"Plans"`
}

func parse(query Query, text string) (Plan, error) {
	var explained []struct {
		Plan      node
		Execution float64 `json:"Execution Time"` // ms
	}
	if err := json.Unmarshal([]byte(text), &explained); err != nil {
		return Plan{}, fmt.Errorf("reading the plan: %w", err)
	}
	if len(explained) != 1 {
		return Plan{}, fmt.Errorf("reading the plan: got %d, want 1", len(explained))
	}
	top := explained[0].Plan
	var tree strings.Builder
	top.write(&tree, 0)
	return Plan{
		Query:     query,
		Buffers:   top.Hit + top.Read,
		Read:      top.Read,
		Rows:      int64(top.Rows),
		Execution: time.Duration(explained[0].Execution * float64(time.Millisecond)),
		Text:      tree.String(),
		JSON:      text,
	}, nil
}

func (n node) write(tree *strings.Builder, depth int) {
	fmt.Fprintf(tree, "%s%s", strings.Repeat("  ", depth), n.Type)
	if n.Index != "" {
		fmt.Fprintf(tree, " using %s", n.Index)
	}
	if n.Relation != "" {
		fmt.Fprintf(tree, " on %s", n.Relation)
	}
	fmt.Fprintf(tree, " (rows=%g loops=%g buffers=%d", n.Rows, n.Loops, n.Hit+n.Read)
	if n.Removed > 0 {
		fmt.Fprintf(tree, " removed=%g", n.Removed)
	}
	tree.WriteString(")\n")
	for _, below := range n.Plans {
		below.write(tree, depth+1)
	}
}
