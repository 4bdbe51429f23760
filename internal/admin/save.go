package admin

import (
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"net/http"

	"broadsheet/internal/page"
	"broadsheet/internal/posts"
)

// CreatePost stores a new post.
func (a *Admin) CreatePost(w http.ResponseWriter, r *http.Request) error {
	return a.savePost(w, r, 0)
}

// UpdatePost stores a post over the version that its author began with.
func (a *Admin) UpdatePost(w http.ResponseWriter, r *http.Request) error {
	id, err := postID(r)
	if err != nil {
		return err
	}
	return a.savePost(w, r, id)
}

// savePost stores the form that was sent, or shows it again and says why.
func (a *Admin) savePost(w http.ResponseWriter, r *http.Request, id int64) error {
	if err := readForm(w, r, maxPostForm); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	return a.keepText(w, r, a.storeForm(w, r.WithContext(ctx), id))
}

func (a *Admin) storeForm(w http.ResponseWriter, r *http.Request, id int64) error {
	status, err := wantedStatus(r.PostForm.Get("action"), r.PostForm.Get("state"))
	if err != nil {
		return err
	}
	settings, err := a.site.Get(r.Context())
	if err != nil {
		return err
	}
	author, _ := sessionOf(r)
	form := readPostForm(r.PostForm)
	if id == 0 && !isKey(form.Key) {
		form.Key = rand.Text()
	}
	draft, invalid := form.draft(status, author.user.ID, settings.Location())
	if len(invalid) > 0 {
		// Everything that is wrong is said at once.
		var more posts.Invalid
		errors.As(draft.Validate(), &more)
		maps.Copy(invalid, more)
		return a.showInvalid(w, r, id, form, invalid)
	}
	version, _ := parseID(form.Version) // what is no number is no version that ever was
	stored, err := a.posts.Save(r.Context(), id, version, draft)
	var conflict *posts.ConflictError
	switch {
	case errors.As(err, &invalid):
		return a.showInvalid(w, r, id, form, invalid)
	case errors.As(err, &conflict):
		return a.showConflict(w, r, form, conflict.Stored, settings)
	case errors.Is(err, posts.ErrNotFound):
		return a.showDeleted(w, r, form)
	case err != nil:
		return err
	}
	a.setFlash(w, flashFor(form.State, stateOf(stored)))
	redirect(w, postPath(stored.ID))
	return nil
}

// wantedStatus returns what the button that was pressed makes of the post.
// Pressing Enter in a field presses none.
func wantedStatus(action, state string) (posts.Status, error) {
	switch action {
	case "publish":
		return posts.StatusPublished, nil
	case "unpublish":
		return posts.StatusDraft, nil
	case "save", "":
		if state == "published" || state == "scheduled" {
			return posts.StatusPublished, nil
		}
		return posts.StatusDraft, nil
	}
	return "", page.BadRequest("The form does not have this button.")
}

// flashFor returns the key of what to say of a change of state.
func flashFor(before, after string) string {
	switch {
	case after == "draft" && (before == "published" || before == "scheduled"):
		return "unpublished"
	case after == before && after != "draft":
		return "updated"
	}
	return after
}

func (a *Admin) showInvalid(w http.ResponseWriter, r *http.Request, id int64, form postForm, invalid posts.Invalid) error {
	p := editPage{Form: form, Action: r.URL.Path, Problems: problemsOf(postFields, invalid)}
	if id != 0 {
		stored, err := a.posts.Get(r.Context(), id)
		if errors.Is(err, posts.ErrNotFound) {
			return a.showDeleted(w, r, form)
		}
		if err != nil {
			return err
		}
		p.Stored = &stored
	}
	return a.showEdit(w, r, http.StatusUnprocessableEntity, p)
}

// showDeleted shows a text whose post is no more. Sent again it makes a new one.
func (a *Admin) showDeleted(w http.ResponseWriter, r *http.Request, form postForm) error {
	form.State, form.Version, form.Key = "new", "", rand.Text()
	return a.showEdit(w, r, http.StatusConflict, editPage{Form: form, Action: "/admin/posts", Notice: noticeDeleted})
}

// signedOut shows a text that was sent without a session, or says that there
// is none. It shows nothing but what was sent.
func (a *Admin) signedOut(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r, maxSignedOutForm); err != nil {
		return err
	}
	if !r.PostForm.Has("markdown") {
		return &page.StatusError{Status: http.StatusUnauthorized, Message: "You are signed out. Nothing was changed. Sign in at /admin and send the form again."}
	}
	form, action := sentPost(r)
	return a.showEdit(w, r, http.StatusUnauthorized, editPage{Form: form, Action: action, Notice: noticeSignedOut})
}

// keepText shows a text that could not be stored, for a reason that is not its
// author's, to be sent again. Other errors, and those for requests without a
// text, it returns.
func (a *Admin) keepText(w http.ResponseWriter, r *http.Request, err error) error {
	if err == nil || r.Method != http.MethodPost || readForm(w, r, maxSignedOutForm) != nil || !r.PostForm.Has("markdown") {
		return err
	}
	status := a.pages.Failure(r, err).Status
	if status < 500 {
		return err
	}
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "10")
	}
	form, action := sentPost(r)
	return a.showEdit(w, r, status, editPage{Form: form, Action: action, Notice: noticeFailed})
}

// sentPost returns the form that was sent, and where to send it again.
func sentPost(r *http.Request) (form postForm, action string) {
	action = r.URL.Path
	if action == previewPath {
		action = "/admin/posts" // the preview is a tab of its own: the text is still in the other
	}
	return readPostForm(r.PostForm), action
}
