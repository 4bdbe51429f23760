package pagecache

import "github.com/prometheus/client_golang/prometheus"

var (
	entriesDesc = prometheus.NewDesc("broadsheet_cache_entries", "Pages that are kept.", nil, nil)
	bytesDesc   = prometheus.NewDesc("broadsheet_cache_bytes", "Memory that the pages which are kept take.", nil, nil)
	sizeDesc    = prometheus.NewDesc("broadsheet_cache_size_bytes", "Memory that pages may take.", nil, nil)
	answersDesc = prometheus.NewDesc("broadsheet_cache_answers_total",
		"Answers with pages that can be kept: from memory (hit), made (miss), or old ones that could not be made anew (stale).",
		[]string{"outcome"}, nil)
	endedDesc = prometheus.NewDesc("broadsheet_cache_ended_total",
		"Pages that are no longer kept: for want of room (evicted), or because what they show changed (changed).",
		[]string{"reason"}, nil)
)

// Describe is for [prometheus.Collector].
func (c *Cache) Describe(descs chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, descs) }

// Collect is for [prometheus.Collector].
func (c *Cache) Collect(metrics chan<- prometheus.Metric) {
	gauge := func(desc *prometheus.Desc, value float64) {
		metrics <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value)
	}
	counter := func(desc *prometheus.Desc, n uint64, label string) {
		metrics <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(n), label)
	}
	var entries, bytes float64
	if c.pages != nil {
		entries, bytes = float64(c.pages.EstimatedSize()), float64(c.pages.WeightedSize())
	}
	gauge(entriesDesc, entries)
	gauge(bytesDesc, bytes)
	gauge(sizeDesc, float64(c.Size))
	counter(answersDesc, c.counts.hits.Load(), "hit")
	counter(answersDesc, c.counts.misses.Load(), "miss")
	counter(answersDesc, c.counts.stale.Load(), "stale")
	counter(endedDesc, c.counts.evicted.Load(), "evicted")
	counter(endedDesc, c.counts.outdated.Load(), "changed")
}
