package admin

import (
	"net/http"
	"strings"
	"time"

	"broadsheet/internal/posts"
	"broadsheet/internal/site"
)

// changes is how a form differs from what is stored.
type changes struct {
	Stored posts.Stored
	Fields []fieldChange
	Text   []piece // of the Markdown; nil when it is the same
}

type fieldChange struct {
	Label  string
	Pieces []piece
}

// showConflict shows a text whose post has been changed meanwhile, beside what
// is stored. The form now has the stored version: sent again it wins.
func (a *Admin) showConflict(w http.ResponseWriter, r *http.Request, form postForm, stored posts.Stored, settings site.Settings) error {
	loc := form.location(settings.Location())
	changes := compare(stored, form, loc)
	form.Version, form.State = formatID(stored.Version), stateOf(stored)
	return a.showEdit(w, r, http.StatusConflict, editPage{
		Form: form, Action: postPath(stored.ID), Stored: &stored, Notice: noticeConflict, Changes: changes,
	})
}

func compare(stored posts.Stored, form postForm, loc *time.Location) *changes {
	was := formOf(stored, loc)
	c := &changes{Stored: stored}
	for _, f := range []struct{ label, stored, typed string }{
		{"Title", was.Title, form.Title},
		{"Date", was.PublishedAt, form.PublishedAt},
		{"Tags", was.Tags, form.Tags},
		{"Summary", was.Summary, form.Summary},
		{"Address", was.Slug, form.Slug},
		{"Language", was.Language, form.Language},
		{"Cover image", was.Cover, form.Cover},
	} {
		if strings.TrimSpace(f.stored) != strings.TrimSpace(f.typed) {
			c.Fields = append(c.Fields, fieldChange{f.label, diffWords(f.stored, f.typed)})
		}
	}
	if typed := strings.ReplaceAll(form.Markdown, "\r\n", "\n"); typed != was.Markdown {
		c.Text = diffText(was.Markdown, typed)
	}
	return c
}
