package posts_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"broadsheet/internal/postgres/explain"
	"broadsheet/internal/posts"
)

func (b blog) rows(f posts.RowFilter) posts.RowPage {
	b.t.Helper()
	page, err := b.Rows(b.t.Context(), f)
	if err != nil {
		b.t.Fatalf("rows %+v: %v", f, err)
	}
	return page
}

func rowTitles(p posts.RowPage) []string {
	var titles []string
	for _, r := range p.Rows {
		titles = append(titles, r.Title)
	}
	return titles
}

func TestRowsByState(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.publish("old", 48*time.Hour, "a")
	b.publish("new", time.Hour)
	b.save(0, 0, b.draft("draft"))
	b.publish("in two days", -48*time.Hour)
	b.publish("in an hour", -time.Hour)
	for state, want := range map[posts.State][]string{
		posts.StateAll:       {"in an hour", "in two days", "draft", "new", "old"},
		posts.StateDraft:     {"draft"},
		posts.StateScheduled: {"in two days", "in an hour"},
		posts.StatePublished: {"new", "old"},
	} {
		page := b.rows(posts.RowFilter{State: state})
		if diff := cmp.Diff(want, rowTitles(page)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", state, diff)
		}
	}
	if diff := cmp.Diff([]string{"draft"}, rowTitles(b.rows(posts.RowFilter{Query: "draft"}))); diff != "" {
		t.Errorf("search (-want +got):\n%s", diff)
	}
}

func TestRowsPageBothWays(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for n := range 7 {
		b.save(0, 0, b.draft(fmt.Sprint(n)))
	}
	for _, state := range []posts.State{posts.StateAll, posts.StateDraft} {
		first := b.rows(posts.RowFilter{State: state, Limit: 3})
		second := b.rows(posts.RowFilter{State: state, Limit: 3, After: first.Older})
		third := b.rows(posts.RowFilter{State: state, Limit: 3, After: second.Older})
		got := append(append(rowTitles(first), rowTitles(second)...), rowTitles(third)...)
		if diff := cmp.Diff([]string{"6", "5", "4", "3", "2", "1", "0"}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", state, diff)
		}
		back := b.rows(posts.RowFilter{State: state, Limit: 3, Before: third.Newer})
		if diff := cmp.Diff(rowTitles(second), rowTitles(back)); diff != "" || back.AtTop {
			t.Errorf("%s, back (-want +got):\n%s", state, diff)
		}
	}
}

