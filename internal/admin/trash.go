package admin

import (
	"errors"
	"net/http"
	"net/url"

	"broadsheet/internal/page"
	"broadsheet/internal/posts"
)

type trashPage struct {
	base
	Rows []trashRow
	page posts.TrashPage
}

// trashRow is a line of the trash.
type trashRow struct {
	posts.TrashRow
	voice voice
}

var trashTemplate = page.Parse[trashPage]("admin/trash.html")

// Path is where the row's buttons send to.
func (r trashRow) Path() string { return "/admin/trash/" + formatID(r.ID) }

// IsPage tells pages from posts.
func (r trashRow) IsPage() bool { return r.Kind == posts.KindPage }

// Deleted says when the post was put here.
func (r trashRow) Deleted() string { return r.voice.moment(r.TrashedAt) }

// Gone says when it goes for good.
func (r trashRow) Gone() string { return r.voice.texts.ShortDate(r.PurgedAt.In(r.voice.zone)) }

// Days is how long posts stay in the trash.
func (trashPage) Days() int { return posts.TrashDays }

// NewerURL and OlderURL lead to the pages around this one, "" at the ends.
func (p trashPage) NewerURL() string { return trashURL("before", p.page.Newer) }
func (p trashPage) OlderURL() string { return trashURL("after", p.page.Older) }

func trashURL(name, cursor string) string {
	if cursor == "" {
		return ""
	}
	return "/admin/trash?" + url.Values{name: {cursor}}.Encode()
}

// Trash lists what was deleted.
func (a *Admin) Trash(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	var p trashPage
	var err error
	if p.page, err = a.posts.TrashRows(r.Context(), query.Get("after"), query.Get("before")); err != nil {
		return err
	}
	if p.page.AtTop {
		redirect(w, "/admin/trash")
		return nil
	}
	if p.base, err = a.base(w, r, "admin.trash", "posts"); err != nil {
		return err
	}
	for _, row := range p.page.Rows {
		p.Rows = append(p.Rows, trashRow{row, p.voice()})
	}
	return trashTemplate.Write(w, r, http.StatusOK, p)
}

// UpdateTrash takes a post out of the trash, or deletes it for good.
func (a *Admin) UpdateTrash(w http.ResponseWriter, r *http.Request) error {
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
	next, flash := "/admin/trash", "purged"
	switch r.PostForm.Get("action") {
	case "restore":
		_, err = a.posts.Untrash(r.Context(), id, version, author.user.ID)
		next, flash = postPath(id), "restored"
	case "purge":
		if !author.user.Role.Publishes() {
			return notTheirs
		}
		err = a.posts.Purge(r.Context(), id, version)
	default:
		return page.BadRequest("admin.error.button")
	}
	var conflict *posts.ConflictError
	if errors.As(err, &conflict) || errors.Is(err, posts.ErrNotFound) {
		return &page.StatusError{Status: http.StatusConflict, Message: "admin.error.not-in-trash"}
	}
	if err != nil {
		return err
	}
	a.setFlash(w, flash)
	redirect(w, next)
	return nil
}
