package admin

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"broadsheet/internal/accounts"
	"broadsheet/internal/page"
)

type session struct {
	user  accounts.User
	token string
}

type sessionKey struct{}

// sessionOf returns the session that Sessions found.
func sessionOf(r *http.Request) (session, bool) {
	s, ok := r.Context().Value(sessionKey{}).(session)
	return s, ok
}

// Sessions finds out who is signed in and which language they are spoken to in,
// once a request, and keeps all that follows out of caches. A text that comes while it cannot find out is shown
// again.
func (a *Admin) Sessions(next http.Handler) http.Handler {
	return a.pages.Handle(func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Cache-Control", "no-store")
		cookie, err := r.Cookie(a.sessionCookie())
		if err != nil {
			next.ServeHTTP(w, a.speak(r, ""))
			return nil
		}
		wait, cancel := context.WithTimeout(r.Context(), patience)
		user, err := a.accounts.Session(wait, cookie.Value)
		cancel()
		if errors.Is(err, accounts.ErrNoSession) {
			next.ServeHTTP(w, a.speak(r, ""))
			return nil
		}
		if err != nil {
			return a.keepText(w, r, err)
		}
		r = a.speak(r, user.Language)
		ctx := context.WithValue(r.Context(), sessionKey{}, session{user, cookie.Value})
		next.ServeHTTP(w, r.WithContext(ctx))
		return nil
	})
}

// RequireUser lets through who is signed in. Others are led to the sign-in
// page and from there back; what they have typed is shown to them again.
func (a *Admin) RequireUser(next http.Handler) http.Handler {
	return a.pages.Handle(func(w http.ResponseWriter, r *http.Request) error {
		if _, ok := sessionOf(r); ok {
			next.ServeHTTP(w, r)
			return nil
		}
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			redirect(w, "/admin/login?"+url.Values{"next": {r.URL.RequestURI()}}.Encode())
			return nil
		}
		return a.signedOut(w, r)
	})
}

// RequirePublisher refuses contributors what changes the pages that readers see.
func (a *Admin) RequirePublisher(next http.Handler) http.Handler {
	return a.pages.Handle(func(w http.ResponseWriter, r *http.Request) error {
		if s, _ := sessionOf(r); !s.user.Role.Publishes() {
			return notTheirs
		}
		next.ServeHTTP(w, r)
		return nil
	})
}

// requireOwner refuses authors what only owners may do.
func requireOwner(r *http.Request) error {
	if s, _ := sessionOf(r); s.user.Role != accounts.RoleOwner {
		return &page.StatusError{Status: http.StatusForbidden, Message: "admin.error.owner"}
	}
	return nil
}

// sessionCookie is the cookie's name. The prefix makes browsers refuse the
// cookie from other hosts of the domain and over plain HTTP
// (RFC 6265bis, 4.1.3.2).
func (a *Admin) sessionCookie() string {
	if a.https {
		return "__Host-broadsheet_session"
	}
	return "broadsheet_session"
}

// signIn ends the session that a browser may have and starts a new one, so
// that nobody can have known its token before.
func (a *Admin) signIn(w http.ResponseWriter, r *http.Request, userID int64) error {
	if s, ok := sessionOf(r); ok {
		if err := a.accounts.EndSession(r.Context(), s.token); err != nil {
			return err
		}
	}
	token, err := a.accounts.StartSession(r.Context(), userID)
	if err != nil {
		return err
	}
	a.setCookie(w, a.sessionCookie(), token, int(accounts.SessionLifetime.Seconds()))
	return nil
}

// Logout ends the session.
func (a *Admin) Logout(w http.ResponseWriter, r *http.Request) error {
	s, _ := sessionOf(r)
	if err := a.accounts.EndSession(r.Context(), s.token); err != nil {
		return err
	}
	a.setCookie(w, a.sessionCookie(), "", -1)
	// Not "cookies": that would reach every host of the domain.
	w.Header().Set("Clear-Site-Data", `"cache"`)
	redirect(w, "/admin/login")
	return nil
}

// setCookie sets a cookie that no script and no other site's form can use.
// maxAge is in seconds; a negative one deletes the cookie.
func (a *Admin) setCookie(w http.ResponseWriter, name, value string, maxAge int) {
	path := "/admin"
	if a.https {
		path = "/" // as the name's prefix demands
	}
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: path, MaxAge: maxAge,
		HttpOnly: true, Secure: a.https, SameSite: http.SameSiteLaxMode,
	})
}
