package admin

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"broadsheet/internal/merge"
	"broadsheet/internal/page"
	"broadsheet/internal/posts"
)

type historyPage struct {
	base
	Post      posts.Stored
	Revisions []revisionRow
	Later     bool // whether it is not the first page
	older     int64
}

// revisionRow is a line of the history.
type revisionRow struct {
	posts.RevisionRow
	voice voice
}

var historyTemplate = page.Parse[historyPage]("admin/history.html")

// did says by texts what made a text.
var did = map[posts.RevisionKind]string{
	posts.KindAutosave: "history.typed", posts.KindSave: "history.saved", posts.KindPublish: "history.published",
	posts.KindSchedule: "history.scheduled", posts.KindUpdate: "history.updated", posts.KindUnpublish: "history.unpublished",
	posts.KindTrash: "history.trashed", posts.KindUntrash: "history.untrashed", posts.KindRestore: "history.restored",
	posts.KindDiscard: "history.discarded", posts.KindImport: "history.imported", posts.KindOther: "history.elsewhere",
	posts.KindAside: "history.aside",
}

// What says what made the text.
func (r revisionRow) What() string { return r.voice.texts.Text(did[r.Kind]) }

// When says when it was kept last.
func (r revisionRow) When() string { return r.voice.moment(r.UpdatedAt) }

// Moment returns the same time as programs read it.
func (r revisionRow) Moment() string { return r.UpdatedAt.In(r.voice.zone).Format(time.RFC3339) }

// Aside tells whether the text could not be merged.
func (r revisionRow) Aside() bool { return r.Kind == posts.KindAside }

// Path returns the address of the revision.
func (r revisionRow) Path() string { return historyPath(r.PostID) + "/" + formatID(r.ID) }

func historyPath(postID int64) string { return postPath(postID) + "/history" }

// EditURL leads back to the form.
func (p historyPage) EditURL() string { return postPath(p.Post.ID) }

// CompareURL is where the form that chooses two texts is sent to.
func (p historyPage) CompareURL() string { return historyPath(p.Post.ID) + "/compare" }

// OlderURL leads to the page after this one, "" at the end.
func (p historyPage) OlderURL() string {
	if p.older == 0 {
		return ""
	}
	return historyPath(p.Post.ID) + "?" + url.Values{"before": {formatID(p.older)}}.Encode()
}

// NewestURL leads to the first page.
func (p historyPage) NewestURL() string { return historyPath(p.Post.ID) }

// History lists what the form of a post said.
func (a *Admin) History(w http.ResponseWriter, r *http.Request) error {
	id, err := postID(r)
	if err != nil {
		return err
	}
	var before int64
	if typed := r.URL.Query().Get("before"); typed != "" {
		if before, err = parseID(typed); err != nil || before < 1 {
			return posts.ErrBadCursor
		}
	}
	p := historyPage{Later: before != 0}
	if _, p.Post, err = a.posts.Open(r.Context(), id); err != nil && !errors.Is(err, posts.ErrTrashed) {
		return lost(err)
	}
	rows, older, err := a.posts.Revisions(r.Context(), id, before)
	if err != nil {
		return err
	}
	p.older = older
	if p.base, err = a.base(w, r, "history.page", "posts"); err != nil {
		return err
	}
	for _, row := range rows {
		p.Revisions = append(p.Revisions, revisionRow{row, p.voice()})
	}
	return historyTemplate.Write(w, r, http.StatusOK, p)
}

type revisionPage struct {
	base
	Post     posts.Stored
	New, Old revisionRow
	HasOld   bool
	Fields   []fieldSides
	Rows     []sideRow // of the Markdown; nil when it is the same
	Markdown string    // of New, whole
	Name     string    // as it was typed
	Problem  string    // of the name
}

// fieldSides is a field of two texts.
type fieldSides struct {
	Name, Label string
	Old, New    []merge.Piece
	Changed     bool
}

// sideRow is a stretch of two texts side by side; Same is in both.
type sideRow struct{ Same, Old, New []merge.Piece }

var revisionTemplate = page.Parse[revisionPage]("admin/revision.html")

// Path is the address of the revision.
func (p revisionPage) Path() string { return p.New.Path() }

// Useful tells whether anything can be brought back.
func (p revisionPage) Useful() bool { return !p.Post.Trashed() && !p.New.Current }

// HistoryURL leads back to the list.
func (p revisionPage) HistoryURL() string { return historyPath(p.Post.ID) }

