package markdown

import (
	"bytes"
	"html"
	"strings"
)

// A footnote is an item of the list at the end and can be shown beside its mark:
// the item itself is a popover, which stylesheets show in its place until it is
// opened. A button opens it; the link to the item stays for browsers without
// popovers, for print, and for readers of feeds. Only this file writes them, so
// that no author can.

const footnoteID = IDPrefix + "fn:"

// opener is a button that was written, and the footnote it shows.
type opener struct {
	start, end int // in fragment.out
	noteID     string
}

// footnoteOf is the id of the footnote that a new element is a link to.
func (f *fragment) footnoteOf(name string, attributes attributeList) string {
	id, ok := strings.CutPrefix(attributes.get("href"), "#")
	if name == "a" && ok && attributes.get("role") == "doc-noteref" && strings.HasPrefix(id, footnoteID) && f.openClass(1) == "footnote-ref" {
		return id
	}
	return ""
}

// isFootnote reports whether an item that is to be opened here is a footnote.
func (f *fragment) isFootnote(id string) bool {
	return strings.HasPrefix(id, footnoteID) && f.top() == "ol" && f.openClass(2) == "footnotes"
}

// openClass is the class of an open element, the innermost being 1.
func (f *fragment) openClass(depth int) string {
	if len(f.open) < depth {
		return ""
	}
	return f.open[len(f.open)-depth].class
}

func (f *fragment) addOpener(id string) {
	number := strings.TrimPrefix(id, footnoteID)
	start := len(f.out)
	f.out = append(f.out, `<button type="button" class="footnote-open link" popovertarget="`+html.EscapeString(id)+
		`" value="`+html.EscapeString(number)+`" aria-label="`+html.EscapeString(say(f.labels.footnote, number))+`"></button>`...)
	f.openers = append(f.openers, opener{start, len(f.out), id})
}

// withoutStrayOpeners is the fragment without the buttons that would open
// nothing: an author can take a footnote's id for something else.
func (f *fragment) withoutStrayOpeners() []byte {
	var kept bytes.Buffer
	from := 0
	for _, o := range f.openers {
		if !f.notes[o.noteID] {
			kept.Write(f.out[from:o.start])
			from = o.end
		}
	}
	kept.Write(f.out[from:])
	return kept.Bytes()
}
