package admin_test

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func (b *blog) setUpCode(t *testing.T) string {
	t.Helper()
	code, err := b.accounts.NewSetUpCode(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func TestSetUp(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	code := b.setUpCode(t)
	br := b.browser(t)

	br.get("/admin").leadsTo("/admin/login?next=%2Fadmin")
	br.get("/admin/login").want(200, "waiting to be set up", "docker compose logs", "broadsheet user add")
	br.get("/admin/setup").want(200, "waiting to be set up", "Restart the server").wantNot(code)
	for _, wrong := range []string{"x", code + "x", code[:10], "%00", "%ff", strings.Repeat("a", 5000)} {
		br.get("/admin/setup?code="+wrong).want(403, "This code does not open the set-up page", "Restart the server").wantNot(code)
	}
	br.post("/admin/setup", url.Values{"code": {"x"}, "name": {"Mallory"}}).want(403, "This code does not open")

	f := br.get("/admin/setup?code="+code).want(200, "Set up your blog").form("password")
	wrong := br.send(f, "title", " ", "name", "", "email", "jane", "password", "short").
		want(422, "4 things need your attention", `href="#title"`, `id="email-problem"`, `value="jane"`, `aria-invalid="true"`)
	wrong.wantNot("short\"")
	f = wrong.form("password")
	br.send(f, "title", strings.Repeat("t", 101), "name", "Jane Doe", "email", "jane@example.com", "password", password).
		want(422, "One thing needs your attention", strings.Repeat("t", 101))
	br.send(f, "title", "On Paper", "name", "Jane Doe", "email", "jane@example.com", "password", "On-Paper-2024").
		want(422, "easy to guess")

	br.send(f, "title", "On Paper", "name", "Jane Doe", "email", "jane@example.com", "password", password).leadsTo("/admin/posts")
	br.get("/admin/posts").want(200, "The blog is yours", "The first page is blank", "On Paper")
	br.get("/admin/posts").wantNot("The blog is yours")
	for _, path := range []string{"/admin/setup", "/admin/setup?code=" + code} {
		b.browser(t).get(path).leadsTo("/admin/login")
	}
	b.browser(t).send(f, "title", "Mine", "name", "Mallory", "email", "m@example.com", "password", password).leadsTo("/admin/login")
	if settings, err := b.site.Get(t.Context()); err != nil || settings.Title != "On Paper" {
		t.Errorf("got title %q, error %v, want On Paper", settings.Title, err)
	}
	fresh := b.browser(t)
	fresh.post("/admin/login", credentials("jane@example.com", password)).leadsTo("/admin/posts")
}

func TestSetUpAtOnceHasOneWinner(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	code := b.setUpCode(t)
	var winners atomic.Int64
	var wait sync.WaitGroup
	for i := range 10 {
		br := b.browser(t)
		wait.Go(func() {
			got := br.post("/admin/setup", url.Values{
				"code": {code}, "title": {"On Paper"}, "name": {"Jane Doe"},
				"email": {fmt.Sprintf("jane%d@example.com", i)}, "password": {password},
			})
			switch location := got.header.Get("Location"); {
			case got.status == 303 && location == "/admin/posts":
				winners.Add(1)
			case got.status != 303 || location != "/admin/login":
				t.Errorf("got status %d to %q, want 303 to the posts or to the sign-in page", got.status, location)
			}
		})
	}
	wait.Wait()
	if winners.Load() != 1 {
		t.Errorf("got %d winners, want 1", winners.Load())
	}
}
