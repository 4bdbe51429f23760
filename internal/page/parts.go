package page

import (
	"broadsheet/internal/markdown"
	"broadsheet/internal/site"
)

// part is a part of the readers' layout, with all that it depends on besides
// the settings. Languages are those of posts: there are few.
type part struct {
	fragment *Fragment[partData]
	lang     string
	front    bool
}

type partData struct {
	Site  site.Settings
	Lang  string
	Front bool
}

var (
	links    = ParseFragment[partData]("partials/links.html")
	masthead = ParseFragment[partData]("partials/masthead.html")
	footer   = ParseFragment[partData]("partials/footer.html")
)

// Links returns the part of a page's head that names the site and its files.
func (b Base) Links() (markdown.HTML, error) { return b.part(part{fragment: links, lang: b.Lang()}) }

// Masthead returns the part above the text.
func (b Base) Masthead() (markdown.HTML, error) {
	return b.part(part{masthead, b.Lang(), b.Front})
}

// Footer returns the part below the text.
func (b Base) Footer() (markdown.HTML, error) {
	return b.part(part{fragment: footer, lang: b.Lang()})
}

// part returns a part ready made, as it was made for the first page that asked.
func (b Base) part(p part) (markdown.HTML, error) {
	if b.frame != nil {
		if html, ok := b.frame.parts.Load(p); ok {
			return html.(markdown.HTML), nil
		}
	}
	html, err := p.fragment.HTML(partData{b.Site, p.lang, p.front})
	if err == nil && b.frame != nil {
		b.frame.parts.Store(p, html)
	}
	return html, err
}
