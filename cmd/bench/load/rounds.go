package load

import (
	"slices"
)

// A Cell is one server asked for one page over a number of connections.
type Cell struct {
	Page, Server string
	Connections  int
	Samples      []Sample // one of each round

	request request
}

// interleave takes a sample of every cell in every round. The cells of a block
// are compared with each other and so come right after one another, in another
// order each round: what disturbs the machine for a while meets them all.
func interleave(rounds int, blocks [][]*Cell, measure func(*Cell) (Sample, error)) error {
	for round := range rounds {
		for _, block := range blocks {
			for i := range block {
				cell := block[(i+round)%len(block)]
				s, err := measure(cell)
				if err != nil {
					return err
				}
				cell.Samples = append(cell.Samples, s)
			}
		}
	}
	return nil
}

// Cell returns the cell of these names, nil when there is none.
func (r Result) Cell(page, server string, connections int) *Cell {
	for _, c := range r.Cells {
		if c.Page == page && c.Server == server && c.Connections == connections {
			return c
		}
	}
	return nil
}

// Median returns the median of a figure over the rounds.
func (c *Cell) Median(figure func(Sample) float64) float64 {
	values := make([]float64, len(c.Samples))
	for i, s := range c.Samples {
		values[i] = figure(s)
	}
	return Median(values)
}

// Ratio compares two cells round by round and returns the median of that.
func Ratio(of, to *Cell, figure func(Sample) float64) float64 {
	values := make([]float64, min(len(of.Samples), len(to.Samples)))
	for i := range values {
		values[i] = figure(of.Samples[i]) / figure(to.Samples[i])
	}
	return Median(values)
}

// Rate is how many requests were answered in a second.
func Rate(s Sample) float64 { return s.Rate }

// P50 is the time in which half of the requests were answered, in seconds.
func P50(s Sample) float64 { return s.P50.Seconds() }

// P99 is the time in which 99 of 100 requests were answered, in seconds.
func P99(s Sample) float64 { return s.P99.Seconds() }

// CPU is the server's processor time for a request, in microseconds.
func CPU(s Sample) float64 { return s.perRequest(s.CPU) }

// Database is PostgreSQL's processor time for a request, in microseconds.
func Database(s Sample) float64 { return s.perRequest(s.Database) }

// Median returns the middle of the values, or the mean of the two in the
// middle, and 0 for none.
func Median[T ~int64 | ~float64](values []T) T {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}
