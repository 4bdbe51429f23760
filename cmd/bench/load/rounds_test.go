package load_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"broadsheet/cmd/bench/load"
)

func TestInterleave(t *testing.T) {
	t.Parallel()
	cells := func(names string) (block []*load.Cell) {
		for name := range strings.FieldsSeq(names) {
			block = append(block, &load.Cell{Server: name})
		}
		return block
	}
	blocks := [][]*load.Cell{cells("a b c"), cells("x y")}
	var order []string
	err := load.Interleave(3, blocks, func(c *load.Cell) (load.Sample, error) {
		order = append(order, c.Server)
		return load.Sample{Requests: len(order)}, nil
	})
	if err != nil {
		t.Fatalf("got error %v", err)
	}
	// What is compared stays together, and nobody is always first.
	if got, want := strings.Join(order, ""), "abcxy"+"bcayx"+"cabxy"; got != want {
		t.Errorf("got the order %s, want %s", got, want)
	}
	b := blocks[0][1]
	if got := []int{b.Samples[0].Requests, b.Samples[1].Requests, b.Samples[2].Requests}; !slices.Equal(got, []int{2, 6, 13}) {
		t.Errorf("got the samples %v of b, want those taken of it: 2, 6, 13", got)
	}
}

func TestInterleaveStops(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	taken := 0
	err := load.Interleave(5, [][]*load.Cell{{{}, {}, {}}}, func(*load.Cell) (load.Sample, error) {
		taken++
		if taken == 4 {
			return load.Sample{}, broken
		}
		return load.Sample{}, nil
	})
	if !errors.Is(err, broken) || taken != 4 {
		t.Errorf("got error %v after %d samples, want it at once", err, taken)
	}
}

func TestMedian(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		values []float64
		want   float64
	}{
		{"none", nil, 0},
		{"one", []float64{3}, 3},
		{"odd", []float64{9, 1, 2}, 2},
		{"even", []float64{9, 1, 2, 4}, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			before := slices.Clone(tt.values)
			if got := load.Median(tt.values); got != tt.want || !slices.Equal(before, tt.values) {
				t.Errorf("got %v and left %v, want %v and left %v", got, tt.values, tt.want, before)
			}
		})
	}
}

// A disturbed round spoils one ratio, where it would spoil the ratio of the
// medians.
func TestRatio(t *testing.T) {
	t.Parallel()
	of := &load.Cell{Samples: []load.Sample{{Rate: 50}, {Rate: 10}, {Rate: 80}}}
	to := &load.Cell{Samples: []load.Sample{{Rate: 100}, {Rate: 20}, {Rate: 400}}}
	if got := load.Ratio(of, to, load.Rate); got != 0.5 {
		t.Errorf("got %v, want 0.5", got)
	}
}

func TestFigures(t *testing.T) {
	t.Parallel()
	s := load.Sample{Requests: 1000, Rate: 500, P50: time.Millisecond, P99: 4 * time.Millisecond, CPU: 20 * time.Millisecond, Database: 5 * time.Millisecond}
	for name, figure := range map[string]struct{ got, want float64 }{
		"rate": {load.Rate(s), 500}, "p50": {load.P50(s), 0.001}, "p99": {load.P99(s), 0.004}, "CPU": {load.CPU(s), 20}, "database": {load.Database(s), 5},
	} {
		if figure.got != figure.want {
			t.Errorf("%s: got %v, want %v", name, figure.got, figure.want)
		}
	}
}
