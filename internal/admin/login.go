package admin

import (
	"errors"
	"math"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"

	"broadsheet/internal/accounts"
	"broadsheet/internal/page"
	"broadsheet/internal/texts"
)

type loginPage struct {
	base
	Next    string // where to go from here
	Email   string
	Problem string
}

var loginTemplate = page.Parse[loginPage]("admin/login.html")

// Login shows the sign-in page, or, before the blog is set up, how to do that.
func (a *Admin) Login(w http.ResponseWriter, r *http.Request) error {
	needed, err := a.accounts.NeedsSetUp(r.Context())
	if err != nil {
		return err
	}
	if needed {
		return a.explainSetUp(w, r, http.StatusOK, "")
	}
	next := localNext(r.URL.Query().Get("next"))
	if _, ok := sessionOf(r); ok {
		redirect(w, next)
		return nil
	}
	return a.showLogin(w, r, http.StatusOK, loginPage{Next: next})
}

// LoginSubmit signs in.
func (a *Admin) LoginSubmit(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r, maxForm); err != nil {
		return err
	}
	email, password := r.PostForm.Get("email"), r.PostForm.Get("password")
	p := loginPage{Next: localNext(r.PostForm.Get("next")), Email: email}
	user, err := a.accounts.SignIn(r.Context(), email, password, clientAddress(r))
	var tooMany *accounts.TooManyError
	switch {
	case errors.Is(err, accounts.ErrWrongPassword):
		p.Problem = words(r).Text("admin.login.wrong")
		return a.showLogin(w, r, http.StatusUnprocessableEntity, p)
	case errors.As(err, &tooMany):
		setRetryAfter(w, tooMany)
		p.Problem = words(r).Say(tooManyMessage(tooMany))
		return a.showLogin(w, r, http.StatusTooManyRequests, p)
	case err != nil:
		return err
	}
	if err := a.signIn(w, r, user.ID); err != nil {
		return err
	}
	redirect(w, p.Next)
	return nil
}

func (a *Admin) showLogin(w http.ResponseWriter, r *http.Request, status int, p loginPage) error {
	var err error
	if p.base, err = a.base(w, r, "admin.login.title", ""); err != nil {
		return err
	}
	return loginTemplate.Write(w, r, status, p)
}

// setRetryAfter tells programs what the message tells people (RFC 9110, 10.2.3).
func setRetryAfter(w http.ResponseWriter, e *accounts.TooManyError) {
	w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(e.RetryAfter.Seconds()))))
}

func tooManyMessage(e *accounts.TooManyError) texts.Message {
	minutes := max(1, int(math.Ceil(e.RetryAfter.Minutes())))
	return texts.Message{Key: "admin.login.too-many", Args: []any{minutes}}
}

// localNext returns a page of the authors' side to go to after signing in,
// whatever it is given.
func localNext(next string) string {
	const fallback = "/admin/posts"
	if strings.ContainsFunc(next, func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f }) {
		return fallback // browsers drop some of these and read the rest as another address
	}
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" {
		return fallback
	}
	if path.Clean(u.Path) != u.Path || u.RawPath != "" || !strings.HasPrefix(u.Path, "/admin/") {
		return fallback
	}
	if u.Path == "/admin/login" || u.Path == "/admin/logout" || u.Path == "/admin/setup" {
		return fallback
	}
	return (&url.URL{Path: u.Path, RawQuery: u.RawQuery}).String()
}
