package pagecache_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"broadsheet/internal/pagecache"
)

// Want of room is no reason to show what may have changed: an old page stands
// in for a new one only where it cannot be made.
func TestNoOldPageForWantOfRoom(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		busy bool
		want int
	}{{"no room", true, http.StatusServiceUnavailable}, {"no database", false, http.StatusOK}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			works := true
			c := pagecache.New(pagecache.Options{
				Size: 1 << 20, Address: func(*url.URL) (string, string, bool) { return "/", "", true },
			})
			handler := c.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				pagecache.Show(r.Context(), pagecache.On("it"))
				if works {
					return
				}
				if tt.busy {
					pagecache.Busy(r.Context())
				}
				w.WriteHeader(http.StatusServiceUnavailable)
			}))
			get := func() int {
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
				return w.Code
			}
			if got := get(); got != http.StatusOK {
				t.Fatalf("got %d at first, want 200", got)
			}
			works = false
			c.Reset()
			if got := get(); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}
