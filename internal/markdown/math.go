package markdown

import (
	"bytes"
	"html"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"broadsheet/internal/markdown/tex"
)

const maxFormulas = 256 << 10 // bytes of all formulas of a post; further ones are shown as they were written

// formula is TeX between dollars, inside a paragraph.
type formula struct {
	ast.BaseInline
	tex     string
	display bool
}

var kindFormula = ast.NewNodeKind("Formula")

func (*formula) Kind() ast.NodeKind              { return kindFormula }
func (n *formula) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// formulaBlock is TeX between two dollars each on lines of its own.
type formulaBlock struct {
	ast.BaseBlock
	closed bool
	broken bool // words follow its end, so it is none
}

var kindFormulaBlock = ast.NewNodeKind("FormulaBlock")

func (*formulaBlock) Kind() ast.NodeKind              { return kindFormulaBlock }
func (n *formulaBlock) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }
func (*formulaBlock) IsRaw() bool                     { return true }

// tex is the formula without its dollars.
func (n *formulaBlock) tex(source []byte) string {
	written := strings.TrimSpace(string(n.Lines().Value(source)))
	return strings.TrimSuffix(strings.TrimPrefix(written, "$$"), "$$")
}

// formulaParser reads formulas by Pandoc's rules (tex_math_dollars): the opening
// dollar has a character right after it, and the next dollar a character right
// before it and no digit after it. So $5 and $6 are prices.
type formulaParser struct{}

func (formulaParser) Trigger() []byte { return []byte{'$'} }

// Parse looks no further than the next dollar, or once through the paragraph
// where there is none, so that dollars together cost no more than the text.
func (formulaParser) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	rest, _ := block.PeekLine()
	size := 1
	if bytes.HasPrefix(rest, []byte("$$")) {
		size = 2
	} else if len(rest) < 2 || util.IsSpace(rest[1]) {
		return nil
	}
	block.Advance(size)
	var content strings.Builder
	for end := -1; end < 0; {
		rest, _ = block.PeekLine()
		if rest == nil {
			return nil
		}
		if end = dollarIn(rest, size); end < 0 {
			content.Write(rest)
			block.AdvanceLine()
			continue
		}
		if size == 1 && !closes(rest, end) {
			return nil
		}
		content.Write(rest[:end])
		block.Advance(end + size)
	}
	written := content.String()
	if strings.TrimSpace(written) == "" {
		return nil
	}
	if quoted := strings.TrimSuffix(strings.TrimPrefix(written, "`"), "`"); len(quoted) == len(written)-2 {
		written = quoted // GitHub's $`x`$
	}
	return &formula{tex: written, display: size == 2}
}

// dollarIn is the place of the next dollars in a line that are not escaped, or -1.
func dollarIn(line []byte, size int) int {
	for i := 0; i+size <= len(line); i++ {
		switch {
		case line[i] == '\\':
			i++
		case line[i] == '$' && line[i+size-1] == '$':
			return i
		}
	}
	return -1
}

// closes reports whether the dollar at a place in a line can end a formula.
func closes(line []byte, place int) bool {
	return place > 0 && !util.IsSpace(line[place-1]) && (place+1 >= len(line) || !util.IsNumeric(line[place+1]))
}

// formulaBlockParser reads formulas that begin a line with two dollars, so that
// a minus at the start of the next line is no list.
type formulaBlockParser struct{}

func (formulaBlockParser) Trigger() []byte { return []byte{'$'} }

func (formulaBlockParser) Open(_ ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, segment := reader.PeekLine()
	start := pc.BlockOffset()
	if start < 0 || !bytes.HasPrefix(line[start:], []byte("$$")) {
		return nil, parser.NoChildren
	}
	rest := bytes.TrimSpace(line[start+2:])
	end := dollarIn(rest, 2)
	interrupts := ast.IsParagraph(pc.LastOpenedBlock().Node)
	if end >= 0 && end != len(rest)-2 || end < 0 && interrupts && len(rest) > 0 {
		return nil, parser.NoChildren // words follow
	}
	n := &formulaBlock{closed: end >= 0}
	n.Lines().Append(text.NewSegment(segment.Start+start-segment.Padding, segment.Stop))
	reader.AdvanceToEOL()
	return n, parser.NoChildren
}