// Every order and filter leads through all its posts and back again.
func TestRowsPageInEveryOrder(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.exec("INSERT INTO users (handle, name) VALUES ('bob', 'Bob')")
	for n := range 24 {
		d := b.draft(fmt.Sprintf("%c title %02d", 'A'+(n*7)%5, n), []string{"even", "odd"}[n%2])
		switch n % 4 {
		case 1:
			d.Status, d.PublishedAt = posts.StatusPublished, time.Now().Add(-time.Duration(n*5%7)*time.Hour)
		case 2:
			d.Status, d.PublishedAt = posts.StatusPublished, time.Now().Add(time.Duration(1+n*5%7)*time.Hour)
		case 3:
			d.Kind, d.Tags = posts.KindPage, nil
		}
		stored := b.save(0, 0, d)
		if n%3 == 0 {
			b.exec("UPDATE posts SET author_id = (SELECT id FROM users WHERE handle = 'bob') WHERE id = $1", stored.ID)
		}
		if n%8 == 1 {
			working, _, err := b.Open(t.Context(), stored.ID)
			if err != nil {
				t.Fatal(err)
			}
			working.Markdown = "Not published yet."
			if _, _, err := b.Autosave(t.Context(), stored.ID, posts.Writing{Edit: working.Edit, Content: working.Content, AuthorID: b.author}); err != nil {
				t.Fatal(err)
			}
		}
	}
	counts := map[posts.State]int{
		posts.StateAll: 24, posts.StateDraft: 12, posts.StateChanged: 3, posts.StateScheduled: 6, posts.StatePublished: 6, posts.StatePage: 6,
	}
	for state, all := range counts {
		for _, sort := range []posts.Sort{posts.SortDefault, posts.SortUpdated, posts.SortPublished, posts.SortTitle} {
			for _, author := range []string{"", "ada", "bob"} {
				for _, tag := range []string{"", "Even", "odd"} {
					f := posts.RowFilter{State: state, Sort: sort, Author: author, Tag: tag}
					whole := f
					whole.Limit = 100
					want := b.rows(whole)
					if author == "" && tag == "" && len(want.Rows) != all {
						t.Errorf("%+v: got %d posts, want %d", f, len(want.Rows), all)
					}
					for i := 1; i < len(want.Rows); i++ {
						if before, after := want.Rows[i-1], want.Rows[i]; sort == posts.SortTitle && before.Title > after.Title ||
							sort == posts.SortUpdated && before.UpdatedAt.Before(after.UpdatedAt) {
							t.Errorf("%+v: %q stands before %q", f, before.Title, after.Title)
						}
					}
					f.Limit = 4
					pages := []posts.RowPage{b.rows(f)}
					var got []string
					for {
						last := pages[len(pages)-1]
						got = append(got, rowTitles(last)...)
						if last.Older == "" {
							break
						}
						next := f
						next.After = last.Older
						pages = append(pages, b.rows(next))
					}
					if diff := cmp.Diff(rowTitles(want), got); diff != "" {
						t.Errorf("%+v (-want +got):\n%s", f, diff)
					}
					for i := len(pages) - 1; i > 0; i-- {
						back := f
						back.Before = pages[i].Newer
						if diff := cmp.Diff(rowTitles(pages[i-1]), rowTitles(b.rows(back))); diff != "" {
							t.Errorf("%+v, back (-want +got):\n%s", f, diff)
						}
					}
				}
			}
		}
	}
	all := b.rows(posts.RowFilter{Author: "nobody"})
	if len(all.Rows) != 0 || all.Older != "" {
		t.Errorf("posts of nobody: got %v", rowTitles(all))
	}
}

// The filters narrow what a search finds, too.
func TestRowsSearchWithFilters(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.exec("INSERT INTO users (handle, name) VALUES ('bob', 'Bob')")
	for _, title := range []string{"Wren b", "Wren a", "Heron"} {
		b.save(0, 0, b.draft(title, "birds"))
	}
	b.save(0, 0, b.draft("Wren c"))
	f := posts.RowFilter{Query: "wren", Author: "ada", Tag: "Birds", Sort: posts.SortTitle, Limit: 1}
	first := b.rows(f)
	f.After = first.Older
	second := b.rows(f)
	if diff := cmp.Diff([]string{"Wren a", "Wren b"}, append(rowTitles(first), rowTitles(second)...)); diff != "" || second.Older != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if none := b.rows(posts.RowFilter{Query: "wren", Author: "bob"}); len(none.Rows) != 0 {
		t.Errorf("got %v, want none of another author", rowTitles(none))
	}
}

