package markdown

import (
	"bytes"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Sanitize is the policy alone.
func Sanitize(html string) string { return policy().Sanitize(html) }

// Core parses as Render does and renders what the specifications speak of:
// before sanitising, typography and decoration.
func Core(source string) string {
	plain := goldmark.New(
		goldmark.WithExtensions(
			extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)),
			extension.Strikethrough, extension.TaskList, extension.Footnote, extension.DefinitionList),
		goldmark.WithRendererOptions(html.WithUnsafe(), renderer.WithNodeRenderers(util.Prioritized(textOnly{}, 1))))
	context := parser.NewContext()
	context.Set(boundsKey, &bounds{})
	root := engine().Parser().Parse(text.NewReader([]byte(source)), parser.WithContext(context))
	var out bytes.Buffer
	if err := plain.Renderer().Render(&out, []byte(source), root); err != nil {
		return err.Error()
	}
	return out.String()
}

type textOnly struct{}

func (textOnly) RegisterFuncs(register renderer.NodeRendererFuncRegisterer) {
	register.Register(ast.KindText, blogRenderer{}.text)
}
