package reader_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

// linkedTypes are what schema.org says of the types that pages use: the
// properties that a thing of the type may have, those that search engines
// require of it first, up to the bar.
var linkedTypes = map[string]string{
	"BlogPosting": `headline author datePublished url mainEntityOfPage publisher inLanguage dateModified image |
		@id description isPartOf keywords wordCount`,
	"BreadcrumbList":     "itemListElement |",
	"ListItem":           "position name item |",
	"Person":             "name url | @id description",
	"Organization":       "name url | @id description",
	"Blog":               "name url | @id description inLanguage publisher",
	"WebSite":            "name url | @id description inLanguage publisher potentialAction",
	"WebPage":            "name url | @id description inLanguage",
	"CreativeWorkSeries": "name url | @id",
	"SearchAction":       "target query-input |",
	"EntryPoint":         "urlTemplate |",
}

// checkLinkedData checks a page's linked data against schema.org.
func checkLinkedData(t *testing.T, target, source string) {
	t.Helper()
	var data map[string]any
	if err := json.Unmarshal([]byte(source), &data); err != nil {
		t.Fatalf("%s: %v", target, err)
	}
	graph, _ := data["@graph"].([]any)
	if len(graph) == 0 || len(data) != 2 || data["@context"] != "https://schema.org" {
		t.Errorf("%s: got linked data %s", target, source)
	}
	for _, thing := range graph {
		checkThing(t, target, thing)
	}
}

func checkThing(t *testing.T, target string, value any) {
	t.Helper()
	thing, ok := value.(map[string]any)
	if !ok {
		t.Errorf("%s: got %v, want a thing", target, value)
		return
	}
	kind, _ := thing["@type"].(string)
	required, optional, known := strings.Cut(linkedTypes[kind], "|")
	if !known {
		t.Errorf("%s: got type %q of %v", target, kind, thing)
		return
	}
	for _, name := range strings.Fields(required) {
		if thing[name] == nil || thing[name] == "" {
			t.Errorf("%s: got a %s without %s", target, kind, name)
		}
	}
	allowed := append(strings.Fields(required), strings.Fields(optional)...)
	for name, value := range thing {
		if name != "@type" && !slices.Contains(allowed, name) {
			t.Errorf("%s: got %s of a %s, which has none", target, name, kind)
		}
		checkProperty(t, target, kind, name, value)
	}
}

// checkProperty checks that a value is of the kind that its property has.
func checkProperty(t *testing.T, target, kind, name string, value any) {
	t.Helper()
	switch name {
	case "author":
		people, several := value.([]any)
		if !several {
			people = []any{value}
		} else if len(people) < 2 {
			t.Errorf("%s: got a list of %d authors", target, len(people))
		}
		for _, person := range people {
			checkThing(t, target, person)
		}
	case "publisher", "potentialAction", "target":
		checkThing(t, target, value)
	case "isPartOf":
		for _, whole := range value.([]any) {
			checkThing(t, target, whole)
		}
	case "itemListElement":
		for i, item := range value.([]any) {
			if checkThing(t, target, item); item.(map[string]any)["position"] != float64(i+1) {
				t.Errorf("%s: got %v at place %d", target, item, i+1)
			}
		}
	case "@id", "url", "item", "image", "mainEntityOfPage", "urlTemplate":
		checkAddress(t, target, kind+"'s "+name, strings.ReplaceAll(value.(string), "{search_term_string}", "x"))
	case "datePublished", "dateModified":
		checkTime(t, target, time.RFC3339, value.(string))
	case "inLanguage":
		checkLanguage(t, target, value.(string))
	case "wordCount":
		if n, ok := value.(float64); !ok || n < 1 || n != float64(int(n)) {
			t.Errorf("%s: got %v words", target, value)
		}
	case "keywords":
		for _, word := range value.([]any) {
			if word.(string) == "" {
				t.Errorf("%s: got an empty keyword", target)
			}
		}
	default:
		if text, ok := value.(string); name != "position" && (!ok || strings.TrimSpace(text) == "") {
			t.Errorf("%s: got %s %v of a %s", target, name, value, kind)
		}
	}
}

// The check of linked data finds what it is there for.
func TestLinkedDataCheckFails(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]bool{
		`{"@type": "Person", "name": "Ada", "url": "https://blog.example/"}`:                  true,
		`{"@type": "Person", "name": "Ada"}`:                                                  false,
		`{"@type": "Person", "name": "Ada", "url": "/ada"}`:                                   false,
		`{"@type": "Person", "name": "Ada", "url": "https://blog.example/", "headline": "x"}`: false,
		`{"@type": "Nobody"}`: false,
		`{"@type": "BreadcrumbList", "itemListElement": [{"@type": "ListItem", "position": 2, "name": "x", "item": "https://blog.example/"}]}`: false,
	} {
		var thing any
		if err := json.Unmarshal([]byte(source), &thing); err != nil {
			t.Fatal(err)
		}
		inner := &testing.T{}
		checkThing(inner, "", thing)
		if inner.Failed() == want {
			t.Errorf("%s: got failed %v", source, inner.Failed())
		}
	}
}
