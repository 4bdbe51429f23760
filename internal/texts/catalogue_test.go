package texts_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"broadsheet/internal/texts"
	"broadsheet/web"
)

// catalogue is a file of texts as it stands: each text by its plural forms,
// one that has none under "".
type catalogue map[string]map[string]string

// readCatalogue reads the files of a language and finds keys that stand in them
// twice.
func readCatalogue(t *testing.T, lang string) catalogue {
	t.Helper()
	file := catalogue{}
	for _, folder := range []string{"texts/", "texts/admin/"} {
		content, err := web.Texts.ReadFile(folder + lang + ".json")
		if err == nil {
			file.read(t, lang, content)
		} else if folder == "texts/" {
			t.Fatal(err)
		}
	}
	return file
}

func (file catalogue) read(t *testing.T, lang string, content []byte) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(content))
	next := func() json.Token {
		token, err := d.Token()
		if err != nil {
			t.Fatalf("%s: %v", lang, err)
		}
		return token
	}
	next() // the brace
	for d.More() {
		key := next().(string)
		if file[key] != nil {
			t.Errorf("%s: %s stands there twice", lang, key)
		}
		file[key] = map[string]string{}
		switch value := next().(type) {
		case string:
			file[key][""] = value
		case json.Delim:
			for d.More() {
				form := next().(string)
				file[key][form] = next().(string)
			}
			next()
		}
	}
	next()
	if _, err := d.Token(); err != io.EOF {
		t.Errorf("%s: something follows", lang)
	}
}

// spoken are the languages that must have every text, and varieties those that
// say a few things otherwise.
func spoken(t *testing.T) (languages, varieties []string) {
	t.Helper()
	files, err := web.Texts.ReadDir("texts")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if f.IsDir() {
			continue
		}
		lang := strings.TrimSuffix(f.Name(), ".json")
		if language.Make(lang).Parent() == language.Und {
			languages = append(languages, lang)
		} else {
			varieties = append(varieties, lang)
		}
	}
	for _, lang := range []string{"ar", "de", "en", "es", "fr", "ja"} {
		if !slices.Contains(languages, lang) {
			t.Errorf("there is no %s", lang)
		}
	}
	return languages, varieties
}

// pluralForms returns the categories that whole numbers have in a language.
func pluralForms(lang string) []string {
	names := map[plural.Form]string{
		plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many", plural.Other: "other",
	}
	forms := map[string]bool{"other": true}
	for n := range 1000 {
		forms[names[plural.Cardinal.MatchPlural(language.Make(lang), n, 0, 0, 0, 0)]] = true
	}
	return slices.Sorted(maps.Keys(forms))
}

var placeholder = regexp.MustCompile(`\{[^}]*\}?`)

// placeholders returns those of a text, sorted; a variety of it may leave out
// the first, where "one" or "two" is a word.
func placeholders(text string) []string {
	return slices.Compact(slices.Sorted(slices.Values(placeholder.FindAllString(text, -1))))
}

func TestCatalogues(t *testing.T) {
	t.Parallel()
	reference := readCatalogue(t, texts.Reference)
	languages, varieties := spoken(t)
	for _, lang := range slices.Concat(languages, varieties) {
		file := readCatalogue(t, lang)
		for key, want := range reference {
			if got := file[key]; got != nil {
				compare(t, lang, key, got, want)
			} else if slices.Contains(languages, lang) {
				t.Errorf("%s: there is no %s", lang, key)
			}
		}
		for key := range file {
			if reference[key] == nil {
				t.Errorf("%s: %s is no text of %s", lang, key, texts.Reference)
			}
		}
	}
}

func compare(t *testing.T, lang, key string, got, want map[string]string) {
	t.Helper()
	_, plainWanted := want[""]
	_, plain := got[""]
	if plain != plainWanted {
		t.Errorf("%s: %s: want plural forms in all languages or in none", lang, key)
		return
	}
	if forms := slices.Sorted(maps.Keys(got)); !plain && !slices.Equal(forms, pluralForms(lang)) {
		t.Errorf("%s: %s: got forms %q, want %q", lang, key, forms, pluralForms(lang))
	}
	reference := placeholders(want["other"] + want[""])
	for form, text := range got {
		found := placeholders(text)
		inWords := slices.Contains([]string{"zero", "one", "two"}, form) && slices.Equal(found, without(reference, "{1}"))
		if !slices.Equal(found, reference) && !inWords {
			t.Errorf("%s: %s %s: got placeholders %q, want %q", lang, key, form, found, reference)
		}
		if key != "number.group" && (strings.TrimSpace(text) != text || text == "") {
			t.Errorf("%s: %s %s: got %q, want text without space around it", lang, key, form, text)
		}
	}
}

func without(words []string, word string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == word })
}
