package transfer

import (
	"regexp"
	"strings"
)

var (
	fence      = regexp.MustCompile("^ {0,3}(`{3,}|~{3,})")
	atxHeading = regexp.MustCompile(`^ {0,3}# +(.*?)(?: +#+)? *$`)
	setextLine = regexp.MustCompile(`^ {0,3}=+ *$`)
	headingID  = regexp.MustCompile(` *\{[:#.][^}]*\}$`)
	linkMarkup = regexp.MustCompile(`!?\[([^\]]*)\]\([^)]*\)`)
	codeSpan   = regexp.MustCompile("`+[^`\n]*`+")
	emphasis   = regexp.MustCompile(`(\*{1,3}|_{2,3}|~~|` + "`+" + `)([^*~` + "`" + `]+)(\*{1,3}|_{2,3}|~~|` + "`+" + `)`)
)

// firstHeading finds the first heading of the first level. When the body
// begins with it, rest is the body without it, else the whole body: a page
// shows its title above the text, and not a second time in it.
func firstHeading(body string) (title, rest string) {
	lines := strings.Split(body, "\n")
	fenced := ""
	before := true // only blank lines so far
	for i, line := range lines {
		if m := fence.FindStringSubmatch(line); m != nil {
			switch {
			case fenced == "":
				fenced = m[1]
			case strings.HasPrefix(m[1], fenced):
				fenced = ""
			}
		}
		if fenced == "" {
			used := 0
			if m := atxHeading.FindStringSubmatch(line); m != nil && m[1] != "" {
				title, used = m[1], 1
			} else if i+1 < len(lines) && strings.TrimSpace(line) != "" && setextLine.MatchString(lines[i+1]) {
				title, used = line, 2
			}
			if used > 0 {
				if before {
					body = strings.TrimLeft(strings.Join(lines[i+used:], "\n"), "\n")
				}
				return plainText(title), body
			}
		}
		before = before && strings.TrimSpace(line) == ""
	}
	return "", body
}

// plainText takes the simple markup off one line.
func plainText(line string) string {
	line = headingID.ReplaceAllString(strings.TrimSpace(line), "")
	line = linkMarkup.ReplaceAllString(line, "$1")
	line = emphasis.ReplaceAllString(line, "$2")
	return strings.Join(strings.Fields(line), " ")
}

// siteMarkup is what other generators replace and Broadsheet does not: Hugo's
// shortcodes, Liquid's tags and values, Go's templates, kramdown's attributes.
var siteMarkup = regexp.MustCompile(
	`\{\{([<%])-?\s*(/?[\w./-]+)` +
		`|\{%-?\s*(\w+)` +
		`|\{\{-?\s*([\w.]*)` +
		`|\{:[^}\n]*\}`)

// siteDirectives names the kinds of markup in a text that stay there as they
// are, each once: "{{< youtube >}}", "{% include %}", "{{ site.baseurl }}".
func siteDirectives(body string) []string {
	var kinds []string
	seen := map[string]bool{}
	for _, m := range siteMarkup.FindAllStringSubmatch(withoutCode(body), -1) {
		kind := directive(m)
		if kind != "" && !seen[kind] && len(kinds) < 50 {
			seen[kind] = true
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

func directive(m []string) string {
	switch shortcode, tag, value := m[2], m[3], m[4]; {
	case strings.HasPrefix(m[0], "{:"):
		return "{: … }"
	case m[1] == "<":
		return closing("{{< ", shortcode, " >}}")
	case m[1] == "%":
		return closing("{{% ", shortcode, " %}}")
	case tag != "":
		if strings.HasPrefix(tag, "end") || tag == "else" || tag == "elsif" || tag == "when" {
			return ""
		}
		return "{% " + tag + " %}"
	case value == "end" || value == "else":
		return ""
	case value == "":
		return "{{ … }}"
	default:
		return "{{ " + value + " }}"
	}
}

// closing leaves out the ends of pairs: their beginnings are counted.
func closing(open, name, end string) string {
	if strings.HasPrefix(name, "/") {
		return ""
	}
	return open + name + end
}

// withoutCode blanks out code, where braces are just braces.
func withoutCode(body string) string {
	var b strings.Builder
	fenced := ""
	for line := range strings.Lines(body) {
		m := fence.FindStringSubmatch(line)
		switch {
		case m != nil && fenced == "":
			fenced = m[1]
		case m != nil && strings.HasPrefix(m[1], fenced):
			fenced = ""
		case fenced == "" && !strings.HasPrefix(line, "    ") && !strings.HasPrefix(line, "\t"):
			b.WriteString(codeSpan.ReplaceAllString(line, ""))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// ownSeparator puts the usual mark where a file has a comment of its own
// choice (Jekyll's excerpt_separator).
func ownSeparator(body, separator string) string {
	separator = strings.TrimSpace(separator)
	if !strings.HasPrefix(separator, "<!--") || !strings.HasSuffix(separator, "-->") {
		return body
	}
	return strings.Replace(body, separator, "<!--more-->", 1)
}
