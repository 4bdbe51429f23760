package markdown

import (
	"html/template"
	"strings"
)

// MarkBegin and MarkEnd stand around what [Marked] marks. No text that an
// author writes has them: they are control characters, which are dropped.
const (
	MarkBegin = "\x02"
	MarkEnd   = "\x03"
)

// Marked shows a plain text with <mark> around what stands between MarkBegin
// and MarkEnd. Marks never nest, and each that is opened is closed.
func Marked(text string) HTML {
	var out strings.Builder
	open := false
	for text != "" {
		i := strings.IndexAny(text, MarkBegin+MarkEnd)
		if i < 0 {
			i = len(text)
		}
		out.WriteString(template.HTMLEscapeString(printable(text[:i])))
		if i == len(text) {
			break
		}
		switch begins := text[i] == MarkBegin[0]; {
		case begins && !open:
			out.WriteString("<mark>")
		case !begins && open:
			out.WriteString("</mark>")
		}
		open = text[i] == MarkBegin[0]
		text = text[i+1:]
	}
	if open {
		out.WriteString("</mark>")
	}
	return HTML(out.String())
}
