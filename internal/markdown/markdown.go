// Package markdown turns what an author writes into HTML that is safe to show;
// it is the only place that makes template.HTML.
//
// A post passes three stages. goldmark parses it (parse.go, within the bounds
// of guard.go) and renders it, raw HTML included. One bluemonday policy
// (policy.go) then drops whatever may not be shown. Last, fragment.go nests
// what is left exactly as a browser will, so that no unclosed tag reaches the
// page around it, and adds what the site wants on every element: prefixed ids,
// anchors, scroll boxes, lazy images, popovers of footnotes. Pages load files from their own server
// alone, so an image of another host becomes a link to it.
//
// The classes to style:
//
//	.heading          div around a heading that can be linked to
//	.anchor           the link after that heading, "#"
//	.table-scroll     focusable box around a table
//	.align-left, .align-center, .align-right
//	                  cells, paragraphs and images with an alignment
//	.chroma           pre of highlighted code; its spans are .k, .s, .c1 …, see package codestyle
//	.hl               a highlighted line inside .chroma
//	.language-…       code of a block with a language
//	.code, .code-title, .code-language
//	                  figure around a code block with a language or a title, its
//	                  caption, and the language in it
//	.callout, .note, .tip, .important, .warning, .caution
//	                  div of a callout, and its kind
//	.callout-title    p with the label of the kind
//	.math-scroll      focusable box around a formula on lines of its own
//	.footnote-ref     sup with the link to a footnote
//	.footnote-open    empty button after that link, which opens the footnote as a
//	                  popover; its value is the number
//	.footnotes        section with the footnotes; their li are the popovers, and
//	                  a stylesheet has to show those that are not open
//	.footnote-backref link from a footnote back to the text
//	.task-list, .task-list-item
//	                  list with checkboxes, and its items
//	.toc              ul of the table of contents, the outermost one
package markdown

import (
	"html/template"
	"strings"

	"github.com/yuin/goldmark/ast"

	"broadsheet/internal/texts"
)

// HTML is markup that this package has sanitised.
type HTML = template.HTML

// Version is raised whenever Render's output changes: stored posts are then rendered again.
const Version = 4

// IDPrefix starts every id in a post, so that none can be mistaken for one of
// the page around it, nor shadow a global name in a script.
const IDPrefix = "md-"

// Document is a rendered post.
type Document struct {
	HTML    HTML   // the whole post
	Excerpt HTML   // what a listing shows: up to <!--more-->, else the first paragraphs; always whole elements
	More    bool   // whether the post has more than the excerpt
	TOC     HTML   // nested list of links to the headings, "" when there are fewer than three
	Text    string // plain text without markup and code blocks (for descriptions), at most 300 characters, cut at a word
	Plain   string // plain text of the whole post, code and names of images included (for searches), at most 100,000 characters
	Words   int    // words of prose; a Chinese or Japanese character counts as one
	Minutes int    // reading time in minutes, at least 1
}

// Error says why a source was refused, in words its author can act on.
type Error struct{ Message texts.Message }

func (e *Error) Error() string { return e.Message.String() }

func refuse(key string, args ...any) *Error { return &Error{texts.Message{Key: key, Args: args}} }

// Render renders a post written in language (BCP 47), which decides the form of
// its quotation marks. The error is always an *Error.
func Render(source, language string) (Document, error) {
	text := []byte(printable(source))
	root, err := parse(text, language)
	if err != nil {
		return Document{}, err
	}
	prepare(root, text)
	labels := labelsOf(language)
	post, err := compose(root, text, wholePost, labels)
	if err != nil {
		return Document{}, err
	}
	more := cutExcerpt(root, text)
	excerpt, err := compose(root, text, listed, labels)
	if err != nil {
		return Document{}, err
	}
	reading := read(post)
	return Document{
		HTML:    HTML(post),
		Excerpt: HTML(excerpt),
		More:    more,
		TOC:     HTML(reading.contents()),
		Text:    reading.description(),
		Plain:   reading.plainText(),
		Words:   reading.words,
		Minutes: reading.minutes(),
	}, nil
}

const maxInline = 10_000 // bytes of a text for Inline

// Inline renders a summary or a description: emphasis, code and links, no
// blocks and no images. A text it cannot take is shown as it was written.
func Inline(text, language string) HTML {
	source := []byte(strings.Join(strings.Fields(printable(text)), " "))
	if len(source) > maxInline {
		return HTML(template.HTMLEscapeString(string(source)))
	}
	root, err := parseInline(source, language)
	if err == nil {
		var line string
		if line, err = compose(root, source, oneLine, labelsOf(language)); err == nil {
			return HTML(strings.TrimSpace(line))
		}
	}
	return HTML(template.HTMLEscapeString(string(source)))
}

// printable drops what neither HTML nor a feed's XML can hold.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == '\uFFFE' || r == '\uFFFF' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

// compose renders, sanitises and nests, in this order: nesting trusts that
// only what the policy allows is left.
func compose(root ast.Node, source []byte, place place, labels labels) (string, error) {
	rendered, made, err := render(root, source, labels)
	if err != nil {
		return "", err
	}
	return nest(policy().SanitizeBytes(rendered), place, made)
}
