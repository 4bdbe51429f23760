package markdown

import "slices"

// model is what the nesting of elements needs to know about one.
type model struct {
	block          bool     // closes an open paragraph
	void           bool     // has no content and no end tag
	parents        []string // the only elements it may stand in directly
	emptyIsNothing bool     // without content it only leaves a gap
}

// models has every element of the policy.
var models = func() map[string]model {
	m := map[string]model{
		"p":    {block: true, emptyIsNothing: true},
		"hr":   {block: true, void: true},
		"li":   {block: true, parents: []string{"ul", "ol"}},
		"dt":   {block: true, parents: []string{"dl"}},
		"dd":   {block: true, parents: []string{"dl"}},
		"rt":   {parents: []string{"ruby"}},
		"rp":   {parents: []string{"ruby"}},
		"tr":   {block: true, parents: []string{"thead", "tbody", "tfoot"}},
		"td":   {block: true, parents: []string{"tr"}},
		"th":   {block: true, parents: []string{"tr"}},
		"a":    {emptyIsNothing: true},
		"span": {emptyIsNothing: true},
	}
	for _, name := range []string{"caption", "thead", "tbody", "tfoot"} {
		m[name] = model{block: true, parents: []string{"table"}}
	}
	for _, name := range []string{"div", "section", "aside", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6",
		"ul", "ol", "dl", "figcaption", "details", "summary", "table"} {
		m[name] = model{block: true}
	}
	m["figure"] = model{block: true, emptyIsNothing: true}
	for _, name := range []string{"b", "em", "i", "strong", "s", "u", "small"} {
		m[name] = model{emptyIsNothing: true}
	}
	for _, name := range []string{"abbr", "bdi", "cite", "code", "del", "dfn", "ins", "kbd", "mark", "q", "ruby",
		"samp", "sub", "sup", "time", "var", "picture", "video", "audio"} {
		m[name] = model{}
	}
	for _, name := range []string{"br", "wbr", "img", "input", "source", "track"} {
		m[name] = model{void: true}
	}
	return m
}()

// notInline has no place in a line of text.
var notInline = map[string]bool{
	"img": true, "picture": true, "video": true, "audio": true, "source": true, "track": true, "input": true,
}

// makeRoom closes what cannot stay open around a new element, and opens what
// has to be around it. It is false for an element that has no place here.
func (f *fragment) makeRoom(name string, m model) bool {
	switch {
	case name == "tr":
		if !f.closeToParent("thead", "tbody", "tfoot", "table") {
			return false
		}
		if f.top() == "table" {
			f.push("tbody")
		}
		return true
	case name == "td" || name == "th":
		if !f.closeToParent("tr", "thead", "tbody", "tfoot", "table") {
			return false
		}
		f.openRow()
		return true
	case m.parents != nil:
		return f.closeToParent(m.parents...)
	}
	f.openCell()
	if m.block {
		f.closeElement("p")
	}
	if isHeading(name) {
		f.closeElement("h1", "h2", "h3", "h4", "h5", "h6")
	}
	if name == "a" {
		f.closeElement("a")
	}
	return true
}

// index is the position of the innermost open element of a name, -1 where
// there is none. It does not look out of a table's cell.
func (f *fragment) index(names ...string) int {
	for i := len(f.open) - 1; i >= 0; i-- {
		if slices.Contains(names, f.open[i].name) {
			return i
		}
		if name := f.open[i].name; (name == "td" || name == "th" || name == "caption") && !inTable(names[0]) {
			return -1
		}
		if f.open[i].name == "table" {
			return -1
		}
	}
	return -1
}

func inTable(name string) bool {
	switch name {
	case "table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th":
		return true
	}
	return false
}

func (f *fragment) closeElement(names ...string) {
	if i := f.index(names...); i >= 0 {
		f.closeTo(i)
	}
}

// closeToParent makes the innermost element of these names the current one.
func (f *fragment) closeToParent(names ...string) bool {
	i := f.index(names...)
	if i >= 0 {
		f.closeTo(i + 1)
	}
	return i >= 0
}

// openCell opens a cell for content that stands directly in a table, where
// browsers would move it out in front of the table.
func (f *fragment) openCell() {
	switch f.top() {
	case "table", "thead", "tbody", "tfoot", "tr":
		f.openRow()
		f.push("td")
	}
}

// openRow opens a row unless one is the current element.
func (f *fragment) openRow() {
	if f.top() == "table" {
		f.push("tbody")
	}
	if f.top() != "tr" {
		f.push("tr")
	}
}

func (f *fragment) top() string {
	if len(f.open) == 0 {
		return ""
	}
	return f.open[len(f.open)-1].name
}

func (f *fragment) push(name string) {
	start := len(f.out)
	f.out = append(f.out, "<"+name+">"...)
	f.open = append(f.open, openElement{name: name, start: start, content: len(f.out)})
}
