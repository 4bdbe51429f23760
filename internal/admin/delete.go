package admin

import (
	"errors"
	"net/http"

	"broadsheet/internal/page"
	"broadsheet/internal/posts"
)

type deletePage struct {
	base
	Stored  posts.Stored
	Changed bool // whether the post was saved by somebody since the question was asked
}

var deleteTemplate = page.Parse[deletePage]("admin/delete.html")

// State returns one word for what readers see of the post.
func (p deletePage) State() string { return stateOf(p.Stored) }

// EditURL leads back to the post's form.
func (p deletePage) EditURL() string { return postPath(p.Stored.ID) }

// DeletePost asks whether to delete a post.
func (a *Admin) DeletePost(w http.ResponseWriter, r *http.Request) error {
	stored, _, err := a.stored(r)
	if err != nil {
		return err
	}
	return a.showDelete(w, r, http.StatusOK, deletePage{Stored: stored})
}

// DeletePostSubmit deletes the version of a post that its author was asked about.
func (a *Admin) DeletePostSubmit(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r, maxForm); err != nil {
		return err
	}
	id, err := postID(r)
	if err != nil {
		return err
	}
	version, err := parseID(r.PostForm.Get("version"))
	if err != nil {
		return page.BadRequest("The form does not say which version of the post it is about.")
	}
	err = a.posts.Delete(r.Context(), id, version)
	var conflict *posts.ConflictError
	switch {
	case errors.As(err, &conflict):
		return a.showDelete(w, r, http.StatusConflict, deletePage{Stored: conflict.Stored, Changed: true})
	case err != nil && !errors.Is(err, posts.ErrNotFound): // somebody has deleted it: so be it
		return err
	}
	a.setFlash(w, "deleted")
	redirect(w, "/admin/posts")
	return nil
}

func (a *Admin) showDelete(w http.ResponseWriter, r *http.Request, status int, p deletePage) error {
	var err error
	if p.base, err = a.base(w, r, "Delete a post", "posts"); err != nil {
		return err
	}
	return deleteTemplate.Write(w, r, status, p)
}
