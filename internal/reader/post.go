package reader

import (
	"errors"
	"net/http"
	"time"

	"broadsheet/internal/markdown"
	"broadsheet/internal/page"
	"broadsheet/internal/pagecache"
	"broadsheet/internal/posts"
)

// PostPage shows one post. Its authors' preview is the same page.
type PostPage struct {
	page.Base
	Post posts.Post
	Lead markdown.HTML // the author's summary
}

var postTemplate = page.Parse[PostPage]("pages/post.html")

// NewPostPage returns the page of a post.
func NewPostPage(base page.Base, post posts.Post) PostPage {
	p := PostPage{Base: base, Post: post}
	if post.Summary != "" {
		p.Lead = post.Excerpt
	}
	p.Title = post.Title
	p.Description = post.Description
	p.Language = post.Language
	return p
}

// Write answers with the page.
func (p PostPage) Write(w http.ResponseWriter, r *http.Request) error {
	return postTemplate.Write(w, r, http.StatusOK, p)
}

// Updated says whether the post changed so long after it was published that
// readers want to know.
func (p PostPage) Updated() bool { return p.Post.UpdatedAt.Sub(p.Post.PublishedAt) > 24*time.Hour }

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
	slug, ok := slugParam(r, "slug")
	if !ok {
		return posts.ErrNotFound
	}
	post, err := rd.posts.Post(r.Context(), slug)
	var moved *posts.MovedError
	if errors.As(err, &moved) {
		pagecache.Show(r.Context(), pagecache.On("slug:"+slug), pagecache.On("slug:"+moved.Slug))
		return redirect(w, r, page.Address(moved.Kind, moved.Slug), http.StatusMovedPermanently)
	}
	if errors.Is(err, posts.ErrNotFound) {
		return rd.postAsWritten(w, r, slug)
	}
	if err != nil {
		return err
	}
	base, err := rd.pages.Base(r.Context())
	if err != nil {
		return err
	}
	p := NewPostPage(base, post)
	p.Canonical = base.BaseURL + page.PostURL(post.Slug)
	showPost(r.Context(), post)
	return p.Write(w, r)
}

// postAsWritten sends readers who typed an address in capitals, or a post's
// title, to its address.
func (rd *Reader) postAsWritten(w http.ResponseWriter, r *http.Request, title string) error {
	slug := posts.Slugify(title)
	if slug == "" || slug == title {
		return posts.ErrNotFound
	}
	_, err := rd.posts.Post(r.Context(), slug)
	var moved *posts.MovedError
	if errors.As(err, &moved) {
		return redirect(w, r, page.Address(moved.Kind, moved.Slug), http.StatusMovedPermanently)
	}
	if err != nil {
		return err
	}
	return redirect(w, r, page.PostURL(slug), http.StatusMovedPermanently)
}
