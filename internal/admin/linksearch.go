package admin

import (
	"errors"
	"net/http"
	"strings"

	"broadsheet/internal/page"
	"broadsheet/internal/posts"
)

// linkTarget is a post that can be linked to.
type linkTarget struct {
	Title string `json:"title"`
	URL   string `json:"url"`
	State string `json:"state"` // draft, scheduled or published
}

// linkTargets is how many are answered.
const linkTargets = 8

// LinkTargets answers with posts to link to: those whose titles begin with what
// was typed ("q"), then those of whose titles a word does, then those that the
// authors' list finds; the latest where nothing was typed.
func (a *Admin) LinkTargets(w http.ResponseWriter, r *http.Request) error {
	typed := strings.TrimSpace(r.URL.Query().Get("q"))
	if !listable(typed) {
		return posts.ErrBadCursor
	}
	answer := struct {
		Posts []linkTarget `json:"posts"`
	}{[]linkTarget{}}
	seen := map[string]bool{}
	add := func(kind posts.Kind, slug, title string, state posts.State) {
		if address := page.Address(kind, slug); !seen[address] && len(answer.Posts) < linkTargets {
			seen[address] = true
			answer.Posts = append(answer.Posts, linkTarget{title, address, string(state)})
		}
	}
	ctx := r.Context()
	begun, err := a.posts.TitlesBeginning(ctx, typed)
	if err != nil {
		return err
	}
	for _, l := range begun {
		add(l.Kind, l.Slug, l.Title, l.State)
	}
	if typed != "" && len(answer.Posts) < linkTargets {
		completed, err := a.posts.Suggest(ctx, typed)
		if err != nil && !errors.Is(err, posts.ErrBusy) {
			return err
		}
		for _, l := range completed.Posts {
			add(l.Kind, l.Slug, l.Title, posts.StatePublished)
		}
	}
	if len(answer.Posts) < linkTargets {
		rows, err := a.posts.Rows(ctx, posts.RowFilter{Query: typed, Limit: linkTargets})
		if err != nil && !errors.Is(err, posts.ErrBusy) {
			return err
		}
		for _, row := range rows.Rows {
			add(row.Kind, row.Slug, row.Title, row.State)
		}
	}
	return page.WriteJSON(w, r, http.StatusOK, answer)
}
