package admin_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"broadsheet/internal/posts"
)

func formatID(id int64) string { return strconv.FormatInt(id, 10) }

// makeLink makes a preview link and returns its path.
func (b *browser) makeLink(id, days string) string {
	b.t.Helper()
	a := b.post("/admin/posts/"+id+"/links", url.Values{"days": {days}}).want(200, "The link is ready")
	doc, err := html.Parse(strings.NewReader(a.body))
	if err != nil {
		b.t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && attribute(n, "id") == "made" {
			path, ok := strings.CutPrefix(attribute(n, "value"), "http://blog.example")
			if !ok || !regexp.MustCompile(`^/preview/[A-Z2-7]{26}$`).MatchString(path) {
				b.t.Fatalf("got the link %q", attribute(n, "value"))
			}
			return path
		}
	}
	b.t.Fatal("the link is not shown")
	return ""
}

// wantPrivate checks what keeps the address of a preview and what it shows to
// those who have the link.
func (a answer) wantPrivate() answer {
	a.t.Helper()
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex", "Set-Cookie": "", "ETag": "", "Speculation-Rules": "",
	} {
		if got := a.header.Get(name); got != want {
			a.t.Errorf("got %s %q, want %q", name, got, want)
		}
	}
	if !strings.Contains(a.body, `<meta name="robots" content="noindex">`) {
		a.t.Error("search engines may keep the page")
	}
	if strings.Contains(a.body, `rel="canonical"`) || strings.Contains(a.body, "og:url") {
		a.t.Error("the page names an address of its own")
	}
	return a
}

const linkOver = "This link to a preview is over"

func TestPreviewLinkOfADraft(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	ada, visitor := b.signedIn(t, "Ada"), b.browser(t)
	post := b.save(t, posts.Draft{Title: "Quiet plans", Markdown: "Nobody **knows**.", Tags: []string{"Go"}})
	id := formatID(post.ID)

	ada.get("/admin/posts/"+id).want(200, `<a href="/admin/posts/`+id+`/links">Preview links</a>`)
	ada.get("/admin/posts/"+id+"/links").want(200, "Quiet plans").wantNot("Links that work", "/preview/")
	path := ada.makeLink(id, "7")

	visitor.get(path).want(200, "Preview: Quiet plans", "<strong>knows</strong>", "A preview of a text that is not published.", "This link works until", "Jane Doe").wantPrivate()
	visitor.get("/posts/" + post.Slug).want(404)

	// What is typed shows at once, and the post itself is not touched.
	f := ada.get("/admin/posts/" + id).form("markdown")
	ada.post(f.action+"/autosave", f.with("markdown", "Somebody *guesses*.", "title", "Loud plans").values).want(200)
	visitor.get(path).want(200, "Preview: Loud plans", "<em>guesses</em>").wantNot("knows").wantPrivate()

	// The list knows the link but not its secret, and withdraws it.
	list := ada.get("/admin/posts/"+id+"/links").want(200, "Links that work", "Ada", "Withdraw").wantNot("/preview/", strings.TrimPrefix(path, "/preview/"))
	other := ada.makeLink(id, "1")
	withdraw := regexp.MustCompile(`action="(/admin/posts/` + id + `/links/\d+)"`).FindStringSubmatch(list.body)
	if withdraw == nil {
		t.Fatalf("no button withdraws the link:\n%s", list.body)
	}
	ada.post(withdraw[1], nil).leadsTo("/admin/posts/" + id + "/links")
	ada.get("/admin/posts/"+id+"/links").want(200, "The link is withdrawn.")
	visitor.get(path).want(404, linkOver).wantPrivate()
	visitor.get(other).want(200)
	ada.post(withdraw[1], nil).leadsTo("/admin/posts/" + id + "/links") // pressed twice

	// In the trash it is no longer shown, and restored it is.
	stored, err := b.posts.Trash(t.Context(), post.ID, post.Version, post.AuthorID)
	if err != nil {
		t.Fatal(err)
	}
	visitor.get(other).want(404, linkOver).wantPrivate()
	ada.get("/admin/posts/"+id+"/links").want(410, "in the trash")
	ada.post("/admin/posts/"+id+"/links", url.Values{"days": {"1"}}).want(410, "in the trash")
	if stored, err = b.posts.Untrash(t.Context(), post.ID, stored.Version, post.AuthorID); err != nil {
		t.Fatal(err)
	}
	visitor.get(other).want(200, "guesses")

	// Deleted for good, it takes its links along.
	if err := b.posts.Delete(t.Context(), post.ID, stored.Version); err != nil {
		t.Fatal(err)
	}
	visitor.get(other).want(404, linkOver)
	ada.get("/admin/posts/" + id + "/links").want(404)
	ada.post("/admin/posts/"+id+"/links", url.Values{"days": {"1"}}).want(404)
}

