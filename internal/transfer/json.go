package transfer

import (
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strings"
)

var jsonStart = regexp.MustCompile(`^\{\s*["}]`)

// looksLikeJSON tells JSON front matter from a text that begins with a brace,
// as {% include %} and {{ figure }} do.
func looksLikeJSON(text string) bool { return jsonStart.MatchString(text) }

// parseJSON reads a JSON object and takes what follows as the body. The text
// begins in the file's line-th line.
func parseJSON(text string, line int) (document, error) {
	dec := json.NewDecoder(strings.NewReader(text[:min(len(text), maxFrontMatter)]))
	dec.UseNumber()
	var m map[string]any
	if err := dec.Decode(&m); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return document{}, &syntaxError{line, "JSON: the object that begins here does not end"}
		}
		message := err.Error()
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			line += strings.Count(text[:min(int(syntax.Offset), len(text))], "\n")
			message = strings.TrimPrefix(message, "json: ")
		}
		return document{}, &syntaxError{line, "JSON: " + message}
	}
	return document{
		fields: plain(m).(fields),
		body:   strings.TrimLeft(text[dec.InputOffset():], " \t\n"),
	}, nil
}
