package reader

import (
	"errors"
	"net/http"
	"strings"

	"broadsheet/internal/page"
	"broadsheet/internal/pagecache"
	"broadsheet/internal/posts"
	"broadsheet/internal/sharecard"
	"broadsheet/internal/texts"
)

// ShareImage returns the cover, or else the card that is drawn for a post, as it
// is for a cover in SVG, which the sites where links are shared do not show. A
// static page has that of the site.
func (p PostPage) ShareImage() page.ShareImage {
	s := p.Base.ShareImage()
	switch cover := p.CoverURL(); {
	case cover != "" && !strings.HasSuffix(cover, ".svg"):
		return page.ShareImage{URL: cover, Alt: p.Post.CoverAlt}
	case p.Post.Kind != posts.KindPage:
		s.URL, s.Alt = p.BaseURL+cardURL(p.Post.Slug), p.Post.Title+" · "+p.Site.Title
	}
	return s
}

func cardURL(slug string) string { return page.PostURL(slug) + "/card.png" }

// PostCard serves /posts/{slug}/card.png. The picture is drawn when it is first
// asked for, and kept as pages are.
func (rd *Reader) PostCard(w http.ResponseWriter, r *http.Request) error {
	slug, ok := slugParam(r, "slug")
	if !ok {
		return posts.ErrNotFound
	}
	post, err := rd.posts.Post(r.Context(), slug)
	var moved *posts.MovedError
	if errors.As(err, &moved) && moved.Kind == posts.KindPost {
		pagecache.Show(r.Context(), pagecache.On("slug:"+slug), pagecache.On("slug:"+moved.Slug))
		return redirect(w, r, cardURL(moved.Slug), http.StatusMovedPermanently)
	}
	if errors.As(err, &moved) { // static pages have no card
		return posts.ErrNotFound
	}
	if err != nil {
		return err
	}
	base, err := rd.pages.Base(r.Context())
	if err != nil {
		return err
	}
	p := NewPostPage(base, post)
	card := sharecard.Card{
		Title: post.Title, Author: texts.In(p.Lang()).List(post.AuthorNames()), Site: base.Site.Title,
		Date: p.Date(post.PublishedAt), Language: p.Lang(),
	}
	pagecache.Show(r.Context(), pagecache.On(postKey(post.ID)), pagecache.On("slug:"+post.Slug))
	page.Send(w, r, http.StatusOK, "image/png", page.Revalidate, card.PNG())
	return nil
}

// SiteCard serves /card.png, for the pages that are about no post.
func (rd *Reader) SiteCard(w http.ResponseWriter, r *http.Request) error {
	base, err := rd.pages.Base(r.Context())
	if err != nil {
		return err
	}
	pagecache.Show(r.Context(), pagecache.On("site")) // which all changes of the settings end
	page.Send(w, r, http.StatusOK, "image/png", page.Revalidate, sharecard.Site(base.Site.Title, base.Site.Tagline, base.Site.Language))
	return nil
}
