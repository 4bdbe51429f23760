package markdown

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// What a post may ask of the server. Each bound is far above what people write
// and far below what hurts: parts of Markdown's grammar cost the square of
// their input, and goldmark can neither be cancelled nor recover a full stack.
const (
	maxSource       = 1 << 20 // bytes of Markdown
	maxOutput       = 8 << 20 // bytes of HTML
	maxDepth        = 100     // blocks and inline elements inside each other
	maxFootnotes    = 2_000
	maxEscapedPipes = 2_000   // \| in tables: the square of them
	maxCells        = 50_000  // of all tables; short rows are filled up
	maxLines        = 5_000   // of one paragraph: each is tried as a reference and a table
	maxMarks        = 3_000   // emphasis marks in one paragraph: the square of them
	maxBracketWork  = 1 << 29 // each bracket may be looked for in all that follows in its paragraph
)

// checkSource refuses what can be told from the text alone.
func checkSource(source []byte) error {
	if len(source) > maxSource {
		return refuse("problem.markdown.long", maxSource>>20)
	}
	if bytes.Count(source, []byte("[^")) > maxFootnotes {
		return refuse("problem.markdown.footnotes", maxFootnotes)
	}
	if bytes.Count(source, []byte(`\|`)) > maxEscapedPipes {
		return refuse("problem.markdown.pipes", maxEscapedPipes)
	}
	return nil
}

// bounds is what one run of the parser has used up, and why it was ended.
type bounds struct {
	cells     int
	work      int      // characters that brackets made the parser look at, at most
	paragraph ast.Node // the one whose marks are counted
	marks     int
	err       error
}

var boundsKey = parser.NewContextKey()

func boundsOf(pc parser.Context) *bounds { return pc.Get(boundsKey).(*bounds) }

// blockGuard is a block parser that never parses a block. It is asked before
// all others wherever a block may open, and once a bound is exceeded it takes
// the rest of the document as one block, which ends the parsing.
type blockGuard struct{}

func (blockGuard) Trigger() []byte { return []byte(">-+*0123456789[:#`~=<|") }

func (blockGuard) Open(_ ast.Node, _ text.Reader, pc parser.Context) (ast.Node, parser.State) {
	b := boundsOf(pc)
	if len(pc.OpenedBlocks()) > maxDepth {
		b.err = refuse("problem.markdown.nested", maxDepth)
	}
	if b.err == nil {
		return nil, parser.NoChildren
	}
	return ast.NewHTMLBlock(ast.HTMLBlockType1), parser.NoChildren
}

func (blockGuard) Continue(ast.Node, text.Reader, parser.Context) parser.State {
	return parser.Continue | parser.NoChildren
}

func (blockGuard) Close(ast.Node, text.Reader, parser.Context) {}
func (blockGuard) CanInterruptParagraph() bool                 { return true }
func (blockGuard) CanAcceptIndentedLine() bool                 { return true }

// inlineGuard is an inline parser that never parses anything. Once a bound is
// exceeded it takes the rest of the paragraph as one node.
type inlineGuard struct{}

func (inlineGuard) Trigger() []byte { return []byte("*_~[]!") }

func (inlineGuard) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	b := boundsOf(pc)
	if b.paragraph != parent {
		b.paragraph, b.marks = parent, 0
	}
	switch block.Peek() {
	case '*', '_', '~':
		if b.marks++; b.marks > maxMarks {
			b.err = refuse("problem.markdown.marks", maxMarks)
		}
	case '[', ']':
		_, here := block.Position()
		if lines := parent.Lines(); lines.Len() > 0 {
			b.work += lines.At(lines.Len()-1).Stop - here.Start
		}
		if b.work > maxBracketWork {
			b.err = refuse("problem.markdown.brackets")
		}
	}
	if b.err == nil {
		return nil
	}
	for line, _ := block.PeekLine(); line != nil; line, _ = block.PeekLine() {
		block.AdvanceLine()
	}
	return ast.NewString(nil)
}

// paragraphGuard looks at a paragraph before its lines are tried as link
// references and as a table.
type paragraphGuard struct{}

func (paragraphGuard) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	b := boundsOf(pc)
	lines := node.Lines()
	if lines.Len() > maxLines {
		b.err = refuse("problem.markdown.lines", maxLines)
	}
	for i := 1; i < lines.Len() && b.err == nil; i++ {
		line := lines.At(i)
		row := bytes.TrimSpace(line.Value(reader.Source()))
		if columns := bytes.Count(row, []byte("|")); columns > 0 && len(bytes.Trim(row, "|-: \t")) == 0 {
			if b.cells += (columns + 1) * (lines.Len() - i); b.cells > maxCells {
				b.err = refuse("problem.markdown.cells", maxCells)
			}
			break // goldmark takes the first such line as the table's
		}
	}
	if b.err != nil {
		node.Parent().RemoveChild(node.Parent(), node)
	}
}

// checkTree refuses a tree that is too deep to be walked by recursion, or
// whose links repeat a long reference until the page bursts.
func checkTree(root ast.Node) error {
	depth, linked := 0, 0
	for node := root; node != nil; {
		switch n := node.(type) {
		case *ast.Link:
			linked += len(n.Destination) + len(n.Title)
		case *ast.Image:
			linked += len(n.Destination) + len(n.Title)
		case *east.FootnoteBacklink:
			linked += len(`<a href="#fnref:1"></a>`)
		}
		if node.FirstChild() != nil {
			node = node.FirstChild()
			depth++
		} else {
			for node != root && node.NextSibling() == nil {
				node = node.Parent()
				depth--
			}
			if node == root {
				break
			}
			node = node.NextSibling()
		}
		if depth > maxDepth {
			return refuse("problem.markdown.nested", maxDepth)
		}
		if linked > maxOutput/4 {
			return refuse("problem.markdown.links", maxOutput/4>>20)
		}
	}
	return nil
}
