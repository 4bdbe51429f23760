package reader

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"broadsheet/internal/markdown"
	"broadsheet/internal/page"
	"broadsheet/internal/pagecache"
	"broadsheet/internal/posts"
)

// PostPage shows one post. Its authors' preview is the same page.
type PostPage struct {
	page.Base
	Post    posts.Post
	Lead    markdown.HTML // the author's summary
	About   []About       // those who wrote it and say something of themselves
	Address string        // absolute, to be shared; "" where it has none yet
	Preview *PreviewNote  // nil but for who has a link to a preview
	Look    *SharedLook   // nil but for its authors' preview
}

// SharedLook is how a post looks where it is found and shared.
type SharedLook struct {
	Lang                        string // of whoever looks
	Title, Address, Description string // in a search result
	Card, CardAlt               string // address of the picture, and what it shows
	CardPNG                     string // the picture itself where it is drawn, base64
}

// About is what an author says of the own person.
type About struct {
	Handle, Name string
	Bio          markdown.HTML
}

// PreviewNote is what somebody with a link to a preview is told of it.
type PreviewNote struct {
	Until     time.Time // when the link ends
	Published string    // path of the post as readers see it, "" where they do not
	Changed   bool      // whether that says something else
}

var (
	postTemplate = page.Parse[PostPage]("pages/post.html")
	pageTemplate = page.Parse[PostPage]("pages/page.html")
)

// NewPostPage returns the page of a post.
func NewPostPage(base page.Base, post posts.Post) PostPage {
	p := PostPage{Base: base, Post: post}
	if post.Summary != "" {
		p.Lead = post.Excerpt
	}
	for _, a := range post.Authors() {
		if a.Bio != "" && a.Handle != "" {
			p.About = append(p.About, About{a.Handle, a.Name, markdown.Inline(a.Bio, base.Site.Language)})
		}
	}
	p.Title = cmp.Or(post.MetaTitle, post.Title)
	p.Description = cmp.Or(post.MetaDescription, post.Description)
	p.Language = post.Language
	if post.NoIndex {
		p.Robots = "noindex"
	}
	return p
}

// Write answers with the page.
func (p PostPage) Write(w http.ResponseWriter, r *http.Request) error {
	if p.Post.Kind == posts.KindPage {
		return pageTemplate.Write(w, r, http.StatusOK, p)
	}
	return postTemplate.Write(w, r, http.StatusOK, p)
}

// PreviewEnds returns the hour of the day at which the link to a preview ends.
func (p PostPage) PreviewEnds() string { return p.Preview.Until.In(p.Zone()).Format("15:04") }

// Updated says whether the post changed so long after it was published that
// readers want to know.
func (p PostPage) Updated() bool { return p.Post.UpdatedAt.Sub(p.Post.PublishedAt) > 24*time.Hour }

// MailTo returns the address of a letter that recommends the post (RFC 6068).
func (p PostPage) MailTo() string {
	return "mailto:?subject=" + url.PathEscape(p.Post.Title) + "&body=" + url.PathEscape(p.Address)
}

// CoverURL returns the absolute address of the cover, which is always one of
// this site, or "" when there is none.
func (p PostPage) CoverURL() string {
	if p.Post.Cover == "" {
		return ""
	}
	return p.BaseURL + p.Post.Cover
}

// Post serves /posts/{slug}.
func (rd *Reader) Post(w http.ResponseWriter, r *http.Request) error {
	return rd.one(w, r, posts.KindPost)
}

// Page serves /{slug}, the pages that stand alone, such as About.
func (rd *Reader) Page(w http.ResponseWriter, r *http.Request) error {
	return rd.one(w, r, posts.KindPage)
}

func (rd *Reader) read(ctx context.Context, kind posts.Kind, slug string) (posts.Post, error) {
	if kind == posts.KindPage {
		return rd.posts.Page(ctx, slug)
	}
	return rd.posts.Post(ctx, slug)
}

// one answers with a post or a page, or sends the reader to where it is now.
func (rd *Reader) one(w http.ResponseWriter, r *http.Request, kind posts.Kind) error {
	slug, ok := slugParam(r, "slug")
	if !ok {
		return posts.ErrNotFound
	}
	post, err := rd.read(r.Context(), kind, slug)
	var moved *posts.MovedError
	if errors.As(err, &moved) {
		pagecache.Show(r.Context(), pagecache.On("slug:"+slug), pagecache.On("slug:"+moved.Slug))
		return redirect(w, r, page.Address(moved.Kind, moved.Slug), http.StatusMovedPermanently)
	}
	if errors.Is(err, posts.ErrNotFound) {
		return rd.asWritten(w, r, kind, slug)
	}
	if err != nil {
		return err
	}
	base, err := rd.pages.Base(r.Context())
	if err != nil {
		return err
	}
	p := NewPostPage(base, post)
	p.Address = base.BaseURL + page.Address(post.Kind, post.Slug)
	p.Canonical = cmp.Or(post.Canonical, p.Address)
	p.Meta = p.metadata()
	if kind == posts.KindPage {
		showPage(r.Context(), post)
	} else {
		showPost(r.Context(), post)
	}
	return p.Write(w, r)
}

// asWritten sends readers who typed an address in capitals, or a title, to the
// address of the post or page.
func (rd *Reader) asWritten(w http.ResponseWriter, r *http.Request, kind posts.Kind, title string) error {
	slug := posts.Slugify(title)
	if slug == "" || slug == title {
		return posts.ErrNotFound
	}
	_, err := rd.read(r.Context(), kind, slug)
	var moved *posts.MovedError
	if errors.As(err, &moved) {
		return redirect(w, r, page.Address(moved.Kind, moved.Slug), http.StatusMovedPermanently)
	}
	if err != nil {
		return err
	}
	return redirect(w, r, page.Address(kind, slug), http.StatusMovedPermanently)
}
