package pagecache_test

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"broadsheet/internal/pagecache"
)

// metrics returns what the cache's metrics say, by name and label.
func metrics(t testing.TB, c *pagecache.Cache) map[string]float64 {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(c)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			name := f.GetName()
			for _, l := range m.GetLabel() {
				name += "/" + l.GetValue()
			}
			values[name] = m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	return values
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBlog(t, pagecache.Options{Size: 1 << 20})
		b.page = func(w http.ResponseWriter, r *http.Request) {
			pagecache.Show(r.Context(), pagecache.On("page:"+r.URL.Path), pagecache.On("all"), pagecache.On("posts"))
			send(w, http.StatusOK, filling)
		}
		check := func(what string, want map[string]float64) {
			t.Helper()
			synctest.Wait()
			got := metrics(t, b.cache)
			if bytes := got["broadsheet_cache_bytes"]; (bytes > 0) != (want["entries"] > 0) || bytes > 1<<20 {
				t.Errorf("%s: got %v bytes", what, bytes)
			}
			delete(got, "broadsheet_cache_bytes")
			full := map[string]float64{
				"broadsheet_cache_entries":           want["entries"],
				"broadsheet_cache_size_bytes":        1 << 20,
				"broadsheet_cache_answers_total/hit": want["hit"], "broadsheet_cache_answers_total/miss": want["miss"],
				"broadsheet_cache_answers_total/stale": want["stale"],
				"broadsheet_cache_ended_total/evicted": want["evicted"], "broadsheet_cache_ended_total/changed": want["changed"],
			}
			if diff := cmp.Diff(full, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", what, diff)
			}
		}
		check("at first", nil)
		for _, target := range []string{"/posts/a", "/posts/b", "/posts/c", "/posts/a", "/posts/a?x", "/admin"} {
			b.get(target)
		}
		check("three pages", map[string]float64{"entries": 3, "miss": 3, "hit": 2})
		b.cache.Changed([]string{"page:/posts/a", "posts@5", "all", "posts@6"})
		check("a change of each by several keys", map[string]float64{"miss": 3, "hit": 2, "changed": 3})
		b.get("/posts/a")
		b.get("/posts/b")
		b.cache.Reset()
		b.get("/posts/a") // made anew, which is no change
		check("a reset", map[string]float64{"entries": 2, "miss": 6, "hit": 2, "changed": 3})
		b.page = func(w http.ResponseWriter, _ *http.Request) { send(w, http.StatusServiceUnavailable, "away") }
		b.get("/posts/b")
		b.get("/posts/c")
		check("away", map[string]float64{"entries": 2, "miss": 7, "hit": 2, "stale": 1, "changed": 3})
		b.cache.Changed([]string{"*"})
		check("a change of everything", map[string]float64{"miss": 7, "hit": 2, "stale": 1, "changed": 5})
	})
}

func TestMetricsWithoutSize(t *testing.T) {
	t.Parallel()
	for name, value := range metrics(t, pagecache.New(pagecache.Options{})) {
		if value != 0 {
			t.Errorf("%s: got %v", name, value)
		}
	}
}
