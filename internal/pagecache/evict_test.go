package pagecache_test

import (
	"math"
	"net/http"
	"testing"

	"broadsheet/internal/pagecache"
)

func TestExactlyWhatChangedEnds(t *testing.T) {
	t.Parallel()
	const lowest, highest = math.MinInt64, math.MaxInt64
	for _, tt := range []struct {
		name  string
		shows []pagecache.Dep
		ends  []string // each of them alone ends the page
		stays []string
	}{
		{
			"a post", []pagecache.Dep{pagecache.On("post:1")},
			[]string{"post:1", "post:1@5", "post:1@", "post:1@x", "*"},
			[]string{"post:11", "post:", "post", "Post:1", "post:1 ", "posts", "slug:1", "", "@", "@1", "x@post:1", "**"},
		},
		{
			"part of a list", []pagecache.Dep{pagecache.Between("posts", 10, 20)},
			[]string{"posts@10", "posts@15", "posts@20", "posts@+15", "posts@015", "posts", "*"},
			[]string{"posts@9", "posts@21", "posts@-15", "posts@0", "post@15", "tag:1@15", "posts:@15"},
		},
		{
			"malformed places are everywhere", []pagecache.Dep{pagecache.Between("posts", 10, 20)},
			[]string{"posts@", "posts@x", "posts@9.0", "posts@9e0", "posts@0x9", "posts@9223372036854775808", "posts@9@9", "posts@ 9", "posts@9\x00"}, nil,
		},
		{
			"the newest", []pagecache.Dep{pagecache.Between("posts", 10, highest)},
			[]string{"posts@10", "posts@9223372036854775807"}, []string{"posts@9", "posts@-9223372036854775808"},
		},
		{
			"the oldest", []pagecache.Dep{pagecache.Between("posts", lowest, 20)},
			[]string{"posts@20", "posts@-1", "posts@-9223372036854775808"}, []string{"posts@21", "posts@9223372036854775807"},
		},
		{
			"before 1970", []pagecache.Dep{pagecache.Between("posts", -20, -10)},
			[]string{"posts@-20", "posts@-10"}, []string{"posts@-21", "posts@-9", "posts@15"},
		},
		{
			"one place", []pagecache.Dep{pagecache.Between("tag:7", 5, 5)},
			[]string{"tag:7@5", "tag:7"}, []string{"tag:7@4", "tag:7@6", "tag:70@5", "tag:@5"},
		},
		{
			"all of a list", []pagecache.Dep{pagecache.On("posts")},
			[]string{"posts@5", "posts@-9223372036854775808", "posts@9223372036854775807"}, []string{"tags"},
		},
		{
			"several things", []pagecache.Dep{pagecache.On("post:1"), pagecache.Between("posts", 1, 5), pagecache.On("post:2"), pagecache.On("post:1")},
			[]string{"post:1", "post:2", "posts@5"}, []string{"post:3", "posts@6"},
		},
		{
			"two parts of a list", []pagecache.Dep{pagecache.Between("posts", 1, 5), pagecache.Between("posts", 8, 9)},
			[]string{"posts@1", "posts@5", "posts@8", "posts@9"}, []string{"posts@0", "posts@6", "posts@7", "posts@10"},
		},
		{
			"a name with @ in it", []pagecache.Dep{pagecache.On("slug:me@home"), pagecache.On("slug:a@5")},
			[]string{"slug:me@home", "slug:a@5"}, []string{"slug:me@work", "slug:a@6", "slug:me"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBlog(t, pagecache.Options{})
			b.page = func(w http.ResponseWriter, r *http.Request) {
				pagecache.Show(r.Context(), tt.shows...)
				send(w, 200, filling)
			}
			b.get("/posts/a")
			for _, key := range tt.ends {
				for _, keys := range [][]string{{key}, {"other", key, "another@7"}} {
					b.get("/posts/a").want(t, 200, "hit")
					b.cache.Changed(keys)
					if a := b.get("/posts/a"); a.outcome != "miss" {
						t.Errorf("%q: got %s, want it to end", keys, a.outcome)
					}
				}
			}
			b.cache.Changed(append(tt.stays, "other"))
			b.cache.Changed(nil)
			for _, key := range tt.stays {
				b.cache.Changed([]string{key})
				if a := b.get("/posts/a"); a.outcome != "hit" {
					t.Errorf("%q: got %s, want it to stay", key, a.outcome)
				}
			}
		})
	}
}

func TestOtherPagesStay(t *testing.T) {
	t.Parallel()
	b := newBlog(t, pagecache.Options{})
	pages := []string{"/posts/a", "/posts/b", "/tags/a", "/?tag=a"}
	for _, p := range pages {
		b.get(p).want(t, 200, "miss")
	}
	b.cache.Changed([]string{"page:/posts/b", "page:/", "page:/nothing"})
	for i, outcome := range []string{"hit", "miss", "hit", "miss"} {
		b.get(pages[i]).want(t, 200, outcome)
	}
	b.cache.Changed([]string{"x", "*", "y"})
	for _, p := range pages {
		b.get(p).want(t, 200, "miss")
	}
}
