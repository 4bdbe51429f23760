package tex

import (
	"html"
	"strings"
)

// layout is how the cells of a table stand.
type layout struct {
	align   string // a letter for each column, repeated: l, c or r; "" centres all
	display bool   // each cell is a formula of its own
	open    string // the brackets around it
	close   string
}

var environments = map[string]layout{
	"matrix": {}, "smallmatrix": {}, "pmatrix": {open: "(", close: ")"}, "bmatrix": {open: "[", close: "]"},
	"Bmatrix": {open: "{", close: "}"}, "vmatrix": {open: "|", close: "|"}, "Vmatrix": {open: "‖", close: "‖"},
	"cases": {align: "l", open: "{"}, "dcases": {align: "l", open: "{", display: true}, "rcases": {align: "l", close: "}"},
	"aligned": {align: "rl", display: true}, "align": {align: "rl", display: true}, "align*": {align: "rl", display: true},
	"split": {align: "rl", display: true}, "eqnarray": {align: "rcl", display: true}, "eqnarray*": {align: "rcl", display: true},
	"gathered": {display: true}, "gather": {display: true}, "gather*": {display: true},
	"equation": {display: true}, "equation*": {display: true},
}

// environment reads from \begin, which was just taken, to its \end.
func (p *parser) environment() atom {
	name := p.words()
	var l layout
	if name == "array" {
		l.align = p.columns()
	} else {
		known := false
		if l, known = environments[name]; !known {
			p.fail("the environment %q is not known", name)
		}
	}
	rows := p.rows(`\end`)
	p.expect(`\end`)
	if end := p.words(); p.err == nil && end != name {
		p.fail("%q is ended as %q", name, end)
	}
	if p.err != nil {
		return atom{}
	}
	content := table(rows, l)
	if l.open != "" || l.close != "" {
		content = group(fence(l.open, "prefix") + content + fence(l.close, "postfix"))
	}
	return atom{mathML: content}
}

// columns reads the columns of an array: {lcr}. Lines between them are left out.
func (p *parser) columns() string {
	columns := strings.NewReplacer("|", "", " ", "").Replace(p.words())
	if strings.Trim(columns, "lcr") != "" || columns == "" {
		p.fail("the columns %q are not known", columns)
	}
	return columns
}

// rows reads the cells of a table up to its end, which it leaves.
func (p *parser) rows(end string) [][]string {
	defer p.enter()()
	outer := p.font
	rows := [][]string{nil}
	for p.err == nil {
		cell := p.row("&", `\\`, `\cr`, end)
		last := len(rows) - 1
		rows[last] = append(rows[last], cell)
		switch token := p.peek(); token {
		case end:
			if last > 0 && len(rows[last]) == 1 && cell == emptyRow {
				rows = rows[:last] // \\ after the last line
			}
			p.font = outer
			return rows
		case "&":
			p.next()
		default:
			p.next()
			p.skipDistance()
			rows = append(rows, nil)
		}
	}
	return nil
}

const emptyRow = "<mrow></mrow>"

// skipDistance passes over the distance in \\[1ex].
func (p *parser) skipDistance() {
	if p.pos < len(p.src) && p.src[p.pos] == '[' {
		if end := strings.IndexByte(p.src[p.pos:], ']'); end > 0 && end < 10 {
			p.pos += end + 1
		}
	}
}

func table(rows [][]string, l layout) string {
	var out strings.Builder
	out.WriteString("<mtable")
	if l.display {
		out.WriteString(` displaystyle="true"`)
	}
	out.WriteString(">")
	for _, row := range rows {
		out.WriteString("<mtr>")
		for i, cell := range row {
			class := ""
			if l.align != "" {
				switch l.align[i%len(l.align)] {
				case 'l':
					class = "align-left"
				case 'r':
					class = "align-right"
				}
			}
			if class != "" {
				class = ` class="` + html.EscapeString(class) + `"`
			}
			out.WriteString("<mtd" + class + ">" + strings.TrimPrefix(cell, emptyRow) + "</mtd>")
		}
		out.WriteString("</mtr>")
	}
	out.WriteString("</mtable>")
	return out.String()
}
