package markdown

import (
	"regexp"
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// calloutKinds are GitHub's: a quote whose first line is [!NOTE] is no quote.
var calloutKinds = []string{"note", "tip", "important", "warning", "caution"}

var calloutLine = regexp.MustCompile(`^\[!([A-Za-z]{3,9})\]\s*$`)

// calloutKey is the attribute of a quote that names its kind.
const calloutKey = "callout"

// calloutMarker takes the marker off the first paragraph of a quote before its
// lines are read as text.
type calloutMarker struct{}

func (calloutMarker) Transform(node *ast.Paragraph, reader text.Reader, _ parser.Context) {
	quote, ok := node.Parent().(*ast.Blockquote)
	if !ok || quote.FirstChild() != node || node.Lines().Len() == 0 {
		return
	}
	first := node.Lines().At(0)
	match := calloutLine.FindSubmatch(first.Value(reader.Source()))
	if match == nil {
		return
	}
	kind := strings.ToLower(string(match[1]))
	if !slices.Contains(calloutKinds, kind) {
		return
	}
	quote.SetAttributeString(calloutKey, kind)
	if node.Lines().Len() == 1 {
		quote.RemoveChild(quote, node)
		return
	}
	node.Lines().SetSliced(1, node.Lines().Len())
}

func (blogRenderer) blockquote(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	given, _ := node.AttributeString(calloutKey)
	kind, ok := given.(string)
	switch {
	case !ok && entering:
		_, _ = w.WriteString("<blockquote")
		html.RenderAttributes(w, node, html.BlockquoteAttributeFilter)
		_, _ = w.WriteString(">\n")
	case !ok:
		_, _ = w.WriteString("</blockquote>\n")
	case entering:
		label := stateOf(node).labels.callouts[slices.Index(calloutKinds, kind)]
		_, _ = w.WriteString(`<div class="callout ` + kind + `" role="note">` + "\n" +
			`<p class="callout-title">` + label + "</p>\n")
	default:
		_, _ = w.WriteString("</div>\n")
	}
	return ast.WalkContinue, nil
}
