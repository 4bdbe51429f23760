package markdown

import (
	"bytes"
	"cmp"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// place is where a fragment of HTML will stand.
type place int

const (
	wholePost place = iota // a page of its own below the title, an h1
	listed                 // one of several excerpts below titles of their own, h2
	oneLine                // within a paragraph of the page
)

// maxElementDepth bounds elements inside each other; parsers of HTML stop at 512.
const maxElementDepth = 250

// nest rewrites sanitised HTML so that its tags nest exactly as browsers will
// nest the elements (WHATWG HTML 13.2.6, "tree construction", for the elements
// of the policy), and adds what the place asks for. Because the result closes
// all it opens, and opens nothing that a browser would close early, nothing in
// it can reach the page around it.
func nest(clean []byte, place place, made *state) (string, error) {
	f := &fragment{place: place, labels: made.labels, formulas: made.formulas, shift: headingShift(clean, place), ids: map[string]bool{}, notes: map[string]bool{}}
	tokens := html.NewTokenizer(bytes.NewReader(clean))
	for tokens.Next() != html.ErrorToken {
		switch token := tokens.Token(); token.Type {
		case html.StartTagToken, html.SelfClosingTagToken:
			f.start(token)
			if token.Type == html.SelfClosingTagToken {
				f.end(token.Data)
			}
		case html.EndTagToken:
			f.end(token.Data)
		case html.TextToken:
			f.text(f.keepMarks(token.Data))
		}
		if len(f.open) > maxElementDepth {
			return "", refuse("problem.markdown.html", maxElementDepth)
		}
		if len(f.out) > maxOutput {
			return "", refuse("problem.markdown.page", maxOutput>>20)
		}
	}
	f.closeTo(0)
	return string(f.withoutStrayOpeners()), nil
}

// headingShift is by how many levels headings move down, so that they stand
// below the title over them. "<h1" in sanitised HTML is always a tag.
func headingShift(clean []byte, place place) int {
	if place == listed {
		for level := 1; level <= 2; level++ {
			if bytes.Contains(clean, []byte("<h"+strconv.Itoa(level))) {
				return 3 - level
			}
		}
		return 0
	}
	if bytes.Contains(clean, []byte("<h1")) {
		return 1
	}
	return 0
}

// fragment is the HTML written so far, and the elements open at its end.
type fragment struct {
	out    []byte
	open   []openElement
	place  place
	shift  int
	ids    map[string]bool // used so far
	images int
	tables int
	boxes  int // around formulas
	labels labels

	formulas []mathML        // those not yet written
	notes    map[string]bool // ids of the footnotes that can be shown as a popover
	openers  []opener        // the buttons that show them
}

type openElement struct {
	name    string // as it was written; headings are shifted
	start   int    // offset of its start tag in out
	content int    // offset after its start tag
	id      string
	after   string // closes what was put around it
	noteID  string // of the footnote that a link leads to
	class   string
}

func (f *fragment) start(token html.Token) {
	name := token.Data
	model, known := models[name]
	if !known || f.place == oneLine && (model.block || notInline[name]) {
		return
	}
	if name == "img" {
		if f.images++; f.place == listed && f.images > 1 {
			return
		}
		if foreign(attribute(token, "src")) {
			f.linkPicture(token)
			return
		}
	}
	attributes, ok := f.attributes(name, token.Attr)
	if !ok {
		return
	}
	if !f.makeRoom(name, model) {
		return
	}
	list := attributeList(attributes)
	element := openElement{name: name, start: len(f.out), id: list.get("id"), class: list.get("class")}
	if f.place == wholePost {
		element.noteID = f.footnoteOf(name, list)
		if name == "li" && f.isFootnote(element.id) {
			f.notes[element.id] = true
			list.set("popover", "")
		}
		attributes = list
	}
	f.wrap(&element)
	f.out = append(f.out, '<')
	f.out = append(f.out, f.shifted(name)...)
	for _, attribute := range attributes {
		f.out = append(f.out, ' ')
		f.out = append(f.out, attribute.Key...)
		f.out = append(f.out, `="`...)
		f.out = append(f.out, escape(attribute.Val)...)
		f.out = append(f.out, '"')
	}
	f.out = append(f.out, '>')
	element.content = len(f.out)
	if !model.void {
		f.open = append(f.open, element)
	}
}

// linkPicture writes a link in place of a picture that another host has. Inside
// a link it is only the picture's text: links do not nest.
func (f *fragment) linkPicture(picture html.Token) {
	src := attribute(picture, "src")
	text := strings.TrimSpace(attribute(picture, "alt"))
	if text == "" {
		text = fileName(src)
	}
	if f.index("a") >= 0 {
		f.text(text)
		return
	}
	link := html.Token{Data: "a", Attr: []html.Attribute{{Key: "href", Val: src}}}
	for _, a := range picture.Attr {
		if a.Key == "id" || a.Key == "title" {
			link.Attr = append(link.Attr, a)
		}
	}
	f.start(link)
	f.text(text)
	f.end("a")
}

// fileName is what an address of another host is called where nobody gave it a name.
func fileName(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	if name := path.Base(u.Path); name != "." && name != "/" {
		return name
	}
	return cmp.Or(u.Host, address)
}

// wrap puts around an element what has to be around it.
func (f *fragment) wrap(element *openElement) {
	switch {
	case element.name == "table" && f.index("table") < 0:
		f.tables++
		label := html.EscapeString(say(f.labels.table, strconv.Itoa(f.tables)))
		f.out = append(f.out, `<div class="table-scroll" tabindex="0" role="region" aria-label="`+label+`">`...)
		element.after = "</div>"
	case isHeading(element.name) && f.place == wholePost && element.id != "" && f.allBlocks():
		f.out = append(f.out, `<div class="heading">`...)
		element.after = "</div>"
	}
}

// allBlocks reports whether a div may stand here.
func (f *fragment) allBlocks() bool {
	return !slices.ContainsFunc(f.open, func(e openElement) bool {
		return !models[e.name].block || e.name == "summary" || e.name == "pre" || e.name == "dt"
	})
}

func (f *fragment) end(name string) {
	if f.place == oneLine && models[name].block {
		f.closeTo(0) // the block has no tags here, but it ends
	}
	if i := f.index(name); i >= 0 && !models[name].void {
		f.closeTo(i)
	}
}

func (f *fragment) text(text string) {
	if strings.TrimSpace(text) != "" {
		f.openCell()
	}
	for {
		before, marked, found := strings.Cut(text, formulaMark)
		f.out = append(f.out, escape(before)...)
		if !found {
			return
		}
		number, after, _ := strings.Cut(marked, formulaMark)
		if f.addFormula(number) {
			marked = after
		}
		text = marked
	}
}

// escape also drops control characters, which entities can spell (&#8;).
func escape(text string) string { return html.EscapeString(printable(text)) }

// closeTo closes elements until n are open.
func (f *fragment) closeTo(n int) {
	for len(f.open) > n {
		element := f.open[len(f.open)-1]
		f.open = f.open[:len(f.open)-1]
		inside := f.out[element.content:]
		if element.id == "" && models[element.name].emptyIsNothing && len(bytes.TrimSpace(inside)) == 0 {
			f.out = f.out[:element.start]
			continue
		}
		if element.name == "th" && len(inside) == 0 {
			element.name = "td" // a header that names nothing misleads who cannot see the table
			f.out[element.start+len("<t")] = 'd'
		}
		anchor := ""
		if isHeading(element.name) && element.after != "" {
			anchor = `<a class="anchor" href="` + fragmentLink(element.id) +
				`" aria-label="` + html.EscapeString(say(f.labels.link, plain(inside))) + `">#</a>`
		}
		f.out = append(f.out, "</"+f.shifted(element.name)+">"+anchor+element.after...)
		if element.noteID != "" {
			f.addOpener(element.noteID)
		}
	}
}

func isHeading(name string) bool {
	return len(name) == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6'
}

func (f *fragment) shifted(name string) string {
	if !isHeading(name) {
		return name
	}
	return "h" + strconv.Itoa(min(6, int(name[1]-'0')+f.shift))
}

// fragmentLink is the address of an id in the same page.
func fragmentLink(id string) string { return "#" + (&url.URL{Fragment: id}).EscapedFragment() }

// plain is the text of a piece of HTML that this package wrote.
func plain(piece []byte) string {
	var text strings.Builder
	for tokens := html.NewTokenizer(bytes.NewReader(piece)); ; {
		switch tokens.Next() {
		case html.ErrorToken:
			return strings.Join(strings.Fields(text.String()), " ")
		case html.TextToken:
			text.Write(tokens.Text())
		}
	}
}