// CompareRevisions leads to the comparison of two chosen texts.
func (a *Admin) CompareRevisions(w http.ResponseWriter, r *http.Request) error {
	id, err := postID(r)
	if err != nil {
		return err
	}
	older, err := parseID(r.URL.Query().Get("old"))
	newer, err2 := parseID(r.URL.Query().Get("new"))
	if err != nil || err2 != nil {
		return page.BadRequest("history.choose-two")
	}
	redirect(w, historyPath(id)+"/"+formatID(newer)+"?"+url.Values{"with": {formatID(older)}}.Encode())
	return nil
}

// Revision shows a text of the history beside the one before it, or another.
func (a *Admin) Revision(w http.ResponseWriter, r *http.Request) error {
	return a.showRevision(w, r, http.StatusOK, nil, "")
}

func (a *Admin) showRevision(w http.ResponseWriter, r *http.Request, status int, name *string, problem string) error {
	id, revision, err := revisionID(r)
	if err != nil {
		return err
	}
	p := revisionPage{Problem: problem}
	if p.Post, err = a.posts.Get(r.Context(), id); err != nil {
		return lost(err)
	}
	now, err := a.posts.Revision(r.Context(), id, revision)
	if err != nil {
		return noRevision(err)
	}
	before := posts.Revision{}
	if with := r.URL.Query().Get("with"); with != "" {
		other, err := parseID(with)
		if err != nil {
			return noRevision(posts.ErrNotFound)
		}
		if before, err = a.posts.Revision(r.Context(), id, other); err != nil {
			return noRevision(err)
		}
	} else if before, err = a.posts.RevisionBefore(r.Context(), id, revision); err != nil && !errors.Is(err, posts.ErrNotFound) {
		return err
	}
	if p.base, err = a.base(w, r, "history.page", "posts"); err != nil {
		return err
	}
	p.New, p.Old, p.HasOld = revisionRow{now.RevisionRow, p.voice()}, revisionRow{before.RevisionRow, p.voice()}, before.ID != 0
	p.Markdown, p.Name = now.Markdown, now.Name
	if name != nil {
		p.Name = *name
	}
	names, err := a.namesIn(r.Context(), before.Content, now.Content)
	if err != nil {
		return err
	}
	p.Fields = compareFields(p.voice(), names, before.Content, now.Content)
	if before.Markdown != now.Markdown {
		p.Rows = sideBySide(merge.Compare(before.Markdown, now.Markdown))
	}
	return revisionTemplate.Write(w, r, status, p)
}

func revisionID(r *http.Request) (post, revision int64, err error) {
	if post, err = postID(r); err != nil {
		return 0, 0, err
	}
	if revision, err = parseID(chi.URLParam(r, "revision")); err != nil {
		return 0, 0, noRevision(posts.ErrNotFound)
	}
	return post, revision, nil
}

func noRevision(err error) error {
	if errors.Is(err, posts.ErrNotFound) {
		return page.NotFound("history.no-text")
	}
	return lost(err)
}

// namesIn returns the names of those whom texts say to be their authors, by
// their handles, but names that several of them have.
func (a *Admin) namesIn(ctx context.Context, contents ...posts.Content) (map[string]string, error) {
	var handles []string
	for _, c := range contents {
		handles = append(handles, posts.SplitTags(c.Fields["coauthors"])...)
		if by := c.Fields["written_by"]; by != "" {
			handles = append(handles, by)
		}
	}
	authors, err := a.posts.AuthorsByHandle(ctx, handles)
	names, of := map[string]string{}, map[string]string{}
	for _, author := range authors {
		if other, taken := of[author.Name]; taken {
			delete(names, other)
			continue
		}
		names[author.Handle], of[author.Name] = author.Name, author.Handle
	}
	return names, err
}

// compareFields compares all fields of two texts but those empty in both.
func compareFields(v voice, names map[string]string, before, now posts.Content) []fieldSides {
	old, new := shownFields(v, names, before), shownFields(v, names, now)
	var sides []fieldSides
	for _, f := range postFields {
		if f.Name == "markdown" || old[f.Name] == "" && new[f.Name] == "" {
			continue
		}
		s := fieldSides{Name: f.Name, Label: v.texts.Text(f.Label), Changed: old[f.Name] != new[f.Name]}
		for _, p := range merge.CompareWords(old[f.Name], new[f.Name]) {
			if p.Kind != merge.New {
				s.Old = append(s.Old, p)
			}
			if p.Kind != merge.Old {
				s.New = append(s.New, p)
			}
		}
		sides = append(sides, s)
	}
	return sides
}

