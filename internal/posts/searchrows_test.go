package posts_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"broadsheet/internal/postgres/explain"
	"broadsheet/internal/posts"
)

// Authors find what readers do, and drafts.
func TestRowsAreSearchedAsReadersSearch(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.write("de", "Häuser", "", "Die Zeitungen liegen da.", "Web design")
	b.write("en", "News", "", "Newspapers are folded.")
	old := b.draft("Former", "Web design")
	old.Series, old.Status, old.PublishedAt = "Numbers", posts.StatusPublished, time.Date(2024, 12, 31, 23, 30, 0, 0, time.UTC)
	b.save(0, 0, old)
	unseen := b.draft("Unseen newspaper", "Secret")
	unseen.Language, unseen.Series = "en", "Hidden"
	b.save(0, 0, unseen)
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string][]string{
		"newspaper":                    {"Unseen newspaper", "News"},
		"Zeitung":                      {"Häuser"},
		`“are folding”`:                {"News"},
		"newspaper -folded":            {"Unseen newspaper"},
		"-newspaper":                   {"Former", "Häuser"},
		"tag:secret":                   {"Unseen newspaper"},
		`tag:"web Design"`:             {"Former", "Häuser"},
		"tag:web-design zeitung":       {"Häuser"},
		"tag:none newspaper":           nil,
		"series:hidden":                {"Unseen newspaper"},
		"series:numbers series:hidden": nil,
		"year:2025":                    {"Former"},
		"year:2024":                    nil,
		"year:2024 year:2025":          nil,
		"author:nobody":                nil,
		"author:" + b.handle():         {"Unseen newspaper", "Former", "News", "Häuser"},
		`"`:                            nil,
		`%_\' OR -`:                    nil,
	} {
		if diff := cmp.Diff(want, rowTitles(b.rows(posts.RowFilter{Query: query, Zone: berlin}))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
	if diff := cmp.Diff([]string{"Unseen newspaper"}, rowTitles(b.rows(posts.RowFilter{Query: "newspaper", State: posts.StateDraft}))); diff != "" {
		t.Errorf("drafts (-want +got):\n%s", diff)
	}
}

func (b blog) handle() (handle string) {
	b.t.Helper()
	if err := b.pool.QueryRow(b.t.Context(), "SELECT handle FROM users WHERE id = $1", b.author).Scan(&handle); err != nil {
		b.t.Fatal(err)
	}
	return handle
}

func TestSearchByDatePagesBothWays(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for n := range 7 { // those that say it most often are the oldest
		d := b.draft(fmt.Sprint("Post ", n), "go")
		d.Markdown, d.Status, d.PublishedAt = fmt.Sprint("word word word"[:4+5*((7-n)/3)]), posts.StatusPublished, time.Now().Add(-time.Hour*time.Duration(10-n))
		b.save(0, 0, d)
	}
	about := b.draft("About")
	about.Kind, about.Markdown, about.Status, about.PublishedAt = posts.KindPage, "word", posts.StatusPublished, time.Now().Add(-time.Hour)
	b.save(0, 0, about)
	find := func(f posts.Search) posts.Listing {
		t.Helper()
		l, err := b.SearchByDate(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	for _, f := range []posts.Search{{Words: "word"}, {Words: "-never"}, {Words: "word", Tags: []posts.Tag{b.tag("go")}}, {Tags: []posts.Tag{b.tag("go")}}, {Author: b.author}} {
		f.Limit = 3
		first := find(f)
		f.After = first.Older
		second := find(f)
		f.After = second.Older
		third := find(f)
		got := slices.Concat(titles(first), titles(second), titles(third))
		if diff := cmp.Diff([]string{"Post 6", "Post 5", "Post 4", "Post 3", "Post 2", "Post 1", "Post 0"}, got); diff != "" || third.Older != "" {
			t.Errorf("%+v (-want +got):\n%s", f, diff)
		}
		f.After, f.Before = "", third.Newer
		if back := find(f); !slices.Equal(titles(back), titles(second)) || back.AtTop {
			t.Errorf("%+v: back got %v, want %v", f, titles(back), titles(second))
		}
		f.Before = second.Newer
		if back := find(f); !back.AtTop {
			t.Errorf("%+v: got no top", f)
		}
	}
	cursor := find(posts.Search{Words: "word", Limit: 1}).Older
	for name, f := range map[string]posts.Search{
		"of another search": {Words: "another", After: cursor},
		"both":              {Words: "word", After: cursor, Before: cursor},
	} {
		if _, err := b.SearchByDate(t.Context(), f); err == nil {
			t.Errorf("cursor %s: got no error", name)
		}
	}
}

// A common word is found in every post that has it, page by page; and however
// common a word, a tag or a state is, no more than some thousand posts are read.
func TestSearchesByDateAreBounded(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.makeTags("all", "few")
	b.many(6000, "CASE n % 1200 WHEN 0 THEN '{1,2}' ELSE '{1}' END::bigint[]")
	b.exec("UPDATE posts SET status = 'draft', updated_at = now() - interval '1 year' WHERE id = 77")
	b.exec("VACUUM ANALYZE posts")
	all, few := b.tag("all"), b.tag("few")
	const most = 9 * posts.SearchMost // each that is found is looked at twice: for its words, and to be listed
	bounded := func(name string, queries []explain.Query) {
		t.Helper()
		for _, mode := range []explain.PlanMode{explain.Custom, explain.Generic} {
			plans, err := explain.Run(t.Context(), b.pool, mode, queries)
			if err != nil {
				t.Fatal(err)
			}
			read, text := 0, ""
			for _, p := range plans {
				read, text = read+postsRead(t, p), text+p.Text
			}
			if read > most {
				t.Errorf("%s, %s: %d posts read, want at most %d\n%s", name, mode, read, most, text)
			}
		}
	}
	deep := posts.Search{Words: "post", Limit: 1500}
	for range 3 {
		l, err := b.SearchByDate(t.Context(), deep)
		if err != nil || len(l.Posts) < posts.SearchMost {
			t.Fatalf("got %d posts and error %v", len(l.Posts), err)
		}
		deep.After = posts.EncodeCursor(l.Posts[posts.SearchMost-1].PublishedAt, l.Posts[posts.SearchMost-1].ID, "by date "+deep.Scope())
	}
	deep.Limit = 20
	for _, tt := range []struct {
		name  string
		f     posts.Search
		first string
		posts int
	}{
		{"in every post", posts.Search{Words: "post"}, "post 1", 10},
		{"in every post, deep", deep, "post 3002", 20},
		{"with a tag of all", posts.Search{Words: "post", Tags: []posts.Tag{all}}, "post 1", 10},
		{"with a rare tag", posts.Search{Words: "post", Tags: []posts.Tag{few}}, "post 1200", 5},
		{"a rare tag", posts.Search{Tags: []posts.Tag{few}}, "post 1200", 5},
		{"left out", posts.Search{Words: "-never"}, "post 1", 10},
		{"in one", posts.Search{Words: "4711"}, "post 4711", 1},
	} {
		ctx, recorder := explain.Record(t.Context())
		l, err := b.SearchByDate(ctx, tt.f)
		if err != nil || len(l.Posts) != tt.posts || l.Posts[0].Title != tt.first {
			t.Errorf("%s: got %v and error %v, want %d from %s on", tt.name, titles(l), err, tt.posts, tt.first)
		}
		bounded(tt.name, recorder.Queries())
	}
	for _, tt := range []struct {
		name, first string
		f           posts.RowFilter
		rows        int
	}{
		{"one unpublished among all", "post 77", posts.RowFilter{Query: "post", State: posts.StateUnpublished}, 1},
		{"none scheduled", "", posts.RowFilter{Query: "post", State: posts.StateScheduled}, 0},
		{"a rare tag", "post 1200", posts.RowFilter{Query: "tag:few", State: posts.StatePublished}, 5},
		{"words and a rare tag", "post 1200", posts.RowFilter{Query: "post tag:few", State: posts.StatePublished}, 5},
		{"in every post", "post 1", posts.RowFilter{Query: "post", State: posts.StatePublished}, 20},
	} {
		ctx, recorder := explain.Record(t.Context())
		page, err := b.Rows(ctx, tt.f)
		if err != nil || len(page.Rows) != tt.rows || tt.rows > 0 && page.Rows[0].Title != tt.first {
			t.Errorf("%s: got %v and error %v, want %d from %s on", tt.name, rowTitles(page), err, tt.rows, tt.first)
		}
		bounded("rows: "+tt.name, recorder.Queries())
	}
}
