package posts_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"broadsheet/internal/postgres/explain"
	"broadsheet/internal/posts"
)

// people makes two more authors, whose ids follow the first one's.
func (b blog) people() (grace, jane int64) {
	b.t.Helper()
	b.exec("INSERT INTO users (handle, name, bio) VALUES ('grace', 'Grace Hopper', 'Finds bugs.'), ('jane', 'Jane Doe', '')")
	return b.author + 1, b.author + 2
}

func (b blog) together(title string, age time.Duration, coauthors ...string) posts.Stored {
	b.t.Helper()
	d := b.draft(title)
	d.Status, d.PublishedAt, d.Coauthors = posts.StatusPublished, time.Now().Add(-age), coauthors
	return b.save(0, 0, d)
}

func TestCoauthorsAreNamedInTheirOrder(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	grace, jane := b.people()
	stored := b.together("Bugs", time.Hour, " Jane", "ada", "GRACE", "jane", "")
	if diff := cmp.Diff([]string{"jane", "grace"}, stored.Coauthors); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
	post, err := b.Post(t.Context(), "bugs")
	if err != nil {
		t.Fatal(err)
	}
	want := []posts.Author{{ID: b.author, Handle: "ada", Name: "Ada Lovelace"}, {ID: jane, Handle: "jane", Name: "Jane Doe"},
		{ID: grace, Handle: "grace", Name: "Grace Hopper", Bio: "Finds bugs."}}
	if diff := cmp.Diff(want, post.Authors()); diff != "" {
		t.Errorf("authors (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Ada Lovelace", "Jane Doe", "Grace Hopper"}, b.rows(posts.RowFilter{}).Rows[0].AuthorNames); diff != "" {
		t.Errorf("the authors' list (-want +got):\n%s", diff)
	}

	// Who becomes the author is not named twice.
	d := stored.Draft
	d.WrittenBy = "grace"
	stored = b.save(stored.ID, stored.Version, d)
	if stored.WrittenBy != "grace" || fmt.Sprint(stored.Coauthors) != "[jane]" {
		t.Errorf("got author %q with %v", stored.WrittenBy, stored.Coauthors)
	}
}

func TestCoauthorsThatCannotBe(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.people()
	for name, change := range map[string]func(d *posts.Draft){
		"nobody":   func(d *posts.Draft) { d.Coauthors = []string{"grace", "nobody"} },
		"too many": func(d *posts.Draft) { d.Coauthors = strings.Split("a b c d e f g h i j k", " ") },
		"a page":   func(d *posts.Draft) { d.Kind, d.Coauthors = posts.KindPage, []string{"grace"} },
		"NUL":      func(d *posts.Draft) { d.Coauthors = []string{"gra\x00ce"} },
		"no text":  func(d *posts.Draft) { d.Coauthors = []string{"\xff"} },
	} {
		d := b.draft(name)
		change(&d)
		var invalid posts.Invalid
		if _, err := b.Save(t.Context(), 0, 0, d); !errors.As(err, &invalid) || invalid["coauthors"].Key == "" {
			t.Errorf("%s: got %v, want it refused", name, err)
		}
	}
}

