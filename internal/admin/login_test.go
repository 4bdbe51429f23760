package admin_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"broadsheet/internal/accounts"
	"broadsheet/internal/admin"
	"broadsheet/internal/server"
)

func (b *blog) addJane(t *testing.T) accounts.User {
	t.Helper()
	user, err := b.accounts.Add(t.Context(), accounts.NewUser{
		Name: "Jane Doe", Email: "jane@example.com", Password: password, Role: accounts.RoleOwner,
	}, "Broadsheet")
	if err != nil {
		t.Fatal(err)
	}
	return user
}

func credentials(email, password string) url.Values {
	return url.Values{"email": {email}, "password": {password}}
}

func TestSignInAndOut(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.addJane(t)
	br := b.browser(t)
	br.get("/admin").leadsTo("/admin/login?next=%2Fadmin")
	br.get("/admin/posts?state=draft&q=a+b").leadsTo("/admin/login?next=%2Fadmin%2Fposts%3Fstate%3Ddraft%26q%3Da%2Bb")
	login := br.get("/admin/login?next=%2Fadmin%2Fposts%3Fstate%3Ddraft").want(200, "Sign in")
	if got := login.header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control: got %q, want no-store", got)
	}
	if got := login.header.Get("Set-Cookie"); got != "" {
		t.Errorf("a visitor who has not signed in: got cookie %q, want none", got)
	}
	br.send(login.form("password"), "email", "JANE@example.com", "password", password).leadsTo("/admin/posts?state=draft")
	br.get("/admin").want(200, "Hello", "Jane Doe")
	br.get("/admin/login").leadsTo("/admin/posts")
	br.get("/admin/posts").want(200, "Jane Doe", "Settings", `action="/admin/logout"`)

	address, err := url.Parse(b.url + "/admin")
	if err != nil {
		t.Fatal(err)
	}
	old := br.client.Jar.Cookies(address)
	out := br.post("/admin/logout", nil).leadsTo("/admin/login")
	if got := out.header.Get("Clear-Site-Data"); got != `"cache"` {
		t.Errorf("Clear-Site-Data: got %q, want \"cache\"", got)
	}
	br.get("/admin/posts").leadsTo("/admin/login?next=%2Fadmin%2Fposts")
	br.client.Jar.SetCookies(address, old)
	br.get("/admin/posts").leadsTo("/admin/login?next=%2Fadmin%2Fposts")
}

func TestSessionCookie(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ scheme, want string }{
		{"http", "broadsheet_session=TOKEN; Path=/admin; Max-Age=2592000; HttpOnly; SameSite=Lax"},
		{"https", "__Host-broadsheet_session=TOKEN; Path=/; Max-Age=2592000; HttpOnly; Secure; SameSite=Lax"},
	} {
		t.Run(test.scheme, func(t *testing.T) {
			t.Parallel()
			b := newBlog(t, func(o *server.Options) { o.BaseURL = &url.URL{Scheme: test.scheme, Host: "blog.example"} })
			b.addJane(t)
			br := b.browser(t)
			var tokens []string
			for range 2 {
				signedIn := br.post("/admin/login", credentials("jane@example.com", password)).leadsTo("/admin/posts")
				name, rest, _ := strings.Cut(signedIn.header.Get("Set-Cookie"), "=")
				token, attributes, _ := strings.Cut(rest, ";")
				if got := name + "=TOKEN;" + attributes; got != test.want {
					t.Errorf("got cookie %q, want %q", got, test.want)
				}
				tokens = append(tokens, token)
			}
			if tokens[0] == tokens[1] || len(tokens[0]) < 26 {
				t.Errorf("got tokens %q, want two long ones that differ", tokens)
			}
			_, err := b.accounts.Session(t.Context(), tokens[0])
			if test.scheme == "http" && err == nil { // the jar sends no Secure cookies over HTTP
				t.Error("the session before the second sign-in is alive, want it ended")
			}
		})
	}
}

func TestWrongPasswordAndUnknownAccountLookTheSame(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.addJane(t)
	br := b.browser(t)
	wrong := br.post("/admin/login", credentials("jane@example.com", "not it at all")).
		want(422, "do not belong together", `value="jane@example.com"`).wantNot("not it at all")
	unknown := br.post("/admin/login", credentials("john@example.com", "not it at all")).want(422)
	if got := strings.ReplaceAll(unknown.body, "john@", "jane@"); got != wrong.body {
		t.Errorf("got for an unknown account\n%s\nwant\n%s", got, wrong.body)
	}
}