func (formulaBlockParser) Continue(node ast.Node, reader text.Reader, _ parser.Context) parser.State {
	n := node.(*formulaBlock)
	line, segment := reader.PeekLine()
	if n.closed || util.IsBlank(line) {
		return parser.Close
	}
	if rest := bytes.TrimSpace(line); !n.broken {
		end := dollarIn(rest, 2)
		n.closed = end >= 0 && end == len(rest)-2
		n.broken = end >= 0 && !n.closed
	}
	n.Lines().Append(segment)
	reader.AdvanceToEOL()
	return parser.Continue | parser.NoChildren
}

// Close makes a paragraph of what is no formula after all.
func (formulaBlockParser) Close(node ast.Node, reader text.Reader, _ parser.Context) {
	n := node.(*formulaBlock)
	if n.closed {
		return
	}
	paragraph := ast.NewParagraph()
	for i := range n.Lines().Len() {
		line := n.Lines().At(i)
		line = line.TrimLeftSpace(reader.Source())
		if i == n.Lines().Len()-1 {
			line = line.TrimRightSpace(reader.Source())
		}
		paragraph.Lines().Append(line)
	}
	n.Parent().ReplaceChild(n.Parent(), n, paragraph)
}

func (formulaBlockParser) CanInterruptParagraph() bool { return true }
func (formulaBlockParser) CanAcceptIndentedLine() bool { return false }

func (blogRenderer) formula(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		n := node.(*formula)
		writeFormula(w, n.tex, n.display, stateOf(node))
	}
	return ast.WalkSkipChildren, nil
}

func (blogRenderer) formulaBlock(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		_, _ = w.WriteString("<p>")
		writeFormula(w, node.(*formulaBlock).tex(source), true, stateOf(node))
		_, _ = w.WriteString("</p>\n")
	}
	return ast.WalkSkipChildren, nil
}

// mathML is a formula that was converted. It is kept from the policy, which
// therefore knows no MathML, and no author can write any.
type mathML struct {
	element string
	display bool
}

// formulaMark stands around the number of a formula until the formula takes its
// place. It is a character that no source holds, and one spelled as an entity
// is dropped; between two of them, it could at most move a formula.
const formulaMark = "\uFFFE"

// addFormula writes the formula of a number and reports whether there is one;
// each is written once.
func (f *fragment) addFormula(number string) bool {
	n, err := strconv.Atoi(number)
	if err != nil || n < 0 || n >= len(f.formulas) || f.formulas[n].element == "" {
		return false
	}
	formula := f.formulas[n]
	f.formulas[n] = mathML{}
	if formula.display && f.place != oneLine {
		f.boxes++
		label := html.EscapeString(say(f.labels.formula, strconv.Itoa(f.boxes)))
		formula.element = `<span class="math-scroll" tabindex="0" role="region" aria-label="` + label + `">` + formula.element + "</span>"
	}
	f.out = append(f.out, formula.element...)
	return true
}

// writeFormula writes the mark of a formula, or the TeX itself where it could
// not be converted.
func writeFormula(w util.BufWriter, source string, display bool, s *state) {
	if s.tex += len(source); s.tex <= maxFormulas {
		if element, err := tex.MathML(source, display); err == nil {
			_, _ = w.WriteString(formulaMark + strconv.Itoa(len(s.formulas)) + formulaMark)
			s.formulas = append(s.formulas, mathML{printable(element), display})
			return
		}
	}
	dollars := "$"
	if display {
		dollars = "$$"
	}
	_, _ = w.WriteString(`<code class="language-tex">` + dollars + html.EscapeString(source) + dollars + "</code>")
}
