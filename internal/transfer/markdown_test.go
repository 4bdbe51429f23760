package transfer_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"

	"broadsheet/internal/accounts"
	"broadsheet/internal/postgrestest"
	"broadsheet/internal/posts"
	"broadsheet/internal/transfer"
	"broadsheet/web"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// blog is a database to import into.
type blog struct {
	t    *testing.T
	pool *pgxpool.Pool
	transfer.Options
}

func newBlog(t *testing.T) blog {
	t.Helper()
	pool := postgrestest.New(t)
	return blog{t, pool, transfer.Options{
		Posts: posts.NewStore(pool), Accounts: accounts.NewStore(pool),
		Site: "blog", Language: "en", DefaultAuthor: "The editor",
	}}
}

func (b blog) bring(fsys fs.FS) transfer.Report {
	b.t.Helper()
	report, err := transfer.Markdown(b.t.Context(), fsys, b.Options)
	if err != nil {
		b.t.Fatalf("importing: %v", err)
	}
	return report
}

// stored is a post in the database by its slug.
func (b blog) stored(slug string) posts.Stored {
	b.t.Helper()
	var id int64
	if err := b.pool.QueryRow(b.t.Context(), "SELECT id FROM posts WHERE slug = $1", slug).Scan(&id); err != nil {
		b.t.Fatalf("finding post %q: %v", slug, err)
	}
	post, err := b.Posts.Get(b.t.Context(), id)
	if err != nil {
		b.t.Fatalf("reading post %q: %v", slug, err)
	}
	return post
}

func (b blog) count(sql string) int {
	b.t.Helper()
	var n int
	if err := b.pool.QueryRow(b.t.Context(), sql).Scan(&n); err != nil {
		b.t.Fatal(err)
	}
	return n
}

func skipped(r transfer.Report) []string {
	var all []string
	for _, s := range r.Skipped {
		all = append(all, fmt.Sprintf("%s:%d %s: %s", s.File, s.Line, s.Kind, s.Reason))
	}
	slices.Sort(all)
	return all
}

func warnings(r transfer.Report) []string {
	var all []string
	for _, w := range r.Warnings {
		all = append(all, strings.TrimSuffix(w.File+": "+w.Message+": "+w.Detail, ": "))
	}
	slices.Sort(all)
	return all
}

func counts(r transfer.Report) string {
	all := fmt.Sprintf("%d created, %d updated, %d unchanged, %d kept", r.Created, r.Updated, r.Unchanged, len(r.Kept))
	if n := len(r.Deleted); n > 0 {
		all += fmt.Sprintf(", %d deleted", n)
	}
	return all
}

func wantCounts(t *testing.T, r transfer.Report, want string) {
	t.Helper()
	if got := counts(r); got != want {
		t.Errorf("got %s, want %s\n%v\n%v", got, want, skipped(r), warnings(r))
	}
}

