package transfer

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxFrontMatter is far more than people write, and little for a parser.
const maxFrontMatter = 64 << 10 // bytes

// document is a file taken apart.
type document struct {
	fields   fields
	body     string
	repeated []string // fields that are given twice
}

// syntaxError says where front matter cannot be read.
type syntaxError struct {
	line    int // in the file, from 1
	message string
}

func (e *syntaxError) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.message) }

// parse takes a file apart: YAML front matter between "---" lines (Jekyll
// also ends it with "..."), TOML between "+++" lines, a JSON object, or none.
// The error is always a *syntaxError.
func parse(data []byte) (document, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if err := checkText(data); err != nil {
		return document{}, err
	}
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))

	text := string(data)
	start := strings.TrimLeft(text, " \t\n")
	line := 1 + strings.Count(text[:len(text)-len(start)], "\n")
	first, rest, _ := strings.Cut(start, "\n")
	switch first = strings.TrimRight(first, " \t"); {
	case first == "---":
		return parseFenced(rest, line, parseYAML, "---", "...")
	case first == "+++":
		return parseFenced(rest, line, parseTOML, "+++")
	case looksLikeJSON(start):
		return parseJSON(start, line)
	}
	return document{fields: fields{}, body: text}, nil
}

// checkText refuses what PostgreSQL cannot store as text.
func checkText(data []byte) error {
	if i := bytes.IndexByte(data, 0); i >= 0 {
		return &syntaxError{1 + bytes.Count(data[:i], []byte("\n")), "a NUL character; this is not a text file"}
	}
	if utf8.Valid(data) {
		return nil
	}
	for i, line := range bytes.Split(data, []byte("\n")) {
		if !utf8.Valid(line) {
			return &syntaxError{i + 1, "not UTF-8; convert the file to UTF-8"}
		}
	}
	return nil
}

// parseFenced reads front matter that ends with a line of its own; it begins
// below the opening line.
func parseFenced(text string, opening int, read func(string, int) (fields, []string, error), ends ...string) (document, error) {
	for at := 0; at <= len(text) && at <= maxFrontMatter; {
		line, _, more := strings.Cut(text[at:], "\n")
		next := at + len(line) + 1
		for _, end := range ends {
			if strings.TrimRight(line, " \t") == end {
				f, repeated, err := read(text[:at], opening+1)
				return document{fields: f, body: text[min(next, len(text)):], repeated: repeated}, err
			}
		}
		if !more {
			break
		}
		at = next
	}
	return document{}, &syntaxError{opening, fmt.Sprintf("the front matter that begins here does not end: no line with %s alone", ends[0])}
}
