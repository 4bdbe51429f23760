// Package tex turns a formula in TeX's notation into MathML Core, which
// browsers show without a script. It knows what people write in posts: letters
// and symbols, scripts, fractions, roots, accents, fonts, delimiters that grow,
// matrices and aligned equations. There are no macros, so the work is bounded
// by the length of the formula.
package tex

import (
	"fmt"
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxSource = 10_000 // bytes of a formula
	maxDepth  = 20     // groups, scripts and tables inside each other
)

// MathML returns a math element for a formula without its dollars; display is
// for one that stands on lines of its own. The error says what it does not know.
func MathML(source string, display bool) (string, error) {
	if len(source) > maxSource {
		return "", fmt.Errorf("longer than %d bytes", maxSource)
	}
	p := &parser{src: source}
	content := p.formula()
	if p.err != nil {
		return "", p.err
	}
	if content == emptyRow {
		return "", fmt.Errorf("empty")
	}
	if display {
		return `<math display="block">` + content + "</math>", nil
	}
	return "<math>" + content + "</math>", nil
}

// class is what TeX takes an atom for (TeXbook, chapter 17); space follows from it.
type class int

const (
	ordinary class = iota
	function       // sin, lim: a thin space sets it off
	large          // sum, integral
	binary
	relation
	opening
	closing
	punctuation
	space
)

// atom is one thing in a row: MathML and how it behaves beside others.
type atom struct {
	mathML string
	class  class
	limits bool   // scripts stand above and below it
	symbol string // the character, of an operator that is nothing but that
}

type parser struct {
	src   string
	pos   int
	depth int
	font  font
	err   error
}

func (p *parser) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf(format, args...)
	}
}

// peek is the next token, "" at the end: a command with its backslash, or one
// character. Spaces and comments are passed over.
func (p *parser) peek() string {
	for p.pos < len(p.src) {
		switch p.src[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.pos++
		case '%':
			end := strings.IndexByte(p.src[p.pos:], '\n')
			if end < 0 {
				end = len(p.src) - p.pos - 1
			}
			p.pos += end + 1
		default:
			return p.token()
		}
	}
	return ""
}

