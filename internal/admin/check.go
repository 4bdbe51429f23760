package admin

import (
	"cmp"
	"encoding/base64"
	"net/http"
	"strconv"
	"time"

	"broadsheet/internal/page"
	"broadsheet/internal/posts"
	"broadsheet/internal/reader"
	"broadsheet/internal/sharecard"
	"broadsheet/internal/texts"
)

// typedPost is what was typed, as readers would see it.
type typedPost struct {
	post posts.Post
	page reader.PostPage
}

// typed renders the form that was sent, as far as it is valid. Few are rendered
// at once; done has to be called.
func (a *Admin) typed(w http.ResponseWriter, r *http.Request) (t typedPost, done func(), err error) {
	if err := readForm(w, r, maxPostForm); err != nil {
		return t, nil, err
	}
	select {
	case previews <- struct{}{}:
	case <-time.After(patience):
		w.Header().Set("Retry-After", "5")
		return t, nil, &page.StatusError{Status: http.StatusServiceUnavailable, Message: "admin.error.busy"}
	}
	t, err = a.renderTyped(r)
	if err != nil {
		<-previews
		return t, nil, err
	}
	return t, func() { <-previews }, nil
}

func (a *Admin) renderTyped(r *http.Request) (typedPost, error) {
	base, err := a.pages.Base(r.Context())
	if err != nil {
		return typedPost{}, err
	}
	author, _ := sessionOf(r)
	form := readPostForm(r.PostForm)
	by, err := a.writerName(r.Context(), form.WrittenBy, cmp.Or(form.Author, author.user.Name))
	if err != nil {
		return typedPost{}, err
	}
	beside, err := a.namedBeside(r.Context(), form.values())
	if err != nil {
		return typedPost{}, err
	}
	loc := form.location(base.Site.Location())
	post, err := previewAsFarAsValid(posts.Shared{Content: form.content(loc), Post: posts.Stored{AuthorName: by}}, base, beside)
	return typedPost{post, reader.NewPostPage(base, post)}, err
}

// searchResult is how a search engine may show a post. What is too long they cut.
type searchResult struct {
	Title       string `json:"title"`
	Address     string `json:"address"`
	Description string `json:"description"`
}

func (t typedPost) searchResult() searchResult {
	b := t.page.Base
	return searchResult{
		Title:       cmp.Or(t.page.Title, t.page.Text("admin.untitled")) + " · " + b.Site.Title,
		Address:     b.BaseURL + page.Address(t.post.Kind, t.post.Slug),
		Description: cmp.Or(t.page.Description, b.Site.Tagline),
	}
}

// CheckPost answers a script with the links of what was typed that lead
// nowhere, and with how a search engine may show it. Field "post" is the id of
// the post, if it has one.
func (a *Admin) CheckPost(w http.ResponseWriter, r *http.Request) error {
	t, done, err := a.typed(w, r)
	if err != nil {
		return err
	}
	defer done()
	own, _ := strconv.ParseInt(r.PostForm.Get("post"), 10, 64)
	links, err := a.brokenLinks(r, t.post.HTML, own, page.Address(t.post.Kind, t.post.Slug))
	if err != nil {
		return err
	}
	return page.WriteJSON(w, r, http.StatusOK, struct {
		Links  []brokenLink `json:"links"`
		Result searchResult `json:"result"`
	}{links, t.searchResult()})
}

// TypedCard answers with the picture that stands for what was typed where its
// address is shared.
func (a *Admin) TypedCard(w http.ResponseWriter, r *http.Request) error {
	t, done, err := a.typed(w, r)
	if err != nil {
		return err
	}
	defer done()
	page.Send(w, r, http.StatusOK, "image/png", "no-store", t.card())
	return nil
}

func (t typedPost) card() []byte {
	return sharecard.Card{
		Title: t.post.Title, Author: texts.In(t.page.Lang()).List(t.post.AuthorNames()), Site: t.page.Site.Title,
		Date: t.page.Date(t.post.PublishedAt), Language: t.page.Lang(),
	}.PNG()
}

// shared is what the preview page shows beside the post: how it looks where it
// is found and shared.
func (t typedPost) shared(lang string) *reader.SharedLook {
	result := t.searchResult()
	look := &reader.SharedLook{
		Lang:  lang,
		Title: result.Title, Address: result.Address, Description: result.Description,
		Card: t.page.CoverURL(), CardAlt: t.post.CoverAlt,
	}
	if t.drawn() {
		look.CardPNG, look.CardAlt = base64.StdEncoding.EncodeToString(t.card()), t.post.Title
	}
	return look
}

// drawn tells whether the picture is drawn: else it is the cover, or of a page
// the site's.
func (t typedPost) drawn() bool { return t.post.Kind != posts.KindPage && t.post.Cover == "" }

// checkStored returns the links of a stored post that lead nowhere.
func (a *Admin) checkStored(r *http.Request, s posts.Stored) ([]brokenLink, error) {
	return a.brokenLinks(r, s.HTML, s.ID, page.Address(s.Kind, s.Slug))
}
