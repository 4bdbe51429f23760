package admin

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"broadsheet/internal/page"
	"broadsheet/internal/posts"
)

type linksPage struct {
	base
	Post    posts.Stored
	Links   []linkRow
	Made    string // address of the link that was just made, "" for none
	Until   string // how long that one works
	Problem string // why none was made
}

// linkRow is a line of the list of links.
type linkRow struct {
	posts.PreviewLink
	postID int64
	voice  voice
}

var linksTemplate = page.Parse[linksPage]("admin/links.html")

// linkDays are the choices of how many days a link works.
var linkDays = []int{1, 7, 30}

// Made says when the link was made.
func (l linkRow) Made() string { return l.voice.moment(l.CreatedAt) }

// Until says when it ends.
func (l linkRow) Until() string { return l.voice.moment(l.ExpiresAt) }

// Path is where the button that withdraws it sends to.
func (l linkRow) Path() string { return linksPath(l.postID) + "/" + formatID(l.ID) }

// Path is where the form that makes one is sent to.
func (p linksPage) Path() string { return linksPath(p.Post.ID) }

// EditURL leads back to the form of the post.
func (p linksPage) EditURL() string { return postPath(p.Post.ID) }

func linksPath(postID int64) string { return postPath(postID) + "/links" }

// PreviewLinks lists the links with which people without an account see a post.
func (a *Admin) PreviewLinks(w http.ResponseWriter, r *http.Request) error {
	return a.showLinks(w, r, http.StatusOK, linksPage{})
}

func (a *Admin) showLinks(w http.ResponseWriter, r *http.Request, status int, p linksPage) error {
	id, err := postID(r)
	if err != nil {
		return err
	}
	if p.Post, err = a.posts.Get(r.Context(), id); err == nil && p.Post.Trashed() {
		err = posts.ErrTrashed
	}
	if err != nil {
		return lost(err)
	}
	links, err := a.posts.PreviewLinks(r.Context(), id)
	if err != nil {
		return err
	}
	if p.base, err = a.base(w, r, "links.title", "posts"); err != nil {
		return err
	}
	for _, l := range links {
		p.Links = append(p.Links, linkRow{l, id, p.voice()})
	}
	return linksTemplate.Write(w, r, status, p)
}

// MakePreviewLink makes a link and shows it, this once: only its hash is kept.
func (a *Admin) MakePreviewLink(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r, maxForm); err != nil {
		return err
	}
	id, err := postID(r)
	if err != nil {
		return err
	}
	days, err := strconv.Atoi(r.PostForm.Get("days"))
	if err != nil || !slices.Contains(linkDays, days) {
		return a.showLinks(w, r, http.StatusUnprocessableEntity, linksPage{Problem: words(r).Text("links.choose")})
	}
	base, err := a.pages.Base(r.Context())
	if err != nil {
		return err
	}
	author, _ := sessionOf(r)
	if err := a.mayShare(r, id); err != nil {
		return err
	}
	token, expires, err := a.posts.MakePreviewLink(r.Context(), id, author.user.ID, time.Duration(days)*24*time.Hour)
	if errors.Is(err, posts.ErrTooManyLinks) {
		return a.showLinks(w, r, http.StatusConflict, linksPage{
			Problem: words(r).Text("links.many", posts.MaxPreviewLinks),
		})
	}
	if err != nil {
		return lost(err)
	}
	return a.showLinks(w, r, http.StatusOK, linksPage{
		Made: a.pages.BaseURL() + "/preview/" + token, Until: voice{words(r), base.Zone()}.moment(expires),
	})
}

// mayShare refuses contributors links to what others wrote.
func (a *Admin) mayShare(r *http.Request, id int64) error {
	author, _ := sessionOf(r)
	if author.user.Role.Publishes() {
		return nil
	}
	post, err := a.posts.Get(r.Context(), id)
	if err != nil {
		return lost(err)
	}
	if post.AuthorID != author.user.ID {
		return notTheirs
	}
	return nil
}

// WithdrawPreviewLink ends a link.
func (a *Admin) WithdrawPreviewLink(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r, maxForm); err != nil {
		return err
	}
	id, err := postID(r)
	if err != nil {
		return err
	}
	link, err := parseID(chi.URLParam(r, "link"))
	if err != nil {
		return page.NotFound("links.none")
	}
	if err := a.mayShare(r, id); err != nil {
		return err
	}
	if err := a.posts.WithdrawPreviewLink(r.Context(), id, link); err != nil {
		return err
	}
	a.setFlash(w, "withdrawn")
	redirect(w, linksPath(id))
	return nil
}
