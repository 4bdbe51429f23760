package transfer

import (
	"errors"
	"net/url"
	"path"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"broadsheet/internal/posts"
)

// imported is a post made from a file.
type imported struct {
	posts.Draft
	author    string   // name
	coauthors []string // names
	undated   bool     // meant for readers, as far as can be seen, but without a date
	notes     []note   // what was not understood, or left out
}

// note is a remark of a kind that other files have too.
type note struct{ message, detail string }

func (p *imported) note(message, detail string) {
	p.notes = append(p.notes, note{message, detail})
}

// reader makes posts of files.
type reader struct {
	Options
	folder *folder
}

// post makes a post of a file.
func (r reader) post(f file, doc document) (imported, error) {
	var p imported
	for _, field := range doc.repeated {
		p.note("a field is given twice; the last one counts", field)
	}
	p.Status = posts.StatusPublished
	p.Markdown = strings.TrimLeft(doc.body, "\n")
	if separator, _ := doc.fields.text("excerptseparator"); separator != "" {
		p.Markdown = ownSeparator(p.Markdown, separator)
	}
	r.title(&p, f, doc.fields)
	if f.html {
		var err error
		if p.Markdown, err = htmlToMarkdown(p.Markdown); err != nil {
			return imported{}, err
		}
	}
	r.slug(&p, f, doc.fields)
	r.dates(&p, f, doc.fields)
	r.status(&p, f, doc.fields)
	r.summary(&p, doc.fields)
	r.people(&p, doc.fields)
	r.tags(&p, f, doc.fields)
	r.language(&p, f, doc.fields)
	r.cover(&p, doc.fields)
	r.series(&p, doc.fields)
	r.engines(&p, doc.fields)
	r.own(&p, doc.fields)
	if doc.fields.has("aliases") || doc.fields.has("redirectfrom") {
		p.note("redirects from other addresses (aliases) are not imported", "")
	}
	return p, dropInvalid(&p)
}

// dropInvalid leaves out what the store would refuse and the post can do
// without. Its error is what is left.
func dropInvalid(p *imported) error {
	var invalid posts.Invalid
	if err := p.Validate(); !errors.As(err, &invalid) {
		return err
	}
	for _, field := range []struct {
		name string
		text *string
	}{{"cover", &p.Cover}, {"summary", &p.Summary},
		{"cover_alt", &p.CoverAlt}, {"series", &p.Series}, {"meta_title", &p.MetaTitle},
		{"meta_description", &p.MetaDescription}, {"canonical", &p.CanonicalURL}} {
		if message, ok := invalid[field.name]; ok {
			p.note("the "+strings.ReplaceAll(field.name, "_", " ")+" is left out", message.String())
			*field.text = ""
		}
	}
	return p.Validate()
}

func (r reader) title(p *imported, f file, fields fields) {
	p.Title, _ = fields.text("title", "linktitle")
	if f.html {
		if p.Title == "" {
			p.Title = titleFromName(f.name)
		}
		return
	}
	heading, rest := firstHeading(p.Markdown)
	switch {
	case strings.Contains(heading, "{{") || strings.Contains(heading, "{%"):
	case p.Title == "" && heading != "" && utf8.RuneCountInString(heading) <= posts.MaxTitle:
		p.Title, p.Markdown = heading, rest
	case heading != "" && strings.EqualFold(heading, p.Title):
		p.Markdown = rest
	}
	if p.Title == "" {
		p.Title = titleFromName(f.name)
	}
}

func titleFromName(name string) string {
	title := strings.Join(strings.FieldsFunc(name, func(c rune) bool { return c == '-' || c == '_' || c == ' ' }), " ")
	first, size := utf8.DecodeRuneInString(title)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + title[size:]
}

var htmlSuffix = regexp.MustCompile(`(?i)\.html?$`)

// slug takes the address the post had, in full however long it is, so that
// links to it can be kept working.
func (r reader) slug(p *imported, f file, fields fields) {
	slug, _ := fields.text("slug")
	if slug == "" {
		address, _ := fields.text("url", "permalink")
		slug = lastElement(address)
	}
	if slug == "" {
		slug = f.name
		if f.original != "" && slug != "" {
			slug += "-" + f.language
		}
	}
	slug = path.Base("/" + strings.Trim(slug, "/"))
	var parts []string
	for part := range strings.SplitSeq(slug, "-") {
		if part = posts.Slugify(part); part != "" {
			parts = append(parts, part)
		}
	}
	p.Slug = strings.Join(parts, "-")
	if utf8.RuneCountInString(p.Slug) > posts.MaxSlug {
		p.Slug = posts.Slugify(slug)
	}
	if p.Slug == "" {
		p.Slug = posts.Slugify(p.Title)
	}
}

// lastElement is the last part of an address, "" when it is a pattern such as
// /:year/:title/.
func lastElement(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	last := path.Base("/" + strings.Trim(u.Path, "/"))
	if last == "/" || strings.Contains(last, ":") || last == ".." {
		return ""
	}
	return htmlSuffix.ReplaceAllString(last, "")
}
