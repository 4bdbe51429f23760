package posts_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"broadsheet/internal/posts"
)

// watcher tells what writes note and whom they wake.
type watcher struct {
	blog
	conn *pgx.Conn // listens
	seen string    // the snapshot of the last look
}

func (b blog) watch() *watcher {
	b.t.Helper()
	w := &watcher{blog: b, conn: b.connect()}
	if _, err := w.conn.Exec(b.t.Context(), "LISTEN broadsheet_changes"); err != nil {
		b.t.Fatal(err)
	}
	w.seen = "1:1:"
	w.look()
	return w
}

// connect returns a connection outside of the pool.
func (b blog) connect() *pgx.Conn {
	b.t.Helper()
	conn, err := pgx.ConnectConfig(b.t.Context(), b.pool.Config().ConnConfig)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// look returns the keys noted since the last look, each once for each time it
// was noted.
func (w *watcher) look() (keys []string) {
	w.t.Helper()
	err := w.conn.QueryRow(w.t.Context(), `
		SELECT pg_current_snapshot()::text, ARRAY(
			SELECT unnest(keys) FROM changes
			WHERE xid >= pg_snapshot_xmin($1::pg_snapshot) AND NOT pg_visible_in_snapshot(xid, $1::pg_snapshot))`,
		w.seen).Scan(&w.seen, &keys)
	if err != nil {
		w.t.Fatal(err)
	}
	return keys
}

// woken tells whether anybody was woken since it was last asked. Notifications
// come in the order of commits: what came did so before the one sent here.
func (w *watcher) woken() (woken bool) {
	w.t.Helper()
	const mark = "until here"
	if _, err := w.pool.Exec(w.t.Context(), "SELECT pg_notify('broadsheet_changes', $1)", mark); err != nil {
		w.t.Fatal(err)
	}
	for {
		n, err := w.conn.WaitForNotification(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		if n.Payload == mark {
			return woken
		}
		woken = true
	}
}

// A step is something done to a blog, and the keys it must note.
type step struct {
	name string
	do   func()
	want string // separated by spaces, in any order
	wake bool   // whether listeners are woken though nothing is noted
}

func (w *watcher) run(steps ...step) {
	w.t.Helper()
	for _, s := range steps {
		s.do()
		got, want := set(w.look()), set(strings.Fields(s.want))
		if !slices.Equal(got, want) {
			w.t.Errorf("%s: got keys\n%v, want\n%v", s.name, got, want)
		}
		if woken := w.woken(); woken != (s.wake || len(want) > 0) {
			w.t.Errorf("%s: got listeners woken %t", s.name, woken)
		}
	}
}

// set sorts keys and drops repeated ones.
func set(keys []string) []string {
	slices.Sort(keys)
	return slices.Compact(keys)
}

// exec returns a step's deed in SQL.
func (w *watcher) exec(sql string, args ...any) func() {
	return func() {
		w.t.Helper()
		if _, err := w.pool.Exec(w.t.Context(), sql, args...); err != nil {
			w.t.Fatalf("%s: %v", sql, err)
		}
	}
}

// at is a time's place in a list.
func at(t time.Time) string { return "@" + strconv.FormatInt(t.UnixMicro(), 10) }

// appears lists the keys of the first post when it comes or goes.
func appears(slug string, t time.Time, tags ...int) string {
	keys := "post:1 search posts" + at(t) + " slug:" + slug + " archive author:1 author:1" + at(t)
	for _, id := range tags {
		keys += fmt.Sprintf(" tags tag:%d tag:%[1]d%s", id, at(t))
	}
	return keys
}

func TestSavingNotesWhatItTouches(t *testing.T) {
	t.Parallel()
	w := newBlog(t).watch()
	var p posts.Stored
	save := func(change func(d *posts.Draft)) func() {
		return func() {
			d := p.Draft
			change(&d)
			p = w.save(p.ID, p.Version, d)
		}
	}
	hour := time.Now().Add(-time.Hour).Truncate(time.Microsecond)
	day, soon, later := hour.Add(-24*time.Hour), time.Now().Add(40*time.Second).Truncate(time.Microsecond), hour.Add(48*time.Hour)

	w.run(
		step{"make a draft", func() { p = w.save(0, 0, w.draft("One", "a")) }, "", false},
		step{"edit the draft", save(func(d *posts.Draft) { d.Markdown, d.Slug = "Other words.", "first" }), "", false},
		step{"publish", save(func(d *posts.Draft) { d.Status, d.PublishedAt = posts.StatusPublished, hour }), appears("first", hour, 1), false},
		step{"edit the text", save(func(d *posts.Draft) { d.Markdown = "Still other words." }), "post:1 search", false},
		step{"move to another address", save(func(d *posts.Draft) { d.Slug = "uno" }), "post:1 search slug:first slug:uno", false},
		step{"move again", save(func(d *posts.Draft) { d.Slug = "un" }), "post:1 search slug:first slug:uno slug:un", false},
		step{"add a tag", save(func(d *posts.Draft) { d.Tags = []string{"a", "b"} }), "post:1 search tags tag:2 tag:2" + at(hour), false},
		step{"order the tags", save(func(d *posts.Draft) { d.Tags = []string{"b", "a"} }), "post:1 search", false},
		step{"change a tag", save(func(d *posts.Draft) { d.Tags = []string{"b", "c"} }), "post:1 search tags tag:1 tag:1" + at(hour) + " tag:3 tag:3" + at(hour), false},
		step{"take all tags away", save(func(d *posts.Draft) { d.Tags = nil }), "post:1 search tags tag:2 tag:2" + at(hour) + " tag:3 tag:3" + at(hour), false},
		step{"give one back", save(func(d *posts.Draft) { d.Tags = []string{"c"} }), "post:1 search tags tag:3 tag:3" + at(hour), false},
		step{"change the date", save(func(d *posts.Draft) { d.PublishedAt = day }), appears("un", hour, 3) + " slug:first slug:uno posts" + at(day) + " author:1" + at(day) + " tag:3" + at(day), false},
		step{"change date, tag and address", save(func(d *posts.Draft) { d.PublishedAt, d.Slug, d.Tags = hour, "uno", []string{"a"} }),
			appears("un", day, 3) + " " + appears("uno", hour, 1) + " slug:first", false},
		step{"unpublish", save(func(d *posts.Draft) { d.Status = posts.StatusDraft }), appears("uno", hour, 1) + " slug:un slug:first", false},
		step{"edit while hidden", save(func(d *posts.Draft) { d.Markdown, d.Tags = "Hidden words.", []string{"a", "b"} }), "", false},
		step{"schedule", save(func(d *posts.Draft) { d.Status, d.PublishedAt = posts.StatusPublished, later }), "", true},
		step{"edit while scheduled", save(func(d *posts.Draft) { d.Markdown = "Words to come." }), "", false},
		step{"change its tags", save(func(d *posts.Draft) { d.Tags = []string{"b"} }), "", true},
		step{"schedule for within a minute", save(func(d *posts.Draft) { d.PublishedAt = soon }), appears("uno", soon, 2) + " slug:un slug:first", false},
		step{"schedule for later", save(func(d *posts.Draft) { d.PublishedAt = later }), appears("uno", soon, 2) + " slug:un slug:first", false},
		step{"hide what is scheduled", save(func(d *posts.Draft) { d.Status = posts.StatusDraft }), "", true},
		step{"publish at once", save(func(d *posts.Draft) { d.Status, d.PublishedAt = posts.StatusPublished, hour }), appears("uno", hour, 2) + " slug:un slug:first", false},
		step{"delete", func() {
			if err := w.Delete(t.Context(), p.ID, p.Version); err != nil {
				t.Fatal(err)
			}
		}, appears("uno", hour, 2) + " slug:un slug:first", false},
	)
}

// What was never seen at its address goes without a word; former addresses of
// a hidden post change from 404 Not Found to 410 Gone.
func TestDeletingWhatIsHiddenNotesItsFormerAddresses(t *testing.T) {
	t.Parallel()
	w := newBlog(t).watch()
	remove := func(p *posts.Stored) func() {
		return func() {
			if err := w.Delete(t.Context(), p.ID, p.Version); err != nil {
				t.Fatal(err)
			}
		}
	}
	var draft, planned, hidden posts.Stored
	d := w.draft("Planned")
	d.Status, d.PublishedAt = posts.StatusPublished, time.Now().Add(time.Hour)
	w.run(
		step{"make a draft", func() { draft = w.save(0, 0, w.draft("Draft", "a")) }, "", false},
		step{"delete the draft", remove(&draft), "", false},
		step{"schedule a post", func() { planned = w.save(0, 0, d) }, "", true},
		step{"delete what is scheduled", remove(&planned), "", true},
	)
	hidden = w.publish("Hidden", time.Hour)
	hidden.Status = posts.StatusDraft
	hidden = w.save(hidden.ID, hidden.Version, hidden.Draft)
	w.look()
	w.woken()
	w.run(step{"delete what is hidden", remove(&hidden), "slug:hidden", false})
}

func TestImportsNoteOnlyWhatTheyChange(t *testing.T) {
	t.Parallel()
	w := newBlog(t).watch()
	hour := time.Now().Add(-time.Hour).Truncate(time.Microsecond)
	bring := func(text, site string, dryRun bool) func() {
		return func() {
			d := w.draft("First", "a")
			d.Status, d.PublishedAt, d.Markdown = posts.StatusPublished, hour, text
			src := posts.Source{Site: site, Path: "first.md", Digest: sha256.Sum256([]byte(text))}
			if _, _, err := w.Import(t.Context(), src, d, dryRun); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.run(
		step{"try", bring("Text.", "blog", true), "", false},
		step{"import", bring("Text.", "blog", false), appears("first", hour, 1), false},
		step{"again", bring("Text.", "blog", false), "", false},
		step{"from another site", bring("Text.", "other", false), "", false},
		step{"a changed file", bring("New text.", "blog", false), "post:1 search", false},
		step{"an older renderer", w.exec("UPDATE posts SET render_version = 0"), "post:1 search", false},
		step{"render again", func() {
			if n, err := w.RenderStale(t.Context(), 10); n != 1 || err != nil {
				t.Fatalf("got %d posts rendered again and error %v, want 1", n, err)
			}
		}, "post:1 search", false},
	)
}

func TestWritingByHandNotesToo(t *testing.T) {
	t.Parallel()
	w := newBlog(t).watch()
	p := w.publish("One", time.Hour, "a", "b")
	w.look()
	w.woken()
	one := appears("one", p.PublishedAt, 1, 2)
	w.run(
		step{"what readers do not see", w.exec("UPDATE posts SET create_key = NULL, markdown = markdown || ' ', created_at = now()"), "", false},
		step{"nothing", w.exec("UPDATE posts SET html = html, title = title"), "", false},
		step{"no row", w.exec("UPDATE posts SET title = 'x' WHERE id = 999"), "", false},
		step{"HTML", w.exec("UPDATE posts SET html = 'other'"), "post:1 search", false},
		step{"what searches look at", w.exec("UPDATE posts SET plain = 'other'"), "post:1 search", false},
		step{"a former address", w.exec("INSERT INTO old_slugs VALUES ('was', 1), ('once', 1)"), "slug:was slug:once", false},
		step{"another target", w.exec("UPDATE old_slugs SET post_id = NULL WHERE slug = 'was'"), "slug:was", false},
		step{"no former address", w.exec("DELETE FROM old_slugs WHERE slug = 'was'"), "slug:was", false},
		step{"delete and insert", w.exec(`
			WITH gone AS (DELETE FROM posts RETURNING *)
			INSERT INTO posts (slug, title, status, published_at, author_id, tag_ids, markdown, html, excerpt, render_version)
			SELECT 'two', title, 'draft', published_at, author_id, tag_ids, markdown, html, excerpt, render_version FROM gone`),
			one + " slug:once", false},
		step{"a description", w.exec("UPDATE tags SET description = 'x' WHERE id = 2"), "tag:2", false},
		step{"the same again", w.exec("UPDATE tags SET description = 'x', name = name WHERE id = 2"), "", false},
		step{"a tag's name", w.exec("UPDATE tags SET name = 'B' WHERE id = 2"), "*", false},
		step{"a tag's slug", w.exec("UPDATE tags SET slug = 'c' WHERE id = 2"), "*", false},
		step{"a password", w.exec("UPDATE users SET password_hash = 'x', email = 'a@example.org', role = 'owner'"), "", false},
		step{"an author's name", w.exec("UPDATE users SET name = 'Ada'"), "*", false},
		step{"an author's handle", w.exec("UPDATE users SET handle = 'countess'"), "*", false},
		step{"the settings", w.exec("UPDATE site SET title = 'Notes', tagline = 'x'"), "*", false},
		step{"the same settings", w.exec("UPDATE site SET title = 'Notes', tagline = 'x'"), "", false},
		step{"empty former addresses", w.exec("TRUNCATE old_slugs"), "*", false},
		step{"empty everything", w.exec("TRUNCATE posts CASCADE"), "*", false},
	)
}

func TestManyPostsAtOnceNoteEverything(t *testing.T) {
	t.Parallel()
	w := newBlog(t).watch()
	insert := func(n int, status string) func() {
		return w.exec(`
			INSERT INTO posts (slug, title, status, published_at, author_id, markdown, html, excerpt, render_version)
			SELECT $2 || n, 'post ' || n, $2, '2020-01-01', $3, '', '', '', 1 FROM generate_series(1, $1::int) n`, n, status, w.author)
	}
	named := func(from, to int, keys string) string {
		for id := from; id <= to; id++ {
			keys += fmt.Sprintf(" post:%d slug:published%d", id, id-300)
		}
		return keys
	}
	const y2020, y2021 = "@1577836800000000", "@1609459200000000"
	w.run(
		step{"300 drafts", insert(300, "draft"), "", false},
		step{"200 posts", insert(200, "published"), named(301, 500, "search archive author:1 posts"+y2020+" author:1"+y2020), false},
		step{"of 500 the 200 seen", w.exec("UPDATE posts SET published_at = '2021-01-01'"), named(301, 500, "search archive author:1 posts"+y2021+" author:1"+y2021+" posts"+y2020+" author:1"+y2020), false},
		step{"300 published", w.exec("UPDATE posts SET status = 'published' WHERE id <= 300"), "*", false},
		step{"500 edited", w.exec("UPDATE posts SET title = 'x'"), "*", false},
		step{"500 not changed", w.exec("UPDATE posts SET markdown = 'x'"), "", false},
		step{"500 former addresses", w.exec("INSERT INTO old_slugs SELECT 'old' || id, id FROM posts"), "*", false},
		step{"500 deleted", w.exec("DELETE FROM posts"), "*", false},
	)
}

func TestSeriesAuthorsAndFeaturedPostsAreNoted(t *testing.T) {
	t.Parallel()
	w := newBlog(t).watch()
	p := w.publish("One", time.Hour)
	place := at(p.PublishedAt)
	if _, err := w.pool.Exec(t.Context(), "INSERT INTO series (key, slug, title) VALUES ('a', 'a', 'A'), ('b', 'b', 'B')"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.pool.Exec(t.Context(), "INSERT INTO users (handle, name) VALUES ('other', 'Other')"); err != nil {
		t.Fatal(err)
	}
	w.look()
	w.woken()
	const post = "post:1 search"
	w.run(
		step{"into a series", w.exec("UPDATE posts SET series_id = 1"), post + " series:1", false},
		step{"another place in it", w.exec("UPDATE posts SET series_place = 3"), post + " series:1", false},
		step{"into another", w.exec("UPDATE posts SET series_id = 2"), post + " series:1 series:2", false},
		step{"a series' title", w.exec("UPDATE series SET title = 'C' WHERE id = 2"), "series:2", false},
		step{"the same title", w.exec("UPDATE series SET title = 'C' WHERE id = 2"), "", false},
		step{"featured", w.exec("UPDATE posts SET featured = true"), post + " featured", false},
		step{"a featured post hidden", w.exec("UPDATE posts SET status = 'draft'"), appears("one", p.PublishedAt) + " series:2 featured", false},
		step{"and shown", w.exec("UPDATE posts SET status = 'published'"), appears("one", p.PublishedAt) + " series:2 featured", false},
		step{"another author", w.exec("UPDATE posts SET author_id = 2"), post + " author:1 author:2 author:1" + place + " author:2" + place, false},
		step{"what search engines are told", w.exec("UPDATE posts SET noindex = true, meta_title = 'x'"), post, false},
		step{"related posts", w.exec("UPDATE posts SET related_ids = '{7}'"), post, false},
		step{"the series deleted", w.exec("DELETE FROM series WHERE id = 2"), post + " series:2", false},
		step{"a tag's image", w.exec("INSERT INTO tags (key, slug, name) VALUES ('t', 't', 't'); UPDATE tags SET image = '/x'"), "tag:1", false},
		step{"an author's words", w.exec("UPDATE users SET bio = 'x' WHERE id = 2"), "*", false},
		step{"a page of it", w.exec("UPDATE posts SET featured = false, kind = 'page'"), "post:1 search slug:one posts" + place + " archive featured author:2 author:2" + place, false},
		step{"the page hidden", w.exec("UPDATE posts SET status = 'draft'"), "post:1 search slug:one", false},
	)
}
