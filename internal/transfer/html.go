package transfer

import (
	"fmt"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// blocks are the elements with which Markdown begins a block of HTML.
var blocks = map[atom.Atom]bool{
	atom.Address: true, atom.Article: true, atom.Aside: true, atom.Blockquote: true, atom.Center: true,
	atom.Details: true, atom.Dialog: true, atom.Div: true, atom.Dl: true, atom.Fieldset: true,
	atom.Figure: true, atom.Footer: true, atom.Form: true, atom.H1: true, atom.H2: true, atom.H3: true,
	atom.H4: true, atom.H5: true, atom.H6: true, atom.Header: true, atom.Hr: true, atom.Iframe: true,
	atom.Main: true, atom.Menu: true, atom.Nav: true, atom.Ol: true, atom.P: true, atom.Pre: true,
	atom.Script: true, atom.Section: true, atom.Style: true, atom.Table: true, atom.Ul: true,
}

// htmlToMarkdown writes HTML so that Markdown keeps it as it is: each element
// of the top level is one block, blocks are separated by blank lines, and
// none has a blank line inside, which would end it.
func htmlToMarkdown(body string) (string, error) {
	nodes, err := html.ParseFragment(strings.NewReader(body), &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body})
	if err != nil {
		return "", fmt.Errorf("reading HTML: %w", err)
	}
	var out []string
	var inline strings.Builder
	endParagraph := func() {
		for part := range strings.SplitSeq(inline.String(), "\n\n") {
			if part = strings.TrimSpace(part); part != "" {
				out = append(out, "<p>"+joined(part)+"</p>")
			}
		}
		inline.Reset()
	}
	for _, n := range nodes {
		isBlock := n.Type == html.ElementNode && blocks[n.DataAtom] || n.Type == html.CommentNode
		if !isBlock {
			if err := html.Render(&inline, n); err != nil {
				return "", fmt.Errorf("writing HTML: %w", err)
			}
			continue
		}
		endParagraph()
		var b strings.Builder
		if err := html.Render(&b, n); err != nil {
			return "", fmt.Errorf("writing HTML: %w", err)
		}
		out = append(out, joined(b.String()))
	}
	endParagraph()
	return strings.Join(out, "\n\n") + "\n", nil
}

// joined replaces the newline of each blank line by its reference, which
// looks the same in <pre> and is space elsewhere.
func joined(block string) string {
	var b strings.Builder
	for line := range strings.Lines(block) {
		if strings.TrimSpace(line) == "" {
			b.WriteString(strings.TrimRight(line, "\r\n") + "&#10;")
			continue
		}
		b.WriteString(line)
	}
	return b.String()
}
