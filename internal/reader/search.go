package reader

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

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
	s := readSearch(r.URL.Query().Get("q"))
	l := listingPage{path: "/search", address: url.Values{}, Search: &s}
	l.Title, l.Robots = "Search", "noindex"
	if s.Query == "" || s.Problem != "" {
		return rd.searchBox(w, r, l)
	}
	l.Title = "Search: " + s.Query
	l.address.Set("q", s.Query)
	return rd.list(w, r, l, posts.Filter{Query: s.Query})
}

// searchBox answers with the box alone: nothing was asked, or nothing that
// can be searched for.
func (rd *Reader) searchBox(w http.ResponseWriter, r *http.Request, l listingPage) error {
	base, err := rd.pages.Base(r.Context())
	if err != nil {
		return err
	}
	base.Title, base.Robots = l.Title, l.Robots
	l.Base = base
	l.Canonical = l.BaseURL + l.path
	l.First = l.path
	status := http.StatusOK
	if l.Search.Problem != "" {
		status = http.StatusBadRequest
	}
	return listingTemplate.Write(w, r, status, l)
}

func readSearch(q string) search {
	if !storable(q) {
		return search{Problem: "The search contains bytes that are not text. Please type it again."}
	}
	q = strings.Join(strings.Fields(q), " ")
	if n := utf8.RuneCountInString(q); n > maxQuery {
		return search{
			Query:   string([]rune(q)[:maxQuery]),
			Problem: fmt.Sprintf("A search may have %d characters; this one has %d. Try fewer words.", maxQuery, n),
		}
	}
	return search{Query: q}
}