func day(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestHugo(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	report := b.bring(os.DirFS("testdata/hugo"))
	wantCounts(t, report, "5 created, 0 updated, 0 unchanged, 0 kept")

	if diff := cmp.Diff([]string{
		"README.md:0 page: about the folder, not a post",
		"content/_index.md:0 section: a section, not a post",
		"content/about.md:0 page: a page, not a post: it is in none of the sections",
		"content/posts/_index.md:0 section: a section, not a post",
		"content/posts/all.md:0 page: a page, not a post: it has no date",
		"content/posts/broken.md:4 unreadable: YAML: found unexpected end of stream",
		"content/posts/old-beans.md:0 redirect: a redirect to /posts/runner-beans",
		"content/posts/open.md:1 unreadable: the front matter that begins here does not end: no line with --- alone",
		"content/posts/toml.md:3 unreadable: TOML: expected value but found \"yesterday\" instead",
	}, skipped(report)); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{
		"content/posts/potatoes.md: redirects from other addresses (aliases) are not imported",
		"content/posts/potatoes.md: the cover is left out: Use an address on this site that begins with a single /.",
	}, warnings(report)); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{"{{< figure >}}": 1}, report.Directives); diff != "" {
		t.Errorf("directives (-want +got):\n%s", diff)
	}

	got := b.stored("potatoes")
	if !got.PublishedAt.Equal(day("2021-03-19T10:30:00+01:00")) || !got.UpdatedAt.Equal(day("2021-04-02T00:00:00Z")) {
		t.Errorf("got published %v, updated %v", got.PublishedAt, got.UpdatedAt)
	}
	if diff := cmp.Diff(posts.Draft{
		Title: "Potatoes: an early start", Slug: "potatoes", Summary: "Put them on the window sill in February.",
		Language: "en", Status: posts.StatusPublished,
		Tags: []string{"Potatoes", "early crops", "Vegetables"},
	}, posts.Draft{
		Title: got.Title, Slug: got.Slug, Summary: got.Summary, Language: got.Language, Cover: got.Cover, Status: got.Status, Tags: got.Tags,
	}); diff != "" {
		t.Errorf("potatoes (-want +got):\n%s", diff)
	}
	if got.AuthorName != "Ada Green" || !strings.HasPrefix(got.Markdown, "Egg boxes") {
		t.Errorf("got author %q, text %q", got.AuthorName, got.Markdown)
	}
	if got := b.stored("compost"); fmt.Sprint(got.Coauthors) != "[ben-brown]" {
		t.Errorf("got compost by %s with %v, want Ben Brown", got.AuthorName, got.Coauthors)
	}
	if got := b.stored("potatoes-de"); got.Language != "de" || got.AuthorName != "The editor" {
		t.Errorf("got the translation in %q by %q, want de by The editor", got.Language, got.AuthorName)
	}
	if n := b.count("SELECT count(*) FROM posts p JOIN posts o USING (translation_id) WHERE p.slug = 'potatoes-de' AND o.slug = 'potatoes'"); n != 1 {
		t.Errorf("got %d posts that potatoes-de is linked to as a translation, want 1", n)
	}
	if got := b.stored("compost"); got.AuthorName != "Ada Green" || !slices.Equal(got.Tags, []string{"soil", "patience"}) {
		t.Errorf("got the bundle by %q with tags %q", got.AuthorName, got.Tags)
	}
	if got := b.stored("runner-beans"); got.Title != "Beans" || !slices.Equal(got.Tags, []string{"runner beans", "Vegetables"}) {
		t.Errorf("got %q with tags %q", got.Title, got.Tags)
	}
	if got := b.stored("leeks"); got.Status != posts.StatusDraft || got.Visible || got.Scheduled {
		t.Errorf("got leeks %q, visible %t, want a draft", got.Status, got.Visible)
	}
}

func TestJekyll(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	report := b.bring(os.DirFS("testdata/jekyll"))
	wantCounts(t, report, "4 created, 0 updated, 0 unchanged, 0 kept")
	if diff := cmp.Diff([]string{
		"_posts/notes.md:0 page: not a post: names in _posts begin with a date",
		"about.md:0 page: a page, not a post: it is not in _posts",
	}, skipped(report)); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}

	tide := b.stored("first-tide")
	if tide.Title != "High water" || tide.AuthorName != "Cleo" || !tide.PublishedAt.Equal(day("2013-03-19T00:00:00Z")) ||
		!slices.Equal(tide.Tags, []string{"tide", "moon", "harbour", "notes"}) || strings.Contains(tide.Markdown, "High water") {
		t.Errorf("got %q by %q on %v with tags %q: %q", tide.Title, tide.AuthorName, tide.PublishedAt, tide.Tags, tide.Markdown)
	}
	if b.count("SELECT count(*) FROM users WHERE email IS NOT NULL") != 0 {
		t.Error("an author's e-mail address was imported")
	}
	rope := b.stored("rope")
	for _, want := range []string{"<em>slow</em>", "first\n\nsecond\n</pre>", "<p>Done</p>"} {
		if !strings.Contains(string(rope.HTML), want) {
			t.Errorf("got HTML %q, want %q in it", rope.HTML, want)
		}
	}
	if fog := b.stored("thick-fog"); !strings.Contains(fog.Markdown, "<!--more-->") {
		t.Errorf("got %q, want the fold in it", fog.Markdown)
	}
	if anchor := b.stored("anchor"); anchor.Status != posts.StatusDraft {
		t.Errorf("got anchor %q, want a draft", anchor.Status)
	}
}

