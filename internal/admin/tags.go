package admin

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"broadsheet/internal/page"
	"broadsheet/internal/posts"
	"broadsheet/internal/texts"
)

type tagsPage struct {
	base
	Tags  []posts.TagRow
	From  string // slug that the list begins at, as it was asked for
	Later bool   // whether it is not the first page
	next  string
}

var tagsTemplate = page.Parse[tagsPage]("admin/tags.html")

// NextURL leads to the page after this one, "" at the end.
func (p tagsPage) NextURL() string {
	if p.next == "" {
		return ""
	}
	return "/admin/tags?" + url.Values{"after": {p.next}}.Encode()
}

// Tags lists all tags.
func (a *Admin) Tags(w http.ResponseWriter, r *http.Request) error {
	after, from := r.URL.Query().Get("after"), strings.TrimSpace(r.URL.Query().Get("from"))
	if !listable(after) || !listable(from) {
		return posts.ErrBadCursor
	}
	p := tagsPage{From: from, Later: after != "" || from != ""}
	begin := after
	if after == "" && from != "" {
		begin = posts.TagSlug(from)
	}
	var err error
	if p.Tags, p.next, err = a.posts.TagRows(r.Context(), begin, after != ""); err != nil {
		return err
	}
	if p.base, err = a.base(w, r, "admin.nav.tags", "tags"); err != nil {
		return err
	}
	return tagsTemplate.Write(w, r, http.StatusOK, p)
}

// listable tells whether a place in a list can be asked for.
func listable(slug string) bool {
	return utf8.ValidString(slug) && !strings.ContainsRune(slug, 0) && len(slug) <= maxQuery*4
}

type tagPage struct {
	base
	Tag      posts.TagRow // as it is stored
	Form     posts.TagDraft
	Into     string // name of the tag to merge this one into, as it was typed
	Left     int64  // posts that merging has not come to yet
	Known    []string
	Alike    []posts.TagRow // that are nearly the same
	Problems problems
}

var tagTemplate = page.Parse[tagPage]("admin/tag.html")

var tagFields = []field{
	{"name", "tag.name"}, {"slug", "admin.slug"}, {"description", "admin.description"}, {"image", "tag.image"}, {"into", "tag.into"},
}

// Path returns the address of the tag's form.
func (p tagPage) Path() string { return tagPath(p.Tag.ID) }

// MergePath leads to where the tag can be merged into another.
func (p tagPage) MergePath(into string) string { return mergePath(p.Tag.ID, into) }

func tagPath(id int64) string { return "/admin/tags/" + formatID(id) }

// EditTag shows the form of a tag.
func (a *Admin) EditTag(w http.ResponseWriter, r *http.Request) error {
	tag, err := a.tag(r)
	if err != nil {
		return err
	}
	return a.showTag(w, r, http.StatusOK, tagPage{Tag: tag, Form: formOfTag(tag), Into: strings.ToValidUTF8(r.URL.Query().Get("into"), "")})
}

// UpdateTag stores it.
func (a *Admin) UpdateTag(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r, maxForm); err != nil {
		return err
	}
	tag, err := a.tag(r)
	if err != nil {
		return err
	}
	form := posts.TagDraft{
		Name: r.PostForm.Get("name"), Slug: r.PostForm.Get("slug"),
		Description: r.PostForm.Get("description"), Image: strings.TrimSpace(r.PostForm.Get("image")),
	}
	_, err = a.posts.SaveTag(r.Context(), tag.ID, form)
	var invalid posts.Invalid
	if errors.As(err, &invalid) {
		return a.showTag(w, r, http.StatusUnprocessableEntity, tagPage{Tag: tag, Form: form, Problems: problemsOf(r, tagFields, invalid)})
	}
	if err != nil {
		return err
	}
	a.setFlash(w, "tag")
	redirect(w, tagPath(tag.ID))
	return nil
}

// retagTime is how long one request retags posts: a tag of many takes several.
const retagTime = 4 * time.Second

// MergeTag gives the tag's posts another one instead.
func (a *Admin) MergeTag(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r, maxForm); err != nil {
		return err
	}
	tag, err := a.tag(r)
	if err != nil {
		return err
	}
	p := tagPage{Tag: tag, Form: formOfTag(tag), Into: r.PostForm.Get("into")}
	invalid := posts.Invalid{}
	into, err := a.posts.TagNamed(r.Context(), p.Into)
	switch {
	case strings.TrimSpace(p.Into) == "":
		invalid["into"] = texts.Message{Key: "problem.merge.none"}
	case errors.Is(err, posts.ErrNotFound):
		invalid["into"] = texts.Message{Key: "problem.merge.unknown"}
	case err != nil:
		return err
	default:
		p.Left, err = a.posts.MergeTag(r.Context(), tag.ID, into.ID, retagTime)
		if err != nil && !errors.As(err, &invalid) {
			return err
		}
	}
	switch {
	case len(invalid) > 0:
		p.Problems = problemsOf(r, tagFields, invalid)
		return a.showTag(w, r, http.StatusUnprocessableEntity, p)
	case p.Left > 0:
		return a.showTag(w, r, http.StatusOK, p)
	}
	a.setFlash(w, "merged")
	redirect(w, tagPath(into.ID))
	return nil
}

// tag returns the tag that the address names.
func (a *Admin) tag(r *http.Request) (posts.TagRow, error) {
	id, err := pathID(r, "admin.error.no-tag")
	if err != nil {
		return posts.TagRow{}, err
	}
	tag, err := a.posts.TagRow(r.Context(), id)
	if errors.Is(err, posts.ErrNotFound) {
		return posts.TagRow{}, page.NotFound("admin.error.no-tag")
	}
	return tag, err
}

func formOfTag(t posts.TagRow) posts.TagDraft {
	return posts.TagDraft{Name: t.Name, Slug: t.Slug, Description: t.Description, Image: t.Image}
}

func (a *Admin) showTag(w http.ResponseWriter, r *http.Request, status int, p tagPage) error {
	known, err := a.posts.Suggestions(r.Context())
	if err != nil {
		return err
	}
	p.Known = known.Tags
	if p.Alike, err = a.alikeTags(r, p.Tag); err != nil {
		return err
	}
	if p.base, err = a.base(w, r, "", "tags"); err != nil {
		return err
	}
	p.Title = p.Tag.Name
	return tagTemplate.Write(w, r, status, p)
}
