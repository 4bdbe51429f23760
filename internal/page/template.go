package page

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"broadsheet/internal/markdown"
	"broadsheet/internal/posts"
	"broadsheet/internal/texts"
	"broadsheet/web"
)

// Page is a struct that embeds [Base].
type Page interface{ base() Base }

// Template is a page's template together with the type of what it shows.
type Template[T Page] struct {
	name  string
	cache string // Cache-Control of its pages
	parse func() *template.Template
}

// layouts says which frame the templates of a folder stand in, and who may
// keep the pages: readers' pages anybody, as long as they ask whether they
// changed, authors' pages nobody.
var layouts = map[string]struct{ file, cache string }{
	"pages": {"layout/base.html", Revalidate},
	"admin": {"layout/admin.html", noStore},
}

// Revalidate lets anybody keep an answer, to be shown again after asking
// whether it has changed, or while this server cannot be asked (RFC 5861).
// There is no stale-while-revalidate: an author who has saved would see the
// page as it was.
const Revalidate = "public, max-age=0, stale-if-error=86400"

const noStore = "no-store"

// parsers are what [Parse] and [ParseFragment] put off.
var parsers []func() *template.Template

// later returns a function that parses files at its first call: a server starts
// sooner, and holds no pages that nobody asks for.
func later(name string, files ...string) func() *template.Template {
	parse := sync.OnceValue(func() *template.Template {
		return template.Must(template.New(path.Base(name)).Funcs(functions).ParseFS(web.Templates, files...))
	})
	parsers = append(parsers, parse)
	return parse
}

// ParseAll parses every template of the program, and panics when one cannot be:
// it is for tests.
func ParseAll() {
	for _, parse := range parsers {
		parse()
	}
}

// Parse names a template such as "pages/post.html", which is read with the
// layout of its folder and all partials when a page is written first. It is for
// package variables, and what it reads is inside the binary.
func Parse[T Page](name string) *Template[T] {
	layout, ok := layouts[path.Dir(name)]
	if !ok {
		panic("page: no layout for " + name)
	}
	return &Template[T]{
		name:  name,
		cache: layout.cache,
		parse: later(layout.file, "templates/"+layout.file, "templates/partials/*.html", "templates/"+name),
	}
}

// Fragment is a template for a part of a page, which is the same wherever it
// stands and can be kept as text.
type Fragment[T any] struct {
	name  string
	parse func() *template.Template
}

// ParseFragment names a template such as "partials/card.html". As with [Parse]
// it is read when it is needed.
func ParseFragment[T any](name string) *Fragment[T] {
	return &Fragment[T]{name, later(name, "templates/"+name)}
}

// HTML returns the part, safe where the template says what a page shows.
func (f *Fragment[T]) HTML(data T) (markdown.HTML, error) {
	b := buffers.Get().(*bytes.Buffer)
	defer putBuffer(b)
	if err := f.parse().Execute(b, data); err != nil {
		return "", fmt.Errorf("rendering %s: %w", f.name, err)
	}
	return markdown.HTML(b.String()), nil
}

// speculationRules names the file that says which links of a page a browser may
// follow in advance. It is a list of addresses as RFC 9651 writes them.
var speculationRules = []string{`"` + web.Asset("speculation.json") + `"`}

// Write answers with the page. When it returns an error, nothing was written.
func (t *Template[T]) Write(w http.ResponseWriter, r *http.Request, status int, data T) error {
	b := buffers.Get().(*bytes.Buffer)
	defer putBuffer(b)
	if err := t.parse().Execute(b, data); err != nil {
		return fmt.Errorf("rendering %s: %w", t.name, err)
	}
	cache := t.cache
	if status >= 400 || w.Header().Get("Cache-Control") == noStore { // said already: an author's page in the readers' frame
		cache = noStore
	}
	if cache == Revalidate {
		w.Header()["Speculation-Rules"] = speculationRules
	}
	body := b.Bytes()
	if !utf8.Valid(body) { // a form shows what was typed, whatever it was
		body = bytes.ToValidUTF8(body, []byte("\uFFFD"))
	}
	Send(w, r, status, "text/html; charset=utf-8", cache, body)
	return nil
}