func TestSixtyWrongPasswords(t *testing.T) {
	t.Parallel()
	b := newBlog(t, trusting("10.0.0.0/8"))
	b.addJane(t)
	br := b.browser(t)
	statuses := map[int]int{}
	for range 60 {
		statuses[br.post("/admin/login", credentials("jane@example.com", "not it at all")).status]++
	}
	if statuses[422] != 5 || statuses[429] != 55 {
		t.Errorf("got statuses %v, want 5 of 422 and 55 of 429", statuses)
	}
	for i := range 20 {
		r := br.request(http.MethodPost, "/admin/login", credentials("jane@example.com", password).Encode())
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Forwarded-For", fmt.Sprintf("203.0.113.%d", i))
		r.Header.Set("X-Real-Ip", fmt.Sprintf("203.0.113.%d", i))
		refused := br.do(r).want(429, "Too many attempts failed. Try again in")
		if seconds, err := strconv.Atoi(refused.header.Get("Retry-After")); err != nil || seconds < 1 || seconds > 900 {
			t.Errorf("Retry-After: got %q, want seconds up to 900", refused.header.Get("Retry-After"))
		}
	}
	// The address has failed 5 times; 15 more, and a forged one helps nobody.
	for i := range 15 {
		br.post("/admin/login", credentials(fmt.Sprintf("u%d@example.com", i), "not it at all")).want(422)
	}
	r := br.request(http.MethodPost, "/admin/login", credentials("new@example.com", "not it at all").Encode())
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Forwarded-For", "203.0.113.99")
	br.do(r).want(429)
}

func TestNextStaysOnThisSide(t *testing.T) {
	t.Parallel()
	for next, want := range map[string]string{
		"/admin/posts?state=draft&q=%C3%A9": "/admin/posts?state=draft&q=%C3%A9",
		"/admin/posts/12":                   "/admin/posts/12",
		"/admin/posts/12/delete":            "/admin/posts/12/delete",
		"/admin/settings":                   "/admin/settings",
	} {
		if got := admin.LocalNext(next); got != want {
			t.Errorf("next %q: got %q, want %q", next, got, want)
		}
	}
	for _, next := range []string{
		"", "/", "//evil.example", "///evil.example", "////evil.example/admin/", "/\\evil.example", "\\\\evil.example",
		"\\/evil.example", "https://evil.example", "https://evil.example/admin/posts", "https:evil.example", "https:/evil.example",
		"HTTPS://evil.example/admin/", "//evil.example/admin/posts", "//admin/posts", "javascript:alert(1)",
		"data:text/html,x", "/admin/..//evil.example", "/admin/../posts/x", "/admin/%2e%2e/%2fevil.example",
		"/admin//evil.example", "/admin/\t/evil.example", "/\t/evil.example", "/\n/evil.example", "/admin/posts\r\nSet-Cookie: a=b",
		" //evil.example", "/admin/\\evil.example", "/%5cevil.example", "/%2fevil.example", "/admin/%5c%5cevil.example",
		"http://user@evil.example/admin/", "/adminevil", "admin/posts", "evil.example/admin/posts", "?next=//evil.example",
		"#//evil.example", "/admin@evil.example", "/\x00/evil.example", "/admin/posts\x00", "/admin/%zz", "/admin/login", "/admin/logout",
		"/admin/setup?code=x", "//evil.example\\@blog.example/admin/posts", "/posts/a",
	} {
		if got := admin.LocalNext(next); got != "/admin/posts" {
			t.Errorf("next %q: got %q, want /admin/posts", next, got)
		}
	}
	b := newBlog(t)
	b.addJane(t)
	br := b.browser(t)
	values := credentials("jane@example.com", password)
	values.Set("next", "//evil.example")
	br.post("/admin/login", values).leadsTo("/admin/posts")
	br.get("/admin/login?next=https://evil.example").leadsTo("/admin/posts")
}

func FuzzNext(f *testing.F) {
	f.Add("/admin/posts?x=y")
	f.Add("//evil.example")
	f.Add("/admin/\\evil")
	f.Fuzz(func(t *testing.T, next string) {
		got := admin.LocalNext(next)
		if !strings.HasPrefix(got, "/admin/") || strings.ContainsAny(got, "\\\r\n\t\x00") || strings.Contains(got, "/..") {
			t.Errorf("next %q: got %q, want an address under /admin", next, got)
		}
	})
}

