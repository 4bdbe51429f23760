// Package markdown turns what an author writes into HTML that is safe to show;
// it is the only place that makes template.HTML.
package markdown

import (
	"bytes"
	"fmt"
	"html/template"
	"strings"

	"github.com/alecthomas/chroma/v2/formatters/html"
	"github.com/alecthomas/chroma/v2/styles"
	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
)

// HTML is markup that this package has sanitised.
type HTML = template.HTML

// Version is raised whenever Render's output changes: stored posts are then rendered again.
const Version = 1

// The backgrounds of code blocks that ChromaCSS makes every token readable on.
const (
	LightBackground = "#f6f4ef"
	DarkBackground  = "#1b1d22"
)

// Document is a rendered post.
type Document struct {
	HTML    HTML   // the whole post
	Excerpt HTML   // what a listing shows: up to <!--more-->, else the first paragraphs; always whole elements
	More    bool   // whether the post has more than the excerpt
	TOC     HTML   // nested list of links to the headings, "" when there are fewer than three
	Text    string // plain text without markup and code blocks, at most 300 characters, cut at a word
	Words   int    // words of prose
	Minutes int    // reading time in minutes, at least 1
}

// Error says why a source was refused, in words its author can act on.
type Error struct{ Message string }

func (e *Error) Error() string { return e.Message }

const maxSource = 1 << 20

// Render renders a post. The error is always an *Error.
func Render(source, language string) (Document, error) {
	if len(source) > maxSource {
		return Document{}, &Error{fmt.Sprintf("the text is larger than %d bytes", maxSource)}
	}
	var out bytes.Buffer
	if err := goldmark.New(goldmark.WithExtensions(extension.GFM)).Convert([]byte(source), &out); err != nil {
		return Document{}, &Error{err.Error()}
	}
	clean := HTML(bluemonday.UGCPolicy().SanitizeBytes(out.Bytes()))
	words := len(strings.Fields(source))
	return Document{HTML: clean, Excerpt: clean, Words: words, Minutes: max(1, words/220)}, nil
}

// Inline renders a summary or a description: emphasis, code and links, no blocks.
func Inline(text, language string) HTML {
	var out bytes.Buffer
	if err := goldmark.Convert([]byte(text), &out); err != nil {
		return ""
	}
	policy := bluemonday.NewPolicy()
	policy.AllowElements("em", "strong", "code")
	return HTML(policy.SanitizeBytes(out.Bytes()))
}

// ChromaCSS gives the stylesheet for highlighted code: the light style and,
// under prefers-color-scheme: dark, the dark one.
func ChromaCSS(light, dark string) string {
	var out strings.Builder
	formatter := html.New(html.WithClasses(true))
	for _, name := range []string{light, dark} {
		if err := formatter.WriteCSS(&out, styles.Get(name)); err != nil {
			return ""
		}
	}
	return out.String()
}
