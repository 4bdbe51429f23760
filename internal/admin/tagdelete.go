package admin

import (
	"errors"
	"net/http"

	"broadsheet/internal/page"
	"broadsheet/internal/posts"
)

type tagDeletePage struct {
	base
	Tag  posts.TagRow
	Left int64 // posts that deleting has not come to yet
}

var tagDeleteTemplate = page.Parse[tagDeletePage]("admin/tag-delete.html")

// Path returns the address of the tag's form.
func (p tagDeletePage) Path() string { return tagPath(p.Tag.ID) }

// DeleteTag asks whether to delete a tag.
func (a *Admin) DeleteTag(w http.ResponseWriter, r *http.Request) error {
	tag, err := a.tag(r)
	if err != nil {
		return err
	}
	return a.showDeleteTag(w, r, tagDeletePage{Tag: tag})
}

// DeleteTagSubmit takes the tag away from its posts and deletes it.
func (a *Admin) DeleteTagSubmit(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r, maxForm); err != nil {
		return err
	}
	tag, err := a.tag(r)
	if err != nil {
		return err
	}
	left, err := a.posts.DeleteTag(r.Context(), tag.ID, retagTime)
	switch {
	case err != nil && !errors.Is(err, posts.ErrNotFound): // somebody has deleted it: so be it
		return err
	case left > 0:
		return a.showDeleteTag(w, r, tagDeletePage{Tag: tag, Left: left})
	}
	a.setFlash(w, "tag deleted")
	redirect(w, "/admin/tags")
	return nil
}

func (a *Admin) showDeleteTag(w http.ResponseWriter, r *http.Request, p tagDeletePage) error {
	var err error
	if p.base, err = a.base(w, r, "tag.delete.page", "tags"); err != nil {
		return err
	}
	return tagDeleteTemplate.Write(w, r, http.StatusOK, p)
}