func TestPostsAreListedUnderEachAuthor(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	grace, jane := b.people()
	if _, err := b.Author(t.Context(), "grace"); !errors.Is(err, posts.ErrNotFound) {
		t.Errorf("an author without posts: got %v", err)
	}
	var want []string
	for n := range 25 {
		title := fmt.Sprint("post ", n)
		age := time.Duration(n+1) * time.Hour
		switch n % 3 {
		case 0:
			b.together(title, age, "grace", "jane")
		case 1:
			d := b.draft(title)
			d.Status, d.PublishedAt, d.AuthorID = posts.StatusPublished, time.Now().Add(-age), grace
			b.save(0, 0, d)
		case 2:
			b.together(title, age, "jane")
			continue
		}
		want = append(want, title)
	}
	b.together("Soon", -time.Hour, "grace")
	author, err := b.Author(t.Context(), "jane") // who is named first in none
	if err != nil || author.ID != jane {
		t.Errorf("got %+v and error %v", author, err)
	}

	for _, limit := range []int{1, 4, 17, 100} {
		_, pages := b.pages(posts.Filter{Author: grace, Limit: limit})
		forth := (len(pages) + 1) / 2
		var all []string
		for _, page := range pages[:forth] {
			all = append(all, titles(page)...)
		}
		if diff := cmp.Diff(want, all); diff != "" {
			t.Errorf("%d a page (-want +got):\n%s", limit, diff)
		}
		for i, page := range pages[forth:] {
			if diff := cmp.Diff(titles(pages[forth-2-i]), titles(page)); diff != "" {
				t.Errorf("%d a page, back to page %d (-want +got):\n%s", limit, forth-2-i, diff)
			}
		}
	}
	if got := b.list(posts.Filter{Author: grace}).Posts[0]; len(got.Coauthors) != 2 || got.Coauthors[1].Name != "Jane Doe" {
		t.Errorf("got %+v in the list", got.Coauthors)
	}

	// Searches and feeds of searches find the same.
	for _, words := range []string{"", "post"} {
		var found []string
		f := posts.Search{Words: words, Author: grace, Limit: 6}
		for {
			l, err := b.SearchByDate(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, titles(l)...)
			if l.Older == "" {
				break
			}
			f.After = l.Older
		}
		if diff := cmp.Diff(want, found); diff != "" {
			t.Errorf("search for %q by date (-want +got):\n%s", words, diff)
		}
		ranked := b.search(posts.Search{Words: words, Author: grace, Limit: 100})
		slices.Sort(ranked)
		if got := b.search(posts.Search{Words: words, Author: grace, With: []int64{b.author, jane}, Limit: 100}); len(got) != 9 {
			t.Errorf("search for %q: got %v, want those of all three", words, got)
		}
		sorted := slices.Sorted(slices.Values(want))
		if diff := cmp.Diff(sorted, ranked); diff != "" {
			t.Errorf("search for %q (-want +got):\n%s", words, diff)
		}
	}

	lists, err := b.SitemapLists(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var handles []string
	for _, l := range lists {
		handles = append(handles, l.Slug)
	}
	if fmt.Sprint(handles) != "[ada grace jane]" {
		t.Errorf("got authors %v in the sitemap, want all", handles)
	}
}

// Where words are common, a list by date goes on from page to page through both
// kinds of posts of an author, and leaves none out.
func TestSearchByDateOfManyPostsTogether(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	grace, _ := b.people()
	const n = posts.SearchMost + 500
	b.manyTogether(2*n, fmt.Sprintf("CASE WHEN n <= %d THEN 2 ELSE 1 END", n), // the newest are hers
		fmt.Sprintf("CASE WHEN n > %d THEN '{2}'::bigint[] ELSE '{}' END", n))
	f, count, last := posts.Search{Author: grace, Limit: 700}, 0, time.Now().Add(time.Hour)
	for {
		l, err := b.SearchByDate(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range l.Posts {
			if count++; !p.PublishedAt.Before(last) {
				t.Fatalf("post %d is not in order", count)
			}
			last = p.PublishedAt
		}
		if l.Older == "" {
			break
		}
		f.After = l.Older
	}
	if count != 2*n {
		t.Errorf("got %d posts, want %d", count, 2*n)
	}
}

// manyTogether stores n posts, the newest being number 1, by authors that are made
// of the number n.
func (b blog) manyTogether(n int, author, coauthors string) {
	b.t.Helper()
	conn := b.connect()
	for _, sql := range []string{
		"SET statement_timeout = 0", // which is for pages
		fmt.Sprintf(`
			INSERT INTO posts (slug, title, status, published_at, author_id, coauthor_ids, markdown, html, excerpt, render_version)
			SELECT 'post-' || n, 'post ' || n, 'published', now() - n * interval '1 minute', %s, %s, '', '', repeat('excerpt ', 30), 1
			FROM generate_series(1, %d) n`, author, coauthors, n),
		"VACUUM ANALYZE posts, post_authors",
	} {
		if _, err := conn.Exec(b.t.Context(), sql); err != nil {
			b.t.Fatal(err)
		}
	}
}

// A page of any author's posts reads about as many buffers as it shows posts.
func TestAuthorsCostTheSameEverywhere(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.exec("INSERT INTO users (handle, name) VALUES ('often', 'a'), ('long-ago', 'b'), ('rarely', 'c'), ('alone', 'd'), ('never', 'e')")
	b.manyTogether(15_000, "CASE WHEN n % 3 = 0 THEN 5 ELSE 1 END", `
		CASE WHEN n % 2 = 0 THEN '{2}'::bigint[] ELSE '{}' END ||
		CASE WHEN n > 14000 THEN '{3}'::bigint[] ELSE '{}' END || CASE WHEN n % 1500 = 0 THEN '{4}'::bigint[] ELSE '{}' END`)
	deep := func(f posts.Filter) posts.Filter {
		at := f
		at.Limit = 4000
		at.After = b.list(at).Older
		at.Limit = 0
		return at
	}
	for _, tt := range []struct {
		name   string
		filter posts.Filter
		posts  int
		most   int64
	}{
		{"named first and alone", posts.Filter{Author: 5}, 10, 18},
		{"the same, deep", deep(posts.Filter{Author: 5}), 10, 18},
		{"of most", posts.Filter{Author: 1}, 10, 18},
		{"named later, often", posts.Filter{Author: 2}, 10, 48},
		{"the same, deep", deep(posts.Filter{Author: 2}), 10, 48},
		{"named later, long ago", posts.Filter{Author: 3}, 10, 48},
		{"named later, rarely", posts.Filter{Author: 4}, 10, 48},
		{"never", posts.Filter{Author: 6}, 0, 8},
	} {
		for _, mode := range []explain.PlanMode{explain.Custom, explain.Generic} {
			plan := b.plan(func(ctx context.Context) error {
				l, err := b.Listing(ctx, tt.filter)
				if len(l.Posts) != tt.posts {
					t.Errorf("%s: got %d posts, want %d", tt.name, len(l.Posts), tt.posts)
				}
				return err
			}, mode)
			if plan.Buffers > tt.most {
				t.Errorf("%s, %s: got %d buffers, want at most %d\n%s", tt.name, mode, plan.Buffers, tt.most, plan.Text)
			}
		}
	}
	for _, handle := range []string{"long-ago", "never", "alone"} {
		plan := b.plan(func(ctx context.Context) error {
			_, err := b.Author(ctx, handle)
			if handle == "never" && errors.Is(err, posts.ErrNotFound) {
				return nil
			}
			return err
		}, explain.Generic)
		if plan.Buffers > 12 {
			t.Errorf("finding %s: got %d buffers, want at most 12\n%s", handle, plan.Buffers, plan.Text)
		}
	}
}

// Whatever is done to posts, one by one or many at once, the table of their
// co-authors is what it would be if it were made anew.
func TestCoauthorsAreKeptByEveryWrite(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.people()
	b.exec("INSERT INTO users (handle, name) SELECT 'more-' || n, 'x' FROM generate_series(1, 5) n")
	b.many(40, "'{}'")
	random := rand.New(rand.NewPCG(1, 2))
	changes := []string{
		"UPDATE posts SET coauthor_ids = '{2,3}' WHERE %s",
		"UPDATE posts SET coauthor_ids = '{4,2,5}' WHERE %s",
		"UPDATE posts SET coauthor_ids = '{}' WHERE %s",
		"UPDATE posts SET author_id = 6 WHERE %s",
		"UPDATE posts SET status = 'draft' WHERE %s",
		"UPDATE posts SET status = 'published' WHERE %s",
		"UPDATE posts SET kind = 'page' WHERE %s",
		"UPDATE posts SET kind = 'post' WHERE %s",
		"UPDATE posts SET published_at = published_at - interval '1 hour' WHERE %s",
		"UPDATE posts SET title = 'x' WHERE %s",
		"DELETE FROM posts WHERE id %% 7 = 0 AND %s",
		`INSERT INTO posts (slug, title, status, published_at, author_id, coauthor_ids, markdown, html, excerpt, render_version)
		 SELECT slug || '-' || gen_random_uuid(), title, status, published_at, author_id, coauthor_ids, '', '', '', 1 FROM posts WHERE id < 10 AND %s`,
	}
	const anew = `SELECT a, p.published_at, p.id FROM posts p, unnest(p.coauthor_ids) a WHERE p.status = 'published' AND p.kind = 'post'`
	for range 300 {
		which := []string{"true", "id % 2 = 0", fmt.Sprint("id = ", random.IntN(40))}[random.IntN(3)]
		sql := fmt.Sprintf(changes[random.IntN(len(changes))], which)
		b.exec(sql)
		var wrong, rows int
		err := b.pool.QueryRow(t.Context(), "SELECT (SELECT count(*) FROM ((TABLE post_authors EXCEPT "+anew+") UNION ALL ("+anew+
			" EXCEPT TABLE post_authors)) d), (SELECT count(*) FROM post_authors)").Scan(&wrong, &rows)
		if err != nil || wrong != 0 {
			t.Fatalf("after %s: %d of %d rows wrong, error %v", sql, wrong, rows, err)
		}
	}
}

func TestCoauthorsAreNoted(t *testing.T) {
	t.Parallel()
	w := newBlog(t).watch()
	w.people()
	p := w.publish("One", time.Hour)
	place := at(p.PublishedAt)
	both := " author:2 author:2" + place + " author:3 author:3" + place
	w.look()
	w.woken()
	w.run(
		step{"somebody is named", w.exec("UPDATE posts SET coauthor_ids = '{2}'"), "post:1 search author:2 author:2" + place, false},
		step{"and another", w.exec("UPDATE posts SET coauthor_ids = '{2,3}'"), "post:1 search" + both, false},
		step{"in another order", w.exec("UPDATE posts SET coauthor_ids = '{3,2}'"), "post:1 search" + both, false},
		step{"nothing", w.exec("UPDATE posts SET coauthor_ids = '{3,2}'"), "", false},
		step{"hidden", w.exec("UPDATE posts SET status = 'draft'"), appears("one", p.PublishedAt) + both, false},
		step{"changed meanwhile", w.exec("UPDATE posts SET coauthor_ids = '{2,3}'"), "", true},
		step{"shown", w.exec("UPDATE posts SET status = 'published'"), appears("one", p.PublishedAt) + both, false},
		step{"its time is over", w.exec("UPDATE posts SET unpublish_at = now(), version = version + 1"), appears("one", p.PublishedAt) + both, false},
		step{"deleted", w.exec("DELETE FROM posts"), appears("one", p.PublishedAt) + both, false},
	)
}

func TestAuthorsListOfPostsTogether(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	grace, _ := b.people()
	b.together("Shared", 3*time.Hour, "jane", "grace")
	d := b.draft("Shared draft")
	d.Coauthors = []string{"grace"}
	b.save(0, 0, d)
	d = b.draft("Hers")
	d.AuthorID = grace
	b.save(0, 0, d)
	b.publish("Not hers", time.Hour)
	trashed := b.together("Thrown away", time.Hour, "grace")
	if _, err := b.Trash(t.Context(), trashed.ID, trashed.Version, b.author); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		filter posts.RowFilter
		want   string
	}{
		{posts.RowFilter{Author: "grace"}, "[Hers Shared draft Shared]"},
		{posts.RowFilter{Author: "grace", Sort: posts.SortTitle}, "[Hers Shared Shared draft]"},
		{posts.RowFilter{Author: "grace", State: posts.StateDraft}, "[Hers Shared draft]"},
		{posts.RowFilter{Author: "grace", State: posts.StatePublished}, "[Shared]"},
		{posts.RowFilter{Author: "jane"}, "[Shared]"},
		{posts.RowFilter{Author: "grace", Query: "shared"}, "[Shared draft Shared]"},
		{posts.RowFilter{Query: "author:jane"}, "[Shared]"},
		{posts.RowFilter{Author: "ada"}, "[Not hers Shared draft Shared]"},
	} {
		if got := fmt.Sprint(rowTitles(b.rows(tt.filter))); got != tt.want {
			t.Errorf("%+v: got %v, want %v", tt.filter, got, tt.want)
		}
	}
	drafts, _, err := b.Unpublished(t.Context(), grace, 5)
	if err != nil || len(drafts) != 2 {
		t.Errorf("got %d drafts that wait for her and error %v, want hers and the shared one", len(drafts), err)
	}
}

// Two who name others at once both get their way.
func TestCoauthorsAreMerged(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.people()
	p := b.together("Together", time.Hour)
	first, _, err := b.Open(t.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, handle := range []string{"grace", "Jane"} {
		text := posts.Content{Fields: map[string]string{}, Markdown: first.Markdown}
		for name, value := range first.Fields {
			text.Fields[name] = value
		}
		text.Fields["coauthors"] = handle
		if _, _, err := b.Autosave(t.Context(), p.ID, posts.Writing{Edit: first.Edit, Content: text, AuthorID: b.author}); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.open(p.ID).Fields["coauthors"]; got != "grace, Jane" {
		t.Errorf("got %q, want both", got)
	}
}
