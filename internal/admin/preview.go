package admin

import (
	"errors"
	"net/http"

	"broadsheet/internal/markdown"
	"broadsheet/internal/page"
	"broadsheet/internal/posts"
)

const previewPath = "/admin/posts/preview"

// previewPage is a post in the readers' own template.
type previewPage struct {
	page.Base
	Post posts.Post
	Lead markdown.HTML
}

var previewTemplate = page.Parse[previewPage]("pages/post.html")

// Updated tells readers of later changes: there is none yet.
func (p previewPage) Updated() bool { return false }

// CoverURL is for those who share the page: nobody does.
func (p previewPage) CoverURL() string { return "" }

// Preview shows what was typed as readers would see it, and stores nothing.
func (a *Admin) Preview(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r, maxPostForm); err != nil {
		return err
	}
	base, err := a.pages.Base(r.Context())
	if err != nil {
		return err
	}
	author, _ := sessionOf(r)
	form := readPostForm(r.PostForm)
	if form.Author == "" {
		form.Author = author.user.Name
	}
	draft, invalid := form.draft(posts.StatusDraft, author.user.ID, base.Site.Location())
	post, err := posts.Preview(draft, form.Author)
	if err != nil && !errors.As(err, &invalid) {
		return err
	}
	if bad := problemsOf(postFields, invalid); len(bad) > 0 {
		return &page.StatusError{Status: http.StatusUnprocessableEntity,
			Message: "The preview waits for this (" + bad[0].Label + "): " + bad[0].Message + " Your text is in the other tab."}
	}
	p := previewPage{Base: base, Post: post}
	if post.Summary != "" {
		p.Lead = post.Excerpt
	}
	p.Title, p.Language, p.Robots = "Preview: "+post.Title, post.Language, "noindex"
	return previewTemplate.Write(w, r, http.StatusOK, p)
}
