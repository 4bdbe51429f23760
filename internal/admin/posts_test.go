package admin_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/posts"
)

func draft(title string) posts.Draft { return posts.Draft{Title: title, Markdown: "Text of " + title} }

func published(title string, at time.Time) posts.Draft {
	return posts.Draft{Title: title, Markdown: "Text of " + title, Status: posts.StatusPublished, PublishedAt: at}
}

var assetHash = regexp.MustCompile(`(/static/\w+)\.[0-9a-f]{16}\.`)

func TestPostsGolden(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	settings, err := b.site.Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	settings.TimeZone = "Europe/Berlin"
	if err := b.site.Save(t.Context(), settings); err != nil {
		t.Fatal(err)
	}
	post := published("Ärger & <Freude>", time.Date(2024, 7, 1, 22, 30, 0, 0, time.UTC))
	post.Tags = []string{"C++", "web design"}
	b.save(t, post)
	b.save(t, published("In days to come", time.Date(9000, 1, 1, 12, 0, 0, 0, time.UTC)))
	b.save(t, draft(""))
	for i, at := range []string{"2024-07-02 10:00Z", "2024-07-03 10:00Z", "2024-07-04 10:00Z"} {
		if _, err := b.pool.Exec(t.Context(), `UPDATE posts SET updated_at = $1 WHERE id = $2`, at, i+1); err != nil {
			t.Fatal(err)
		}
	}
	got := b.signedIn(t, "Jane Doe").get("/admin/posts").want(200)
	wantGolden(t, "posts.html", assetHash.ReplaceAllString(got.body, "$1.HASH."))
}

func TestPostsByState(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	for path, want := range map[string]string{
		"/admin/posts":                          "The first page is blank",
		"/admin/posts?state=draft":              "No drafts",
		"/admin/posts?state=scheduled":          "Nothing is scheduled",
		"/admin/posts?state=published":          "Nothing is published yet",
		"/admin/posts?q=heron":                  "No post matches “heron”",
		"/admin/posts?q=%3Cb%3E&state=draft":    "No post matches “<b>”",
		"/admin/posts?q=+++":                    "The first page is blank",
		"/admin/posts?q=%22unbalanced+OR+-+%27": "No post matches",
	} {
		br.get(path).want(200, want)
	}
	b.save(t, draft("A draft about a heron"))
	b.save(t, published("Out since long", time.Now().Add(-time.Hour)))
	b.save(t, published("Out in an hour, by a heron", time.Now().Add(time.Hour)))

	br.get("/admin/posts").want(200, "A draft about", "Out since long", "Out in an hour")
	br.get("/admin/posts?state=draft").want(200, "A draft about", `aria-current="page">Drafts`).wantNot("Out since long", "Out in an hour", ">View<")
	br.get("/admin/posts?state=scheduled").want(200, "Out in an hour").wantNot("A draft about", "Out since long", ">View<")
	br.get("/admin/posts?state=published").want(200, "Out since long", ">View<").wantNot("A draft about", "Out in an hour")
	br.get("/admin/posts?q=heron").want(200, "A draft about", "Out in an hour", `value="heron"`, `href="/admin/posts?q=heron&state=draft"`).wantNot("Out since long")
	br.get("/admin/posts?q=heron&state=draft").want(200, "A draft about").wantNot("Out in an hour")
}

func TestPagesOfPosts(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	for i := range 45 {
		b.save(t, draft(fmt.Sprintf("Post number %02d.", i)))
	}
	link := func(a answer, class string) string {
		t.Helper()
		found := regexp.MustCompile(class + `" rel="\w+" href="([^"]+)"`).FindStringSubmatch(a.body)
		if found == nil {
			t.Fatalf("no link %s:\n%s", class, a.body)
		}
		return strings.ReplaceAll(found[1], "&amp;", "&")
	}
	first := br.get("/admin/posts?state=draft").want(200, "number 44.", "number 25.").wantNot("number 24.", "pager-newer")
	second := br.get(link(first, "pager-older")).want(200, "number 24.", "number 05.").wantNot("number 25.", "number 04.")
	third := br.get(link(second, "pager-older")).want(200, "number 04.", "number 00.").wantNot("number 05.", "pager-older")
	br.get(link(third, "pager-newer")).want(200, "number 24.", "number 05.")
	br.get(link(second, "pager-newer")).leadsTo("/admin/posts?state=draft")
}

func TestBadAddressesOfPosts(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	for path, want := range map[string]int{
		"/admin/posts?state=secret":                       400,
		"/admin/posts?after=x":                            400,
		"/admin/posts?before=%00":                         400,
		"/admin/posts?after=" + strings.Repeat("A", 9999): 400,
		"/admin/posts?q=%00":                              400,
		"/admin/posts?q=%ff":                              400,
		"/admin/posts?q=" + strings.Repeat("a", 401):      400,
		"/admin/posts/1":                                  404,
		"/admin/posts/0":                                  404,
		"/admin/posts/-1":                                 404,
		"/admin/posts/x":                                  404,
		"/admin/posts/99999999999999999999":               404,
		"/admin/posts/1/delete":                           404,
		"/admin/nowhere":                                  404,
	} {
		br.get(path).want(want)
	}
}