func TestDryRunSaysWhatAnImportDoes(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	site := fstest.MapFS{
		"a.md": {Data: []byte("---\ntitle: A\ndate: 2020-01-01\nauthor: Ada\n---\nFirst.")},
		"b.md": {Data: []byte("---\ntitle: B\ndate: 2020-01-02\n---\nFirst.")},
		"c.md": {Data: []byte("---\ntitle: C\ndate: 2020-01-03\n---\nFirst.")},
	}
	both := func(want string) {
		t.Helper()
		b.DryRun = true
		dry := b.bring(site)
		b.DryRun = false
		wantCounts(t, dry, want)
		wantCounts(t, b.bring(site), want)
	}

	b.DryRun = true
	b.bring(site)
	if n := b.count("SELECT (SELECT count(*) FROM posts) + (SELECT count(*) FROM users) + (SELECT count(*) FROM tags)"); n != 0 {
		t.Fatalf("a dry run wrote %d rows", n)
	}
	both("3 created, 0 updated, 0 unchanged, 0 kept")
	both("0 created, 0 updated, 3 unchanged, 0 kept")

	edited := b.stored("c")
	edited.Markdown = "Edited here."
	if _, err := b.Posts.Save(t.Context(), edited.ID, edited.Version, edited.Draft); err != nil {
		t.Fatal(err)
	}
	site["b.md"].Data = []byte("---\ntitle: B\ndate: 2020-01-02\n---\nSecond.")
	site["c.md"].Data = []byte("---\ntitle: C\ndate: 2020-01-03\n---\nSecond.")
	site["d.md"] = &fstest.MapFile{Data: []byte("---\ntitle: D\ndate: 2020-01-04\n---\nFirst.")}
	both("1 created, 1 updated, 1 unchanged, 1 kept")
	if got := b.stored("b").Markdown; got != "Second." {
		t.Errorf("got %q, want the file's new text", got)
	}
	kept := b.stored("c")
	if kept.Markdown != "Edited here." {
		t.Errorf("got %q: the edit was lost", kept.Markdown)
	}

	if err := b.Posts.Delete(t.Context(), kept.ID, kept.Version); err != nil {
		t.Fatal(err)
	}
	both("0 created, 0 updated, 3 unchanged, 0 kept, 1 deleted")
	if n := b.count("SELECT count(*) FROM posts"); n != 3 {
		t.Errorf("got %d posts, want 3: a deleted one came back", n)
	}
}

func TestTwoFilesWithOneAddress(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	site := fstest.MapFS{
		"2019/review.md": {Data: []byte("---\ntitle: The year\ndate: 2019-12-31\n---\nGood.")},
		"2020/review.md": {Data: []byte("---\ntitle: The year\ndate: 2020-12-31\n---\nLess so.")},
	}
	report := b.bring(site)
	wantCounts(t, report, "2 created, 0 updated, 0 unchanged, 0 kept")
	want := []string{"2020/review.md: another file has the same address, so a number is added to it: 2019/review.md"}
	if diff := cmp.Diff(want, warnings(report)); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	site["2020/review.md"].Data = []byte("---\ntitle: The year\ndate: 2020-12-31\n---\nNot so good.")
	wantCounts(t, b.bring(site), "0 created, 1 updated, 1 unchanged, 0 kept")
	if got := b.stored("review-2").Markdown; got != "Not so good." {
		t.Errorf("got %q at the numbered address, want the changed text", got)
	}
}

