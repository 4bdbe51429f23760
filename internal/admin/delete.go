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

// State returns what became of the post.
func (p deletePage) State() posts.State { return p.Stored.State }

// Days is how long posts stay in the trash.
func (deletePage) Days() int { return posts.TrashDays }

// EditURL leads back to the post's form.
func (p deletePage) EditURL() string { return postPath(p.Stored.ID) }

// DeletePost asks whether to put a post into the trash.
func (a *Admin) DeletePost(w http.ResponseWriter, r *http.Request) error {
	id, err := postID(r)
	if err != nil {
		return err
	}
	stored, err := a.posts.Get(r.Context(), id)
	if err == nil && stored.Trashed() {
		err = posts.ErrTrashed
	}
	if err != nil {
		return lost(err)
	}
	if author, _ := sessionOf(r); stored.Status == posts.StatusPublished && !author.user.Role.Publishes() {
		return notTheirs
	}
	return a.showDelete(w, r, http.StatusOK, deletePage{Stored: stored})
}

// DeletePostSubmit puts the version of a post that its author was asked about
// into the trash.
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
		return page.BadRequest("admin.error.version")
	}
	author, _ := sessionOf(r)
	if !author.user.Role.Publishes() {
		stored, err := a.posts.Get(r.Context(), id)
		if err == nil && (stored.Status == posts.StatusPublished || stored.Version != version) { // what is at that version by then is another post
			err = notTheirs
		}
		if err != nil && !errors.Is(err, posts.ErrNotFound) {
			return err
		}
	}
	trashed, err := a.posts.Trash(r.Context(), id, version, author.user.ID)
	var conflict *posts.ConflictError
	switch {
	case errors.As(err, &conflict):
		if conflict.Stored.Trashed() {
			a.setFlash(w, "deleted")
			break
		}
		return a.showDelete(w, r, http.StatusConflict, deletePage{Stored: conflict.Stored, Changed: true})
	case errors.Is(err, posts.ErrNotFound), errors.Is(err, posts.ErrTrashed): // somebody has deleted it: so be it
		a.setFlash(w, "deleted")
	case err != nil:
		return err
	default:
		a.setFlash(w, "deleted", undoOf("deleted", trashed))
	}
	redirect(w, "/admin/posts")
	return nil
}

func (a *Admin) showDelete(w http.ResponseWriter, r *http.Request, status int, p deletePage) error {
	var err error
	if p.base, err = a.base(w, r, "delete.page", "posts"); err != nil {
		return err
	}
	return deleteTemplate.Write(w, r, status, p)
}
