package markdown

import (
	"bytes"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// engine is goldmark with the extensions of a post. The language is not part
// of it: parsers that need it find it in the parser.Context.
var engine = sync.OnceValue(func() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithExtensions(
			extension.NewLinkify(extension.WithLinkifyAllowedProtocols([]string{"http:", "https:"})),
			extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)),
			extension.Strikethrough,
			extension.TaskList,
			extension.Footnote,
			extension.DefinitionList,
		),
		goldmark.WithParserOptions(
			parser.WithAttribute(), // ## Title {#id}
			parser.WithBlockParsers(util.Prioritized(blockGuard{}, 1), util.Prioritized(formulaBlockParser{}, 650)),
			parser.WithParagraphTransformers(util.Prioritized(paragraphGuard{}, 1), util.Prioritized(calloutMarker{}, 2)),
			parser.WithInlineParsers(
				util.Prioritized(inlineGuard{}, -1),
				util.Prioritized(formulaParser{}, 150),
				util.Prioritized(typographer{}, 9999),
			),
		),
		goldmark.WithRendererOptions(
			html.WithUnsafe(), // the policy decides
			renderer.WithNodeRenderers(util.Prioritized(blogRenderer{}, 1)),
		),
	)
})

// inlineParser knows paragraphs only: "1984. A review" is no list in a summary.
var inlineParser = sync.OnceValue(func() parser.Parser {
	return parser.NewParser(
		parser.WithBlockParsers(util.Prioritized(parser.NewParagraphParser(), 1)),
		parser.WithInlineParsers(append(parser.DefaultInlineParsers(),
			util.Prioritized(inlineGuard{}, -1),
			util.Prioritized(formulaParser{}, 150),
			util.Prioritized(extension.NewStrikethroughParser(), 500),
			util.Prioritized(extension.NewLinkifyParser(
				extension.WithLinkifyAllowedProtocols([]string{"http:", "https:"})), 999),
			util.Prioritized(typographer{}, 9999),
		)...),
	)
})

func parse(source []byte, language string) (ast.Node, error) {
	if err := checkSource(source); err != nil {
		return nil, err
	}
	return parseWith(engine().Parser(), source, language)
}

func parseInline(source []byte, language string) (ast.Node, error) {
	return parseWith(inlineParser(), source, language)
}

func parseWith(p parser.Parser, source []byte, language string) (ast.Node, error) {
	bounds := &bounds{}
	context := parser.NewContext()
	context.Set(boundsKey, bounds)
	context.Set(typographyKey, &typography{quotes: quotesOf(language)})
	root := p.Parse(text.NewReader(source), parser.WithContext(context))
	if bounds.err != nil {
		return nil, bounds.err
	}
	return root, checkTree(root)
}

// state is what blogRenderer knows and has spent while it renders a document.
type state struct {
	highlighter *highlighter
	labels      labels
	formulas    []mathML
	tex         int // bytes of all formulas
}

// stateKey is the attribute of the document that holds its *state.
const stateKey = "state"

func stateOf(node ast.Node) *state {
	s, _ := node.OwnerDocument().AttributeString(stateKey)
	return s.(*state)
}

func render(root ast.Node, source []byte, labels labels) ([]byte, *state, error) {
	var out bytes.Buffer
	made := &state{highlighter: newHighlighter(), labels: labels}
	root.SetAttributeString(stateKey, made)
	if err := engine().Renderer().Render(&out, source, root); err != nil {
		return nil, nil, refuse("problem.markdown.render", err.Error())
	}
	if out.Len() > maxOutput {
		return nil, nil, refuse("problem.markdown.page", maxOutput>>20)
	}
	return out.Bytes(), made, nil
}