// token is the token at the current place, which holds no space.
func (p *parser) token() string {
	rest := p.src[p.pos:]
	if rest[0] != '\\' {
		_, size := utf8.DecodeRuneInString(rest)
		return rest[:size]
	}
	end := 1
	for end < len(rest) && isLetter(rest[end]) {
		end++
	}
	if end == 1 && len(rest) > 1 {
		_, size := utf8.DecodeRuneInString(rest[1:])
		end += size
	}
	return rest[:end]
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

func (p *parser) next() string {
	token := p.peek()
	p.pos += len(token)
	return token
}

// take passes over a token if it comes next.
func (p *parser) take(token string) bool {
	if p.peek() != token {
		return false
	}
	p.pos += len(token)
	return true
}

func (p *parser) expect(token string) {
	if got := p.peek(); !p.take(token) {
		p.fail("%q where %q should stand", got, token)
	}
}

// enter counts what stands inside each other; its result leaves again.
func (p *parser) enter() func() {
	if p.depth++; p.depth > maxDepth {
		p.fail("nested more than %d deep", maxDepth)
	}
	return func() { p.depth-- }
}

// formula is the whole: a row, or lines one below the other.
func (p *parser) formula() string {
	rows := p.rows("")
	if p.err != nil {
		return ""
	}
	if p.peek() != "" {
		p.fail("%q without its beginning", p.peek())
	}
	if len(rows) == 1 {
		if len(rows[0]) > 1 {
			p.fail("& outside of a table")
		}
		return rows[0][0]
	}
	return table(rows, layout{align: "rl", display: true})
}

// row reads atoms up to one of the ends, which it leaves.
func (p *parser) row(ends ...string) string {
	defer p.enter()()
	var atoms []atom
	for p.err == nil {
		token := p.peek()
		if isOneOf(token, ends) {
			break
		}
		switch token {
		case "", "}", "&", `\\`, `\right`, `\end`:
			p.fail("%q where %q should stand", token, ends)
		case `\displaystyle`, `\textstyle`:
			p.next()
			atoms = append(atoms, atom{mathML: `<mstyle displaystyle="` + fmt.Sprint(token == `\displaystyle`) +
				`" scriptlevel="0">` + p.row(ends...) + "</mstyle>"})
		case `\nonumber`, `\notag`, `\relax`:
			p.next()
		default:
			atoms = append(atoms, p.scripted())
		}
	}
	return join(atoms)
}

func isOneOf(token string, tokens []string) bool {
	for _, t := range tokens {
		if t == token {
			return true
		}
	}
	return false
}

// join puts a row together and sets what depends on the neighbours: a minus
// after an operator is a sign, and functions keep a distance.
func join(atoms []atom) string {
	var out strings.Builder
	count := 0
	before := opening
	for i, a := range atoms {
		switch {
		case a.class == binary && a.symbol != "" && (before == opening || before == binary || before == relation || before == punctuation || before == large || before == function):
			a.mathML = `<mo form="prefix">` + html.EscapeString(a.symbol) + "</mo>"
			a.class = opening
		case (a.class == relation || a.class == binary) && a.symbol != "" && (i == 0 || i == len(atoms)-1):
			a.mathML = `<mo form="infix">` + html.EscapeString(a.symbol) + "</mo>"
		case a.class == function && (before == ordinary || before == closing || before == function):
			out.WriteString(thinSpace)
			count++
		case before == function && (a.class == ordinary || a.class == large):
			out.WriteString(thinSpace)
			count++
		}
		out.WriteString(a.mathML)
		before = a.class
		count++
	}
	if count == 1 {
		return out.String()
	}
	return group(out.String())
}

const thinSpace = `<mspace width="0.1667em"></mspace>`

func group(content string) string { return "<mrow>" + content + "</mrow>" }

// scripted reads an atom and the scripts that follow it.
func (p *parser) scripted() atom {
	base := atom{mathML: "<mrow></mrow>"}
	if token := p.peek(); token != "^" && token != "_" && token != "'" {
		base = p.atom()
	}
	var sub, sup, primes string
	for p.err == nil {
		switch token := p.peek(); {
		case token == `\limits` || token == `\nolimits`:
			p.next()
			base.limits = token == `\limits`
			if base.limits && base.symbol != "" {
				base.mathML = `<mo movablelimits="false">` + html.EscapeString(base.symbol) + "</mo>"
			}
			continue
		case token == "'" && sup == "":
			p.next()
			primes += "′"
			continue
		case token == "_" && sub == "":
			p.next()
			sub = p.argument()
			continue
		case token == "^" && sup == "":
			p.next()
			sup = p.argument()
			continue
		case token == "^" || token == "_" || token == "'":
			p.fail("two scripts in one place")
		}
		break
	}
	if primes != "" {
		prime := "<mo>" + primes + "</mo>"
		if sup == "" {
			sup = prime
		} else {
			sup = group(prime + sup)
		}
	}
	return withScripts(base, sub, sup)
}

func withScripts(base atom, sub, sup string) atom {
	under, over, both := "msub", "msup", "msubsup"
	if base.limits {
		under, over, both = "munder", "mover", "munderover"
	}
	name := both
	switch {
	case sub == "" && sup == "":
		return base
	case sup == "":
		name = under
	case sub == "":
		name = over
	}
	return atom{mathML: element(name, base.mathML+sub+sup), class: base.class}
}

func element(name, content string) string { return "<" + name + ">" + content + "</" + name + ">" }

// argument reads a group in braces, or else one token: \frac12 is a half.
func (p *parser) argument() string {
	defer p.enter()()
	if p.err != nil {
		return ""
	}
	token := p.peek()
	switch {
	case token == "":
		p.fail("an argument is missing")
		return ""
	case token == "{":
		p.next()
		content := p.row("}")
		p.expect("}")
		return content
	case isDigit(token[0]):
		p.next()
		return element("mn", p.font.apply(token))
	}
	if first, size := utf8.DecodeRuneInString(token); unicode.IsLetter(first) {
		p.pos += size
		return identifier(token, p.font)
	}
	return p.atom().mathML
}
