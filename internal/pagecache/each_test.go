package pagecache_test

import (
	"io"
	"net/http"
	"testing"
	"testing/synctest"

	"broadsheet/internal/pagecache"
)

// Readers who wait for one making that ends in no page are each answered in
// their own way, and nothing of it is kept.
func TestEachIsAnswered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBlog(t, pagecache.Options{})
		open := make(chan struct{})
		b.page = func(w http.ResponseWriter, r *http.Request) {
			pagecache.Show(r.Context(), pagecache.On("it"))
			<-open
			w.Header().Set("Cache-Control", pageControl)
			answer := func(w http.ResponseWriter, r *http.Request) {
				w.Header().Add("Vary", "Accept-Language")
				w.WriteHeader(http.StatusNotFound)
				_, _ = io.WriteString(w, r.Header.Get("Accept-Language"))
			}
			if !pagecache.Each(r.Context(), answer) {
				t.Error("the page is not being made for others")
			}
		}
		languages := []string{"de", "ja", ""}
		var waiting []func() *answer
		for _, language := range languages {
			waiting = append(waiting, b.later(request(t, "GET", "/posts/a", "Accept-Language: "+language)))
		}
		close(open)
		for i, language := range languages {
			got := waiting[i]().want(t, 404, "miss")
			if got.text(t) != language || got.sent.Get("Vary") != "Accept-Language" || got.sent.Get("Cache-Control") != pageControl {
				t.Errorf("%q: got %q with %v", language, got.body.String(), got.sent)
			}
		}
		if got := b.makings("/posts/a"); got != 1 {
			t.Errorf("got %d makings, want 1 for all who wait", got)
		}
		b.get("/posts/a").want(t, 404, "miss")
		if got := b.makings("/posts/a"); got != 2 {
			t.Errorf("got %d makings, want 2: what is answered to each is not kept", got)
		}
	})
}

const pageControl = "public, max-age=0"

// TestEachAlone: where nothing is made for others, there is nothing to share.
func TestEachAlone(t *testing.T) {
	t.Parallel()
	if pagecache.Each(t.Context(), nil) {
		t.Error("got true outside a making")
	}
}
