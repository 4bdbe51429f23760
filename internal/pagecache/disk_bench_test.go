package pagecache_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"broadsheet/internal/pagecache"
)

// BenchmarkDisk saves and loads as many pages of 10 kB as have room in 64 MB.
func BenchmarkDisk(b *testing.B) {
	o := pagecache.Options{Size: 64_000_000}
	bl := newBlog(b, o)
	bl.page = func(w http.ResponseWriter, r *http.Request) {
		for i := range 12 {
			pagecache.Show(r.Context(), pagecache.On(fmt.Sprint("post:", i, r.URL.Path)))
		}
		send(w, http.StatusOK, r.URL.Path+strings.Repeat(filling, 4)[:10_000])
	}
	for i := range 6000 {
		bl.get(fmt.Sprint("/posts/", i))
	}
	path := filepath.Join(b.TempDir(), "pages")
	b.Run("Save", func(b *testing.B) {
		for b.Loop() {
			if err := bl.cache.Save(path, "v1"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Load", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			c := newBlog(b, o).cache
			if err := c.Load(path, "v1"); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(metrics(b, c)["broadsheet_cache_entries"], "pages")
		}
	})
}
