package markdown

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
)

// How much of a post a listing shows, in characters unless said otherwise.
const (
	excerptGoal      = 500 // then no further block is added
	excerptMost      = 900 // no block is added that would pass this
	excerptIntro     = 150 // then a heading ends the excerpt
	excerptFirst     = 2_000
	excerptCodeLines = 15
	excerptRows      = 10 // of a table
	excerptItems     = 12 // of a list
)

// cutExcerpt reduces a post to what a listing shows and reports whether that
// leaves something out. It takes away whole nodes, so that what is left is
// well formed whatever was cut.
func cutExcerpt(root ast.Node, source []byte) (more bool) {
	removeFootnotes(root)
	if marker := moreMarker(root, source); marker != nil && !leads(root, marker) {
		more = followed(root, marker)
		cutAfter(root, marker)
		dropLeadingHeadings(root)
		return more
	}
	return chooseBlocks(root, source)
}

var moreComment = regexp.MustCompile(`<!--\s*more\s*-->`)

// moreMarker finds the author's <!--more-->.
func moreMarker(root ast.Node, source []byte) (marker ast.Node) {
	_ = ast.Walk(root, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		var raw []byte
		switch n := node.(type) {
		case *ast.HTMLBlock:
			raw = n.Lines().Value(source)
			if n.HasClosure() {
				raw = append(raw, n.ClosureLine.Value(source)...)
			}
		case *ast.RawHTML:
			raw = n.Segments.Value(source)
		}
		if moreComment.Match(raw) {
			marker = node
			return ast.WalkStop, nil
		}
		return ast.WalkContinue, nil
	})
	return marker
}

// leads reports whether nothing but headings comes before a marker.
func leads(root, marker ast.Node) bool {
	top := marker
	for top.Parent() != root {
		top = top.Parent()
	}
	if top != marker && !introduces(top) {
		return false
	}
	for top = top.PreviousSibling(); top != nil; top = top.PreviousSibling() {
		if !introduces(top) {
			return false
		}
	}
	return true
}

// followed reports whether any node comes after this one.
func followed(root, node ast.Node) bool {
	for ; node != root; node = node.Parent() {
		if node.NextSibling() != nil {
			return true
		}
	}
	return false
}

// cutAfter removes all that comes after a node.
func cutAfter(root, node ast.Node) {
	for ; node != root; node = node.Parent() {
		for parent := node.Parent(); node.NextSibling() != nil; {
			parent.RemoveChild(parent, node.NextSibling())
		}
	}
}

// removeFootnotes takes away the notes and the marks that lead to them.
func removeFootnotes(root ast.Node) {
	var notes []ast.Node
	_ = ast.Walk(root, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if kind := node.Kind(); entering && (kind == east.KindFootnoteLink || kind == east.KindFootnoteList) {
			notes = append(notes, node)
			return ast.WalkSkipChildren, nil
		}
		return ast.WalkContinue, nil
	})
	for _, note := range notes {
		note.Parent().RemoveChild(note.Parent(), note)
	}
}

// dropLeadingHeadings removes headings before the first text: the card has a
// title already.
func dropLeadingHeadings(root ast.Node) {
	for first := root.FirstChild(); first != nil && introduces(first); first = root.FirstChild() {
		root.RemoveChild(root, first)
	}
}

func introduces(node ast.Node) bool {
	return node.Kind() == ast.KindHeading || node.Kind() == ast.KindThematicBreak
}

// chooseBlocks keeps the first blocks that a reader of a listing wants to see:
// the words before the first heading, or more where these are few.
func chooseBlocks(root ast.Node, source []byte) (more bool) {
	length, last := 0, ast.Node(nil)
	for node := root.FirstChild(); node != nil; {
		next := node.NextSibling()
		size := textSize(node, source)
		switch {
		case last == nil && (introduces(node) || showsNothing(node, size, source)):
			root.RemoveChild(root, node)
		case last == nil && !fits(node, size):
			if shorten(root, node, source) {
				return true
			}
			root.RemoveChild(root, node) // such as a long listing before the first words
			more = true
		case node.Kind() == ast.KindHeading && length < excerptIntro && next != nil:
			// stays if what it introduces stays
		case last != nil && (introduces(node) || length >= excerptGoal || length+size > excerptMost || !fits(node, size)):
			cutAfter(root, withoutPromise(last, source))
			return true
		default:
			length += size
			last = node
		}
		node = next
	}
	return more
}

// withoutPromise goes back from a last block that announces what would follow
// it, such as "It looks like this:".
func withoutPromise(last ast.Node, source []byte) ast.Node {
	for last.PreviousSibling() != nil && (introduces(last) || strings.HasSuffix(plainText(last, source), ":")) {
		last = last.PreviousSibling()
	}
	return last
}

// textSize is how many characters of a block a reader has to read.
func textSize(node ast.Node, source []byte) int {
	switch node.Kind() {
	case ast.KindFencedCodeBlock, ast.KindCodeBlock:
		return utf8.RuneCount(node.Lines().Value(source))
	case ast.KindHTMLBlock:
		return utf8.RuneCountInString(plain(policy().SanitizeBytes(node.Lines().Value(source))))
	}
	if only := node.FirstChild(); only != nil && only.NextSibling() == nil && only.Kind() == ast.KindImage {
		return 0
	}
	return utf8.RuneCountInString(plainText(node, source))
}

var media = regexp.MustCompile(`(?i)<(?:img|video|audio|picture)\b|!\[`)

// showsNothing reports whether a block has neither a word nor an image, such
// as a style or an old anchor.
func showsNothing(node ast.Node, size int, source []byte) bool {
	return (node.Kind() == ast.KindHTMLBlock || node.Kind() == ast.KindParagraph) &&
		size == 0 && !media.Match(node.Lines().Value(source))
}

// fits reports whether a block may stand in an excerpt at all.
func fits(node ast.Node, size int) bool {
	switch n := node.(type) {
	case *ast.FencedCodeBlock, *ast.CodeBlock:
		return n.Lines().Len() <= excerptCodeLines
	case *east.Table:
		return n.ChildCount() <= excerptRows
	case *ast.List:
		return n.ChildCount() <= excerptItems && size <= excerptFirst
	case *ast.HTMLBlock:
		return n.Lines().Len() <= 2*excerptCodeLines
	}
	return size <= excerptFirst
}

// shorten makes the first block, which is too long, the only one, and one that
// fits: a list or a quote by its first children, a paragraph by its first words.
func shorten(root, node ast.Node, source []byte) bool {
	switch node.Kind() {
	case ast.KindList, ast.KindBlockquote:
		first := node.FirstChild()
		length := utf8.RuneCountInString(plainText(first, source))
		if length > excerptFirst {
			break
		}
		for next := first.NextSibling(); next != nil; next = next.NextSibling() {
			if length += utf8.RuneCountInString(plainText(next, source)); length > excerptGoal {
				break
			}
			first = next
		}
		cutAfter(root, first)
		return true
	case ast.KindParagraph:
	default:
		return false
	}
	words := cutWords(plainText(node, source), excerptGoal)
	paragraph := ast.NewParagraph()
	text := ast.NewString([]byte(words))
	text.SetRaw(true)
	paragraph.AppendChild(paragraph, text)
	root.ReplaceChild(root, node, paragraph)
	cutAfter(root, paragraph)
	return true
}
