package admin

import (
	"net/http"
	"slices"

	"broadsheet/internal/texts"
)

// A problem is what is wrong with one field of a form.
type problem struct {
	Field   string // id of the input
	Label   string // as it stands above the input
	Message string
}

// problems are in the order of the form's fields.
type problems []problem

// A field of a form: its name, which is its id too, and the text of its label.
type field struct{ Name, Label string }

// problemsOf puts messages by field name into the order of the form, and into
// the language of whoever sent it.
func problemsOf(r *http.Request, fields []field, invalid ...map[string]texts.Message) problems {
	in, messages := words(r), map[string]texts.Message{}
	for _, m := range invalid {
		for name, message := range m {
			messages[name] = message
		}
	}
	var found problems
	for _, f := range fields {
		if message := messages[f.Name]; message.Key != "" {
			found = append(found, problem{f.Name, in.Text(f.Label), in.Say(message)})
		}
	}
	return found
}

// Of returns what is wrong with a field, nil when nothing is.
func (p problems) Of(name string) *problem {
	for i := range p {
		if p[i].Field == name {
			return &p[i]
		}
	}
	return nil
}

// Any tells whether something is wrong with one of the fields.
func (p problems) Any(names ...string) bool {
	return slices.ContainsFunc(p, func(q problem) bool { return slices.Contains(names, q.Field) })
}
