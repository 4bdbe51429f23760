package admin

import (
	"cmp"
	"net/http"
	"strings"
	"time"

	"broadsheet/internal/merge"
	"broadsheet/internal/posts"
	"broadsheet/internal/site"
)

// changes is how a form differs from what is stored.
type changes struct {
	Stored posts.Stored
	Fields []fieldChange
	Text   []merge.Piece // of the Markdown; nil when it is the same
}

type fieldChange struct {
	Label  string
	Pieces []merge.Piece
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
		{"Featured", yesNo(was.Featured), yesNo(form.Featured)},
		{"Series", was.Series, form.Series},
		{"Place in the series", was.SeriesPlace, form.SeriesPlace},
		{"Cover image", was.Cover, form.Cover},
		{"What the cover shows", was.CoverAlt, form.CoverAlt},
		{"Cover: from the left", was.CoverX, cmp.Or(form.CoverX, coverMiddle)},
		{"Cover: from the top", was.CoverY, cmp.Or(form.CoverY, coverMiddle)},
		{"Title for search engines", was.MetaTitle, form.MetaTitle},
		{"Description for search engines", was.MetaDescription, form.MetaDescription},
		{"First published at", was.Canonical, form.Canonical},
		{"Kept out of search engines", yesNo(was.NoIndex), yesNo(form.NoIndex)},
		{"Translation of", was.TranslationOf, lastElement(form.TranslationOf)},
		{"Kind", was.Kind, form.Kind},
	} {
		if strings.TrimSpace(f.stored) != strings.TrimSpace(f.typed) {
			c.Fields = append(c.Fields, fieldChange{f.label, merge.CompareWords(f.stored, f.typed)})
		}
	}
	if typed := strings.ReplaceAll(form.Markdown, "\r\n", "\n"); typed != was.Markdown {
		c.Text = diffText(was.Markdown, typed)
	}
	return c
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
