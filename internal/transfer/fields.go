package transfer

import (
	"slices"
	"strings"
)

// fields are a file's front matter in one shape for all its notations. Names
// are folded by [foldName]; values are strings (numbers, truth values and
// dates as they are written), []any, fields, or nil.
type fields map[string]any

// What people write for true and false.
var (
	yes = []string{"true", "yes", "on", "1"}
	no  = []string{"false", "no", "off", "0"}
)

// foldName makes publishDate, publish_date and publish-date one name.
func foldName(name string) string {
	return strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(name))
}

func (f fields) has(name string) bool {
	_, ok := f[name]
	return ok
}

// text returns the first of these fields that has a text, without the space
// around it, and its name.
func (f fields) text(names ...string) (text, name string) {
	for _, name := range names {
		if s, ok := f[name].(string); ok && strings.TrimSpace(s) != "" {
			return strings.TrimSpace(s), name
		}
	}
	return "", ""
}

// words returns the texts of a field in their order, however deep they are
// nested. Of a map it takes what its keys (name, title …) say.
func (f fields) words(name string, keys ...string) []string {
	return words(f[name], keys)
}

func words(value any, keys []string) []string {
	switch v := value.(type) {
	case string:
		if s := strings.TrimSpace(v); s != "" {
			return []string{s}
		}
	case []any:
		var all []string
		for _, item := range v {
			all = append(all, words(item, keys)...)
		}
		return all
	case fields:
		if s, _ := v.text(keys...); s != "" {
			return []string{s}
		}
	}
	return nil
}

// says tells whether one of these fields has one of the values, in any case.
func (f fields) says(names []string, values ...string) bool {
	for _, name := range names {
		if s, _ := f.text(name); s != "" && slices.Contains(values, strings.ToLower(s)) {
			return true
		}
	}
	return false
}
