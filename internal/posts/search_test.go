package posts_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"broadsheet/internal/postgres/explain"
	"broadsheet/internal/posts"
)

// However common a word is, and wherever its posts are, a search reads a
// bounded number of posts, by either plan.
func TestSearchIsBounded(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	const newest = 2000
	b.many(newest, "'{}'")
	for range 4 {
		_, err := b.pool.Exec(t.Context(), `
			INSERT INTO posts (slug, title, status, published_at, author_id, markdown, html, excerpt, render_version)
			SELECT 'old-' || m + n, 'old post ' || m + n, 'published', now() - (2000 + m + n) * interval '1 minute', $1, '', '', '', 1
			FROM generate_series(1, 3000) n, (SELECT count(*) AS m FROM posts) existing`, b.author)
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.pool.Exec(t.Context(), "VACUUM ANALYZE posts"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, query string
		posts       int // on the page
		most        int // read for it
	}{
		{"in every post", "post", 10, posts.SearchWindow},
		// PostgreSQL knows how common this one is and passes the newest by once more.
		{"in many old posts", "old", 10, posts.SearchWindow + posts.SearchMost + newest},
		{"in one", "1987", 1, posts.SearchWindow + 1},
		{"in none", "never", 0, posts.SearchWindow},
		{"left out, in every post", "-post", 0, posts.SearchWindow},
		{"left out, or another", "never or -post", 0, posts.SearchWindow},
		{"left out, in old posts", "-old -never", 10, posts.SearchWindow},
		{"no word", `"`, 0, posts.SearchWindow},
	} {
		ctx, recorder := explain.Record(t.Context())
		l, err := b.Listing(ctx, posts.Filter{Query: tt.query})
		if err != nil || len(l.Posts) != tt.posts {
			t.Errorf("%s: got %d posts and error %v, want %d", tt.name, len(l.Posts), err, tt.posts)
		}
		for _, mode := range []explain.PlanMode{explain.Custom, explain.Generic} {
			plans, err := explain.Run(t.Context(), b.pool, mode, recorder.Queries())
			if err != nil {
				t.Fatal(err)
			}
			read, text := 0, ""
			for _, p := range plans {
				read, text = read+postsRead(t, p), text+p.Text
			}
			if read > tt.most {
				t.Errorf("%s, %s: %d posts read, want at most %d\n%s", tt.name, mode, read, tt.most, text)
			}
		}
	}
}

// postsRead counts the rows of posts that a plan read, those that it did not
// go on with included.
func postsRead(t *testing.T, p explain.Plan) int {
	t.Helper()
	type node struct {
		Relation string  `json:"Relation Name"`
		Rows     float64 `json:"Actual Rows"`
		Filtered float64 `json:"Rows Removed by Filter"`
		Recheck  float64 `json:"Rows Removed by Index Recheck"`
		Loops    float64 `json:"Actual Loops"`
		Plans    []node
	}
	var explained []struct{ Plan node }
	if err := json.Unmarshal([]byte(p.JSON), &explained); err != nil {
		t.Fatal(err)
	}
	var count func(node) float64
	count = func(n node) (read float64) {
		if n.Relation == "posts" {
			read = (n.Rows + n.Filtered + n.Recheck) * n.Loops
		}
		for _, below := range n.Plans {
			read += count(below)
		}
		return read
	}
	return int(count(explained[0].Plan))
}

func TestBusySearch(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.publish("Cursors", time.Hour)

	release := b.HoldSearches()
	_, err := b.Listing(t.Context(), posts.Filter{Query: "cursors"})
	wantErr(t, err, posts.ErrBusy)
	_, err = b.Rows(t.Context(), posts.RowFilter{Query: "cursors"})
	wantErr(t, err, posts.ErrBusy)
	left, leave := context.WithCancel(t.Context())
	leave()
	if _, err := b.Listing(left, posts.Filter{Query: "cursors"}); !errors.Is(err, context.Canceled) {
		t.Errorf("a reader who left: got %v, want context.Canceled", err)
	}
	if got := titles(b.list(posts.Filter{})); len(got) != 1 {
		t.Errorf("other pages meanwhile: got %v, want the post", got)
	}
	release()
	for range 3 { // each gives its turn back
		if got := titles(b.list(posts.Filter{Query: "cursors"})); len(got) != 1 {
			t.Errorf("afterwards: got %v, want the post", got)
		}
	}
}
