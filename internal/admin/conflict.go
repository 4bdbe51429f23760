package admin

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"broadsheet/internal/merge"
	"broadsheet/internal/page"
	"broadsheet/internal/posts"
	"broadsheet/internal/texts"
)

// conflictPage asks an author what to take of two texts that cannot be merged.
// Its form holds both of them whole, so that nothing depends on what becomes of
// the post while the author looks.
type conflictPage struct {
	base
	Form     postForm        // what was typed, upon the text that is kept now
	Action   string          // where the form is sent to
	Button   string          // that was pressed: "save", "publish", "unpublish"
	Working  posts.Working   // what is kept now
	Plain    []formValue     // fields without a conflict, merged
	Fields   []fieldConflict // the others
	Parts    []conflictPart  // of the text
	location *time.Location
}

type formValue struct{ Name, Value string }

type fieldConflict struct {
	Name, Label  string
	Mine, Theirs string // as in the form
	CanBeBoth    bool
}

// conflictPart is a part of the text with its number in the form.
type conflictPart struct {
	Number int
	merge.Part
	Pieces []merge.Piece // of one without conflict, shortened
	Choice int           // counts conflicts from 1 on
}

var conflictTemplate = page.Parse[conflictPage]("admin/conflict.html")

// Count is how many choices there are.
func (p conflictPage) Count() int { return len(p.Fields) + p.InText() }

// InText is how many of them are about the text.
func (p conflictPage) InText() int {
	n := 0
	for _, part := range p.Parts {
		if part.Conflict {
			n++
		}
	}
	return n
}

// Own tells whether the author is in conflict with nobody else.
func (p conflictPage) Own() bool { return p.SignedIn != nil && p.SignedIn.ID == p.Working.AuthorID }

// When says when the other text was kept.
func (p conflictPage) When() string {
	return voice{texts.In(p.Lang()), p.location}.moment(p.Working.UpdatedAt)
}

// IsPage tells whether the form is of a page.
func (p conflictPage) IsPage() bool { return editPage{Form: p.Form}.IsPage() }

// showConflict asks what to take of a text that cannot be merged with the one
// that is kept by now.
func (a *Admin) showConflict(w http.ResponseWriter, r *http.Request, form postForm, conflict *posts.TextConflictError) error {
	b, err := a.base(w, r, "conflict.title", "posts")
	if err != nil {
		return err
	}
	loc := form.location(b.Site.Location())
	kept := form.with(conflict.Working, loc)
	p := conflictPage{
		base: b, Form: form, Action: postPath(conflict.Working.PostID), Button: r.PostForm.Get("action"),
		Working: conflict.Working, location: loc,
	}
	p.Form.Version, p.Form.Edit, p.Form.State = kept.Version, kept.Edit, kept.State
	mine, theirs := form.values(), kept.values()
	merged := form.with(posts.Working{Content: posts.Content{Fields: conflict.Fields}}, loc).values()
	for _, f := range postFields {
		if f.Name == "markdown" {
			continue
		}
		if !slices.ContainsFunc(conflict.Conflict, func(c posts.FieldConflict) bool { return c.Field == f.Name }) {
			p.Plain = append(p.Plain, formValue{f.Name, merged[f.Name]})
			if f.Name == "published_at" {
				p.Form.Shown = merged["shown"]
			}
			continue
		}
		p.Fields = append(p.Fields, fieldConflict{f.Name, b.Text(f.Label), mine[f.Name], theirs[f.Name], canBeBoth(f.Name)})
	}
	choices := 0
	for i, part := range conflict.Markdown {
		shown := conflictPart{Number: i, Part: part}
		if part.Conflict {
			choices++
			shown.Choice = choices
		} else {
			head, tail := contextLines, contextLines
			if i == 0 {
				head = 0
			}
			if i == len(conflict.Markdown)-1 {
				tail = 0
			}
			shown.Pieces = shorten(part.Text, head, tail)
		}
		p.Parts = append(p.Parts, shown)
	}
	return conflictTemplate.Write(w, r, http.StatusConflict, p)
}

// canBeBoth tells whether one text after the other makes sense in a field.
func canBeBoth(field string) bool {
	return slices.Contains([]string{"title", "summary", "cover_alt", "meta_title", "meta_description"}, field)
}

// values are the form's fields by their names, the moment of the date included.
func (f postForm) values() map[string]string {
	return map[string]string{
		"title": f.Title, "markdown": f.Markdown, "summary": f.Summary, "tags": f.Tags, "slug": f.Slug, "language": f.Language,
		"published_at": f.PublishedAt, "unpublish_at": f.UnpublishAt, "shown": f.Shown, "kind": f.Kind, "series": f.Series, "series_place": f.SeriesPlace,
		"cover": f.Cover, "cover_alt": f.CoverAlt, "cover_x": f.CoverX, "cover_y": f.CoverY, "translation_of": f.TranslationOf,
		"meta_title": f.MetaTitle, "meta_description": f.MetaDescription, "canonical": f.Canonical,
		"featured": yes(f.Featured), "noindex": yes(f.NoIndex), "written_by": f.WrittenBy, "coauthors": f.Coauthors,
	}
}

// readPost parses the form of a post, or the choices of a conflict page, which
// become such a form.
func readPost(w http.ResponseWriter, r *http.Request, limit int64) error {
	if err := readForm(w, r, limit); err != nil {
		return err
	}
	r.PostForm = chosen(r.PostForm)
	return nil
}

// maxParts bounds what is read of a conflict page: there are never so many.
const maxParts = 1000

// chosen makes the form of a post of a conflict page's: each choice becomes
// what was chosen, both where nothing was.
func chosen(sent url.Values) url.Values {
	parts, err := strconv.Atoi(sent.Get("parts"))
	if err != nil || parts < 0 || parts > maxParts {
		return sent
	}
	form := url.Values{}
	for name, values := range sent {
		if !strings.Contains(name, "-") && name != "parts" {
			form[name] = values
		}
	}
	choice := func(name string, bothByDefault bool) string {
		mine, theirs := lineEnds(sent.Get("mine-"+name)), lineEnds(sent.Get("theirs-"+name))
		take := sent.Get("take-" + name)
		switch {
		case take == "theirs":
			return theirs
		case take == "both" || take != "mine" && bothByDefault:
			return merge.Both(mine, theirs)
		}
		return mine
	}
	for _, name := range posts.Fields {
		if sent.Has("mine-" + name) {
			form.Set(name, choice(name, canBeBoth(name)))
		}
	}
	var text strings.Builder
	for i := range parts {
		number := strconv.Itoa(i)
		if sent.Has("mine-" + number) {
			text.WriteString(choice(number, true))
		} else {
			text.WriteString(lineEnds(sent.Get("part-" + number)))
		}
	}
	form.Set("markdown", text.String())
	return form
}

// lineEnds turns the line ends that browsers send into those that are kept.
func lineEnds(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }
