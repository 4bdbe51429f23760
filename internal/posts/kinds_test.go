package posts_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/postgres/explain"
	"broadsheet/internal/posts"
)

func TestPagesAreInNoList(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.publish("First", 2*time.Hour, "go")
	d := b.draft("About us")
	d.Kind, d.Status, d.PublishedAt = posts.KindPage, posts.StatusPublished, time.Now().Add(-time.Hour)
	b.save(0, 0, d)

	l, err := b.Listing(t.Context(), posts.Filter{})
	if err != nil || len(l.Posts) != 1 || l.Posts[0].Slug != "first" {
		t.Errorf("got listing %+v and error %v, want the post alone", l.Posts, err)
	}
	if months, err := b.Archive(t.Context()); err != nil || len(months) != 1 || months[0].Posts != 1 {
		t.Errorf("got archive %+v and error %v, want one post", months, err)
	}
	page, err := b.Page(t.Context(), "about-us")
	if err != nil || page.Title != "About us" || page.Kind != posts.KindPage || page.OlderID != 0 {
		t.Errorf("got page %+v and error %v", page, err)
	}
	post, err := b.Post(t.Context(), "first")
	if err != nil || post.NewerID != 0 {
		t.Errorf("got newer %d and error %v, want no neighbour", post.NewerID, err)
	}
	var moved *posts.MovedError
	if _, err := b.Post(t.Context(), "about-us"); !errors.As(err, &moved) || moved.Kind != posts.KindPage {
		t.Errorf("a page asked for as a post: got %v", err)
	}
	if _, err := b.Page(t.Context(), "first"); !errors.As(err, &moved) || moved.Kind != posts.KindPost {
		t.Errorf("a post asked for as a page: got %v", err)
	}
	found, err := b.Search(t.Context(), posts.Search{Words: "text about"})
	if err != nil || len(found.Hits) != 2 {
		t.Errorf("searching: got %d and error %v, want the page and the post", len(found.Hits), err)
	}
}

func TestPagesThatCannotBe(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	tests := []struct {
		name, field string
		change      func(*posts.Draft)
	}{
		{"the address of a route", "slug", func(d *posts.Draft) { d.Slug = "Search" }},
		{"tags", "tags", func(d *posts.Draft) { d.Tags = []string{"go"} }},
		{"a series", "series", func(d *posts.Draft) { d.Series = "One" }},
		{"featured", "featured", func(d *posts.Draft) { d.Featured = true }},
		{"an unknown kind", "kind", func(d *posts.Draft) { d.Kind = "letter" }},
		{"a focus beside the cover", "cover_focus", func(d *posts.Draft) { d.CoverX = 101 }},
		{"a place before the first", "series_place", func(d *posts.Draft) { d.SeriesPlace = -1 }},
		{"no address", "canonical", func(d *posts.Draft) { d.CanonicalURL = "example.org/post" }},
		{"a script's address", "canonical", func(d *posts.Draft) { d.CanonicalURL = "javascript:alert(1)" }},
		{"a translation of nothing", "translation_of", func(d *posts.Draft) { d.TranslationOf = "nothing" }},
		{"too long a description", "meta_description", func(d *posts.Draft) { d.MetaDescription = strings.Repeat("x", 501) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := b.draft("A page")
			d.Kind = posts.KindPage
			tt.change(&d)
			_, err := b.Save(t.Context(), 0, 0, d)
			var invalid posts.Invalid
			if !errors.As(err, &invalid) || invalid[tt.field].Key == "" {
				t.Errorf("got %v, want a message about %s", err, tt.field)
			}
		})
	}
	d := b.draft("Search")
	d.Kind = posts.KindPage
	if p := b.save(0, 0, d); p.Slug != "search-2" {
		t.Errorf("a page with a route's title: got address %q", p.Slug)
	}
}