func TestEveryAddressNeedsASession(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.addJane(t)
	stored := b.save(t, draft("A secret title"))
	strangers := map[string]*browser{"no cookie": b.browser(t), "a foreign cookie": b.browser(t)}
	address, err := url.Parse(b.url)
	if err != nil {
		t.Fatal(err)
	}
	strangers["a foreign cookie"].client.Jar.SetCookies(address, []*http.Cookie{{Name: "broadsheet_session", Value: "x", Path: "/"}})
	public := map[string]bool{"/admin/login": true, "/admin/setup": true}
	visited := 0
	err = chi.Walk(b.routes, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if !strings.HasPrefix(route, "/admin") || public[route] {
			return nil
		}
		visited++
		path := strings.NewReplacer("{id}", strconv.FormatInt(stored.ID, 10), "{revision}", "1", "{link}", "1").Replace(route)
		for name, br := range strangers {
			switch method {
			case http.MethodGet:
				br.get(path).leadsTo("/admin/login?next=" + url.QueryEscape(path))
			case http.MethodPost:
				for _, values := range []url.Values{{}, {"markdown": {"typed"}}, {"version": {"1"}, "title": {"x"}}} {
					refused := br.post(path, values).want(401).wantNot("A secret title")
					if got := refused.header.Get("Cache-Control"); got != "no-store" {
						t.Errorf("%s %s, %s: Cache-Control: got %q, want no-store", method, path, name, got)
					}
				}
			default:
				t.Errorf("a route of method %s: %s", method, route)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if visited < 12 {
		t.Errorf("got %d routes visited, want all of them", visited)
	}
	if got, err := b.posts.Get(t.Context(), stored.ID); err != nil || got.Version != 1 {
		t.Errorf("the post afterwards: got version %d, error %v, want it unchanged", got.Version, err)
	}
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	for _, path := range []string{"/admin/login", "/admin/logout", "/admin/posts", "/admin/settings", "/admin/account"} {
		for header, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"} {
			r := br.request(http.MethodPost, path, "title=x&markdown=x")
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set(header, value)
			br.do(r).want(http.StatusForbidden)
		}
	}
	br.get("/admin/posts").want(200)
}

func TestFormsThatAreTooLargeOrNone(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	stored := b.save(t, draft("A post"))
	edit := fmt.Sprintf("/admin/posts/%d", stored.ID)
	for path, limit := range map[string]int{
		"/admin/login": 64 << 10, "/admin/setup": 64 << 10, "/admin/settings": 64 << 10, "/admin/account": 64 << 10,
		edit + "/delete": 64 << 10, edit: 16 << 20, "/admin/posts": 16 << 20, "/admin/posts/preview": 16 << 20,
	} {
		br.post(path, url.Values{"markdown": {strings.Repeat("a", limit)}}).want(413, "Nothing was changed")
		r := br.request(http.MethodPost, path, `{"title": "x"}`)
		r.Header.Set("Content-Type", "application/json")
		br.do(r).want(415)
		r = br.request(http.MethodPost, path, "title=%zz")
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		br.do(r).want(400)
	}
	b.browser(t).post(edit, url.Values{"markdown": {strings.Repeat("a", 4<<20)}}).want(413)
	if got, err := b.posts.Get(t.Context(), stored.ID); err != nil || got.Version != 1 {
		t.Errorf("the post afterwards: got version %d, error %v, want it unchanged", got.Version, err)
	}
}

// ourScripts are the files that pages in the readers' frame load, and what they
// say for machines, in which nothing can run.
var ourScripts = regexp.MustCompile(`<script src="/static/[^"<>]*"[^<>]*></script>|<script type="application/ld\+json">[^<>]*</script>|<script type="application/json" id="editor-texts">[^<>]*</script>`)

func withoutOurScripts(body string) string { return ourScripts.ReplaceAllString(body, "") }

func TestEveryPageIsKeptOutOfCaches(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	stored := b.save(t, draft("A post"))
	edit := fmt.Sprintf("/admin/posts/%d", stored.ID)
	for _, path := range []string{"/admin", "/admin/posts", "/admin/posts/new", edit, edit + "/delete", "/admin/settings", "/admin/account", "/admin/setup", "/admin/posts/0", "/admin/posts?after=x"} {
		got := br.get(path)
		if got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: Cache-Control: got %q, want no-store", path, got.header.Get("Cache-Control"))
		}
		for _, inline := range []string{"<script", "<style", " style=", " onclick=", "javascript:"} {
			if strings.Contains(withoutOurScripts(got.body), inline) {
				t.Errorf("%s: do not want %q on the page", path, inline)
			}
		}
	}
	recorder := httptest.NewRecorder()
	b.handler.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
	if got := recorder.Header().Get("Set-Cookie"); got != "" {
		t.Errorf("a reader: got cookie %q, want none", got)
	}
}
