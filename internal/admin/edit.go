package admin

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"broadsheet/internal/accounts"
	"broadsheet/internal/page"
	"broadsheet/internal/posts"
)

type editPage struct {
	base
	Form     postForm
	Action   string        // where the form is sent to
	Stored   *posts.Stored // what is stored now; nil for a new post, and for who is not signed in
	Problems problems
	Notice   notice
	Working  *posts.Working // what is kept of the form; nil where Stored is
	Aside    int64          // revision with a text of the author's that could not be merged, 0 for none

	Suggestions posts.Suggestions // for who is signed in
	Broken      []brokenLink      // of what was just saved
	Authors     []accounts.Author // to choose from; none where there is no choice
}

// notice is why the form is shown again, when it is not for its fields.
type notice string

const (
	noticeSignedOut notice = "signed out"
	noticeMerged    notice = "merged"
	noticeMoved     notice = "moved" // published or unpublished by somebody else
	noticeDeleted   notice = "deleted"
	noticeFailed    notice = "failed" // for a reason of ours
)

var editTemplate = page.Parse[editPage]("admin/edit.html")

// ZoneName returns the time zone in which the form's date is shown.
func (p editPage) ZoneName() string { return p.Form.location(time.UTC).String() }

// DateComesTwice says which of the two is meant, "first" or "second", where the
// clock shows the form's date twice, and else "".
func (p editPage) DateComesTwice() string {
	loc := p.Form.location(time.UTC)
	at, problem := p.Form.publishedAt(loc)
	switch is, second := comesTwice(at, loc); {
	case problem.Key != "" || !is:
		return ""
	case second:
		return "second"
	}
	return "first"
}

// State returns what became of the post.
func (p editPage) State() posts.State {
	if p.Form.State == "new" {
		return posts.StateDraft
	}
	return posts.State(p.Form.State)
}

// Publishes tells whether the author may decide what readers see. Whoever is
// signed out has to sign in first.
func (p editPage) Publishes() bool { return p.SignedIn == nil || p.SignedIn.Role.Publishes() }

// When says how far away the form's date is, "" of none and of one more than 30 days away.
func (p editPage) When() string {
	at, problem := p.Form.publishedAt(p.Form.location(time.UTC))
	if problem.Key != "" || at.IsZero() {
		return ""
	}
	return distance(at, time.Now())
}

// Live tells whether readers see the post, or will.
func (p editPage) Live() bool { return isLive(posts.State(p.Form.State)) }

// IsPage tells whether the form is of a page.
func (p editPage) IsPage() bool { return p.Form.Kind == string(posts.KindPage) }

// CoverMoved tells whether the middle of the cover is not what matters of it.
func (p editPage) CoverMoved() bool {
	return p.Form.CoverX != "" && p.Form.CoverX != coverMiddle || p.Form.CoverY != "" && p.Form.CoverY != coverMiddle
}

// SlugPrefix is what stands before the slug in the address.
func (p editPage) SlugPrefix() string { return page.Address(posts.Kind(p.Form.Kind), "") }

// SlugPlaceholder returns the address that the post has when none is typed.
func (p editPage) SlugPlaceholder() string {
	if p.Stored != nil {
		return p.Stored.Slug
	}
	return p.Text("form.slug.placeholder")
}

// KnownAuthor tells whether the author whom the form names can be chosen.
func (p editPage) KnownAuthor() bool {
	return slices.ContainsFunc(p.Authors, func(author accounts.Author) bool { return author.Handle == p.Form.WrittenBy })
}

// NewPost shows an empty form of a post or, with ?kind=page, of a page.
func (a *Admin) NewPost(w http.ResponseWriter, r *http.Request) error {
	settings, err := a.site.Get(r.Context())
	if err != nil {
		return err
	}
	kind := posts.KindPost
	if r.URL.Query().Get("kind") == string(posts.KindPage) {
		kind = posts.KindPage
	}
	author, _ := sessionOf(r)
	return a.showEdit(w, r, http.StatusOK, editPage{
		Form: emptyForm(kind, author.user, settings.Language, settings.Location()), Action: "/admin/posts",
	})
}

// EditPost shows the form of a post, with what was typed and not saved yet.
func (a *Admin) EditPost(w http.ResponseWriter, r *http.Request) error {
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
	p := editPage{
		Form: formOf(stored, working, settings.Location()), Action: postPath(id), Stored: &stored, Working: &working,
	}
	author, _ := sessionOf(r)
	aside, err := a.posts.Aside(r.Context(), id, author.user.ID)
	switch {
	case err == nil:
		p.Aside = aside.ID
	case !errors.Is(err, posts.ErrNotFound):
		return err
	}
	return a.showEdit(w, r, http.StatusOK, p)
}

// lost says where a post is that cannot be opened.
func lost(err error) error {
	switch {
	case errors.Is(err, posts.ErrTrashed):
		return &page.StatusError{Status: http.StatusGone, Message: "admin.error.in-trash"}
	case errors.Is(err, posts.ErrNotFound):
		return page.NotFound("admin.error.no-post")
	}
	return err
}

// WithChanges tells whether the form says something that the post does not.
func (p editPage) WithChanges() bool { return p.Working != nil && p.Working.Changed }

// HistoryURL leads to what the form said before.
func (p editPage) HistoryURL() string { return p.Action + "/history" }

func (a *Admin) showEdit(w http.ResponseWriter, r *http.Request, status int, p editPage) error {
	title, section := "admin.untitled", "posts"
	switch {
	case p.Form.State == "new" && p.IsPage():
		title = "admin.new-page"
	case p.Form.State == "new":
		title, section = "admin.new-post", "new"
	}
	var err error
	if p.Notice == noticeFailed { // what made it fail must not keep the text from being shown
		p.base = baseOf(a.pages.LastBase(), r, title, section)
	} else if p.base, err = a.base(w, r, title, section); err != nil {
		return err
	}
	if p.Form.State != "new" && p.Form.Title != "" {
		p.Title = p.Form.Title
	}
	if p.Notice == noticeFailed {
		return editTemplate.Write(w, r, status, p)
	}
	if p.SignedIn != nil {
		if p.Suggestions, err = a.posts.Suggestions(r.Context()); err != nil {
			return err
		}
		if p.Authors, err = a.authorsFor(r.Context(), p.Form); err != nil {
			return err
		}
	}
	if p.Flash != "" && p.Stored != nil { // it was saved just now
		if p.Broken, err = a.checkStored(r, *p.Stored); err != nil {
			return err
		}
	}
	return editTemplate.Write(w, r, status, p)
}

// postID returns the id in the address.
func postID(r *http.Request) (int64, error) { return pathID(r, "admin.error.no-post") }

// pathID returns the id in the address, or an error that says what there is not.
func pathID(r *http.Request, none string) (int64, error) {
	id, err := parseID(chi.URLParam(r, "id"))
	if err != nil || id < 1 { // posts.Save takes 0 for a new post
		return 0, page.NotFound(none)
	}
	return id, nil
}

func parseID(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) }

func formatID(id int64) string { return strconv.FormatInt(id, 10) }

func postPath(id int64) string { return "/admin/posts/" + formatID(id) }