func TestSeriesHaveAnOrder(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	publish := func(title string, place int32, series string, age time.Duration) {
		d := b.draft(title)
		d.Status, d.PublishedAt, d.Series, d.SeriesPlace = posts.StatusPublished, time.Now().Add(-age), series, place
		b.save(0, 0, d)
	}
	publish("Three", 0, "  My  Series ", time.Hour)
	publish("Two", 0, "my series", 2*time.Hour)
	publish("One", 0, "My Series", 3*time.Hour)
	publish("Nine", 9, "My Series", 30*time.Minute) // before those without a place
	publish("Later", 10, "My Series", -time.Hour)
	publish("Elsewhere", 0, "Other", time.Hour)

	series, err := b.SeriesBySlug(t.Context(), "my-series")
	if err != nil || series.Title != "My Series" {
		t.Fatalf("got %+v and error %v", series, err)
	}
	cards, _, next, err := b.SeriesPosts(t.Context(), series.ID, 0)
	var titles []string
	for _, c := range cards {
		titles = append(titles, c.Title)
	}
	if want := []string{"Nine", "One", "Two", "Three"}; err != nil || next != 0 || !slices.Equal(titles, want) {
		t.Errorf("got %q, next %d and error %v, want %q", titles, next, err, want)
	}
	post, err := b.Post(t.Context(), "two")
	if err != nil || post.Series == nil || post.Series.Number != 3 || post.Series.Total != 4 || post.Series.Slug != "my-series" ||
		post.Series.Previous.Title != "One" || post.Series.Next.Title != "Three" {
		t.Errorf("got series %+v and error %v, want the third of four", post.Series, err)
	}
	if _, err := b.SeriesBySlug(t.Context(), "none"); !errors.Is(err, posts.ErrNotFound) {
		t.Errorf("got error %v for no series", err)
	}
}

