package admin

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"broadsheet/internal/page"
	"broadsheet/internal/posts"
)

type suggestedTag struct {
	Name  string `json:"name"`
	Posts string `json:"posts"` // in words
}

// alikeTag says that two tags, or what may become one and one, are nearly the same.
type alikeTag struct {
	Name  string `json:"name"`  // of the post's
	Like  string `json:"like"`  // of the other
	Posts string `json:"posts"` // of the other, in words
	Merge string `json:"merge"` // where the one can be merged into the other, "" when it is no tag yet
}

// SuggestTags answers what somebody who types a tag ("q") may mean, and which
// tags are nearly the same as those that a post has ("tag").
func (a *Admin) SuggestTags(w http.ResponseWriter, r *http.Request) error {
	typed := strings.TrimSpace(r.URL.Query().Get("q"))
	if !listable(typed) {
		return posts.ErrBadCursor
	}
	answer := struct {
		Tags   []suggestedTag `json:"tags"`
		Create string         `json:"create"` // the name of the tag that would be new, "" for none
		Alike  []alikeTag     `json:"alike"`
	}{Tags: []suggestedTag{}, Alike: []alikeTag{}}
	found, err := a.posts.SuggestTags(r.Context(), typed)
	if err != nil {
		return err
	}
	in := words(r)
	for _, tag := range found {
		answer.Tags = append(answer.Tags, suggestedTag{tag.Name, in.Text("admin.posts", tag.Posts)})
	}
	known := len(found) > 0 && posts.SameTag(found[0].Name, typed)
	if !known && typed != "" && !strings.Contains(typed, ",") && utf8.RuneCountInString(typed) <= posts.MaxTagName {
		answer.Create = strings.Join(strings.Fields(typed), " ")
	}
	alike, err := a.posts.AlikeTags(r.Context(), r.URL.Query()["tag"])
	if err != nil {
		return err
	}
	for _, l := range alike {
		one := alikeTag{Name: l.Asked, Like: l.Name, Posts: in.Text("admin.posts", l.Posts)}
		if l.TagID != 0 {
			one.Merge = mergePath(l.TagID, l.Name)
		}
		answer.Alike = append(answer.Alike, one)
	}
	return page.WriteJSON(w, r, http.StatusOK, answer)
}

// mergePath leads to where a tag can be merged into the one of that name.
func mergePath(id int64, into string) string {
	return tagPath(id) + "?" + url.Values{"into": {into}}.Encode() + "#into"
}

// alikeTags returns the tags that are nearly the same as one, the most used first.
func (a *Admin) alikeTags(r *http.Request, tag posts.TagRow) ([]posts.TagRow, error) {
	alike, err := a.posts.AlikeTags(r.Context(), []string{tag.Name})
	if err != nil {
		return nil, err
	}
	var tags []posts.TagRow
	for _, l := range alike {
		tags = append(tags, l.TagRow)
	}
	slices.SortFunc(tags, func(a, b posts.TagRow) int { return cmp.Compare(b.Posts, a.Posts) })
	return tags, nil
}
