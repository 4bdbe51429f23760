package main

import (
	"fmt"
	"slices"
	"strings"

	"broadsheet/cmd/bench/load"
)

// loadTables prints every cell, and how the load was made.
func loadTables(b *strings.Builder, l load.Result) {
	b.WriteString("| page | server | connections | req/s (min–max) | × | p50 | p99 | CPU µs/request | × | PostgreSQL µs/request |\n")
	b.WriteString("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	for _, c := range l.Cells {
		rates := make([]float64, len(c.Samples))
		for i, s := range c.Samples {
			rates[i] = s.Rate
		}
		page, rate, cpu := c.Page, "", ""
		if size := l.Wire[c.Page]; size > 0 && c.Server == load.Broadsheet {
			page = fmt.Sprintf("%s (%s B)", c.Page, group(int64(size)))
		}
		if to := l.Base(c); to != nil {
			rate, cpu = fmt.Sprintf("%.2f", load.Ratio(c, to, load.Rate)), fmt.Sprintf("%.2f", load.Ratio(c, to, load.CPU))
		}
		fmt.Fprintf(b, "| %s | %s | %d | %s (%s–%s) | %s | %.2f ms | %.2f ms | %.1f | %s | %s |\n", page, c.Server, c.Connections,
			group(int64(load.Median(rates))), group(int64(slices.Min(rates))), group(int64(slices.Max(rates))), rate,
			1000*c.Median(load.P50), 1000*c.Median(load.P99), c.Median(load.CPU), cpu, databaseTime(c))
	}
	fmt.Fprintf(b, "\nMedians of %d rounds; × compares with nginx, or with one query + template, round by round. "+
		"CPU is that of all of the server's processes.\nOther programs used %.2f processors meanwhile.",
		len(l.Cells[0].Samples), l.Disturbance())
	if l.Disturbance() > load.Disturbed {
		b.WriteString(" That is too many: rates and times say little, and none of them fails this run.")
	}
	b.WriteString("\n")
	m := l.Memory
	fmt.Fprintf(b, "Memory: idle %.1f MiB resident, %.1f PSS; after %s pages and a load of %s requests over all of them, %.1f resident, %.1f PSS, peak %.1f.\n",
		mib(m.Idle), mib(m.IdleProportional), group(int64(m.Pages)), group(int64(m.Sample.Requests)), mib(m.Loaded), mib(m.LoadedProportional), mib(m.Peak))
	problems, _ := l.Problems()
	for _, line := range problems {
		fmt.Fprintf(b, "Wrong answers: %s.\n", line)
	}
	fmt.Fprintf(b, "Publishing: the author was answered after %s (median).\n", ms(load.Median(l.Visible.Answered)))
}

// databaseTime is left out where the server asked the database for nothing.
func databaseTime(c *load.Cell) string {
	used := c.Median(load.Database)
	if used < 1 {
		return ""
	}
	return fmt.Sprintf("%.1f", used)
}
