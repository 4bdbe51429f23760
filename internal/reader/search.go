package reader

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"broadsheet/internal/page"
	"broadsheet/internal/posts"
)

// maxQuery is how many characters a search may have.
const maxQuery = 200

// search is what the search page shows besides posts.
type search struct {
	Query   string // as typed
	Problem string // why nothing was searched
}

// Search serves /search?q=.
func (rd *Reader) Search(w http.ResponseWriter, r *http.Request) error {
	l, err := rd.newListing(r, "/search")
	if err != nil {
		return err
	}
	s := readSearch(l.Base, r.URL.Query().Get("q"))
	l.Search = &s
	l.Title, l.Robots = l.Text("search.title"), "noindex"
	if s.Query == "" || s.Problem != "" {
		return rd.searchBox(w, r, l)
	}
	l.Title = l.Text("search.title-of", s.Query)
	l.address.Set("q", s.Query)
	return rd.list(w, r, l, posts.Filter{Query: s.Query})
}

// searchBox answers with the box alone: nothing was asked, or nothing that
// can be searched for.
func (rd *Reader) searchBox(w http.ResponseWriter, r *http.Request, l listingPage) error {
	l.Canonical = l.BaseURL + l.path
	l.First = l.path
	status := http.StatusOK
	if l.Search.Problem != "" {
		status = http.StatusBadRequest
	}
	return listingTemplate.Write(w, r, status, l)
}

func readSearch(base page.Base, q string) search {
	if !storable(q) {
		return search{Problem: base.Text("search.bytes")}
	}
	q = strings.Join(strings.Fields(q), " ")
	if n := utf8.RuneCountInString(q); n > maxQuery {
		return search{
			Query:   string([]rune(q)[:maxQuery]),
			Problem: base.Text("search.long", maxQuery, n),
		}
	}
	return search{Query: q}
}
