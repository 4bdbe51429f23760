package reader

import (
	"encoding/json"
	"net/http"

	"broadsheet/internal/page"
)

// suggestions is what the script of the search box shows below it.
type suggestions struct {
	Searches []string        `json:"searches"`
	Posts    []suggestedPost `json:"posts"`
}

type suggestedPost struct {
	Title    string `json:"title"`
	Language string `json:"language"` // BCP 47
	URL      string `json:"url"`
}

// Suggest serves /search/suggest?q=, JSON for what is being typed. What nobody
// can search for has no suggestions.
func (rd *Reader) Suggest(w http.ResponseWriter, r *http.Request) error {
	base, err := rd.pages.Base(r.Context())
	if err != nil {
		return err
	}
	shown := suggestions{Searches: []string{}, Posts: []suggestedPost{}}
	if query, problem := readSearch(base, r.URL.Query().Get("q")); problem == "" && query != "" {
		found, err := rd.posts.Suggest(r.Context(), query)
		if err != nil {
			return err
		}
		shown.Searches = append(shown.Searches, found.Searches...)
		for _, p := range found.Posts {
			shown.Posts = append(shown.Posts, suggestedPost{p.Title, p.Language, page.Address(p.Kind, p.Slug)})
		}
	}
	showSearch(r.Context(), nil)
	body, err := json.Marshal(shown)
	if err != nil {
		return err
	}
	page.Send(w, r, http.StatusOK, "application/json", page.Revalidate, body)
	return nil
}
