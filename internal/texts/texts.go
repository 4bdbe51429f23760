// Package texts holds the program's own words in the languages it speaks, and
// writes numbers and dates as those languages do.
//
// The words stand in web/texts, one file a language, and those that only authors
// see in web/texts/admin; English is the reference. A text is a string, or an object of strings by plural form (the
// categories of CLDR: zero, one, two, few, many, other), chosen by the first
// argument. Arguments stand as {1}, {2} and so on.
package texts

import (
	"maps"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// Texts are the words of one language.
type Texts struct {
	Lang string // of the words, BCP 47: not the one asked for, where it is not spoken

	tag      language.Tag
	messages map[string]message
	months   []string
	short    []string // months, as short as they can be
	weekdays []string // from Monday on
	day      []Piece  // of a date: its day, its month's name, its year
	group    string   // between thousands
	from     int64    // the smallest number that is grouped
}

// Message is a text to be said in the language of whoever is told.
type Message struct {
	Key  string // "" for nothing; what is no key is said as it is
	Args []any
}

// String returns the message in English, for logs and terminals.
func (m Message) String() string { return In(Reference).Say(m) }

// Say returns a message in words; its arguments may be messages, too.
func (t *Texts) Say(m Message) string { return t.Text(m.Key, m.Args...) }

// Piece is a part of a text: words, or the place of an argument.
type Piece struct {
	Text string // "" where an argument stands
	Arg  int    // from 1 on; 0 for words
}

// message is a text by plural form; one without has the form Other alone.
type message struct {
	forms   [plural.Many + 1][]Piece
	plurals bool
}

// known remembers the texts of languages: a page asks dozens of times, always
// for the same one or two. A blog has few, and no visitor can name others.
var (
	known atomic.Pointer[map[string]answer]
	mu    sync.Mutex // for writing
)

// answer is what a language is answered with.
type answer struct {
	texts  *Texts
	spoken bool
}

// In returns the texts in a language (BCP 47), or in English where the program
// does not speak it.
func In(lang string) *Texts { return of(lang).texts }

// Spoken tells whether the program speaks a language.
func Spoken(lang string) bool { return of(lang).spoken }

func of(lang string) answer {
	if all := known.Load(); all != nil {
		if a, ok := (*all)[lang]; ok {
			return a
		}
	}
	mu.Lock()
	defer mu.Unlock()
	all := map[string]answer{}
	if now := known.Load(); now != nil {
		maps.Copy(all, *now)
	}
	a, ok := all[lang]
	if !ok {
		a.texts, a.spoken = load(lang)
		all[lang] = a
		known.Store(&all)
	}
	return a
}

// Has tells whether there is a text of that key.
func Has(key string) bool {
	_, ok := In(Reference).messages[key]
	return ok
}

// Text returns a text with its arguments: strings, or whole numbers, which are
// written as the language does. A key that is none is returned as it is, so
// that whole sentences may stand where there is no text yet.
func (t *Texts) Text(key string, args ...any) string {
	pieces := t.Pieces(key, args...)
	switch {
	case pieces == nil:
		return key
	case len(pieces) == 1 && pieces[0].Arg == 0:
		return pieces[0].Text
	}
	var b strings.Builder
	for _, p := range pieces {
		switch {
		case p.Arg == 0:
			b.WriteString(p.Text)
		case p.Arg <= len(args):
			b.WriteString(t.argument(args[p.Arg-1]))
		}
	}
	return b.String()
}

// Pieces returns a text in pieces, for arguments that are more than words, such
// as links. It returns nil for a key that is none.
func (t *Texts) Pieces(key string, args ...any) []Piece {
	m, ok := t.messages[key]
	if !ok {
		return nil
	}
	if m.plurals && len(args) > 0 {
		if n, ok := whole(args[0]); ok {
			if pieces := m.forms[t.form(n)]; pieces != nil {
				return pieces
			}
		}
	}
	return m.forms[plural.Other]
}

// Under returns the texts whose keys have a prefix, as they stand in the files: a
// string, or strings by the names of plural forms.
func (t *Texts) Under(prefix string) map[string]any {
	found := map[string]any{}
	for key, m := range t.messages {
		switch {
		case !strings.HasPrefix(key, prefix):
		case !m.plurals:
			found[key] = joined(m.forms[plural.Other])
		default:
			byForm := map[string]string{}
			for name, form := range forms {
				if m.forms[form] != nil {
					byForm[name] = joined(m.forms[form])
				}
			}
			found[key] = byForm
		}
	}
	return found
}

// joined undoes cut.
func joined(pieces []Piece) string {
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p.Text)
		if p.Arg != 0 {
			b.WriteString("{" + strconv.Itoa(p.Arg) + "}")
		}
	}
	return b.String()
}

// form returns the plural form of a whole number.
func (t *Texts) form(n int64) plural.Form {
	if n < 0 {
		n = -n
	}
	return plural.Cardinal.MatchPlural(t.tag, int(n), 0, 0, 0, 0)
}

func (t *Texts) argument(arg any) string {
	switch a := arg.(type) {
	case string:
		return a
	case Message:
		return t.Say(a)
	}
	if n, ok := whole(arg); ok {
		return t.Number(n)
	}
	return ""
}

func whole(arg any) (n int64, ok bool) {
	switch n := arg.(type) {
	case int:
		return int64(n), true
	case int64:
		return n, true
	}
	return 0, false
}

// ListPieces returns a list of that many arguments as a sentence has it, for
// arguments that are more than words.
func (t *Texts) ListPieces(n int) []Piece {
	if n == 0 {
		return nil
	}
	pieces := []Piece{{Arg: 1}}
	for i := 2; i <= n; i++ {
		key := "list.comma"
		if i == n {
			key = "list.end"
		}
		before := pieces
		pieces = nil
		for _, p := range t.Pieces(key) {
			switch p.Arg {
			case 1:
				pieces = append(pieces, before...)
			case 2:
				pieces = append(pieces, Piece{Arg: i})
			default:
				pieces = append(pieces, p)
			}
		}
	}
	return pieces
}

// List joins words as a sentence does: a, b and c.
func (t *Texts) List(words []string) string {
	if len(words) == 0 {
		return ""
	}
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	first := words[0]
	for _, word := range words[1:last] {
		first = t.Text("list.comma", first, word)
	}
	return t.Text("list.end", first, words[last])
}
