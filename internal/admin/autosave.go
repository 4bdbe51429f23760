package admin

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"

	"broadsheet/internal/page"
	"broadsheet/internal/posts"
)

// formText is the text of a form as scripts read it: fields by their names,
// with their values as they stand in the form.
type formText struct {
	Fields   map[string]string `json:"fields"`
	Markdown string            `json:"markdown"`
}

// keptText says what is kept of a form.
type keptText struct {
	ID      int64     `json:"id"`
	Edit    int64     `json:"edit"`
	Version int64     `json:"version"`
	SavedAt time.Time `json:"saved_at"`
	State   string    `json:"state"`
	Changed bool      `json:"changed"` // whether the post itself says something else
}

func kept(w posts.Working) keptText {
	return keptText{w.PostID, w.Edit, w.Version, w.UpdatedAt.Truncate(time.Millisecond).UTC(), string(w.State), w.Changed}
}

// textOf returns a text as it stands in the form.
func textOf(form postForm) formText {
	fields := form.values()
	delete(fields, "markdown")
	return formText{fields, form.Markdown}
}

// AutosaveNew keeps what was typed into an empty form, as a draft.
func (a *Admin) AutosaveNew(w http.ResponseWriter, r *http.Request) error { return a.autosave(w, r, 0) }

// Autosave keeps what was typed into the form of a post.
func (a *Admin) Autosave(w http.ResponseWriter, r *http.Request) error {
	id, err := postID(r)
	if err != nil {
		return err
	}
	return a.autosave(w, r, id)
}

func (a *Admin) autosave(w http.ResponseWriter, r *http.Request, id int64) error {
	if err := readPost(w, r, maxPostForm); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	settings, err := a.site.Get(ctx)
	if err != nil {
		return err
	}
	author, _ := sessionOf(r)
	form := readPostForm(r.PostForm)
	loc := form.location(settings.Location())
	typed := form.writing(author.user.ID, loc)
	if sent := r.PostForm.Get("base"); sent != "" {
		var base formText
		if err := json.Unmarshal([]byte(sent), &base); err != nil {
			return page.BadRequest("admin.error.base")
		}
		was := base.form(form).content(loc)
		typed.Base = &was
	}
	var working posts.Working
	var merged bool
	if id == 0 {
		if !isKey(form.Key) {
			form.Key = rand.Text()
		}
		draft, _ := form.draft(forAuthors, author.user.ID, settings.Location())
		working, merged, err = a.posts.AutosaveNew(ctx, draft, typed)
	} else {
		working, merged, err = a.posts.Autosave(ctx, id, typed)
	}
	if err != nil {
		return a.notKept(w, r, form, loc, err)
	}
	answer := struct {
		keptText
		Merged *formText `json:"merged"`
	}{keptText: kept(working)}
	if merged {
		text := textOf(form.with(working, loc))
		answer.Merged = &text
	}
	return page.WriteJSON(w, r, http.StatusOK, answer)
}

// form returns the form that a text stood in, with what is hidden from another.
func (t formText) form(hidden postForm) postForm {
	values := url.Values{"markdown": {t.Markdown}}
	for name, value := range t.Fields {
		values.Set(name, value)
	}
	f := readPostForm(values)
	f.Zone = hidden.Zone
	return f
}

// notKept tells a script why a text was not kept.
func (a *Admin) notKept(w http.ResponseWriter, r *http.Request, form postForm, loc *time.Location, err error) error {
	var conflict *posts.TextConflictError
	switch {
	case errors.Is(err, posts.ErrNeedBase):
		return page.WriteJSON(w, r, http.StatusConflict, map[string]string{
			"need": "base", "error": words(r).Text("admin.error.need-base"),
		})
	case errors.As(err, &conflict):
		return a.tellConflict(w, r, form, loc, conflict)
	case errors.Is(err, posts.ErrTextTooLarge):
		return &page.StatusError{Status: http.StatusRequestEntityTooLarge,
			Message: "admin.error.text-large"}
	case errors.Is(err, posts.ErrTextInvalid):
		return &page.StatusError{Status: http.StatusUnprocessableEntity,
			Message: "admin.error.text-bytes"}
	}
	return lost(err)
}

