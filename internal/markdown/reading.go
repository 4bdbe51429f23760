package markdown

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
)

const (
	maxDescription   = 300     // characters
	maxPlain         = 100_000 // characters
	minContents      = 3       // headings, for a table of contents
	wordsPerMinute   = 230
	lettersPerMinute = 450 // of Chinese and Japanese
)

// reading is what a pass over a finished post learns about it.
type reading struct {
	headings []heading
	prose    strings.Builder // for the description
	plain    strings.Builder
	words    int
	letters  int // the words that are a single character
}

type heading struct {
	level int
	id    string
	label string // HTML: text and code
}

// read reads HTML that nest has written, so tags are known to be balanced.
func read(post string) *reading {
	r := &reading{}
	var marks, uncounted, unquoted depth // in an anchor; in what is not prose; in what a description leaves out
	var current *heading
	tokens := html.NewTokenizer(strings.NewReader(post))
	for tokens.Next() != html.ErrorToken {
		token := tokens.Token()
		switch token.Type {
		case html.StartTagToken:
			if models[token.Data].void {
				r.addPlain(" " + attribute(token, "alt") + " ")
				break
			}
			class, id := attribute(token, "class"), attribute(token, "id")
			mark := token.Data == "rt" || token.Data == "rp" ||
				class == "anchor" || class == "code-language" || class == "footnote-ref" || class == "footnote-backref"
			marks.enter(mark)
			uncounted.enter(mark || token.Data == "pre" || class == "callout-title")
			unquoted.enter(isHeading(token.Data) || token.Data == "table" || token.Data == "figcaption" || class == "footnotes" || class == "math-scroll")
			if isHeading(token.Data) && id != "" {
				current = &heading{level: int(token.Data[1] - '0'), id: id}
			}
			if current != nil && token.Data == "code" {
				current.label += "<code>"
			}
		case html.EndTagToken:
			marks.leave()
			uncounted.leave()
			unquoted.leave()
			if current != nil && token.Data == "code" {
				current.label += "</code>"
			}
			if current != nil && isHeading(token.Data) {
				current.label = strings.TrimSpace(current.label)
				r.headings = append(r.headings, *current)
				current = nil
			}
			if models[token.Data].block {
				r.prose.WriteByte(' ')
				r.addPlain(" ")
			}
		case html.TextToken:
			if !marks.inside() {
				r.addPlain(token.Data)
			}
			if uncounted.inside() {
				break
			}
			r.count(token.Data)
			if current != nil {
				current.label += html.EscapeString(token.Data)
			}
			if !unquoted.inside() && r.prose.Len() < 8*maxDescription {
				r.prose.WriteString(token.Data)
			}
		}
	}
	return r
}

func (r *reading) addPlain(text string) {
	if r.plain.Len() < utf8.UTFMax*maxPlain {
		r.plain.WriteString(text)
	}
}

func (r *reading) plainText() string {
	text := strings.Join(strings.Fields(r.plain.String()), " ")
	if utf8.RuneCountInString(text) > maxPlain {
		text = string([]rune(text)[:maxPlain])
	}
	return text
}

// depth follows whether the current element is inside one of a kind.
type depth struct{ below int }

func (d *depth) enter(kind bool) {
	if kind || d.below > 0 {
		d.below++
	}
}

func (d *depth) leave() { d.below = max(0, d.below-1) }

func (d *depth) inside() bool { return d.below > 0 }

func attribute(token html.Token, key string) string {
	return attributeList(token.Attr).get(key)
}

// count counts words; a character of a script without spaces is one of them.
func (r *reading) count(text string) {
	inWord := false
	for _, c := range text {
		switch {
		case unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana):
			r.letters++
			r.words++
			inWord = false
		case unicode.IsLetter(c) || unicode.IsDigit(c):
			if !inWord {
				r.words++
			}
			inWord = true
		case unicode.IsSpace(c) || c == '—' || c == '–' || c == '/':
			inWord = false
		}
	}
}

func (r *reading) minutes() int {
	minutes := float64(r.words-r.letters)/wordsPerMinute + float64(r.letters)/lettersPerMinute
	return max(1, int(minutes+0.5))
}

func (r *reading) description() string {
	return cutWords(strings.Join(strings.Fields(r.prose.String()), " "), maxDescription)
}

// contents is the nested list of the headings.
func (r *reading) contents() string {
	if len(r.headings) < minContents {
		return ""
	}
	var out strings.Builder
	var open []int // levels of the lists that are open
	for _, h := range r.headings {
		for len(open) > 1 && h.level <= open[len(open)-2] {
			out.WriteString("</li>\n</ul>\n")
			open = open[:len(open)-1]
		}
		switch {
		case len(open) == 0:
			out.WriteString("<ul class=\"toc\">\n")
			open = append(open, h.level)
		case h.level > open[len(open)-1]:
			out.WriteString("\n<ul>\n")
			open = append(open, h.level)
		default:
			out.WriteString("</li>\n")
			open[len(open)-1] = h.level
		}
		out.WriteString(`<li><a href="` + fragmentLink(h.id) + `">` + h.label + "</a>")
	}
	for range open {
		out.WriteString("</li>\n</ul>\n")
	}
	return out.String()
}

// cutWords shortens a text to a number of characters, at a space if there is one near.
func cutWords(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	runes := []rune(text)[:most-1]
	end := len(runes)
	for i := end; i > end-40 && i > 0; i-- {
		if unicode.IsSpace([]rune(text)[i]) {
			end = i
			break
		}
	}
	return strings.TrimRightFunc(string(runes[:end]), func(r rune) bool {
		return unicode.IsSpace(r) || r == ',' || r == ';' || r == ':' || r == '.' || r == '-' || r == '–'
	}) + "…"
}