// functions are pure: the same page always gives the same bytes.
var functions = template.FuncMap{
	"asset":     web.Asset,
	"dir":       dir,
	"foreign":   foreign,
	"in":        in,
	"number":    number,
	"pieces":    pieces,
	"postURL":   PostURL,
	"language":  languageName,
	"locale":    locale,
	"address":   Address,
	"authorURL": AuthorURL,
	"byline":    byline,
	"seriesURL": SeriesURL,
	"focus":     focus,
	"tagURL":    TagURL,
	"text":      text,
	"texts":     textsUnder,
}

// Address returns the path of a post or of a page.
func Address(kind posts.Kind, slug string) string {
	if kind == posts.KindPage {
		return "/" + url.PathEscape(slug)
	}
	return PostURL(slug)
}

// AuthorURL returns the path of an author's posts.
func AuthorURL(handle string) string { return "/authors/" + url.PathEscape(handle) }

// bylinePart is an author of a post, or the words between two of them.
type bylinePart struct {
	Text   string // "" for an author
	Author posts.Author
}

// byline names those who wrote a post as a sentence does: Ada, Grace and Jane.
func byline(lang string, authors []posts.Author) []bylinePart {
	parts := make([]bylinePart, 0, 2*len(authors))
	for _, p := range texts.In(lang).ListPieces(len(authors)) {
		if p.Arg == 0 {
			parts = append(parts, bylinePart{Text: p.Text})
		} else {
			parts = append(parts, bylinePart{Author: authors[p.Arg-1]})
		}
	}
	return parts
}

// SeriesURL returns the path of a series.
func SeriesURL(slug string) string { return "/series/" + url.PathEscape(slug) }

// focus returns the classes that keep this point of a cropped cover in view, in
// percent from the left and from the top: a style attribute would be refused.
func focus(x, y int16) string {
	step := func(percent int16) int { return (int(percent) + 5) / 10 * 10 }
	return fmt.Sprintf("focus-x-%d focus-y-%d", step(x), step(y))
}

// PostURL returns the path of a post.
func PostURL(slug string) string { return "/posts/" + url.PathEscape(slug) }

// TagURL returns the path of a tag's posts.
func TagURL(slug string) string { return "/tags/" + url.PathEscape(slug) }

// locale returns a language as Open Graph writes it, with a country: de_DE.
func locale(lang string) string {
	tag := language.Make(lang)
	base, _ := tag.Base()
	region, _ := tag.Region()
	return base.String() + "_" + region.String()
}

// rightToLeft holds the scripts that are, by their codes of ISO 15924.
const rightToLeft = "Adlm Arab Aran Hebr Mand Mend Nkoo Rohg Samr Syrc Thaa"

// directions remembers languages: a page asks a dozen times, always for the
// same one or two. A blog has few, and no visitor can name others.
var directions sync.Map

// dir returns the direction in which a language is written.
func dir(lang string) string {
	if d, ok := directions.Load(lang); ok {
		return d.(string)
	}
	d := "ltr"
	if code, _ := language.Make(lang).Script(); strings.Contains(rightToLeft, code.String()) {
		d = "rtl"
	}
	directions.Store(lang, d)
	return d
}

// foreign tells whether the program does not speak a language: its own words
// are English then, and need a lang attribute.
func foreign(lang string) bool { return !texts.Spoken(lang) }

// languageName returns what a language is called by those who speak it.
func languageName(lang string) string {
	if name := display.Self.Name(language.Make(lang)); name != "" {
		return name
	}
	return lang
}

// text returns a text of the program, as plain text.
func text(lang, key string, args ...any) string { return texts.In(lang).Text(key, args...) }

// textsUnder returns the texts whose keys have a prefix, for scripts.
func textsUnder(lang, prefix string) map[string]any { return texts.In(lang).Under(prefix) }

// pieces returns a text in pieces, where its arguments are more than words. The
// first of args chooses the plural form.
func pieces(lang, key string, args ...any) []texts.Piece { return texts.In(lang).Pieces(key, args...) }

// said is something with the language in which to show it: a template takes one
// argument.
type said struct {
	Lang string
	Of   any
}

func in(lang string, of any) said { return said{lang, of} }

// number groups digits as the language does: 12,345 or 12.345.
func number(lang string, n int64) string { return texts.In(lang).Number(n) }

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// putBuffer gives a buffer back, unless one huge page made it huge.
func putBuffer(b *bytes.Buffer) {
	if b.Cap() > 1<<20 {
		return
	}
	b.Reset()
	buffers.Put(b)
}
