package transfer

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/language"

	"broadsheet/internal/posts"
)

// The names of fields, folded by foldName, best first.
var (
	summaryFields  = []string{"summary", "description", "excerpt", "hook", "lead"}
	authorFields   = []string{"author", "authors", "by"}
	authorKeys     = []string{"name", "displayname", "title", "login"}
	tagFields      = []string{"tags", "tag", "categories", "category"}
	languageFields = []string{"language", "lang", "locale"}
	coverFields    = []string{"cover", "image", "featuredimage", "coverimage", "heroimage", "thumbnail", "images"}
	coverKeys      = []string{"image", "src", "url", "path", "teaser"}
)

func (r reader) summary(p *imported, fields fields) {
	s, _ := fields.text(summaryFields...)
	p.Summary = strings.Join(strings.Fields(s), " ")
}

var personLink = regexp.MustCompile(`\[([^\]]+)\]\([^)]*\)`)

// people takes the authors, in the order in which they are named.
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
	p.author = r.DefaultAuthor
	for i, name := range names {
		switch {
		case utf8.RuneCountInString(name) > 100:
			p.note("the author's name is too long", name)
		case i == 0:
			p.author = name
		case name == p.author || slices.Contains(p.coauthors, name):
		case len(p.coauthors) == posts.MaxCoauthors:
			p.note(fmt.Sprintf("more than %d authors; left out", posts.MaxCoauthors+1), name)
		default:
			p.coauthors = append(p.coauthors, name)
		}
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
	p.CoverX, p.CoverY = 50, 50
	for _, name := range coverFields {
		for _, s := range fields.words(name, coverKeys...) {
			switch u, err := url.Parse(s); {
			case slices.Contains(yes, strings.ToLower(s)) || slices.Contains(no, strings.ToLower(s)):
				continue
			case err != nil || u.Host == "" && !strings.HasPrefix(s, "/media/") && !strings.HasPrefix(s, "/static/"):
				p.note("the picture is a file of the old site and left out", s)
			default:
				p.Cover = s
				r.coverAlt(p, fields, name)
			}
			return
		}
	}
}
