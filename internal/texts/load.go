package texts

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"broadsheet/web"
)

// Reference is the language in which every text is written first.
const Reference = "en"

// load reads the texts of a language: those of its own file before those of
// the language it is a variety of (en-GB, en-001, en). Where there is none, they
// are those of English, and the language is not spoken. It panics on a file that
// is wrong: all of them are inside the binary, and a test reads each.
func load(lang string) (t *Texts, spoken bool) {
	messages := map[string]message{}
	own := ""
	for tag := language.Make(lang); tag != language.Und; tag = tag.Parent() {
		file := read(tag.String())
		if file != nil && own == "" {
			own = tag.String()
		}
		maps.Copy(file, messages)
		if file != nil {
			messages = file
		}
	}
	if own == "" {
		t, _ := load(Reference)
		return t, false
	}
	t = &Texts{Lang: own, tag: language.Make(own), messages: messages}
	t.day = t.Pieces("date.day")
	t.months = strings.Fields(t.Text("date.months"))
	t.short = strings.Fields(t.Text("date.months-short"))
	t.weekdays = strings.Fields(t.Text("date.weekdays"))
	t.group = t.Text("number.group")
	var err error
	if t.from, err = strconv.ParseInt(t.Text("number.grouped-from"), 10, 64); err != nil || len(t.months) != 12 || len(t.short) != 12 || len(t.weekdays) != 7 {
		panic(fmt.Sprintf("texts: %s: want twelve months, seven weekdays, and a number in number.grouped-from", own))
	}
	return t, true
}

// folders hold a file of each language: what readers see, and what authors do.
var folders = []string{"texts", "texts/admin"}

// read reads the files of one language; nil when there is none.
func read(lang string) map[string]message {
	var file map[string]message
	for _, folder := range folders {
		content, err := web.Texts.ReadFile(folder + "/" + lang + ".json")
		if err != nil {
			continue
		}
		if err := json.Unmarshal(content, &file); err != nil { // into what is there
			panic(fmt.Sprintf("texts: %s/%s: %v", folder, lang, err))
		}
	}
	return file
}

// forms are the plural forms by their names in CLDR.
var forms = map[string]plural.Form{
	"zero": plural.Zero, "one": plural.One, "two": plural.Two, "few": plural.Few, "many": plural.Many, "other": plural.Other,
}

// UnmarshalJSON reads a string, or an object of strings by plural form.
func (m *message) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) == nil {
		m.forms[plural.Other] = cut(text)
		return nil
	}
	var byForm map[string]string
	if err := json.Unmarshal(b, &byForm); err != nil {
		return err
	}
	m.plurals = true
	for name, text := range byForm {
		form, ok := forms[name]
		if !ok {
			return fmt.Errorf("no plural form is called %q", name)
		}
		m.forms[form] = cut(text)
	}
	if m.forms[plural.Other] == nil {
		return fmt.Errorf("%s has no form \"other\"", b)
	}
	return nil
}

// cut takes a text apart at its arguments, {1} to {9}.
func cut(text string) []Piece {
	var pieces []Piece
	for rest := text; ; {
		before, after, found := strings.Cut(rest, "{")
		if found && len(after) > 1 && after[0] >= '1' && after[0] <= '9' && after[1] == '}' {
			if before != "" {
				pieces = append(pieces, Piece{Text: before})
			}
			pieces = append(pieces, Piece{Arg: int(after[0] - '0')})
			rest = after[2:]
			continue
		}
		if rest != "" || pieces == nil {
			pieces = append(pieces, Piece{Text: rest})
		}
		return pieces
	}
}
