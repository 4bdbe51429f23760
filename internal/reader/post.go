package reader

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"broadsheet/internal/markdown"
	"broadsheet/internal/page"
	"broadsheet/internal/posts"
)

// postPage shows one post.
type postPage struct {
	page.Base
	Post posts.Post
	Lead markdown.HTML // the author's summary
}

var postTemplate = page.Parse[postPage]("pages/post.html")

// Updated says whether the post changed so long after it was published that
// readers want to know.
func (p postPage) Updated() bool { return p.Post.UpdatedAt.Sub(p.Post.PublishedAt) > 24*time.Hour }

// CoverURL returns the absolute address of the cover.
func (p postPage) CoverURL() string {
	if strings.HasPrefix(p.Post.Cover, "/") {
		return p.BaseURL + p.Post.Cover
	}
	return p.Post.Cover
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
		return redirect(w, r, page.PostURL(moved.Slug), http.StatusMovedPermanently)
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
	p := postPage{Base: base, Post: post}
	if post.Summary != "" {
		p.Lead = post.Excerpt
	}
	p.Title = post.Title
	p.Description = post.Description
	p.Language = post.Language
	p.Canonical = base.BaseURL + page.PostURL(post.Slug)
	return postTemplate.Write(w, r, http.StatusOK, p)
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
		return redirect(w, r, page.PostURL(moved.Slug), http.StatusMovedPermanently)
	}
	if err != nil {
		return err
	}
	return redirect(w, r, page.PostURL(slug), http.StatusMovedPermanently)
}
