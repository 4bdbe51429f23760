package posts_test

import (
	"encoding/json"
	"fmt"
	"strings"
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
	b.makeTags("all", "few")
	b.many(2000, "CASE n % 400 WHEN 0 THEN '{1,2}' ELSE '{1}' END::bigint[]")
	for from := range 6 {
		b.exec(`
		INSERT INTO posts (slug, title, status, published_at, author_id, tag_ids, markdown, html, excerpt, plain, render_version)
		SELECT 'old-' || n, CASE n % 4 WHEN 0 THEN 'old title ' ELSE 'title ' END || n, 'published',
			now() - (2000 + n) * interval '1 minute', $1, '{1}', '', '', '', 'old text of everybody', 1
		FROM generate_series($2 * 1000 + 1, $2 * 1000 + 1000) n`, b.author, from)
	}
	b.exec("VACUUM ANALYZE posts")
	all, few := b.tag("all"), b.tag("few")
	const most = posts.SearchMost
	for _, tt := range []struct {
		name   string
		search posts.Search
		hits   int // on the page
		most   int // posts read
	}{
		{"in every title", posts.Search{Words: "post or title"}, 10, 3*most + 11},
		{"in many old posts", posts.Search{Words: "old"}, 10, 3*most + 11},
		{"in many old posts, with a rare tag", posts.Search{Words: "old", Tags: []posts.Tag{few}}, 0, 3*most + 11},
		{"in many old posts, in none of an author", posts.Search{Words: "old", Author: b.author + 1}, 0, 3*most + 11},
		{"in every post, with a rare tag", posts.Search{Words: "post", Tags: []posts.Tag{few}}, 5, 3*most + 11},
		{"in one", posts.Search{Words: "1987"}, 2, 10},
		{"in none", posts.Search{Words: "never"}, 0, 0},
		{"phrase of common words that no post has", posts.Search{Words: `"old post"`}, 0, 3 * most},
		{"phrase of common words in none, in another way", posts.Search{Words: `"everybody old"`}, 0, 3 * most},
		{"left out, in every post", posts.Search{Words: "-post -old"}, 0, most},
		{"left out, or another", posts.Search{Words: "never or -post"}, 0, 2 * most},
		{"no word", posts.Search{Words: `"`}, 0, 0},
		{"a tag of all", posts.Search{Tags: []posts.Tag{all}}, 10, most + 11},
		{"a rare tag", posts.Search{Tags: []posts.Tag{few}}, 5, 10},
		{"another author", posts.Search{Author: b.author + 1}, 0, 0},
		{"a series", posts.Search{Series: 1}, 0, 0},
		{"words in a series", posts.Search{Words: "old", Series: 1}, 0, 2 * most},
		{"an author, long ago", posts.Search{Author: b.author, From: time.Unix(0, 0), To: time.Unix(1, 0)}, 0, 0},
		{"a year, long ago", posts.Search{From: time.Unix(0, 0), To: time.Unix(1, 0)}, 0, 0},
		{"an author", posts.Search{Author: b.author}, 10, most + 11},
	} {
		ctx, recorder := explain.Record(t.Context())
		page, err := b.Search(ctx, tt.search)
		if err != nil || len(page.Hits) != tt.hits {
			t.Errorf("%s: got %d posts and error %v, want %d", tt.name, len(page.Hits), err, tt.hits)
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

// Of many words, of which several stand in phrases, any is marked.
func TestEachOfManyWordsIsMarked(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for n := range 10 {
		d := b.draft(fmt.Sprint("Codes ", n))
		d.Status, d.PublishedAt = posts.StatusPublished, time.Now().Add(-time.Hour)
		d.Markdown = "```\n" + strings.Repeat("a=b <img src=x c=d> <img/src=x/e=f> g h i j k\n", 800) + "```"
		b.save(0, 0, d)
	}
	page, err := b.Search(t.Context(), posts.Search{Words: `<img src=x c=d> <img/src=x/e=f> <img src=x c=d> "g h i" "j k" a=b <img src=x>`})
	if err != nil || len(page.Hits) != 10 || !strings.Contains(string(page.Hits[0].Snippet), "<mark>") {
		t.Errorf("got %d posts and error %v, want ten with words marked", len(page.Hits), err)
	}
}
