package pagecache

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"testing"
	"testing/synctest"
)

// asItStands takes each address for one of a page of its own.
func asItStands(u *url.URL) (route, query string, ok bool) { return u.Path, u.RawQuery, true }

// ask asks a handler for a page.
func ask(h http.Handler, target string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, target, nil))
	return w
}

// Whatever way pages go, nothing is left of them.
func TestIndexIsEmptyWhenPagesAreGone(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*Cache){
		"by name": func(c *Cache) { c.Changed([]string{"all"}) },
		"all":     func(c *Cache) { c.Changed([]string{"*"}) },
		"one by one": func(c *Cache) {
			for i := range 20 {
				c.Changed([]string{fmt.Sprint("post:", i)})
			}
		},
		"pushed out": func(c *Cache) { c.pages.SetMaximum(0) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := New(Options{Size: 256 << 10, Address: asItStands})
				h := c.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					for range 3 {
						Show(r.Context(), On("all"), On(fmt.Sprint("post:", rand.IntN(20))), Between("posts", rand.Int64N(50), 50))
					}
					w.Write(make([]byte, rand.IntN(compressFrom)))
				}))
				for range 5000 { // several times what has room, and changes on the way
					ask(h, fmt.Sprint("/", rand.IntN(2000)))
					switch rand.IntN(400) {
					case 0:
						c.Changed([]string{fmt.Sprint("post:", rand.IntN(20)), fmt.Sprint("posts@", rand.IntN(50))})
					case 1:
						c.Reset()
					}
				}
				if c.counts.evicted.Load() == 0 || c.pages.EstimatedSize() == 0 {
					t.Fatalf("%d pages were pushed out, %d are kept", c.counts.evicted.Load(), c.pages.EstimatedSize())
				}
				path := filepath.Join(t.TempDir(), "pages")
				if err := errors.Join(c.Save(path, ""), c.Load(path, "")); err != nil {
					t.Fatal(err)
				}
				end(c)
				c.pages.CleanUp()
				synctest.Wait()
				if c.pages.EstimatedSize() != 0 {
					t.Fatalf("got %d pages", c.pages.EstimatedSize())
				}
				if len(c.index.pages) != 0 || len(c.index.fills) != 0 {
					t.Errorf("got %d names and %d makings in the index", len(c.index.pages), len(c.index.fills))
				}
			})
		})
	}
}

// A page that was made before a change may still be on its way to those who
// wait for it: who comes after the change does not wait with them.
func TestPageMadeButNotDelivered(t *testing.T) {
	t.Parallel()
	for name, keys := range map[string][]string{"by name": {"post:1"}, "all": {"*"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := New(Options{Size: 1 << 20, Address: asItStands})
				text := "before"
				page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					Show(r.Context(), On("post:1"))
					io.WriteString(w, text)
				})
				deliver := make(chan struct{})
				u := &url.URL{Path: "/a"}
				first := c.flights.DoChan("/a", func() (any, error) {
					e, err := c.fill(httptest.NewRequest(http.MethodGet, "/a", nil), u, "/a", "/a", page)
					<-deliver
					return e, err
				})
				synctest.Wait() // it is made
				text = "after"
				c.Changed(keys)
				after := make(chan string)
				go func() { after <- ask(c.Handler(page), "/a").Body.String() }()
				synctest.Wait()
				close(deliver)
				<-first
				if got := <-after; got != "after" {
					t.Errorf("got the page from %s the change", got)
				}
			})
		})
	}
}
