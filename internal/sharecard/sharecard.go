// Package sharecard draws the picture that stands for a post where its address
// is shared.
package sharecard

import "strings"

// Width and Height are the size of a card in pixels, which the places where
// addresses are shared show whole.
const (
	Width, Height = 1200, 630
)

// Card is what a picture says.
type Card struct {
	Title    string
	Author   string
	Site     string
	Date     string // as a reader reads it
	Language string // of the title, BCP 47
}

const (
	margin = 76
	right  = Width - margin
	inner  = Width - 2*margin
	foot   = Height - margin // the baseline of the last line
	rule   = 142             // the top of the double rule
)

// PNG returns the card as a PNG file. The same card is always the same bytes.
// A title in a script that no typeface here has gives the card of the site.
func (c Card) PNG() []byte {
	s, pic := newSetter(), newCanvas()
	title := prepare(c.Title, c.Language, headlines)
	if title.empty() {
		var known []string
		for _, name := range []string{c.Author, c.Date} {
			if !prepare(name, c.Language, notes).empty() {
				known = append(known, name)
			}
		}
		front(pic, s, c.Site, strings.Join(known, " · "), c.Language)
		return pic.png()
	}

	if site := prepare(c.Site, c.Language, headlines); site.empty() {
		mark(pic, margin, 66, 56)
	} else {
		name := s.fit(site, inner, 44, 44, 38, 32)
		pic.top, pic.bottom = margin-12, rule-8
		place(pic, inkPen, name, 112, title.rtl)
	}
	doubleRule(pic, rule, margin, right)

	author, date := prepare(c.Author, c.Language, notes), prepare(c.Date, c.Language, notes)
	bottom := float64(foot)
	if !author.empty() || !date.empty() {
		bottom = foot - 32 - 40
		pic.top, pic.bottom = int(bottom)+28, foot+16
		footer(pic, s, author, date, title.rtl)
	}
	const top = rule + 16 + 50
	p := s.fit(title, inner, bottom-top, 104, 92, 82, 73, 65, 58, 52, 46)
	pic.top, pic.bottom = rule+16+10, int(bottom)+24
	place(pic, inkPen, p, top+p.ascent(), title.rtl)
	return pic.png()
}
