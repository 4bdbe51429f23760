package markdown

import (
	"html"
	"strconv"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/util"
	"golang.org/x/text/unicode/norm"
)

// prepare gives headings their ids and task lists their classes, and makes
// figures of images that stand alone.
func prepare(root ast.Node, source []byte) {
	ids := slugs{}
	var alone []*ast.Paragraph
	_ = ast.Walk(root, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := node.(type) {
		case *ast.Heading:
			id := slug(plainText(n, source))
			if given, ok := n.AttributeString("id"); ok && idPattern().MatchString(attributeText(given)) {
				id = attributeText(given)
			}
			n.SetAttributeString("id", ids.unique(id))
		case *ast.Paragraph:
			if only(n) != nil {
				alone = append(alone, n)
			}
		case *east.TaskCheckBox:
			if item := n.Parent().Parent(); item.Kind() == ast.KindListItem {
				item.SetAttributeString("class", "task-list-item")
				item.Parent().SetAttributeString("class", "task-list")
			}
		}
		return ast.WalkContinue, nil
	})
	for _, paragraph := range alone {
		if f := figureOf(paragraph); f != nil {
			paragraph.Parent().ReplaceChild(paragraph.Parent(), paragraph, f)
		}
	}
}

func attributeText(value any) string {
	switch v := value.(type) {
	case []byte:
		return string(v)
	case string:
		return v
	}
	return ""
}

// slugs counts the ids given out, by the slug they were made of.
type slugs map[string]int

func (s slugs) unique(slug string) string {
	id := slug
	for s[id] > 0 {
		s[slug]++
		id = slug + "-" + strconv.Itoa(s[slug])
	}
	s[id]++
	return id
}

const maxSlug = 80 // characters

// slug keeps letters and digits of every script, so that an id can be read in
// the address: "Über uns" is "über-uns".
func slug(text string) string {
	var out strings.Builder
	length, gap := 0, false
	for _, r := range strings.ToLower(norm.NFC.String(text)) {
		switch {
		case length >= maxSlug:
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) && length > 0 && !gap || r == '_':
			if gap && length > 0 {
				out.WriteByte('-')
			}
			out.WriteRune(r)
			gap = false
			length++
		case r == '\'' || r == '’':
		default:
			gap = true
		}
	}
	if out.Len() == 0 {
		return "section"
	}
	return out.String()
}

// plainText is the text of a node without markup.
func plainText(node ast.Node, source []byte) string {
	var out strings.Builder
	_ = ast.Walk(node, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			if node.Type() == ast.TypeBlock {
				out.WriteByte(' ')
			}
			return ast.WalkContinue, nil
		}
		switch n := node.(type) {
		case *ast.Text:
			value := n.Segment.Value(source)
			if n.IsRaw() {
				out.Write(value)
			} else {
				out.WriteString(html.UnescapeString(string(util.UnescapePunctuations(value))))
			}
			if n.SoftLineBreak() || n.HardLineBreak() {
				out.WriteByte(' ')
			}
		case *ast.String:
			out.Write(n.Value)
		case *ast.AutoLink:
			out.Write(n.Label(source))
		case *formula:
			out.WriteString(n.tex)
		}
		return ast.WalkContinue, nil
	})
	return strings.Join(strings.Fields(out.String()), " ")
}
