package reader_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/net/html"

	"broadsheet/internal/accounts"
	"broadsheet/internal/page"
	"broadsheet/internal/postgrestest"
	"broadsheet/internal/posts"
	"broadsheet/internal/reader"
	"broadsheet/internal/site"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// blog is a blog under test, with the public routes.
type blog struct {
	http.Handler
	posts  *posts.Store
	site   *site.Store
	reader *reader.Reader
	pool   *pgxpool.Pool
	author int64
}

func newBlog(t *testing.T) *blog {
	t.Helper()
	pool := postgrestest.New(t)
	b := &blog{pool: pool, posts: posts.NewStore(pool), site: site.NewStore(pool)}
	b.settings(t, site.Settings{
		Title: "The Daily Compile", Tagline: "News from the build", Language: "en", TimeZone: "Europe/Berlin",
	})
	author, err := accounts.NewStore(pool).EnsureAuthor(t.Context(), "Ada Lovelace")
	if err != nil {
		t.Fatal(err)
	}
	b.author = author

	pages := page.New(b.site, b.posts, &url.URL{Scheme: "https", Host: "blog.example"}, slog.New(slog.NewTextHandler(io.Discard, nil)))
	rd := reader.New(pages, b.posts)
	b.reader = rd
	r := chi.NewRouter()
	r.Get("/", pages.Handle(rd.Listing))
	r.Get("/card.png", pages.Handle(rd.SiteCard))
	r.Get("/posts/{slug}", pages.Handle(rd.Post))
	r.Get("/posts/{slug}/card.png", pages.Handle(rd.PostCard))
	r.Get("/tags", pages.Handle(rd.Tags))
	r.Get("/tags/{tag}", pages.Handle(rd.Tag))
	r.Get("/authors/{handle}", pages.Handle(rd.Author))
	r.Get("/series/{slug}", pages.Handle(rd.Series))
	r.Get("/archive", pages.Handle(rd.Archive))
	r.Get("/archive/{year}", pages.Handle(rd.Year))
	r.Get("/archive/{year}/{month}", pages.Handle(rd.Month))
	r.Get("/{slug}", pages.Handle(rd.Page))
	r.Get("/search", pages.Handle(rd.Search))
	r.Get("/search/suggest", pages.Handle(rd.Suggest))
	r.Get("/robots.txt", pages.Handle(rd.Robots))
	r.Get("/posts/{slug}.md", pages.Handle(rd.PostSource))
	r.Get("/llms.txt", pages.Handle(rd.LLMs))
	r.Get("/sitemap.xml", pages.Handle(rd.Sitemap))
	r.Get("/sitemap/{part}.xml", pages.Handle(rd.SitemapPart))
	r.Get("/feed.{form}", pages.Handle(rd.Feed))
	r.Get("/tags/{tag}/feed.{form}", pages.Handle(rd.TagFeed))
	r.Get("/authors/{handle}/feed.{form}", pages.Handle(rd.AuthorFeed))
	r.Get("/series/{slug}/feed.{form}", pages.Handle(rd.SeriesFeed))
	r.Get("/search/feed.{form}", pages.Handle(rd.SearchFeed))
	r.NotFound(func(w http.ResponseWriter, r *http.Request) { pages.Error(w, r, http.StatusNotFound, "") })
	b.Handler = r
	return b
}

func (b *blog) settings(t *testing.T, s site.Settings) {
	t.Helper()
	if err := b.site.Save(t.Context(), s); err != nil {
		t.Fatal(err)
	}
}

func (b *blog) exec(t *testing.T, sql string) {
	t.Helper()
	if _, err := b.pool.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// publish saves a post; what the draft does not say is the usual.
func (b *blog) publish(t *testing.T, d posts.Draft) posts.Stored {
	t.Helper()
	d.AuthorID, d.Status = b.author, posts.StatusPublished
	if d.Language == "" {
		d.Language = "en"
	}
	if d.UpdatedAt.IsZero() {
		d.UpdatedAt = d.PublishedAt
	}
	stored, err := b.posts.Save(t.Context(), 0, 0, d)
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

// fill publishes n posts, a day apart, Story 1 being the oldest.
func (b *blog) fill(t *testing.T, n int, tags ...string) {
	t.Helper()
	for i := range n {
		b.publish(t, posts.Draft{
			Title: fmt.Sprintf("Story %d", i+1), Markdown: fmt.Sprintf("Text %d.", i+1), Tags: tags,
			PublishedAt: time.Date(2024, 3, 1+i, 23, 30, 0, 0, time.UTC),
		})
	}
}

// get returns the answer to a GET and checks that a page is sound.
func (b *blog) get(t *testing.T, target string) (*httptest.ResponseRecorder, string) {
	t.Helper()
	w := httptest.NewRecorder()
	b.ServeHTTP(w, httptest.NewRequest(http.MethodGet, target, nil))
	if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") && w.Code != 301 && w.Code != 302 {
		checkPage(t, target, w.Body.String())
	}
	return w, w.Body.String()
}

// checkPage finds what no page may have: a second h1, an id twice, a missing
// landmark, anything inline that the content security policy refuses.
func checkPage(t *testing.T, target, body string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatalf("%s: %v", target, err)
	}
	data := 0
	count, ids := map[string]int{}, map[string]bool{}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if n.Data == "script" && strings.HasPrefix(attribute(n, "src"), "/static/") && n.FirstChild == nil {
			continue // a file of ours
		}
		count[n.Data]++
		if n.Data == "script" && attribute(n, "type") == "application/ld+json" {
			// Data for programs, which no browser runs.
			if data++; !json.Valid([]byte(n.FirstChild.Data)) || strings.ContainsAny(n.FirstChild.Data, "<>") {
				t.Errorf("%s: got linked data that is no JSON: %s", target, n.FirstChild.Data)
			}
			checkLinkedData(t, target, n.FirstChild.Data)
		}
		for _, a := range n.Attr {
			switch {
			case a.Key == "style", strings.HasPrefix(a.Key, "on"):
				t.Errorf("%s: got <%s %s>, want nothing inline", target, n.Data, a.Key)
			case a.Key == "id" && ids[a.Val]:
				t.Errorf("%s: got id %q twice", target, a.Val)
			case a.Key == "id":
				ids[a.Val] = true
			case (a.Key == "href" || a.Key == "src") && a.Val == "":
				t.Errorf("%s: got <%s %s=\"\">", target, n.Data, a.Key)
			case a.Key == "lang" && a.Val == "":
				t.Errorf("%s: got <%s lang=\"\">", target, n.Data)
			}
		}
	}
	for _, element := range []string{"h1", "main", "title", "html"} {
		if count[element] != 1 {
			t.Errorf("%s: got %d <%s>, want 1", target, count[element], element)
		}
	}
	if count["script"] > data || count["style"] > 0 {
		t.Errorf("%s: got <script> or <style> inside the page", target)
	}
	if !strings.Contains(body, `href="#main"`) || !ids["main"] {
		t.Errorf("%s: got no skip link to #main", target)
	}
}

// mustContain fails the test for each text that the page lacks.
func mustContain(t *testing.T, body string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(body, text) {
			t.Errorf("got a page without %q:\n%s", text, body)
		}
	}
}

// link returns the address of the first link with that rel.
func link(t *testing.T, body, rel string) string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Data == "a" && attribute(n, "rel") == rel {
			return attribute(n, "href")
		}
	}
	return ""
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}
