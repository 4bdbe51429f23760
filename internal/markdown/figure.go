package markdown

import (
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
)

// figure is an image that stands alone, with its title as a caption.
type figure struct {
	ast.BaseBlock
	caption []byte
}

var kindFigure = ast.NewNodeKind("Figure")

func (*figure) Kind() ast.NodeKind              { return kindFigure }
func (n *figure) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// figureOf is the figure that a paragraph is: nothing but an image of this site
// that has a title, possibly inside a link.
func figureOf(paragraph *ast.Paragraph) *figure {
	content := only(paragraph)
	image, ok := content.(*ast.Image)
	if link, isLink := content.(*ast.Link); isLink {
		image, ok = only(link).(*ast.Image)
	}
	if !ok || len(image.Title) == 0 || foreign(string(image.Destination)) {
		return nil
	}
	f := &figure{caption: image.Title}
	image.Title = nil
	f.AppendChild(f, content)
	return f
}

// only is the child of a node that has a single one, else nil.
func only(node ast.Node) ast.Node {
	if node.ChildCount() != 1 {
		return nil
	}
	return node.FirstChild()
}

func (blogRenderer) figure(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		_, _ = w.WriteString("<figure>\n")
		return ast.WalkContinue, nil
	}
	_, _ = w.WriteString("\n<figcaption>")
	html.DefaultWriter.Write(w, node.(*figure).caption)
	_, _ = w.WriteString("</figcaption>\n</figure>\n")
	return ast.WalkContinue, nil
}
