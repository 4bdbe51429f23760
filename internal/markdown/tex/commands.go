package tex

import (
	"html"
	"strings"
)

// command reads what follows a command that was just taken.
func (p *parser) command(name string) atom {
	bare := name[1:]
	if symbol, ok := symbols()[bare]; ok {
		if symbol.class == ordinary && (p.font == "bf" || p.font == "bi") {
			return atom{mathML: element("mi", p.font.apply(symbol.text))}
		}
		return operator(symbol.text, symbol.class)
	}
	if limits, ok := functions[bare]; ok {
		return named(functionName(bare), limits)
	}
	if width, ok := spaces[bare]; ok {
		return atom{mathML: `<mspace width="` + width + `"></mspace>`, class: space}
	}
	if accent, ok := accents[bare]; ok {
		return p.accent(accent)
	}
	if f, ok := fonts[bare]; ok {
		return p.inFont(f)
	}
	if size, ok := sizes[bare]; ok {
		return p.sized(size)
	}
	switch bare {
	case "frac", "cfrac":
		return atom{mathML: element("mfrac", p.argument()+p.argument())}
	case "dfrac":
		return atom{mathML: `<mstyle displaystyle="true" scriptlevel="0"><mfrac>` + p.argument() + p.argument() + "</mfrac></mstyle>"}
	case "tfrac":
		return atom{mathML: `<mstyle displaystyle="false" scriptlevel="0"><mfrac>` + p.argument() + p.argument() + "</mfrac></mstyle>"}
	case "binom", "dbinom", "tbinom":
		return atom{mathML: group(`<mo form="prefix">(</mo><mfrac linethickness="0">` + p.argument() + p.argument() + `</mfrac><mo form="postfix">)</mo>`)}
	case "sqrt":
		return p.root()
	case "text", "textrm", "textnormal", "mbox", "textit", "textsf", "texttt":
		return text(p.words())
	case "textbf":
		return text(font("bf").apply(p.words()))
	case "operatorname":
		limits := p.take("*")
		return named(p.words(), limits)
	case "left":
		return p.fenced()
	case "begin":
		return p.environment()
	case "overset", "stackrel":
		over := p.argument()
		return atom{mathML: element("mover", p.argument()+over), class: relation}
	case "underset":
		under := p.argument()
		return atom{mathML: element("munder", p.argument()+under), class: relation}
	case "substack":
		p.expect("{")
		rows := p.rows("}")
		p.expect("}")
		return atom{mathML: table(rows, layout{})}
	case "not":
		return p.negated()
	case "pmod", "pod":
		label := ""
		if bare == "pmod" {
			label = "<mi>mod</mi>" + thinSpace
		}
		return atom{mathML: `<mspace width="0.5em"></mspace><mo form="prefix" stretchy="false">(</mo>` + label + p.argument() + `<mo form="postfix" stretchy="false">)</mo>`, class: closing}
	case "bmod", "mod":
		return atom{mathML: `<mo lspace="0.2222em" rspace="0.2222em">mod</mo>`, class: binary}
	case "phantom":
		return atom{mathML: element("mphantom", p.argument())}
	case "mathop":
		return atom{mathML: p.argument(), class: large, limits: true}
	case "mathord", "mathbin", "mathrel":
		return atom{mathML: p.argument()}
	case "tag":
		return atom{mathML: `<mspace width="2em"></mspace>` + text("("+p.words()+")").mathML}
	}
	p.fail("%s is not known", name)
	return atom{}
}

// named is a function with a name in upright letters.
func named(name string, limits bool) atom {
	if limits {
		return atom{mathML: `<mo movablelimits="true" lspace="0" rspace="0">` + html.EscapeString(name) + "</mo>", class: function, limits: true}
	}
	if len(name) == 1 {
		return atom{mathML: identifier(name, "rm"), class: function}
	}
	return atom{mathML: element("mi", html.EscapeString(name)), class: function}
}

// functions are the names that TeX sets upright, and whether their scripts
// stand below and above.
var functions = map[string]bool{
	"arccos": false, "arcsin": false, "arctan": false, "arg": false, "cos": false, "cosh": false, "cot": false,
	"coth": false, "csc": false, "deg": false, "dim": false, "exp": false, "hom": false, "ker": false, "lg": false,
	"ln": false, "log": false, "sec": false, "sin": false, "sinh": false, "tan": false, "tanh": false,
	"det": true, "gcd": true, "inf": true, "lim": true, "liminf": true, "limsup": true, "max": true, "min": true,
	"Pr": true, "sup": true,
}

// functionName is a function as it is shown.
func functionName(command string) string {
	switch command {
	case "liminf":
		return "lim\u2009inf"
	case "limsup":
		return "lim\u2009sup"
	}
	return command
}

