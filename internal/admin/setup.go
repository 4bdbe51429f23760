package admin

import (
	"errors"
	"net/http"

	"broadsheet/internal/accounts"
	"broadsheet/internal/page"
	"broadsheet/internal/site"
)

type setUpPage struct {
	base
	Code        string // "": the page explains where to find one
	CodeRefused bool
	BlogTitle   string
	Name        string
	Email       string
	Problems    problems
}

var setUpTemplate = page.Parse[setUpPage]("admin/setup.html")

var setUpFields = []field{
	{"title", "admin.setup.blog-title"}, {"name", "admin.setup.name"}, {"email", "admin.email"}, {"password", "admin.password"},
}

// SetUp shows the form that makes the owner's account, to who has a code.
func (a *Admin) SetUp(w http.ResponseWriter, r *http.Request) error {
	code := r.URL.Query().Get("code")
	if refused, err := a.refuseSetUp(w, r, code, a.accounts.CheckSetUpCode(r.Context(), code)); refused {
		return err
	}
	settings, err := a.site.Get(r.Context())
	if err != nil {
		return err
	}
	p := setUpPage{Code: code}
	if settings.Title != site.Default.Title {
		p.BlogTitle = settings.Title
	}
	return a.showSetUp(w, r, http.StatusOK, p)
}

// SetUpSubmit makes the owner's account and signs its owner in.
func (a *Admin) SetUpSubmit(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r, maxForm); err != nil {
		return err
	}
	p := setUpPage{
		Code: r.PostForm.Get("code"), BlogTitle: r.PostForm.Get("title"),
		Name: r.PostForm.Get("name"), Email: r.PostForm.Get("email"),
	}
	if refused, err := a.refuseSetUp(w, r, p.Code, a.accounts.CheckSetUpCode(r.Context(), p.Code)); refused {
		return err
	}
	badTitle, err := a.saveTitle(r, p.BlogTitle)
	if err != nil {
		return err
	}
	newUser := accounts.NewUser{Name: p.Name, Email: p.Email, Password: r.PostForm.Get("password")}
	if badTitle != nil {
		// Nobody can sign in yet: look at the other fields without making the account.
		err = newUser.Check(p.BlogTitle)
	} else {
		var owner accounts.User
		if owner, err = a.accounts.SetUp(r.Context(), p.Code, newUser, p.BlogTitle); err == nil {
			return a.enter(w, r, owner)
		}
	}
	var badUser accounts.Invalid
	if err != nil && !errors.As(err, &badUser) {
		_, err = a.refuseSetUp(w, r, p.Code, err)
		return err
	}
	p.Problems = problemsOf(r, setUpFields, badTitle, badUser)
	return a.showSetUp(w, r, http.StatusUnprocessableEntity, p)
}

// saveTitle stores the blog's title, or says what is wrong with it.
func (a *Admin) saveTitle(r *http.Request, title string) (site.Invalid, error) {
	settings, err := a.site.Get(r.Context())
	if err != nil {
		return nil, err
	}
	settings.Title = title
	err = a.site.Save(r.Context(), settings)
	var invalid site.Invalid
	if errors.As(err, &invalid) {
		return invalid, nil
	}
	return nil, err
}

func (a *Admin) enter(w http.ResponseWriter, r *http.Request, owner accounts.User) error {
	if err := a.signIn(w, r, owner.ID); err != nil {
		return err
	}
	a.setFlash(w, "welcome")
	redirect(w, "/admin/posts")
	return nil
}

// refuseSetUp answers who may not set up, given what came of the attempt, and
// tells whether it did.
func (a *Admin) refuseSetUp(w http.ResponseWriter, r *http.Request, code string, err error) (refused bool, _ error) {
	switch {
	case errors.Is(err, accounts.ErrAlreadySetUp):
		redirect(w, "/admin/login")
		return true, nil
	case errors.Is(err, accounts.ErrBadCode) && code == "":
		return true, a.explainSetUp(w, r, http.StatusOK, "")
	case errors.Is(err, accounts.ErrBadCode):
		return true, a.explainSetUp(w, r, http.StatusForbidden, code)
	}
	return err != nil, err
}

// explainSetUp says where the code is to be found; refused is one that did not open the page.
func (a *Admin) explainSetUp(w http.ResponseWriter, r *http.Request, status int, refused string) error {
	return a.showSetUp(w, r, status, setUpPage{CodeRefused: refused != ""})
}

func (a *Admin) showSetUp(w http.ResponseWriter, r *http.Request, status int, p setUpPage) error {
	var err error
	if p.base, err = a.base(w, r, "admin.setup.button", ""); err != nil {
		return err
	}
	return setUpTemplate.Write(w, r, status, p)
}
