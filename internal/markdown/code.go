package markdown

import (
	"html"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/util"
)

// What highlighting may cost. Code beyond a bound is shown plain: lexers are
// backtracking regular expressions, and their cost is that of the worst input.
const (
	maxCodeBlock     = 64 << 10  // bytes
	maxCodeLine      = 2 << 10   // bytes
	maxCodeTotal     = 256 << 10 // bytes of all blocks of a post
	maxLanguages     = 50        // of a post: one that is not known costs a search by file name
	maxHighlightTime = 2 * time.Second
)

// highlighter is what one rendering has spent on highlighting.
type highlighter struct {
	deadline time.Time
	bytes    int
	lexers   map[string]chroma.Lexer // by the author's name of the language; nil: none
}

func newHighlighter() *highlighter {
	return &highlighter{deadline: time.Now().Add(maxHighlightTime), lexers: map[string]chroma.Lexer{}}
}

// lexer finds a lexer by its exact name, alias or file name; the code itself
// is not looked at.
func (h *highlighter) lexer(language string) chroma.Lexer {
	if language == "" {
		return nil
	}
	lexer, known := h.lexers[language]
	if !known && len(h.lexers) < maxLanguages {
		lexer = lexers.Get(language)
		h.lexers[language] = lexer
	}
	return lexer
}

// label is what readers know a language by, "" for text that is in none.
func (h *highlighter) label(language string) string {
	switch strings.ToLower(language) {
	case "text", "txt", "plain", "plaintext", "none":
		return ""
	case "mermaid":
		return "Mermaid"
	}
	if lexer := h.lexer(language); lexer != nil {
		return lexer.Config().Name
	}
	return language
}

// tokens are the tokens of code, nil where it is to be shown plain.
func (h *highlighter) tokens(language, code string) []chroma.Token {
	if len(code) > maxCodeBlock || h.bytes+len(code) > maxCodeTotal || longestLine(code) > maxCodeLine {
		return nil
	}
	lexer := h.lexer(language)
	if lexer == nil {
		return nil
	}
	h.bytes += len(code)
	next, err := chroma.Coalesce(lexer).Tokenise(nil, code)
	if err != nil {
		return nil
	}
	var tokens []chroma.Token
	for token := next(); token != chroma.EOF; token = next() {
		if time.Now().After(h.deadline) {
			return nil
		}
		tokens = append(tokens, token)
	}
	return tokens
}

func longestLine(code string) int {
	longest := 0
	for line := range strings.Lines(code) {
		longest = max(longest, len(line))
	}
	return longest
}

func (blogRenderer) fencedCode(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	n := node.(*ast.FencedCodeBlock)
	var info codeInfo
	if n.Info != nil {
		value := util.UnescapePunctuations(n.Info.Segment.Value(source))
		info = parseCodeInfo(html.UnescapeString(string(value)))
	}
	s := stateOf(node)
	if strings.EqualFold(info.language, "math") { // GitHub's
		_, _ = w.WriteString("<p>")
		writeFormula(w, strings.TrimSpace(string(n.Lines().Value(source))), true, s)
		_, _ = w.WriteString("</p>\n")
		return ast.WalkContinue, nil
	}
	writeCode(w, info, string(n.Lines().Value(source)), s.highlighter)
	return ast.WalkContinue, nil
}

func writeCode(w util.BufWriter, info codeInfo, code string, h *highlighter) {
	label := h.label(info.language)
	captioned := info.title != "" || label != ""
	if captioned {
		_, _ = w.WriteString(`<figure class="code"><figcaption class="code-title">` + html.EscapeString(info.title))
		if label != "" {
			_, _ = w.WriteString(`<span class="code-language">` + html.EscapeString(label) + "</span>")
		}
		_, _ = w.WriteString("</figcaption>\n")
	}
	tokens := h.tokens(info.language, code)
	_, _ = w.WriteString("<pre")
	if tokens != nil {
		_, _ = w.WriteString(` class="chroma"`)
	}
	_, _ = w.WriteString("><code")
	if info.language != "" {
		_, _ = w.WriteString(` class="language-` + html.EscapeString(info.language) + `"`)
	}
	_, _ = w.WriteString(">")
	if tokens == nil {
		_, _ = w.WriteString(html.EscapeString(code))
	} else {
		writeTokens(w, tokens, info.lines)
	}
	_, _ = w.WriteString("</code></pre>\n")
	if captioned {
		_, _ = w.WriteString("</figure>\n")
	}
}

func writeTokens(w io.StringWriter, tokens []chroma.Token, highlighted []lineRange) {
	for i, line := range chroma.SplitTokensIntoLines(tokens) {
		hl := slices.ContainsFunc(highlighted, func(r lineRange) bool { return r.first <= i+1 && i+1 <= r.last })
		if hl {
			_, _ = w.WriteString(`<span class="hl">`)
		}
		for _, token := range line {
			text := html.EscapeString(token.Value)
			if class := TokenClass(token.Type); class != "" && strings.TrimSpace(text) != "" {
				text = `<span class="` + class + `">` + text + `</span>`
			}
			_, _ = w.WriteString(text)
		}
		if hl {
			_, _ = w.WriteString(`</span>`)
		}
	}
}

// TokenClass returns the class of a token type or of the nearest type above it.
func TokenClass(t chroma.TokenType) string {
	for t > 0 {
		if class, ok := chroma.StandardTypes[t]; ok {
			return class
		}
		t = t.Parent()
	}
	return ""
}

// codeInfo is what authors say after the opening fence.
type codeInfo struct {
	language string
	title    string
	lines    []lineRange // to be highlighted, the first is 1
}

type lineRange struct{ first, last int }

var (
	codeTitle    = regexp.MustCompile(`(?:^|[\s{,])(?:title|filename|file|name)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'{}]+))`)
	codeLines    = regexp.MustCompile(`(?:hl_lines|highlight|mark_lines)\s*=\s*(?:\[([^\]]*)\]|"([^"]*)"|'([^']*)'|([\d,-]+))|\{([\d,\s-]+)\}`)
	codeLanguage = regexp.MustCompile(`^[\pL\pN_+#.*/-]{1,40}$`)
	codeRange    = regexp.MustCompile(`(\d{1,6})(?:\s*-\s*(\d{1,6}))?`)
)

// parseCodeInfo reads the shapes that other blogs left behind: "go",
// "go {hl_lines=[2,3]}", "go title=\"main.go\"", "go:main.go", "rust,ignore",
// "js{1,3-5}", "{.python .numberLines}". What it does not know it passes over.
func parseCodeInfo(info string) codeInfo {
	var parsed codeInfo
	info = strings.TrimSpace(info)
	word := strings.TrimLeft(info, "{. ")
	if end := strings.IndexAny(word, " \t{},:;?="); end >= 0 {
		if word[end] == ':' && word[end:] != ":" {
			parsed.title, _, _ = strings.Cut(word[end+1:], " ")
		}
		if word[end] != '=' { // title="x" alone names no language
			word = word[:end]
		}
	}
	if codeLanguage.MatchString(word) {
		parsed.language = word
	}
	if match := codeTitle.FindStringSubmatch(info); match != nil {
		parsed.title = strings.Join(match[1:], "")
	}
	if match := codeLines.FindStringSubmatch(info); match != nil {
		for _, span := range codeRange.FindAllStringSubmatch(strings.Join(match[1:], ""), 100) {
			first, _ := strconv.Atoi(span[1])
			last, err := strconv.Atoi(span[2])
			if err != nil {
				last = first
			}
			parsed.lines = append(parsed.lines, lineRange{first, last})
		}
	}
	return parsed
}
