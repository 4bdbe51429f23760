package admin_test

import (
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/net/html"

	"broadsheet/internal/accounts"
	"broadsheet/internal/admin"
	"broadsheet/internal/page"
	"broadsheet/internal/postgrestest"
	"broadsheet/internal/posts"
	"broadsheet/internal/reader"
	"broadsheet/internal/server"
	"broadsheet/internal/site"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

var update = flag.Bool("update", false, "write the golden files anew")

const password = "correct horse battery"

var loopback = netip.MustParseAddr("127.0.0.1")

// blog is a whole server on a database of its own.
type blog struct {
	pool     *pgxpool.Pool
	posts    *posts.Store
	accounts *accounts.Store
	site     *site.Store
	handler  http.Handler
	routes   chi.Routes
	url      string
}

func newBlog(t *testing.T, change ...func(*server.Options)) *blog {
	t.Helper()
	pool := postgrestest.New(t)
	b := &blog{pool: pool, posts: posts.NewStore(pool), accounts: accounts.NewStore(pool), site: site.NewStore(pool)}
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))
	o := server.Options{Log: log, BaseURL: &url.URL{Scheme: "http", Host: "blog.example"}, Health: server.NewHealth(pool.Ping)}
	for _, c := range change {
		c(&o)
	}
	o.Pages = page.New(b.site, b.posts, o.BaseURL, log)
	o.Reader = reader.New(o.Pages, b.posts)
	o.Admin = admin.New(o.Pages, b.posts, b.accounts, b.site, o.BaseURL)
	b.handler, b.routes = server.New(o), server.Routes(o)
	o.Health.Started()
	srv := httptest.NewServer(b.handler)
	t.Cleanup(srv.Close)
	b.url = srv.URL
	return b
}

func trusting(prefixes ...string) func(*server.Options) {
	return func(o *server.Options) {
		for _, p := range prefixes {
			o.TrustedProxies = append(o.TrustedProxies, netip.MustParsePrefix(p))
		}
	}
}

// browser keeps cookies and follows no redirects.
type browser struct {
	t      *testing.T
	blog   *blog
	client *http.Client
	speaks string // Accept-Language
}

func (b *blog) browser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, blog: b, client: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}}
}

// signedIn returns the browser of an owner. Nobody's password is hashed for it.
func (b *blog) signedIn(t *testing.T, name string) *browser {
	t.Helper()
	id, err := b.accounts.EnsureAuthor(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.pool.Exec(t.Context(), `UPDATE users SET role = 'owner', email = handle || '@example.com' WHERE id = $1`, id); err != nil {
		t.Fatal(err)
	}
	token, err := b.accounts.StartSession(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	br := b.browser(t)
	address, err := url.Parse(b.url)
	if err != nil {
		t.Fatal(err)
	}
	br.client.Jar.SetCookies(address, []*http.Cookie{{Name: "broadsheet_session", Value: token, Path: "/admin"}})
	return br
}

// save stores a post, or ends the test.
func (b *blog) save(t *testing.T, d posts.Draft) posts.Stored {
	t.Helper()
	id, err := b.accounts.EnsureAuthor(t.Context(), "Jane Doe")
	if err != nil {
		t.Fatal(err)
	}
	d.AuthorID, d.Language, d.CoverX, d.CoverY = id, "en", 50, 50
	if d.Status == "" {
		d.Status = posts.StatusDraft
	}
	stored, err := b.posts.Save(t.Context(), 0, 0, d)
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

type answer struct {
	t      *testing.T
	status int
	header http.Header
	body   string
}

func (b *browser) do(r *http.Request) answer {
	b.t.Helper()
	resp, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{b.t, resp.StatusCode, resp.Header, string(body)}
}

func (b *browser) request(method, path, body string) *http.Request {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.blog.url+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	if b.speaks != "" {
		r.Header.Set("Accept-Language", b.speaks)
	}
	return r
}

func (b *browser) get(path string) answer {
	b.t.Helper()
	return b.do(b.request(http.MethodGet, path, ""))
}

func (b *browser) post(path string, values url.Values) answer {
	b.t.Helper()
	r := b.request(http.MethodPost, path, values.Encode())
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

// send sends a form with some of its fields changed: name, value, name, value …
func (b *browser) send(f form, changes ...string) answer {
	b.t.Helper()
	return b.post(f.action, f.with(changes...).values)
}

func (a answer) want(status int, texts ...string) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("got status %d, want %d:\n%.3000s", a.status, status, a.body)
	}
	text := strings.Join(strings.Fields(html.UnescapeString(a.body)), " ")
	for _, want := range texts {
		if !strings.Contains(text, want) {
			a.t.Errorf("want %q on the page, got:\n%.6000s", want, a.body)
		}
	}
	return a
}

func (a answer) wantNot(texts ...string) answer {
	a.t.Helper()
	for _, text := range texts {
		if strings.Contains(html.UnescapeString(a.body), text) {
			a.t.Errorf("do not want %q on the page, got:\n%.6000s", text, a.body)
		}
	}
	return a
}

// leadsTo checks that the answer sends the browser to a page, and asks for it.
func (a answer) leadsTo(path string) answer {
	a.t.Helper()
	if got := a.header.Get("Location"); a.status != http.StatusSeeOther || got != path {
		a.t.Fatalf("got status %d to %q, want 303 to %q:\n%.3000s", a.status, got, path, a.body)
	}
	return a
}

// form is a form as a browser would send it: every field with its value.
type form struct {
	action string
	values url.Values
}

func (f form) with(changes ...string) form {
	values := url.Values{}
	for name, v := range f.values {
		values[name] = v
	}
	for i := 0; i < len(changes); i += 2 {
		values.Set(changes[i], changes[i+1])
	}
	return form{f.action, values}
}

// form returns the first form of the page that has a field of that name.
func (a answer) form(field string) form {
	a.t.Helper()
	doc, err := html.Parse(strings.NewReader(a.body))
	if err != nil {
		a.t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode || n.Data != "form" {
			continue
		}
		f := form{attribute(n, "action"), url.Values{}}
		for input := range n.Descendants() {
			switch input.Data {
			case "input":
				kind := attribute(input, "type")
				if (kind == "checkbox" || kind == "radio") && !has(input, "checked") {
					continue
				}
				f.values.Set(attribute(input, "name"), attribute(input, "value"))
			case "textarea":
				f.values.Set(attribute(input, "name"), content(input))
			case "select":
				f.values.Set(attribute(input, "name"), chosenOption(input))
			}
		}
		if f.values.Has(field) {
			return f
		}
	}
	a.t.Fatalf("no form with the field %q:\n%.3000s", field, a.body)
	return form{}
}

// chosenOption returns the value that a browser sends of a select.
func chosenOption(choice *html.Node) string {
	value, none := "", true
	for n := range choice.Descendants() {
		if n.Data == "option" && (none || has(n, "selected")) {
			value, none = attribute(n, "value"), false
		}
	}
	return value
}

// link returns where the link with this text leads.
func (a answer) link(text string) string {
	a.t.Helper()
	doc, err := html.Parse(strings.NewReader(a.body))
	if err != nil {
		a.t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && n.Data == "a" && content(n) == text {
			return attribute(n, "href")
		}
	}
	a.t.Fatalf("no link %q:\n%.3000s", text, a.body)
	return ""
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func content(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// wantGolden compares with a file in testdata.
func wantGolden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}
