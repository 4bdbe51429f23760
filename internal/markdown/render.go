package markdown

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
)

// blogRenderer renders what goldmark's own renderers do not render as a blog
// wants it.
type blogRenderer struct{}

func (r blogRenderer) RegisterFuncs(register renderer.NodeRendererFuncRegisterer) {
	register.Register(ast.KindText, r.text)
	register.Register(ast.KindBlockquote, r.blockquote)
	register.Register(kindFigure, r.figure)
	register.Register(kindFormula, r.formula)
	register.Register(kindFormulaBlock, r.formulaBlock)
	register.Register(ast.KindHTMLBlock, r.htmlBlock)
	register.Register(ast.KindRawHTML, r.rawHTML)
	register.Register(ast.KindFencedCodeBlock, r.fencedCode)
	register.Register(east.KindFootnoteLink, r.footnoteLink)
	register.Register(east.KindFootnoteBacklink, r.footnoteBacklink)
	register.Register(east.KindFootnote, r.footnote)
	register.Register(east.KindFootnoteList, r.footnoteList)
}

// text drops a line break between two characters of a script that has no
// spaces between words; goldmark's own rule also drops some between others.
func (blogRenderer) text(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	n := node.(*ast.Text)
	value := n.Segment.Value(source)
	if n.IsRaw() {
		html.DefaultWriter.RawWrite(w, value)
		return ast.WalkContinue, nil
	}
	html.DefaultWriter.Write(w, value)
	last, _ := utf8.DecodeLastRune(value)
	switch {
	case n.HardLineBreak():
		_, _ = w.WriteString("<br>\n")
	case n.SoftLineBreak() && !(isWide(last) && isWide(firstRune(n.NextSibling(), source))):
		_ = w.WriteByte('\n')
	}
	return ast.WalkContinue, nil
}

// firstRune is the first character of the text in node.
func firstRune(node ast.Node, source []byte) rune {
	for node != nil {
		switch n := node.(type) {
		case *ast.Text:
			r, _ := utf8.DecodeRune(n.Segment.Value(source))
			return r
		case *ast.String:
			r, _ := utf8.DecodeRune(n.Value)
			return r
		}
		node = node.FirstChild()
	}
	return ' '
}

// htmlBlock sanitises each block by itself, so that a script or a comment
// without an end takes no more than its block with it.
func (blogRenderer) htmlBlock(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	n := node.(*ast.HTMLBlock)
	raw := bytes.Clone(n.Lines().Value(source))
	if n.HasClosure() {
		raw = append(raw, n.ClosureLine.Value(source)...)
	}
	_, _ = w.Write(policy().SanitizeBytes(raw))
	return ast.WalkContinue, nil
}

// swallowing names the elements whose content is no HTML. Inside a paragraph
// they are shown as written, as GitHub does (GFM 6.11): there they are mostly
// talked about, and unclosed they would take the rest of the post with them.
var swallowing = map[string]bool{
	"title": true, "textarea": true, "style": true, "xmp": true, "iframe": true, "noembed": true,
	"noframes": true, "noscript": true, "script": true, "plaintext": true,
}

func (blogRenderer) rawHTML(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkSkipChildren, nil
	}
	raw := node.(*ast.RawHTML).Segments.Value(source)
	name, _, _ := bytes.Cut(bytes.TrimLeft(raw, "</"), []byte(">"))
	if end := bytes.IndexAny(name, " \t\r\n/"); end >= 0 {
		name = name[:end]
	}
	if swallowing[string(bytes.ToLower(name))] {
		raw = util.EscapeHTML(raw)
	}
	_, _ = w.Write(raw)
	return ast.WalkSkipChildren, nil
}

func (blogRenderer) footnoteLink(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		n := node.(*east.FootnoteLink)
		number := strconv.Itoa(n.Index)
		_, _ = w.WriteString(`<sup class="footnote-ref" id="` + footnoteRefID(n.Index, n.RefIndex) +
			`"><a href="#fn:` + number + `" role="doc-noteref" aria-label="` + say(stateOf(node).labels.footnote, number) + `">` + number + `</a></sup>`)
	}
	return ast.WalkContinue, nil
}

func (blogRenderer) footnoteBacklink(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		n := node.(*east.FootnoteBacklink)
		label := strconv.Itoa(n.Index)
		if n.RefIndex > 0 {
			label += " (" + strconv.Itoa(n.RefIndex+1) + ")"
		}
		// U+FE0E asks for the arrow as text, not as an emoji.
		_, _ = w.WriteString(` <a class="footnote-backref" href="#` + footnoteRefID(n.Index, n.RefIndex) +
			`" role="doc-backlink" aria-label="` + say(stateOf(node).labels.back, label) + `">` + "↩\uFE0E</a>")
	}
	return ast.WalkContinue, nil
}

func footnoteRefID(index, place int) string {
	id := "fnref:" + strconv.Itoa(index)
	if place > 0 {
		id += ":" + strconv.Itoa(place+1)
	}
	return id
}

func (blogRenderer) footnote(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		_, _ = w.WriteString(`<li id="fn:` + strconv.Itoa(node.(*east.Footnote).Index) + "\">\n")
	} else {
		_, _ = w.WriteString("</li>\n")
	}
	return ast.WalkContinue, nil
}

func (blogRenderer) footnoteList(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		_, _ = w.WriteString(`<section class="footnotes" role="doc-endnotes" aria-label="` +
			stateOf(node).labels.footnotes + `">` + "\n<ol>\n")
	} else {
		_, _ = w.WriteString("</ol>\n</section>\n")
	}
	return ast.WalkContinue, nil
}
