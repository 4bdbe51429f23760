package admin_test

import (
	"errors"
	"strings"
	"testing"

	"broadsheet/internal/accounts"
	"broadsheet/internal/site"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	f := br.get("/admin/settings").want(200, `value="Broadsheet"`, "<option>Europe/Berlin</option>").form("tagline")
	br.send(f, "title", "On Paper", "tagline", "About paper", "language", "de", "time_zone", " Europe/Berlin").leadsTo("/admin/settings")
	br.get("/admin/settings").want(200, "Einstellungen gespeichert.", `value="About paper"`) // this browser asks for no language
	got, err := b.site.Get(t.Context())
	if want := (site.Settings{Title: "On Paper", Tagline: "About paper", Language: "de", TimeZone: "Europe/Berlin"}); err != nil || got != want {
		t.Errorf("got %+v, error %v, want %+v", got, err, want)
	}
	for field, value := range map[string]string{
		"title": " ", "tagline": strings.Repeat("t", 201), "language": "!!", "time_zone": "Mars/Olympus",
		"navigation": "About /about\nNowhere",
	} {
		again := br.send(f, field, value).want(422, "Eine Stelle braucht Ihre Aufmerksamkeit", `id="`+field+`-problem"`).form("tagline")
		if got := again.values.Get(field); got != strings.TrimSpace(value) && got != value {
			t.Errorf("%s: got %q in the form, want %q", field, got, value)
		}
	}
	br.send(f, "title", "a\x00b").want(422, "a\uFFFDb")
}

func TestNavigation(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	f := br.get("/admin/settings").want(200).form("navigation")
	br.send(f, "navigation", "\r\nAbout us /about\r\n\r\nCode https://example.org/code\r\n").leadsTo("/admin/settings")
	br.get("/admin/settings").want(200, "About us /about Code https://example.org/code")
	got, err := b.site.Get(t.Context())
	if links := got.Links(); err != nil || len(links) != 2 || links[0] != (site.NavLink{Text: "About us", Address: "/about"}) {
		t.Errorf("got links %+v, error %v", links, err)
	}
	for name, typed := range map[string]string{
		"no address": "About", "no words": "/about", "a script": "About javascript:alert(1)", "another host": "About //example.org",
		"a backslash": `About /\example.org`, "too many": strings.Repeat("A /a\n", 13), "too long": "A /" + strings.Repeat("a", 4000), "NUL": "A\x00 /a",
	} {
		again := br.send(f, "navigation", typed).want(422, "One thing needs your attention", `id="navigation-problem"`).form("navigation")
		if got := again.values.Get("navigation"); got != strings.ReplaceAll(typed, "\x00", "\uFFFD") {
			t.Errorf("%s: got %q in the form, want what was typed", name, got)
		}
	}
}

func TestSettingsAreTheOwners(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	f := br.get("/admin/settings").form("tagline")
	if _, err := b.pool.Exec(t.Context(), `UPDATE users SET role = 'author'`); err != nil {
		t.Fatal(err)
	}
	br.get("/admin/settings").want(403, "Only an owner")
	br.send(f, "title", "Mine").want(403)
	br.get("/admin/posts").want(200).wantNot(`href="/admin/settings"`)
	if got, err := b.site.Get(t.Context()); err != nil || got.Title == "Mine" {
		t.Errorf("got title %q, error %v, want it unchanged", got.Title, err)
	}
}

func TestAccount(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.addJane(t)
	br, other := b.browser(t), b.browser(t)
	for _, browser := range []*browser{br, other} {
		browser.post("/admin/login", credentials("jane@example.com", password)).leadsTo("/admin/posts")
	}
	f := br.get("/admin/account").want(200, `value="jane@example.com"`).form("current")
	br.send(f, "name", "Jane Roe").leadsTo("/admin/account")
	br.get("/admin/account").want(200, "Account saved.", "Jane Roe")
	br.send(f, "name", "Jane Roe", "bio", " Writes about\r\n*herons*. ").leadsTo("/admin/account")
	shown := br.get("/admin/account").want(200, "Writes about *herons*.")
	if got := shown.form("bio").values.Get("bio"); got != "Writes about\n*herons*." {
		t.Errorf("got %q in the form, want the text trimmed", got)
	}

	for _, test := range []struct{ field, name, value, current string }{
		{"name", "name", "", ""},
		{"bio", "bio", strings.Repeat("ö", 2001), ""},
		{"bio", "bio", "a\x00b", ""},
		{"email", "email", "jane", password},
		{"current", "email", "roe@example.com", ""},
		{"current", "email", "roe@example.com", "not it at all"},
		{"password", "password", "short", password},
		{"password", "password", "Broadsheet-2024", password},
	} {
		br.send(f, test.name, test.value, "current", test.current).
			want(422, "One thing needs your attention", `id="`+test.field+`-problem"`).wantNot(password, "not it at all")
	}
	const newPassword = "staple gun on a wall"
	br.send(f, "email", "roe@example.com", "password", newPassword, "current", password).leadsTo("/admin/account")
	br.get("/admin/account").want(200, "Password changed.", `value="roe@example.com"`)
	other.get("/admin/posts").leadsTo("/admin/login?next=%2Fadmin%2Fposts")
	if _, err := b.accounts.SignIn(t.Context(), "jane@example.com", password, loopback); !errors.Is(err, accounts.ErrWrongPassword) {
		t.Errorf("the old e-mail address and password: got error %v, want ErrWrongPassword", err)
	}
	if _, err := b.accounts.SignIn(t.Context(), "roe@example.com", newPassword, loopback); err != nil {
		t.Errorf("the new e-mail address and password: got error %v, want none", err)
	}

	for range 5 {
		br.send(f, "password", "another good one", "current", "not it at all").want(422)
	}
	throttled := br.send(f, "password", "another good one", "current", newPassword).want(429, "Too many attempts failed")
	if throttled.header.Get("Retry-After") == "" {
		t.Error("want Retry-After")
	}
}
