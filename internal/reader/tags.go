package reader

import (
	"net/http"
	"net/url"
	"unicode"
	"unicode/utf8"

	"broadsheet/internal/page"
	"broadsheet/internal/pagecache"
	"broadsheet/internal/posts"
)

// tagsPage lists all tags under their first letters.
type tagsPage struct {
	page.Base
	Letters []letter
	Index   bool   // whether there are so many that links to the letters help
	Next    string // address of the next page; "" on the last
	First   string // address of the first page; "" on it
}

// letter is the part of the list whose tags begin with it.
type letter struct {
	Name string
	Tags []posts.Tag
}

var tagsTemplate = page.Parse[tagsPage]("pages/tags.html")

// indexFrom is how many tags are more than a reader sees at a glance.
const indexFrom = 40

// Tags serves /tags.
func (rd *Reader) Tags(w http.ResponseWriter, r *http.Request) error {
	after := r.URL.Query().Get("after")
	if !storable(after) {
		return posts.ErrBadCursor
	}
	tags, next, err := rd.posts.Tags(r.Context(), after)
	if err != nil {
		return err
	}
	base, err := rd.pages.Base(r.Context())
	if err != nil {
		return err
	}
	p := tagsPage{Base: base, Letters: byLetter(tags), Index: len(tags) >= indexFrom}
	p.Title = p.Text("tags.title")
	p.Description = p.Text("tags.about", base.Site.Title)
	p.Canonical = base.BaseURL + address("/tags", url.Values{}, "after", after)
	if after != "" {
		p.First = "/tags"
	}
	if next != "" {
		p.Next = address("/tags", url.Values{}, "after", next)
	}
	pagecache.Show(r.Context(), pagecache.On("tags"))
	return tagsTemplate.Write(w, r, http.StatusOK, p)
}

// byLetter groups tags, which come in the order of their slugs, by the first
// letter of the slug; those that begin with a digit stand together.
func byLetter(tags []posts.Tag) []letter {
	var letters []letter
	for _, t := range tags {
		first, _ := utf8.DecodeRuneInString(t.Slug)
		name := string(unicode.ToUpper(first))
		if unicode.IsDigit(first) {
			name = "0–9"
		}
		if n := len(letters); n == 0 || letters[n-1].Name != name {
			letters = append(letters, letter{Name: name})
		}
		last := &letters[len(letters)-1]
		last.Tags = append(last.Tags, t)
	}
	return letters
}