func TestLongSeriesArePaged(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for _, sql := range []string{
		"INSERT INTO series (key, slug, title) VALUES ('s', 's', 'S')",
		`INSERT INTO posts (slug, title, status, published_at, author_id, markdown, html, excerpt, render_version, series_id, series_place)
		SELECT 'p' || n, 'p' || n, 'published', now() - interval '1 day', min(u.id), '', '', '', 1, 1, n / 3
		FROM users u, generate_series(1, 120) n GROUP BY n ORDER BY n`,
	} {
		if _, err := b.pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	var seen []string
	for after, pages := int64(0), 0; ; pages++ {
		cards, first, next, err := b.SeriesPosts(t.Context(), 1, after)
		if err != nil || pages > 3 || first != len(seen)+1 {
			t.Fatalf("page %d: got first number %d and error %v", pages, first, err)
		}
		for _, c := range cards {
			seen = append(seen, c.Slug)
		}
		if after = next; after == 0 {
			break
		}
	}
	if len(seen) != 120 || seen[0] != "p3" || seen[117] != "p120" || seen[119] != "p2" || len(set(slices.Clone(seen))) != 120 {
		t.Errorf("got %d posts: %.200q", len(seen), seen)
	}
	for i, slug := range seen {
		p, err := b.Post(t.Context(), slug)
		if err != nil || p.Series == nil || p.Series.Number != i+1 || p.Series.Total != 120 {
			t.Fatalf("%s: got %+v and error %v, want part %d of 120", slug, p.Series, err, i+1)
		}
		shown := p.Series.Posts
		if at := i + 1 - p.Series.First; len(shown) != 100 || at < 0 || at >= 100 || shown[at].Slug != slug {
			t.Errorf("%s: got %d posts from number %d on, want 100 around it", slug, len(shown), p.Series.First)
		}
		if before := p.Series.Previous; i > 0 && before.Slug != seen[i-1] || i == 0 && before != nil {
			t.Errorf("%s: got %v before it", slug, before)
		}
		if next := p.Series.Next; i < 119 && next.Slug != seen[i+1] || i == 119 && next != nil {
			t.Errorf("%s: got %v after it", slug, next)
		}
	}
}

// Of a series of any length a page reads what it shows, and a post at most what
// is numbered.
func TestSeriesAreBounded(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.exec("INSERT INTO series (key, slug, title) VALUES ('s', 's', 'S'), ('other', 'other', 'Other')")
	for begin := 0; begin < 20000; begin += 5000 { // in several statements, none of which may take long
		b.exec(`
			INSERT INTO posts (slug, title, status, published_at, author_id, markdown, html, excerpt, render_version, series_id, series_place)
			SELECT 'p' || n, 'p', 'published', now() - n * interval '1 minute', $1, '', '', '', 1, 1 + n % 2, CASE WHEN n % 4 < 2 THEN 0 ELSE n END
			FROM generate_series($2::integer + 1, $2 + 5000) n`, b.author, begin)
	}
	b.exec("VACUUM ANALYZE posts")
	middle, last := int64(4002), int64(0)
	if err := b.pool.QueryRow(t.Context(), "SELECT id FROM posts WHERE series_id = 1 AND series_place = 0 ORDER BY published_at LIMIT 1 OFFSET 2600").Scan(&last); err != nil {
		t.Fatal(err)
	}
	for _, after := range []int64{0, middle, last} {
		for _, mode := range []explain.PlanMode{explain.Custom, explain.Generic} {
			b.Reset()
			ctx, recorder := explain.Record(t.Context())
			cards, _, _, err := b.SeriesPosts(ctx, 1, after)
			if err != nil || len(cards) != 50 {
				t.Fatalf("after %d: got %d posts and error %v", after, len(cards), err)
			}
			plans, err := explain.Run(t.Context(), b.pool, mode, recorder.Queries())
			if err != nil {
				t.Fatal(err)
			}
			if read := postsRead(t, plans[0]); read > 2*51+2 {
				t.Errorf("after %d, %s: %d posts read for a page\n%s", after, mode, read, plans[0].Text)
			}
			for _, p := range plans[1:] { // names and numbers
				if read := postsRead(t, p); read > 2*1001 {
					t.Errorf("after %d, %s: %d posts read for numbers\n%s", after, mode, read, p.Text)
				}
			}
		}
	}
	p, err := b.Post(t.Context(), "p2000")
	if err != nil || p.Series != nil {
		t.Errorf("got %+v and error %v, want no number in a series of thousands", p.Series, err)
	}
}

func TestAuthorsListTheirOwnPosts(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for n := range 15 {
		b.publish(fmt.Sprint("Mine ", n), time.Duration(n+1)*time.Hour)
	}
	var other int64
	if err := b.pool.QueryRow(t.Context(), "INSERT INTO users (handle, name, bio) VALUES ('eve', 'Eve', 'Writes.') RETURNING id").Scan(&other); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Author(t.Context(), "eve"); !errors.Is(err, posts.ErrNotFound) {
		t.Errorf("an author without posts: got %v", err)
	}
	d := b.draft("Hers")
	d.AuthorID, d.Status, d.PublishedAt = other, posts.StatusPublished, time.Now().Add(-time.Minute)
	b.save(0, 0, d)
	eve, err := b.Author(t.Context(), "eve")
	if err != nil || eve.Name != "Eve" || eve.Bio != "Writes." {
		t.Fatalf("got %+v and error %v", eve, err)
	}
	if l, err := b.Listing(t.Context(), posts.Filter{Author: eve.ID}); err != nil || len(l.Posts) != 1 || l.Posts[0].Title != "Hers" {
		t.Errorf("got %d posts and error %v, want hers", len(l.Posts), err)
	}
	l, err := b.Listing(t.Context(), posts.Filter{Author: b.author})
	if err != nil || len(l.Posts) != 10 || l.Older == "" {
		t.Fatalf("got %d posts, older %q and error %v", len(l.Posts), l.Older, err)
	}
	if l, err = b.Listing(t.Context(), posts.Filter{Author: b.author, After: l.Older}); err != nil || len(l.Posts) != 5 || l.Older != "" {
		t.Errorf("the second page: got %d posts and error %v", len(l.Posts), err)
	}
	if _, err := b.Listing(t.Context(), posts.Filter{Author: eve.ID, After: l.Newer}); !errors.Is(err, posts.ErrBadCursor) {
		t.Errorf("another author's cursor: got %v", err)
	}
}

// The archive counts by the site's time zone, whatever is done to posts.
func TestArchiveCounts(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	check := func(what, want string) {
		t.Helper()
		months, err := b.Archive(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range months {
			got = append(got, fmt.Sprintf("%s:%d", m.Month.Format("2006-01"), m.Posts))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got %q, want %q", what, got, want)
		}
	}
	at := func(s string) time.Time {
		when, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	publish := func(title, when string) posts.Stored {
		d := b.draft(title)
		d.Status, d.PublishedAt = posts.StatusPublished, at(when)
		return b.save(0, 0, d)
	}
	check("an empty blog", "")
	p := publish("A", "2024-01-31T23:30:00Z")
	publish("B", "2024-01-02T00:00:00Z")
	publish("C", "2024-03-01T00:00:00Z")
	b.save(0, 0, b.draft("Draft"))
	check("three posts", "2024-03:1 2024-01:2")
	if _, err := b.pool.Exec(t.Context(), "UPDATE site SET time_zone = 'Europe/Berlin'"); err != nil {
		t.Fatal(err)
	}
	check("another time zone", "2024-03:1 2024-02:1 2024-01:1")
	d := p.Draft
	d.PublishedAt = at("2025-07-01T12:00:00Z")
	p = b.save(p.ID, p.Version, d)
	check("another date", "2025-07:1 2024-03:1 2024-01:1")
	d.Status = posts.StatusDraft
	p = b.save(p.ID, p.Version, d)
	check("hidden", "2024-03:1 2024-01:1")
	d.Status, d.PublishedAt = posts.StatusPublished, time.Now().Add(365*24*time.Hour)
	p = b.save(p.ID, p.Version, d)
	check("scheduled", "2024-03:1 2024-01:1")
	if err := b.Delete(t.Context(), p.ID, p.Version); err != nil {
		t.Fatal(err)
	}
	check("deleted", "2024-03:1 2024-01:1")
	l, err := b.Listing(t.Context(), posts.Filter{From: at("2024-01-01T00:00:00Z"), To: at("2024-02-01T00:00:00Z")})
	if err != nil || len(l.Posts) != 1 || l.Posts[0].Title != "B" || !l.Oldest.Equal(at("2024-01-01T00:00:00Z")) || !l.Newest.Equal(at("2024-02-01T00:00:00Z")) {
		t.Errorf("January: got %d posts between %v and %v, error %v", len(l.Posts), l.Oldest, l.Newest, err)
	}
}

func TestTranslationsFindEachOther(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	publish := func(title, language, of string) posts.Stored {
		d := b.draft(title)
		d.Status, d.PublishedAt, d.Language, d.TranslationOf = posts.StatusPublished, time.Now().Add(-time.Hour), language, of
		return b.save(0, 0, d)
	}
	publish("Hello", "en", "")
	de := publish("Hallo", "de", "hello")
	publish("Bonjour", "fr", "hallo")
	for slug, want := range map[string]string{"hello": "de:hallo fr:bonjour", "hallo": "en:hello fr:bonjour", "bonjour": "de:hallo en:hello"} {
		post, err := b.Post(t.Context(), slug)
		var got []string
		for _, tr := range post.Translations {
			got = append(got, tr.Language+":"+tr.Slug)
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s: got %q and error %v, want %q", slug, got, err, want)
		}
	}
	stored, err := b.Get(t.Context(), de.ID)
	if err != nil || stored.TranslationOf != "hello" {
		t.Errorf("got translation of %q and error %v", stored.TranslationOf, err)
	}
	d := stored.Draft
	d.TranslationOf = ""
	b.save(de.ID, stored.Version, d)
	if post, err := b.Post(t.Context(), "hallo"); err != nil || len(post.Translations) != 0 {
		t.Errorf("on its own: got %v and error %v", post.Translations, err)
	}
}

func TestRelatedPostsShareRareTags(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for n := range 6 {
		b.publish(fmt.Sprint("Common ", n), time.Duration(n+10)*time.Hour, "common")
	}
	b.publish("Kayaks and rivers", 100*time.Hour, "rare", "common")
	b.publish("Unrelated", 5*time.Hour, "else")
	b.publish("Hidden", -time.Hour, "rare")
	b.publish("About kayaks", time.Hour, "common", "rare")
	post, err := b.Post(t.Context(), "about-kayaks")
	if err != nil || len(post.Related) != 3 || post.Related[0].Title != "Kayaks and rivers" {
		t.Fatalf("got %+v and error %v, want the one with the rare tag first", post.Related, err)
	}
	for _, r := range post.Related {
		if r.Title == "Unrelated" || r.Title == "Hidden" || r.Title == "About kayaks" {
			t.Errorf("got %q among the related posts", r.Title)
		}
	}
}

func TestFeatured(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.publish("Plain", time.Hour)
	if _, err := b.Featured(t.Context()); !errors.Is(err, posts.ErrNotFound) {
		t.Errorf("got %v without a featured post", err)
	}
	for title, age := range map[string]time.Duration{"Old": 3 * time.Hour, "New": 2 * time.Hour, "Coming": -time.Hour} {
		d := b.draft(title)
		d.Status, d.PublishedAt, d.Featured = posts.StatusPublished, time.Now().Add(-age), true
		b.save(0, 0, d)
	}
	if card, err := b.Featured(t.Context()); err != nil || card.Title != "New" || !card.Featured {
		t.Errorf("got %q and error %v, want the newest that is visible", card.Title, err)
	}
}