func TestPreviewLinkOfWhatReadersSee(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	ada, visitor := b.signedIn(t, "Ada"), b.browser(t)
	published := b.save(t, posts.Draft{Title: "Known", Markdown: "As it is.", Status: posts.StatusPublished, PublishedAt: time.Now().Add(-time.Hour)})
	scheduled := b.save(t, posts.Draft{Title: "Later", Markdown: "To come.", Status: posts.StatusPublished, PublishedAt: time.Now().Add(time.Hour)})
	about := b.save(t, posts.Draft{Title: "About us", Kind: posts.KindPage, Markdown: "Who we are."})

	path := ada.makeLink(formatID(published.ID), "30")
	visitor.get(path).want(200, "As it is.", "This text has been published.", `<a href="/posts/known">Read what is published</a>`).wantPrivate()
	f := ada.get("/admin/posts/" + formatID(published.ID)).form("markdown")
	ada.post(f.action+"/autosave", f.with("markdown", "As it will be.").values).want(200)
	visitor.get(path).want(200, "As it will be.", "A preview of changes that are not published.", `<a href="/posts/known">`).wantPrivate()
	visitor.get("/posts/known").want(200, "As it is.").wantNot("As it will be.", "preview")

	visitor.get(ada.makeLink(formatID(scheduled.ID), "1")).want(200, "To come.", "A preview of a text that is not published.").wantPrivate()
	visitor.get(ada.makeLink(formatID(about.ID), "1")).want(200, "Who we are.", "page-post", "A preview of a text that is not published.").wantPrivate()
}

func TestPreviewLinkExpires(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	ada, visitor := b.signedIn(t, "Ada"), b.browser(t)
	id := formatID(b.save(t, posts.Draft{Title: "Brief", Markdown: "Text."}).ID)
	path := ada.makeLink(id, "1")
	var days float64
	if err := b.pool.QueryRow(t.Context(), "SELECT extract(epoch FROM expires_at - created_at) / 86400 FROM preview_links").Scan(&days); err != nil || days != 1 {
		t.Errorf("got %v days, %v, want 1", days, err)
	}
	visitor.get(path).want(200)
	if _, err := b.pool.Exec(t.Context(), "UPDATE preview_links SET created_at = now() - interval '1 day', expires_at = now() - interval '1 microsecond'"); err != nil {
		t.Fatal(err)
	}
	visitor.get(path).want(404, linkOver).wantPrivate()
	ada.get("/admin/posts/" + id + "/links").want(200).wantNot("Links that work")

	// The next one takes it away.
	ada.makeLink(id, "7")
	var kept int
	if err := b.pool.QueryRow(t.Context(), "SELECT count(*) FROM preview_links").Scan(&kept); err != nil || kept != 1 {
		t.Errorf("got %d links, %v, want the new one alone", kept, err)
	}
}

