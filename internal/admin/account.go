package admin

import (
	"errors"
	"net/http"
	"slices"

	"broadsheet/internal/accounts"
	"broadsheet/internal/page"
	"broadsheet/internal/texts"
)

type accountPage struct {
	base
	Name, Email, Bio, Choice string // Choice is the language
	Problems                 problems
}

var accountTemplate = page.Parse[accountPage]("admin/account.html")

var accountFields = []field{
	{"name", "admin.account.name"}, {"bio", "admin.account.bio"}, {"language", "admin.account.language"}, {"email", "admin.email"},
	{"password", "admin.account.new-password"}, {"current", "admin.account.current-password"},
}

// Languages are those to choose from.
func (accountPage) Languages() []string { return texts.Languages() }

// Account shows what somebody may change of the own account.
func (a *Admin) Account(w http.ResponseWriter, r *http.Request) error {
	s, _ := sessionOf(r)
	return a.showAccount(w, r, http.StatusOK, accountPage{Name: s.user.Name, Email: s.user.Email, Bio: s.user.Bio, Choice: s.user.Language})
}

// AccountSubmit changes it. A new password ends the user's other sessions.
func (a *Admin) AccountSubmit(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r, maxForm); err != nil {
		return err
	}
	s, _ := sessionOf(r)
	change := accounts.Change{
		Name: r.PostForm.Get("name"), Email: r.PostForm.Get("email"), Bio: r.PostForm.Get("bio"),
		Language: r.PostForm.Get("language"), New: r.PostForm.Get("password"), Current: r.PostForm.Get("current"),
	}
	p := accountPage{Name: change.Name, Email: change.Email, Bio: change.Bio, Choice: change.Language}
	if change.Language != "" && !slices.Contains(texts.Languages(), change.Language) {
		p.Problems = problemsOf(r, accountFields, map[string]texts.Message{"language": {Key: "problem.spoken"}})
		return a.showAccount(w, r, http.StatusUnprocessableEntity, p)
	}
	settings, err := a.site.Get(r.Context())
	if err != nil {
		return err
	}
	err = a.accounts.Change(r.Context(), s.user.ID, change, settings.Title, s.token)
	var invalid accounts.Invalid
	var tooMany *accounts.TooManyError
	switch {
	case errors.As(err, &invalid):
		p.Problems = problemsOf(r, accountFields, invalid)
		return a.showAccount(w, r, http.StatusUnprocessableEntity, p)
	case errors.As(err, &tooMany):
		setRetryAfter(w, tooMany)
		p.Problems = problemsOf(r, accountFields, map[string]texts.Message{"current": tooManyMessage(tooMany)})
		return a.showAccount(w, r, http.StatusTooManyRequests, p)
	case err != nil:
		return err
	}
	if change.New != "" {
		a.setFlash(w, "password")
	} else {
		a.setFlash(w, "account")
	}
	redirect(w, "/admin/account")
	return nil
}

func (a *Admin) showAccount(w http.ResponseWriter, r *http.Request, status int, p accountPage) error {
	var err error
	if p.base, err = a.base(w, r, "admin.account.title", "account"); err != nil {
		return err
	}
	return accountTemplate.Write(w, r, status, p)
}
