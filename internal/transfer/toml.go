package transfer

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
)

// parseTOML reads TOML whose first line is the file's line-th.
func parseTOML(text string, line int) (fields, []string, error) {
	var m map[string]any
	if _, err := toml.Decode(text, &m); err != nil {
		message := strings.TrimPrefix(err.Error(), "toml: ")
		var at toml.ParseError
		if errors.As(err, &at) {
			line += max(at.Position.Line, 1) - 1
			message = at.Message
		}
		return nil, nil, &syntaxError{line, "TOML: " + message}
	}
	return plain(m).(fields), nil, nil
}

// plain turns decoded values into those of fields.
func plain(value any) any {
	switch v := value.(type) {
	case nil:
		return nil
	case map[string]any:
		f := make(fields, len(v))
		// In a fixed order, as names that fold to one overwrite each other.
		for _, name := range slices.Sorted(maps.Keys(v)) {
			f[foldName(name)] = plain(v[name])
		}
		return f
	case []map[string]any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = plain(item)
		}
		return list
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = plain(item)
		}
		return list
	case time.Time:
		return plainTime(v)
	}
	return fmt.Sprint(value)
}

// plainTime writes a TOML date the way it was written, so that one without a
// zone stays one.
func plainTime(t time.Time) string {
	switch t.Location().String() {
	case "datetime-local":
		return t.Format("2006-01-02T15:04:05.999999999")
	case "date-local":
		return t.Format(time.DateOnly)
	case "time-local":
		return t.Format(time.TimeOnly)
	}
	return t.Format(time.RFC3339Nano)
}