// Only what was made can be used, and nothing of it is stored.
func TestPreviewLinkIsASecret(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	ada, visitor := b.signedIn(t, "Ada"), b.browser(t)
	id := formatID(b.save(t, posts.Draft{Title: "Secret", Markdown: "Text."}).ID)
	path := ada.makeLink(id, "1")
	token := strings.TrimPrefix(path, "/preview/")
	var found bool
	if err := b.pool.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM preview_links l WHERE l::text LIKE '%' || $1 || '%' OR l.token_hash = $2)",
		token, []byte(token)).Scan(&found); err != nil || found {
		t.Errorf("the link is stored as it is (%v)", err)
	}
	for _, wrong := range []string{
		"/preview/" + strings.ToLower(token), "/preview/" + token[:25], "/preview/" + token + "A", "/preview/none", "/preview/%27", "/preview/" + strings.Repeat("A", 5000),
	} {
		visitor.get(wrong).want(404, linkOver).wantPrivate()
	}
	for _, none := range []string{"/preview", "/preview/" + token + "/x", "/preview/%00"} {
		visitor.get(none).want(404).wantNot("Secret")
	}
	if a := visitor.post(path, url.Values{}); a.status != http.StatusMethodNotAllowed {
		t.Errorf("got %d for a form, want 405", a.status)
	}
	// Without an account nobody makes one, or sees which there are.
	visitor.get("/admin/posts/" + id + "/links").wantNot("Secret")
	visitor.post("/admin/posts/"+id+"/links", url.Values{"days": {"1"}}).wantNot("/preview/")
	var links int
	if err := b.pool.QueryRow(t.Context(), "SELECT count(*) FROM preview_links").Scan(&links); err != nil || links != 1 {
		t.Errorf("got %d links, %v, want 1", links, err)
	}
}

// A text that is not finished yet is shown as far as it is valid.
func TestPreviewLinkOfAnInvalidText(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	ada, visitor := b.signedIn(t, "Ada"), b.browser(t)
	long := strings.Repeat("long ", 1000)
	for name, values := range map[string][]string{
		"dates and numbers": {"published_at", "soon", "series_place", "first", "cover_x", "left", "cover_y", "900"},
		"addresses":         {"cover", "https://example.org/x.png", "canonical", "nowhere", "slug", "!!!", "translation_of", long},
		"too long":          {"title", long, "summary", long, "language", long, "cover_alt", long, "meta_title", long, "meta_description", long, "series", long},
		"too many tags":     {"tags", strings.Repeat("a, b, c, ", 20) + long, "language", "klingonisch"},
		"a page":            {"kind", "page", "slug", "admin", "tags", "Go", "series", "One", "featured", "yes"},
		"no kind":           {"kind", "letter"},
	} {
		post := b.save(t, posts.Draft{Title: "Unfinished " + name, Markdown: "x"})
		path := ada.makeLink(formatID(post.ID), "1")
		f := ada.get("/admin/posts/" + formatID(post.ID)).form("markdown")
		ada.post(f.action+"/autosave", f.with(append(values, "markdown", "Half a *sentence*")...).values).want(200)
		visitor.get(path).want(200, "Half a <em>sentence</em>").wantPrivate()
	}
}

func TestPreviewLinksAreFew(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	ada := b.signedIn(t, "Ada")
	id := formatID(b.save(t, posts.Draft{Title: "Popular", Markdown: "Text."}).ID)
	for _, days := range []string{"", "0", "-1", "2", "365", "7 ", "x"} {
		ada.post("/admin/posts/"+id+"/links", url.Values{"days": {days}}).want(422, "Choose how long").wantNot("The link is ready")
	}
	for range posts.MaxPreviewLinks {
		ada.makeLink(id, "1")
	}
	ada.post("/admin/posts/"+id+"/links", url.Values{"days": {"1"}}).want(409, "There are 20 links already").wantNot("The link is ready")
	other := formatID(b.save(t, posts.Draft{Title: "Other", Markdown: "Text."}).ID)
	ada.makeLink(other, "1")

	// A link is withdrawn at its own post only.
	var link int64
	if err := b.pool.QueryRow(t.Context(), "SELECT max(id) FROM preview_links").Scan(&link); err != nil {
		t.Fatal(err)
	}
	ada.post("/admin/posts/"+id+"/links/"+formatID(link), nil).leadsTo("/admin/posts/" + id + "/links")
	ada.get("/admin/posts/"+other+"/links").want(200, "Links that work")
}
