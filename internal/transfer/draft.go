package transfer

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"

	"broadsheet/internal/posts"
)

// The names of fields, folded by foldName, best first.
var (
	dateFields     = []string{"date", "publishedat", "publishdate", "pubdate", "published", "created", "createdat"}
	updatedFields  = []string{"lastmod", "updated", "updatedat", "modified", "lastmodified", "lastmodifiedat"}
	summaryFields  = []string{"summary", "description", "excerpt", "hook", "lead"}
	authorFields   = []string{"author", "authors", "by"}
	authorKeys     = []string{"name", "displayname", "title", "login"}
	tagFields      = []string{"tags", "tag", "categories", "category"}
	languageFields = []string{"language", "lang", "locale"}
	coverFields    = []string{"cover", "image", "featuredimage", "coverimage", "heroimage", "thumbnail", "images"}
	coverKeys      = []string{"image", "src", "url", "path", "teaser"}
	redirectFields = []string{"redirect", "redirectto", "redirecturl"}
	yes            = []string{"true", "yes", "on", "1"}
	no             = []string{"false", "no", "off", "0"}
)

// imported is a post made from a file.
type imported struct {
	posts.Draft
	author  string
	undated bool     // meant for readers, as far as can be seen, but without a date
	notes   []note   // what was not understood, or left out
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
	for field, empty := range map[string]func(){
		"cover":   func() { p.Cover = "" },
		"summary": func() { p.Summary = "" },
	} {
		if message, ok := invalid[field]; ok {
			p.note("the "+field+" is left out", message)
			empty()
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

func (r reader) dates(p *imported, f file, fields fields) {
	p.PublishedAt = r.firstDate(p, fields, dateFields)
	// With both, Hugo shows a post under the first and not before the second.
	if s, _ := fields.text("publishdate"); s != "" {
		if t, ok := parseDate(s, r.Location); ok && t.After(p.PublishedAt) {
			p.PublishedAt = t
		}
	}
	if p.PublishedAt.IsZero() && f.date != "" {
		p.PublishedAt, _ = parseDate(f.date, r.Location)
	}
	p.UpdatedAt = r.firstDate(p, fields, updatedFields)
	if p.PublishedAt.IsZero() {
		p.PublishedAt = p.UpdatedAt
	}
	if p.UpdatedAt.Before(p.PublishedAt) {
		p.UpdatedAt = p.PublishedAt
	}
}

func (r reader) firstDate(p *imported, fields fields, names []string) time.Time {
	for _, name := range names {
		s, _ := fields.text(name)
		if s == "" || name == "published" && (slices.Contains(yes, strings.ToLower(s)) || slices.Contains(no, strings.ToLower(s))) {
			continue
		}
		if t, ok := parseDate(s, r.Location); ok {
			return t
		}
		p.note("a date is not understood", name+": "+s)
	}
	return time.Time{}
}

// status makes a draft of whatever readers of the old blog could not see, or
// could not see any more: an import must not publish what was private.
func (r reader) status(p *imported, f file, fields fields) {
	switch {
	case f.drafts,
		fields.says([]string{"draft"}, yes...),
		fields.says([]string{"published"}, no...),
		fields.says([]string{"status", "visibility"}, "draft", "pending", "private", "trash", "auto-draft", "in progress"):
		p.Status = posts.StatusDraft
	case fields.says([]string{"private", "hidden", "unlisted"}, yes...) || fields.has("password"):
		p.Status = posts.StatusDraft
		p.note("hidden from readers: imported as a draft", "")
	case fields.has("expirydate") || fields.has("unpublishdate"):
		p.Status = posts.StatusDraft
		p.note("has a date to disappear at: imported as a draft", "")
	case p.PublishedAt.IsZero():
		p.Status = posts.StatusDraft
		p.undated = true
		p.note("no date: imported as a draft", "")
	}
}

func (r reader) summary(p *imported, fields fields) {
	s, _ := fields.text(summaryFields...)
	p.Summary = strings.Join(strings.Fields(s), " ")
}

var personLink = regexp.MustCompile(`\[([^\]]+)\]\([^)]*\)`)

// people takes the first author, as a post has one, and notes the others.
func (r reader) people(p *imported, fields fields) {
	var names []string
	for _, field := range authorFields {
		for _, s := range fields.words(field, authorKeys...) {
			links := personLink.FindAllStringSubmatch(s, -1)
			if links == nil {
				names = append(names, strings.Join(strings.Fields(s), " "))
			}
			for _, link := range links {
				names = append(names, strings.Join(strings.Fields(link[1]), " "))
			}
		}
		if len(names) > 0 {
			break
		}
	}
	if len(names) == 0 {
		p.author = r.DefaultAuthor
		return
	}
	p.author = names[0]
	if utf8.RuneCountInString(p.author) > 100 {
		p.note("the author's name is too long", p.author)
		p.author = r.DefaultAuthor
	}
	if len(names) > 1 {
		p.note("only the first author is kept, as a post has one; the others", strings.Join(names[1:], "; "))
	}
}

// tags takes tags and categories, or keywords where there are neither. In
// Jekyll a text is a list of words, elsewhere it is split at commas.
func (r reader) tags(p *imported, f file, fields fields) {
	names := tagFields
	if !slices.ContainsFunc(tagFields, func(name string) bool { return len(fields.words(name, "name", "title", "slug")) > 0 }) {
		names = []string{"keywords"}
	}
	var all []string
	for _, name := range names {
		tags := fields.words(name, "name", "title", "slug")
		if s, ok := fields[name].(string); ok {
			switch {
			case strings.Contains(s, ","):
				tags = strings.Split(s, ",")
			case (f.posts || f.drafts && r.folder.jekyll) && (name == "tags" || name == "categories"):
				tags = strings.Fields(s)
			}
		}
		all = append(all, tags...)
	}
	seen := map[string]bool{}
	for _, tag := range all {
		tag = strings.Join(strings.Fields(tag), " ")
		key := strings.ToLower(tag)
		switch {
		case tag == "" || seen[key]:
		case utf8.RuneCountInString(tag) > posts.MaxTagName:
			p.note(fmt.Sprintf("a tag of more than %d characters is left out", posts.MaxTagName), tag)
		case len(p.Tags) == posts.MaxTags:
			p.note(fmt.Sprintf("more than %d tags; left out", posts.MaxTags), tag)
		default:
			p.Tags = append(p.Tags, tag)
		}
		seen[key] = true
	}
}

func (r reader) language(p *imported, f file, fields fields) {
	p.Language = r.Language
	s, _ := fields.text(languageFields...)
	for _, code := range []string{s, f.language} {
		if code == "" {
			continue
		}
		tag, err := language.Parse(code)
		if err == nil {
			p.Language = tag.String()
			return
		}
		p.note("the language is not a language code", code)
	}
}

// cover takes the address of a picture. One that is a file of the old site
// cannot be shown before pictures can be imported.
func (r reader) cover(p *imported, fields fields) {
	for _, name := range coverFields {
		for _, s := range fields.words(name, coverKeys...) {
			switch u, err := url.Parse(s); {
			case slices.Contains(yes, strings.ToLower(s)) || slices.Contains(no, strings.ToLower(s)):
				continue
			case err != nil || u.Host == "" && !strings.HasPrefix(s, "/media/") && !strings.HasPrefix(s, "/static/"):
				p.note("the picture is a file of the old site and left out", s)
			default:
				p.Cover = s
			}
			return
		}
	}
}