func TestTwoSitesWithTheSameFiles(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	garden := fstest.MapFS{
		"posts/one.md": {Data: []byte("---\ntitle: Potatoes\ndate: 2020-01-01\n---\nEarly.")},
		"posts/two.md": {Data: []byte("---\ntitle: Beans\ndate: 2020-01-02\n---\nRunner.")},
	}
	harbour := fstest.MapFS{
		"posts/one.md": {Data: []byte("---\ntitle: Tide\ndate: 2020-01-01\n---\nHigh.")},
		"posts/two.md": {Data: []byte("---\ntitle: Beans\ndate: 2021-01-02\n---\nBaked.")},
	}
	for _, want := range []string{"2 created, 0 updated, 0 unchanged, 0 kept", "0 created, 0 updated, 2 unchanged, 0 kept"} {
		b.Site = "garden"
		wantCounts(t, b.bring(garden), want)
		b.Site = "harbour"
		wantCounts(t, b.bring(harbour), want)
	}
	for slug, title := range map[string]string{"one": "Potatoes", "two": "Beans", "one-2": "Tide", "two-2": "Beans"} {
		if got := b.stored(slug).Title; got != title {
			t.Errorf("%s: got %q, want %q", slug, got, title)
		}
	}
}

func TestPartOfASite(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	site := os.DirFS("testdata/hugo")
	b.bring(site)
	b.Folder = "content/posts/compost"
	wantCounts(t, b.bring(site), "0 created, 0 updated, 1 unchanged, 0 kept")
	b.Folder = "content/nowhere"
	if _, err := transfer.Markdown(t.Context(), site, b.Options); err == nil {
		t.Error("importing a folder that is not there: got no error")
	}
}

func TestLinksThatLeaveTheFolder(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	secret := filepath.Join(t.TempDir(), "secret.md")
	dir := t.TempDir()
	post := []byte("---\ntitle: T\ndate: 2020-01-01\n---\n")
	for at, data := range map[string][]byte{secret: post, filepath.Join(dir, "a.md"): post} {
		if err := os.WriteFile(at, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for at, to := range map[string]string{"b.md": secret, "c": filepath.Dir(secret)} {
		if err := os.Symlink(to, filepath.Join(dir, at)); err != nil {
			t.Fatal(err)
		}
	}
	report := b.bring(os.DirFS(dir))
	wantCounts(t, report, "1 created, 0 updated, 0 unchanged, 0 kept")
	want := []string{"b.md:0 unreadable: not a regular file; links are not followed"}
	if diff := cmp.Diff(want, skipped(report)); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
}

func TestOneBadFileDoesNotStopButALostDatabaseDoes(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	ctx, cancel := context.WithCancel(t.Context())
	b.Progress = func(done, total int) {
		if done == 2 {
			cancel()
		}
	}
	site := fstest.MapFS{"a.md": {Data: []byte("---\n")}, "b.md": {Data: []byte("---\ndate: 2020-01-01\n---\n")}, "c.md": {Data: []byte("---\ndate: 2020-01-01\n---\n")}}
	report, err := transfer.Markdown(ctx, site, b.Options)
	if err == nil || report.Created != 1 || len(report.Skipped) != 1 {
		t.Errorf("cancelled after two files: got %s, %d skipped, %v", counts(report), len(report.Skipped), err)
	}

	b.Progress = nil
	b.pool.Close()
	report, err = transfer.Markdown(t.Context(), site, b.Options)
	if err == nil || !strings.Contains(err.Error(), "b.md") || report.Created != 0 {
		t.Errorf("without a database: got %s, %v", counts(report), err)
	}
}

func TestDemo(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	demo, err := fs.Sub(web.Demo, "demo")
	if err != nil {
		t.Fatal(err)
	}
	report := b.bring(demo)
	if report.Created < 12 || len(report.Skipped)+len(report.Warnings)+len(report.Directives) > 0 {
		t.Errorf("got %s, skipped %q, warnings %q, %v", counts(report), skipped(report), warnings(report), report.Directives)
	}
	if n := b.count("SELECT count(*) FROM posts WHERE status <> 'published' OR published_at > now()"); n > 0 {
		t.Errorf("%d of the demo posts cannot be seen", n)
	}
	if n := b.count("SELECT count(*) FROM users"); n != 1 {
		t.Errorf("got %d authors, want one", n)
	}
}
