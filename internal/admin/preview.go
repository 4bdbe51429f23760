package admin

import (
	"cmp"
	"errors"
	"net/http"

	"broadsheet/internal/page"
	"broadsheet/internal/posts"
	"broadsheet/internal/reader"
)

const previewPath = "/admin/posts/preview"

// Preview shows what was typed as readers would see it, and stores nothing.
func (a *Admin) Preview(w http.ResponseWriter, r *http.Request) error {
	if err := readPost(w, r, maxPostForm); err != nil {
		return err
	}
	base, err := a.pages.Base(r.Context())
	if err != nil {
		return err
	}
	author, _ := sessionOf(r)
	form := readPostForm(r.PostForm)
	by, err := a.writerName(r.Context(), form.WrittenBy, cmp.Or(form.Author, author.user.Name))
	if err != nil {
		return err
	}
	beside, err := a.namedBeside(r.Context(), form.values())
	if err != nil {
		return err
	}
	draft, invalid := form.draft(forAuthors, author.user.ID, base.Site.Location())
	post, err := posts.Preview(draft, by, beside...)
	if err != nil && !errors.As(err, &invalid) {
		return err
	}
	if bad := problemsOf(r, postFields, invalid); len(bad) > 0 {
		return &page.StatusError{Status: http.StatusUnprocessableEntity,
			Message: "admin.error.preview", Args: []any{bad[0].Label, bad[0].Message}}
	}
	p := reader.NewPostPage(base, post)
	p.Look = typedPost{post, p}.shared(words(r).Lang)
	p.Title, p.Robots = p.Text("preview.title", post.Title), "noindex"
	return p.Write(w, r)
}