// shownFields are a text's fields as a person reads them.
func shownFields(v voice, names map[string]string, c posts.Content) map[string]string {
	values := postForm{}.with(posts.Working{Content: c}, v.zone).values()
	for _, date := range []string{"published_at", "unpublish_at"} {
		if at, err := time.Parse(time.RFC3339Nano, c.Fields[date]); err == nil {
			values[date] = v.moment(at)
		}
	}
	for _, chosen := range []string{"featured", "noindex"} {
		if values[chosen] != "" {
			values[chosen] = v.texts.Text("history.yes")
		}
	}
	if values["kind"] == string(posts.KindPage) {
		values["kind"] = v.texts.Text("admin.page")
	} else if values["kind"] != "" {
		values["kind"] = v.texts.Text("form.kind.post")
	}
	values["written_by"] = cmp.Or(names[values["written_by"]], values["written_by"])
	others := posts.SplitTags(values["coauthors"])
	for i, handle := range others {
		others[i] = cmp.Or(names[handle], handle)
	}
	values["coauthors"] = strings.Join(others, ", ")
	if values["cover"] == "" {
		values["cover_x"], values["cover_y"] = "", "" // of no picture
	}
	return values
}

// sideBySide puts a comparison into rows of whole lines.
func sideBySide(compared []merge.Piece) []sideRow {
	var rows []sideRow
	var row sideRow
	end := func() {
		if len(row.Old) > 0 || len(row.New) > 0 {
			rows = append(rows, row)
		}
		row = sideRow{}
	}
	for i, p := range compared {
		switch p.Kind {
		case merge.Old:
			row.Old = append(row.Old, p)
			continue
		case merge.New:
			row.New = append(row.New, p)
			continue
		}
		text := p.Text
		if open := !endsLine(row.Old) || !endsLine(row.New); open { // the rest of the line belongs to what was changed
			rest := text
			if at := strings.IndexByte(text, '\n'); at >= 0 {
				rest = text[:at+1]
			}
			piece := merge.Piece{Kind: merge.Same, Text: rest}
			row.Old, row.New = append(row.Old, piece), append(row.New, piece)
			if text = text[len(rest):]; !strings.HasSuffix(rest, "\n") {
				continue
			}
		}
		end()
		last := i == len(compared)-1
		begins := "" // of a line that is changed further on
		if at := strings.LastIndexByte(text, '\n'); !last {
			begins, text = text[at+1:], text[:at+1]
		}
		if text != "" {
			head, tail := contextLines, contextLines
			if i == 0 {
				head = 0
			}
			if last {
				tail = 0
			}
			rows = append(rows, sideRow{Same: shorten(text, head, tail)})
		}
		if begins != "" {
			piece := merge.Piece{Kind: merge.Same, Text: begins}
			row.Old, row.New = append(row.Old, piece), append(row.New, piece)
		}
	}
	end()
	return rows
}

// endsLine tells whether pieces end with a line, or are none.
func endsLine(pieces []merge.Piece) bool {
	return len(pieces) == 0 || strings.HasSuffix(pieces[len(pieces)-1].Text, "\n")
}

// UpdateRevision names a text of the history, or puts it, or one field of it,
// into the form.
func (a *Admin) UpdateRevision(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r, maxForm); err != nil {
		return err
	}
	id, revision, err := revisionID(r)
	if err != nil {
		return err
	}
	if r.PostForm.Has("name") {
		return a.nameRevision(w, r, id, revision)
	}
	field := r.PostForm.Get("restore")
	switch {
	case field == "all":
		field = ""
	case field != "markdown" && !slices.Contains(posts.Fields, field):
		return page.BadRequest("history.no-field")
	}
	author, _ := sessionOf(r)
	if err := a.posts.Restore(r.Context(), id, revision, field, author.user.ID); err != nil {
		return noRevision(err)
	}
	a.setFlash(w, "brought back")
	redirect(w, postPath(id))
	return nil
}

func (a *Admin) nameRevision(w http.ResponseWriter, r *http.Request, id, revision int64) error {
	name := r.PostForm.Get("name")
	err := a.posts.NameRevision(r.Context(), id, revision, name)
	var invalid posts.Invalid
	switch {
	case errors.As(err, &invalid):
		return a.showRevision(w, r, http.StatusUnprocessableEntity, &name, words(r).Say(invalid["name"]))
	case err != nil:
		return noRevision(err)
	}
	a.setFlash(w, "named")
	redirect(w, historyPath(id)+"/"+formatID(revision))
	return nil
}