// tellConflict answers a script with both texts.
func (a *Admin) tellConflict(w http.ResponseWriter, r *http.Request, form postForm, loc *time.Location, conflict *posts.TextConflictError) error {
	theirs := form.with(conflict.Working, loc)
	merged := textOf(form.with(posts.Working{Content: posts.Content{Fields: conflict.Fields}}, loc)).Fields
	answer := struct {
		Error     string                `json:"error"`
		Edit      int64                 `json:"edit"`
		Version   int64                 `json:"version"`
		By        string                `json:"by"`
		SavedAt   time.Time             `json:"saved_at"`
		Theirs    formText              `json:"theirs"`
		Fields    map[string]string     `json:"fields"`
		Conflicts []posts.FieldConflict `json:"conflicts"`
		Text      []map[string]string   `json:"text"`
	}{
		Error: words(r).Text("admin.error.conflict", conflict.Working.AuthorName),
		Edit:  conflict.Working.Edit, Version: conflict.Working.Version, By: conflict.Working.AuthorName,
		SavedAt: conflict.Working.UpdatedAt.UTC(), Theirs: textOf(theirs), Fields: merged,
		Conflicts: []posts.FieldConflict{}, Text: []map[string]string{},
	}
	mine, stored := form.values(), theirs.values()
	for _, c := range conflict.Conflict {
		delete(merged, c.Field)
		was := form.with(posts.Working{Content: posts.Content{Fields: map[string]string{c.Field: c.Base}}}, loc).values()
		answer.Conflicts = append(answer.Conflicts, posts.FieldConflict{Field: c.Field, Base: was[c.Field], Mine: mine[c.Field], Theirs: stored[c.Field]})
	}
	for _, p := range conflict.Markdown {
		if p.Conflict {
			answer.Text = append(answer.Text, map[string]string{"base": p.Base, "mine": p.Mine, "theirs": p.Theirs})
		} else {
			answer.Text = append(answer.Text, map[string]string{"same": p.Text})
		}
	}
	return page.WriteJSON(w, r, http.StatusConflict, answer)
}

// WorkingCopy answers a script with what is kept of the form of a post.
func (a *Admin) WorkingCopy(w http.ResponseWriter, r *http.Request) error {
	id, err := postID(r)
	if err != nil {
		return err
	}
	settings, err := a.site.Get(r.Context())
	if err != nil {
		return err
	}
	working, stored, err := a.posts.Open(r.Context(), id)
	if err != nil {
		return lost(err)
	}
	return page.WriteJSON(w, r, http.StatusOK, struct {
		keptText
		By string `json:"by"`
		formText
	}{kept(working), working.AuthorName, textOf(formOf(stored, working, settings.Location()))})
}

// Discard puts into the form of a post what the post itself says. What was
// typed is kept first: it stays in the history.
func (a *Admin) Discard(w http.ResponseWriter, r *http.Request) error {
	if err := readPost(w, r, maxPostForm); err != nil {
		return err
	}
	id, err := postID(r)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	return a.keepText(w, r, a.discard(w, r.WithContext(ctx), id))
}

func (a *Admin) discard(w http.ResponseWriter, r *http.Request, id int64) error {
	settings, err := a.site.Get(r.Context())
	if err != nil {
		return err
	}
	author, _ := sessionOf(r)
	form := readPostForm(r.PostForm)
	typed := form.writing(author.user.ID, form.location(settings.Location()))
	typed.NoBase = true
	edit := typed.Edit
	if r.PostForm.Has("markdown") {
		working, merged, err := a.posts.Autosave(r.Context(), id, typed)
		if err != nil {
			return a.notMerged(w, r, id, form, err)
		}
		if merged { // nobody discards what they have not seen
			return a.showAgain(w, r, id, form, typed, noticeMerged, form.location(settings.Location()))
		}
		edit = working.Edit
	}
	err = a.posts.Discard(r.Context(), id, edit, author.user.ID)
	switch {
	case errors.Is(err, posts.ErrEdited):
		return &page.StatusError{Status: http.StatusConflict, Message: "admin.error.not-discarded"}
	case err != nil:
		return lost(err)
	}
	a.setFlash(w, "discarded")
	redirect(w, postPath(id))
	return nil
}

// Undo takes back what the last page said was done.
func (a *Admin) Undo(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r, maxForm); err != nil {
		return err
	}
	id, err := postID(r)
	if err != nil {
		return err
	}
	version, err := parseID(r.PostForm.Get("undo"))
	if err != nil {
		return page.BadRequest("admin.error.version")
	}
	author, _ := sessionOf(r)
	undo := a.posts.Undo
	if !author.user.Role.Publishes() {
		undo = a.posts.Untrash // all that they may have done
	}
	_, err = undo(r.Context(), id, version, author.user.ID)
	var conflict *posts.ConflictError
	if errors.As(err, &conflict) || errors.Is(err, posts.ErrNotFound) {
		return &page.StatusError{Status: http.StatusConflict, Message: "admin.error.not-undone"}
	}
	if err != nil {
		return err
	}
	a.setFlash(w, "undone")
	redirect(w, postPath(id))
	return nil
}
