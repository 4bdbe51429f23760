package admin

import (
	"errors"
	"maps"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"broadsheet/internal/page"
	"broadsheet/internal/posts"
	"broadsheet/internal/reader"
)

// SharedPreview shows a post to who has a preview link, as readers would see it
// if the text of its form were published. It needs no session.
func (a *Admin) SharedPreview(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer") // the address is a secret
	h.Set("X-Robots-Tag", "noindex")
	base, err := a.pages.Base(r.Context())
	if err != nil {
		return err
	}
	select { // whoever has a link can ask as often as they like
	case previews <- struct{}{}:
		defer func() { <-previews }()
	case <-time.After(patience):
		h.Set("Retry-After", "5")
		return &page.StatusError{Status: http.StatusServiceUnavailable}
	}
	shared, err := a.posts.Shared(r.Context(), chi.URLParam(r, "token"))
	if errors.Is(err, posts.ErrNotFound) {
		return page.NotFound("error.preview-over")
	}
	if err != nil {
		return err
	}
	by, err := a.writerName(r.Context(), shared.Content.Fields["written_by"], shared.Post.AuthorName)
	if err != nil {
		return err
	}
	shared.Post.AuthorName = by
	beside, err := a.namedBeside(r.Context(), shared.Content.Fields)
	if err != nil {
		return err
	}
	post, err := previewAsFarAsValid(shared, base, beside)
	if err != nil {
		return err
	}
	p := reader.NewPostPage(base, post)
	p.Robots = "noindex"
	p.Title = p.Text("preview.title", post.Title)
	p.Preview = &reader.PreviewNote{Until: shared.ExpiresAt, Changed: shared.Changed}
	if shared.Post.Visible {
		p.Preview.Published = page.Address(shared.Post.Kind, shared.Post.Slug)
	}
	return p.Write(w, r)
}

// previewAsFarAsValid leaves out what is not valid yet: the form's author has
// been told of it, and whoever looks at the preview can do nothing about it.
func previewAsFarAsValid(shared posts.Shared, base page.Base, beside []posts.Author) (posts.Post, error) {
	text := shared.Content
	text.Fields = maps.Clone(text.Fields)
	draw := func() (posts.Post, error) {
		loc := base.Site.Location()
		draft, _ := postForm{}.with(posts.Working{Content: text}, loc).draft(forAuthors, shared.Post.AuthorID, loc)
		return posts.Preview(draft, shared.Post.AuthorName, beside...)
	}
	post, err := draw()
	var invalid posts.Invalid
	if !errors.As(err, &invalid) {
		return post, err
	}
	for name := range invalid {
		switch name {
		case "markdown":
			text.Markdown = ""
		case "language":
			text.Fields[name] = base.Site.Language
		case "cover_focus":
			text.Fields["cover_x"], text.Fields["cover_y"] = coverMiddle, coverMiddle
		default:
			text.Fields[name] = ""
		}
	}
	return draw()
}
