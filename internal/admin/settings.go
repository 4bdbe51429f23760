package admin

import (
	"errors"
	"net/http"
	"strings"

	"broadsheet/internal/page"
	"broadsheet/internal/site"
)

type settingsPage struct {
	base
	Form     site.Settings
	Problems problems
}

var settingsTemplate = page.Parse[settingsPage]("admin/settings.html")

var settingsFields = []field{
	{"title", "admin.title"}, {"tagline", "admin.settings.tagline"}, {"language", "admin.language"},
	{"time_zone", "admin.settings.time-zone"}, {"navigation", "admin.settings.navigation"},
}

// Zones suggests time zones; any other that exists can be typed.
func (p settingsPage) Zones() []string { return zones }

// Settings shows what an owner may say about the blog.
func (a *Admin) Settings(w http.ResponseWriter, r *http.Request) error {
	if err := requireOwner(r); err != nil {
		return err
	}
	settings, err := a.site.Get(r.Context())
	if err != nil {
		return err
	}
	return a.showSettings(w, r, http.StatusOK, settingsPage{Form: settings})
}

// SettingsSubmit stores it.
func (a *Admin) SettingsSubmit(w http.ResponseWriter, r *http.Request) error {
	if err := requireOwner(r); err != nil {
		return err
	}
	if err := readForm(w, r, maxForm); err != nil {
		return err
	}
	form := site.Settings{
		Title: r.PostForm.Get("title"), Tagline: r.PostForm.Get("tagline"),
		Language: strings.TrimSpace(r.PostForm.Get("language")), TimeZone: strings.TrimSpace(r.PostForm.Get("time_zone")),
		Navigation: r.PostForm.Get("navigation"),
	}
	err := a.site.Save(r.Context(), form)
	var invalid site.Invalid
	if errors.As(err, &invalid) {
		return a.showSettings(w, r, http.StatusUnprocessableEntity,
			settingsPage{Form: form, Problems: problemsOf(r, settingsFields, invalid)})
	}
	if err != nil {
		return err
	}
	a.setFlash(w, "settings")
	redirect(w, "/admin/settings")
	return nil
}

func (a *Admin) showSettings(w http.ResponseWriter, r *http.Request, status int, p settingsPage) error {
	var err error
	if p.base, err = a.base(w, r, "admin.settings.title", "settings"); err != nil {
		return err
	}
	return settingsTemplate.Write(w, r, status, p)
}