// Whatever is asked for, a page of the authors' list looks at a bounded number
// of posts, and leads on from there.
func TestRowsAreBounded(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.makeTags("all", "few", "old")
	b.exec("INSERT INTO users (handle, name) VALUES ('bob', 'Bob'), ('eve', 'Eve')")
	b.many(10_000, `ARRAY[1::bigint] || CASE WHEN n % 1000 = 0 THEN '{2}'::bigint[] ELSE '{}' END || CASE WHEN n > 7000 THEN '{3}'::bigint[] ELSE '{}' END`)
	b.exec("UPDATE posts SET author_id = 2 WHERE id % 2000 = 0")
	b.exec("UPDATE posts SET author_id = 3 WHERE id > 7000 AND id % 2000 <> 0")
	b.exec("UPDATE posts SET updated_at = published_at")
	b.exec("VACUUM ANALYZE posts")
	const few, many = 300, 2 * posts.RowsLookedAt
	for _, tt := range []struct {
		name   string
		filter posts.RowFilter
		posts  int
		most   int64
	}{
		{"all", posts.RowFilter{}, 20, few},
		{"by date", posts.RowFilter{Sort: posts.SortPublished}, 20, few},
		{"by title", posts.RowFilter{Sort: posts.SortTitle}, 20, few},
		{"drafts", posts.RowFilter{State: posts.StateDraft}, 0, few},
		{"drafts by title", posts.RowFilter{State: posts.StateDraft, Sort: posts.SortTitle}, 0, few},
		{"published", posts.RowFilter{State: posts.StatePublished}, 20, few},
		{"published by title", posts.RowFilter{State: posts.StatePublished, Sort: posts.SortTitle}, 20, few},
		{"published by change", posts.RowFilter{State: posts.StatePublished, Sort: posts.SortUpdated}, 20, few},
		{"scheduled by title", posts.RowFilter{State: posts.StateScheduled, Sort: posts.SortTitle}, 0, few},
		{"pages by title", posts.RowFilter{State: posts.StatePage, Sort: posts.SortTitle}, 0, few},
		{"with changes", posts.RowFilter{State: posts.StateChanged}, 0, few},
		{"an author", posts.RowFilter{Author: "eve"}, 20, few},
		{"an author of few, by title", posts.RowFilter{Author: "bob", Sort: posts.SortTitle}, 5, few},
		{"an author of long ago, by date", posts.RowFilter{Author: "eve", Sort: posts.SortPublished}, 0, many},
		{"published, of an author", posts.RowFilter{Author: "eve", State: posts.StatePublished}, 20, few},
		{"a tag of all", posts.RowFilter{Tag: "all"}, 20, few},
		{"a tag of few", posts.RowFilter{Tag: "few"}, 10, few},
		{"a tag of few, by title", posts.RowFilter{Tag: "few", Sort: posts.SortTitle, State: posts.StatePublished}, 10, few},
		{"a tag of many, long ago", posts.RowFilter{Tag: "old"}, 0, many},
		{"drafts with a tag of many", posts.RowFilter{Tag: "old", State: posts.StateDraft}, 0, few},
		{"of two that never meet", posts.RowFilter{Tag: "few", Author: "bob"}, 5, few},
	} {
		ctx, recorder := explain.Record(t.Context())
		page, err := b.Rows(ctx, tt.filter)
		if err != nil || len(page.Rows) != tt.posts {
			t.Errorf("%s: got %d posts and error %v, want %d", tt.name, len(page.Rows), err, tt.posts)
		}
		if tt.most == many && page.Older == "" {
			t.Errorf("%s: the page does not lead on", tt.name)
		}
		for _, mode := range []explain.PlanMode{explain.Custom, explain.Generic} {
			plans, err := explain.Run(t.Context(), b.pool, mode, recorder.Queries())
			if err != nil {
				t.Fatal(err)
			}
			var buffers int64
			text := ""
			for _, p := range plans {
				buffers, text = buffers+p.Buffers, text+p.Text
			}
			if buffers > tt.most {
				t.Errorf("%s, %s: %d buffers read, want at most %d\n%s", tt.name, mode, buffers, tt.most, text)
			}
		}
	}
	f, looks := posts.RowFilter{Tag: "old"}, 0
	for page := b.rows(f); len(page.Rows) == 0; looks++ { // further and further, and back
		if page.Older == "" || looks > 9 {
			t.Fatalf("after %d pages no post and no way on", looks)
		}
		f.After = page.Older
		page = b.rows(f)
		if looks > 0 {
			back := b.rows(posts.RowFilter{Tag: "old", Before: page.Newer})
			if back.AtTop || len(back.Rows) != 0 {
				t.Errorf("back from page %d: at the top %v with %d posts", looks, back.AtTop, len(back.Rows))
			}
		}
	}
	if looks < 3 {
		t.Errorf("got posts after %d pages, want some that find nothing", looks)
	}
}
