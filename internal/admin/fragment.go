package admin

import (
	"cmp"
	"errors"
	"hash/fnv"
	"net/http"
	"strconv"
	"strings"
	"time"

	"broadsheet/internal/markdown"
	"broadsheet/internal/page"
	"broadsheet/internal/texts"
)

// fragment is a post as readers would see it, in pieces.
type fragment struct {
	Title    string          `json:"title"`
	Lead     markdown.HTML   `json:"lead"`
	Language string          `json:"language"`
	About    []string        `json:"about"` // what stands under the title: who, when, how long it takes
	Blocks   []fragmentBlock `json:"blocks"`
	Words    int             `json:"words"`
	Minutes  int             `json:"minutes"`
}

// fragmentBlock has its HTML only where the browser does not have it.
type fragmentBlock struct {
	Line int            `json:"line"`
	Name string         `json:"name"` // the same for the same HTML
	HTML *markdown.HTML `json:"html,omitempty"`
}

// previews bounds how many fragments are made at once: they come while people
// type, and what readers ask for goes before.
var previews = make(chan struct{}, 2)

// Fragment renders what was typed for the preview beside it. Field "have" holds
// the names of the blocks that the browser has.
func (a *Admin) Fragment(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r, maxPostForm); err != nil {
		return err
	}
	select {
	case previews <- struct{}{}:
		defer func() { <-previews }()
	case <-time.After(patience):
		w.Header().Set("Retry-After", "5")
		return page.WriteJSON(w, r, http.StatusServiceUnavailable, map[string]string{"error": words(r).Text("admin.preview.busy")})
	}
	form := readPostForm(r.PostForm)
	lang := strings.TrimSpace(form.Language)
	preview, err := markdown.RenderBlocks(form.Markdown, lang)
	var refused *markdown.Error
	if errors.As(err, &refused) {
		return page.WriteJSON(w, r, http.StatusUnprocessableEntity, map[string]string{"error": words(r).Text("admin.preview.waits", refused.Message)})
	}
	if err != nil {
		return err
	}
	base, err := a.pages.Base(r.Context())
	if err != nil {
		return err
	}
	base.Language = lang
	author, _ := sessionOf(r)
	by, err := a.writerName(r.Context(), form.WrittenBy, cmp.Or(form.Author, author.user.Name))
	if err != nil {
		return err
	}
	beside, err := a.namedBeside(r.Context(), form.values())
	if err != nil {
		return err
	}
	names := []string{by}
	for _, author := range beside {
		names = append(names, author.Name)
	}
	date, _ := form.publishedAt(form.location(base.Zone()))
	if date.IsZero() {
		date = time.Now()
	}
	shown := fragment{
		Title: form.Title, Lead: markdown.Inline(form.Summary, lang), Language: lang,
		About:  []string{texts.In(lang).List(names), base.Date(date), base.Text("post.minutes", preview.Minutes)},
		Blocks: make([]fragmentBlock, len(preview.Blocks)), Words: preview.Words, Minutes: preview.Minutes,
	}
	has := map[string]bool{}
	for name := range strings.FieldsSeq(r.PostForm.Get("have")) {
		has[name] = true
	}
	for i, block := range preview.Blocks {
		shown.Blocks[i] = fragmentBlock{Line: block.Line, Name: blockName(block.HTML)}
		if name := shown.Blocks[i].Name; !has[name] {
			has[name] = true // twice the same: once is enough
			shown.Blocks[i].HTML = &block.HTML
		}
	}
	return page.WriteJSON(w, r, http.StatusOK, shown)
}

func blockName(html markdown.HTML) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(html))
	return strconv.FormatUint(h.Sum64(), 36)
}
