package tex

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// atom reads what is not a script: a letter, a number, a symbol, a group or a
// command with its arguments.
func (p *parser) atom() atom {
	token := p.peek()
	if token == "" {
		p.fail("something is missing at the end")
		return atom{}
	}
	if token[0] == '\\' {
		p.next()
		return p.command(token)
	}
	first, _ := utf8.DecodeRuneInString(token)
	switch {
	case token == "{":
		p.next()
		content := p.row("}")
		p.expect("}")
		if lone, ok := strings.CutPrefix(content, "<mo>"); ok && strings.Count(lone, "<") == 1 {
			content = `<mo lspace="0" rspace="0">` + lone // 2{,}5: braces take the space away
		}
		return atom{mathML: content}
	case token == "~":
		p.next()
		return atom{mathML: "<mtext>\u00a0</mtext>", class: space}
	case isDigit(token[0]):
		return atom{mathML: element("mn", p.font.apply(p.number()))}
	case unicode.IsLetter(first):
		return atom{mathML: p.letters()}
	case strings.ContainsRune(`^_&}#$'`, first):
		p.fail("%q stands alone", token)
		return atom{}
	}
	p.next()
	if symbol, ok := characters[token]; ok {
		return operator(symbol.text, symbol.class)
	}
	if first == utf8.RuneError || unicode.IsControl(first) || first == '"' {
		p.fail("%q has no meaning in a formula", token)
	}
	return operator(token, classOf(token))
}

// number reads digits; a point or a comma belongs to it between two of them.
func (p *parser) number() string {
	start := p.pos
	for p.pos < len(p.src) {
		c := p.src[p.pos]
		between := (c == '.' || c == ',') && p.pos+1 < len(p.src) && isDigit(p.src[p.pos+1])
		if !isDigit(c) && !between {
			break
		}
		p.pos++
	}
	return p.src[start:p.pos]
}

// letters reads one variable, or in a font of its own a whole word.
func (p *parser) letters() string {
	start := p.pos
	for p.pos < len(p.src) {
		r, size := utf8.DecodeRuneInString(p.src[p.pos:])
		if !unicode.IsLetter(r) {
			break
		}
		p.pos += size
		if p.font == "" {
			break
		}
	}
	return identifier(p.src[start:p.pos], p.font)
}

// identifier is a variable; browsers slant one of a single letter by themselves.
func identifier(name string, f font) string {
	if f == "rm" && utf8.RuneCountInString(name) == 1 {
		return `<mi mathvariant="normal">` + html.EscapeString(name) + "</mi>"
	}
	return element("mi", html.EscapeString(f.apply(name)))
}

// operator is a symbol with the space of its class. TeX's brackets grow after
// \left only, MathML's by themselves.
func operator(text string, c class) atom {
	a := atom{class: c, symbol: text}
	escaped := html.EscapeString(text)
	switch {
	case c == ordinary && strings.Contains("|‖/\\", text):
		a.mathML = `<mo stretchy="false" lspace="0" rspace="0">` + escaped + "</mo>"
	case c == ordinary:
		a.mathML = element("mi", escaped)
	case c == opening:
		a.mathML = `<mo form="prefix" stretchy="false">` + escaped + "</mo>"
	case c == closing:
		a.mathML = `<mo form="postfix" stretchy="false">` + escaped + "</mo>"
	case c == relation && strings.ContainsRune("↑↓↕⇑⇓⇕", firstRune(text)):
		a.mathML = `<mo stretchy="false">` + escaped + "</mo>"
	case c == large:
		a.mathML = element("mo", escaped)
		a.limits = !strings.ContainsRune("∫∬∭∮∯∰", firstRune(text))
	default:
		a.mathML = element("mo", escaped)
	}
	if c == opening || c == closing || c == ordinary {
		a.symbol = ""
	}
	return a
}

func firstRune(text string) rune {
	r, _ := utf8.DecodeRuneInString(text)
	return r
}

// words reads the argument of \text: plain words between braces, in which only
// escaped characters are commands.
func (p *parser) words() string {
	p.expect("{")
	var out strings.Builder
	for open := 1; p.err == nil; {
		if p.pos >= len(p.src) {
			p.fail("a brace is never closed")
			break
		}
		c := p.src[p.pos]
		p.pos++
		switch c {
		case '{':
			open++
		case '}':
			if open--; open == 0 {
				return out.String()
			}
		case '~':
			out.WriteString("\u00a0")
		case '\\':
			if p.pos < len(p.src) && strings.IndexByte(`%$#&_{} ,`, p.src[p.pos]) >= 0 {
				out.WriteByte(p.src[p.pos])
				p.pos++
				break
			}
			p.fail("a command inside of words")
		case '$':
			p.fail("a formula inside of words")
		default:
			out.WriteByte(c)
		}
	}
	return ""
}

// text is words in a formula; MathML drops spaces at their ends.
func text(words string) atom {
	fixed := strings.Join(strings.FieldsFunc(words, func(r rune) bool { return r == '\n' || r == '\t' || r == '\r' }), " ")
	if trimmed := strings.TrimLeft(fixed, " "); trimmed != fixed {
		fixed = "\u00a0" + trimmed
	}
	if trimmed := strings.TrimRight(fixed, " "); trimmed != fixed {
		fixed = trimmed + "\u00a0"
	}
	return atom{mathML: element("mtext", html.EscapeString(fixed))}
}