// spaces are widths in em.
var spaces = map[string]string{
	",": "0.1667em", "thinspace": "0.1667em", ":": "0.2222em", ">": "0.2222em", "medspace": "0.2222em",
	";": "0.2778em", "thickspace": "0.2778em", "!": "-0.1667em", " ": "0.3333em", "enspace": "0.5em",
	"quad": "1em", "qquad": "2em",
}

// accent is a mark over or under its argument.
type accent struct {
	mark    string
	under   bool
	stretch bool
}

var accents = map[string]accent{
	"hat": {mark: "^"}, "check": {mark: "ˇ"}, "tilde": {mark: "~"}, "acute": {mark: "´"}, "grave": {mark: "`"},
	"dot": {mark: "˙"}, "ddot": {mark: "¨"}, "breve": {mark: "˘"}, "bar": {mark: "¯"}, "vec": {mark: "→"}, "mathring": {mark: "˚"},
	"widehat": {mark: "^", stretch: true}, "widetilde": {mark: "~", stretch: true}, "overline": {mark: "‾", stretch: true},
	"underline": {mark: "_", under: true, stretch: true}, "overrightarrow": {mark: "→", stretch: true},
	"overleftarrow": {mark: "←", stretch: true}, "overbrace": {mark: "⏞", stretch: true}, "underbrace": {mark: "⏟", under: true, stretch: true},
}

func (p *parser) accent(a accent) atom {
	mark := `<mo stretchy="false">` + a.mark + "</mo>"
	if a.stretch {
		mark = `<mo stretchy="true">` + a.mark + "</mo>"
	}
	base := p.argument()
	if a.under {
		return atom{mathML: `<munder accentunder="true">` + base + mark + "</munder>", limits: a.mark == "⏟"}
	}
	return atom{mathML: `<mover accent="true">` + base + mark + "</mover>", limits: a.mark == "⏞"}
}

func (p *parser) root() atom {
	if !p.take("[") {
		return atom{mathML: element("msqrt", p.argument())}
	}
	degree := p.row("]")
	p.expect("]")
	return atom{mathML: element("mroot", p.argument()+degree)}
}

// negated strikes a relation through.
func (p *parser) negated() atom {
	next := p.atom()
	if next.symbol == "" {
		p.fail(`\not stands before no symbol`)
	}
	return operator(next.symbol+"\u0338", next.class)
}

// sizes are the heights of \big( and its kin, in em.
var sizes = func() map[string]string {
	m := map[string]string{}
	for name, em := range map[string]string{"big": "1.2em", "Big": "1.8em", "bigg": "2.4em", "Bigg": "3em"} {
		for _, side := range []string{"", "l", "r", "m"} {
			m[name+side] = em
		}
	}
	return m
}()

func (p *parser) sized(em string) atom {
	delimiter := p.delimiter()
	c, form := ordinary, ""
	switch delimiter.class {
	case opening:
		c, form = opening, ` form="prefix"`
	case closing:
		c, form = closing, ` form="postfix"`
	}
	return atom{mathML: "<mo" + form + ` stretchy="true" minsize="` + em + `" maxsize="` + em + `">` + html.EscapeString(delimiter.text) + "</mo>", class: c}
}

// delimiter reads what may follow \left; its text is "" for a dot.
func (p *parser) delimiter() symbol {
	token := p.next()
	if token == "." {
		return symbol{}
	}
	if d, ok := characters[token]; ok && strings.Contains("()[]|/", token) {
		return d
	}
	switch token {
	case "<":
		return symbol{"⟨", opening}
	case ">":
		return symbol{"⟩", closing}
	}
	if len(token) > 1 {
		if d, ok := symbols()[token[1:]]; ok && (d.class == opening || d.class == closing || strings.Contains("|‖\\↑↓↕⇑⇓⇕", d.text)) {
			return d
		}
	}
	p.fail("%q is no delimiter", token)
	return symbol{}
}

// fenced reads from \left, which was just taken, to its \right.
func (p *parser) fenced() atom {
	var out strings.Builder
	out.WriteString(fence(p.delimiter().text, "prefix"))
	for {
		out.WriteString(p.row(`\right`, `\middle`))
		if p.err != nil || !p.take(`\middle`) {
			break
		}
		out.WriteString(fence(p.delimiter().text, "infix"))
	}
	p.expect(`\right`)
	out.WriteString(fence(p.delimiter().text, "postfix"))
	return atom{mathML: group(out.String())}
}

func fence(text, form string) string {
	if text == "" {
		return ""
	}
	return `<mo form="` + form + `" fence="true" stretchy="true">` + html.EscapeString(text) + "</mo>"
}
