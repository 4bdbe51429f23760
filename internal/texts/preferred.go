package texts

import (
	"path"
	"strings"
	"sync"

	"golang.org/x/text/language"

	"broadsheet/web"
)

// Languages returns those that the program speaks, without their varieties,
// English first.
func Languages() []string {
	var all []string
	for _, tag := range languages() {
		all = append(all, tag.String())
	}
	return all
}

// languages are those that the program speaks, without their varieties.
var languages = sync.OnceValue(func() []language.Tag {
	files, err := web.Texts.ReadDir("texts")
	if err != nil {
		panic(err)
	}
	spoken := []language.Tag{language.Make(Reference)}
	for _, file := range files {
		if file.IsDir() {
			continue
		}
		tag := language.Make(strings.TrimSuffix(file.Name(), path.Ext(file.Name())))
		if tag.Parent() == language.Und && tag != spoken[0] {
			spoken = append(spoken, tag)
		}
	}
	return spoken
})

var matcher = sync.OnceValue(func() language.Matcher { return language.NewMatcher(languages()) })

// Preferred returns which of the languages that the program speaks suits an
// Accept-Language field (RFC 9110, 12.5.4) best, "" when none does. It is one of
// a few, whatever the field says.
func Preferred(accept string) string {
	wanted, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(wanted) == 0 {
		return ""
	}
	_, i, confidence := matcher().Match(wanted...)
	if confidence == language.No {
		return ""
	}
	return languages()[i].String()
}
