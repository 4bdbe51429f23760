package reader

import (
	"net/http"

	"broadsheet/internal/markdown"
	"broadsheet/internal/page"
	"broadsheet/internal/posts"
)

// Author serves /authors/{handle}.
func (rd *Reader) Author(w http.ResponseWriter, r *http.Request) error {
	handle, ok := slugParam(r, "handle")
	if !ok {
		return posts.ErrNotFound
	}
	author, err := rd.posts.Author(r.Context(), handle)
	if err != nil {
		return err
	}
	l, err := rd.newListing(r, page.AuthorURL(author.Handle))
	if err != nil {
		return err
	}
	l.Author = &author
	l.Bio = markdown.Inline(author.Bio, l.Site.Language)
	l.Title = author.Name
	l.Description = l.Text("author.about", author.Name)
	return rd.list(w, r, l, posts.Filter{Author: author.ID})
}
