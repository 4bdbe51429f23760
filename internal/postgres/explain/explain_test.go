package explain_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/postgres/explain"
	"broadsheet/internal/postgrestest"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

func TestRecord(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	ctx, recorder := explain.Record(t.Context())

	exec(t, ctx, pool, "SELECT $1::int", 1)
	exec(t, ctx, pool, "SELECT @name::text", pgx.StrictNamedArgs{"name": "o'hara"})
	exec(t, ctx, pool, "SELECT $1::int", pgx.QueryExecModeExec, 2)
	exec(t, t.Context(), pool, "SELECT 'somebody else'")
	batch := new(pgx.Batch)
	batch.Queue("SELECT 3")
	batch.Queue("SELECT $1::int", 4)
	if err := pool.SendBatch(ctx, batch).Close(); err != nil {
		t.Fatalf("sending a batch: %v", err)
	}

	want := []explain.Query{
		{SQL: "SELECT $1::int", Args: []any{1}},
		{SQL: "SELECT $1::text", Args: []any{"o'hara"}},
		{SQL: "SELECT $1::int", Args: []any{2}},
		{SQL: "SELECT 3"},
		{SQL: "SELECT $1::int", Args: []any{4}},
	}
	if diff := cmp.Diff(want, recorder.Queries()); diff != "" {
		t.Errorf("recorded queries (-want +got):\n%s", diff)
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	exec(t, t.Context(), pool, "CREATE TABLE numbers (n bigint PRIMARY KEY, name text)")
	exec(t, t.Context(), pool, "INSERT INTO numbers SELECT n, 'it''s ' || n FROM generate_series(1, 10000) n")
	exec(t, t.Context(), pool, "ANALYZE numbers")

	tests := []struct {
		name      string
		sql       string
		args      []any
		wantRows  int64
		wantNode  string
		maxBuffer int64
	}{
		{"by key", "-- one\nSELECT name FROM numbers WHERE n = $1", []any{int64(5)}, 1, "Index Scan using numbers_pkey on numbers", 5},
		{"whole table", "SELECT name FROM numbers WHERE name LIKE $1", []any{"it's%"}, 10000, "Seq Scan on numbers", 1000},
		{"empty text", "SELECT n FROM numbers WHERE name = '' || $1 || $2", []any{"it's 7", ""}, 1, "Seq Scan on numbers", 1000},
		{"null", "SELECT n FROM numbers WHERE name = $1::text", []any{nil}, 0, "", 1000},
		{"array and time", "WITH a AS (SELECT unnest($1::text[])) SELECT * FROM a WHERE $2::timestamptz < now()",
			[]any{[]string{"a'b", `c"d`, `e\f`}, time.Unix(0, 0)}, 3, "", 0},
	}
	for _, tt := range tests {
		for _, mode := range []explain.PlanMode{explain.Custom, explain.Generic} {
			t.Run(tt.name+" "+string(mode), func(t *testing.T) {
				t.Parallel()
				queries := []explain.Query{{SQL: "begin"}, {SQL: tt.sql, Args: tt.args}}
				plans, err := explain.Run(t.Context(), pool, mode, queries)
				if err != nil {
					t.Fatalf("explaining: %v", err)
				}
				if len(plans) != 1 {
					t.Fatalf("got %d plans, want that of the SELECT alone", len(plans))
				}
				plan := plans[0]
				if plan.Rows != tt.wantRows {
					t.Errorf("got %d rows, want %d", plan.Rows, tt.wantRows)
				}
				if !strings.Contains(plan.Text, tt.wantNode) {
					t.Errorf("got plan\n%s\nwant %s", plan.Text, tt.wantNode)
				}
				if plan.Buffers > tt.maxBuffer || plan.Execution <= 0 {
					t.Errorf("got %d buffers and %v, want at most %d and more than 0", plan.Buffers, plan.Execution, tt.maxBuffer)
				}
			})
		}
	}
}

// A generic plan cannot know that the value is rare, a custom one does.
func TestModes(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	exec(t, t.Context(), pool, "CREATE TABLE things (id int, kind text)")
	exec(t, t.Context(), pool, "INSERT INTO things SELECT n, CASE WHEN n = 1 THEN 'rare' ELSE 'common' END FROM generate_series(1, 20000) n")
	exec(t, t.Context(), pool, "CREATE INDEX things_kind ON things (kind)")
	exec(t, t.Context(), pool, "ANALYZE things")
	query := []explain.Query{{SQL: "SELECT id FROM things WHERE kind = $1", Args: []any{"common"}}}
	text := make(map[explain.PlanMode]string)
	for _, mode := range []explain.PlanMode{explain.Custom, explain.Generic} {
		plans, err := explain.Run(t.Context(), pool, mode, query)
		if err != nil {
			t.Fatalf("explaining: %v", err)
		}
		text[mode] = plans[0].Text
	}
	if !strings.Contains(text[explain.Custom], "Seq Scan") || !strings.Contains(text[explain.Generic], "things_kind") {
		t.Errorf("got custom\n%s\nand generic\n%s\nwant a scan of the table and one of the index", text[explain.Custom], text[explain.Generic])
	}
}

func TestRunChangesNothing(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	exec(t, t.Context(), pool, "CREATE TABLE kept (n int)")
	query := []explain.Query{{SQL: "WITH added AS (INSERT INTO kept VALUES (1) RETURNING n) SELECT n FROM added"}}
	if _, err := explain.Run(t.Context(), pool, explain.Custom, query); err != nil {
		t.Fatalf("explaining: %v", err)
	}
	var n int
	if err := pool.QueryRow(t.Context(), "SELECT count(*) FROM kept").Scan(&n); err != nil {
		t.Fatalf("counting: %v", err)
	}
	if n != 0 {
		t.Errorf("got %d rows after explaining an insert, want 0", n)
	}
}

func exec(t *testing.T, ctx context.Context, pool *pgxpool.Pool, sql string, args ...any) {
	t.Helper()
	if _, err := pool.Exec(ctx, sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}
