package posts

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Asked is what somebody typed to search for, taken apart.
type Asked struct {
	// Words is the text without filters, in web search syntax: "phrases",
	// words left out with a - in front, or.
	Words   string
	Tags    []string // slugs or names; posts carry all of them
	Authors []string // handles
	Series  []string // slugs
	Years   []int
}

// filters are the names that can stand before a colon.
var filters = []string{"tag", "author", "series", "year"}

// ParseSearch reads a search: words, and filters such as tag:go, tag:"Web
// design", author:ada, series:cursors or year:2024 among them. Any text is a
// search; what looks like a filter and is none (year:soon) is words.
func ParseSearch(text string) Asked {
	text = strings.Map(plainQuote, text)
	var a Asked
	var words []string
	for len(text) > 0 {
		var token string
		token, text = cutToken(text)
		if name, value, ok := strings.Cut(token, ":"); ok && slices.Contains(filters, strings.ToLower(name)) {
			if a.filter(strings.ToLower(name), strings.TrimSpace(strings.ReplaceAll(value, `"`, ""))) {
				continue
			}
		}
		words = append(words, token)
	}
	a.Words = strings.Join(words, " ")
	return a
}

// plainQuote maps the quotation marks that phones and word processors make, and
// those of Japanese.
func plainQuote(r rune) rune {
	if strings.ContainsRune("“”„‟«»「」『』＂", r) {
		return '"'
	}
	return r
}

// cutToken cuts what stands before the first space that is in no quotation,
// without spaces around it.
func cutToken(text string) (token, rest string) {
	text = strings.TrimLeftFunc(text, unicode.IsSpace)
	quoted := false
	for i, r := range text {
		switch {
		case r == '"':
			quoted = !quoted
		case !quoted && unicode.IsSpace(r):
			return text[:i], strings.TrimLeftFunc(text[i:], unicode.IsSpace)
		}
	}
	return strings.TrimRightFunc(text, unicode.IsSpace), ""
}

// filter takes a filter over, and tells whether it is one.
func (a *Asked) filter(name, value string) bool {
	if value == "" {
		return false
	}
	switch name {
	case "tag":
		a.Tags = append(a.Tags, value)
	case "author":
		a.Authors = append(a.Authors, value)
	case "series":
		a.Series = append(a.Series, value)
	case "year":
		year, err := strconv.Atoi(value)
		if err != nil || len(value) != 4 || year < 1 {
			return false
		}
		a.Years = append(a.Years, year)
	}
	return true
}

// Empty tells whether nothing is asked for.
func (a Asked) Empty() bool {
	return a.Words == "" && len(a.Tags)+len(a.Authors)+len(a.Series)+len(a.Years) == 0
}

// Filtered tells whether there is a filter.
func (a Asked) Filtered() bool { return len(a.Tags)+len(a.Authors)+len(a.Series)+len(a.Years) > 0 }

// span is a part of a text, in bytes.
type span struct{ from, to int }

// wordSpans finds the words in a search as typed that posts are asked to
// contain: neither filters and operators nor words left out.
func wordSpans(typed string) []span {
	var spans []span
	for from := 0; from < len(typed); {
		token, rest := cutToken(typed[from:])
		end := len(typed) - len(rest)
		begin := from + strings.Index(typed[from:], token)
		from = end
		name, _, _ := strings.Cut(token, ":")
		if strings.HasPrefix(token, "-") || strings.EqualFold(token, "or") || slices.Contains(filters, strings.ToLower(name)) {
			continue
		}
		spans = append(spans, letters(token, begin)...)
	}
	return spans
}

// letters finds the runs of letters in a token that begins at that place.
func letters(token string, at int) []span {
	var spans []span
	start := -1
	for i, r := range token {
		switch letter := unicode.IsLetter(r) || unicode.IsMark(r); {
		case letter && start < 0:
			start = i
		case !letter && start >= 0:
			spans = append(spans, span{at + start, at + i})
			start = -1
		}
	}
	if start >= 0 {
		spans = append(spans, span{at + start, at + len(token)})
	}
	return slices.DeleteFunc(spans, func(s span) bool {
		n := utf8.RuneCountInString(token[s.from-at : s.to-at])
		return n < minWord || n > maxWord
	})
}
