package markdown

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// WithoutComments returns a post's Markdown without its comments of HTML, which
// are the author's own: readers of the page never see them. Comments in code
// stay. Errors: as of [Render].
func WithoutComments(source, language string) (string, error) {
	src := []byte(source)
	if !strings.Contains(source, "<!--") {
		return source, nil
	}
	root, err := parse(src, language)
	if err != nil {
		return "", err
	}
	var cuts []text.Segment
	err = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.RawHTML:
			cuts = append(cuts, comments(src, segments(n.Segments))...)
		case *ast.HTMLBlock:
			lines := segments(n.Lines())
			if n.HasClosure() {
				lines = append(lines, n.ClosureLine)
			}
			cuts = append(cuts, comments(src, lines)...)
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		return "", err
	}
	var out strings.Builder
	last := 0
	for _, cut := range cuts {
		if cut.Start < last {
			continue
		}
		out.Write(src[last:cut.Start])
		last = cut.Stop
	}
	out.Write(src[last:])
	return out.String(), nil
}

func segments(s *text.Segments) []text.Segment {
	return append([]text.Segment(nil), s.Sliced(0, s.Len())...)
}

// comments returns which parts of these lines are comments. One that does not
// end reaches to the end of the lines, as in a browser.
func comments(src []byte, lines []text.Segment) (cuts []text.Segment) {
	inside := false
	for _, line := range lines {
		at := line.Start
		for at < line.Stop {
			rest := src[at:line.Stop]
			if !inside {
				i := bytes.Index(rest, []byte("<!--"))
				if i < 0 {
					break
				}
				inside = true
				cuts = append(cuts, text.NewSegment(at+i, at+i+len("<!--")))
				at += i + len("<!--")
				continue
			}
			end := line.Stop
			if i := bytes.Index(rest, []byte("-->")); i >= 0 {
				end, inside = at+i+len("-->"), false
			}
			cuts = append(cuts, text.NewSegment(at, end))
			at = end
		}
	}
	return cuts
}
