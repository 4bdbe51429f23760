package texts_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/texts"
)

func TestText(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, lang, key string
		args            []any
		want            string
	}{
		{"plain", "en", "nav.tags", nil, "Tags"},
		{"another language", "de", "nav.tags", nil, "Schlagwörter"},
		{"a variety", "de-AT", "nav.tags", nil, "Schlagwörter"},
		{"a language that is not spoken", "it", "nav.tags", nil, "Tags"},
		{"no language", "", "nav.tags", nil, "Tags"},
		{"one", "en", "listing.tag-posts", []any{1}, "1 post tagged"},
		{"many", "en", "listing.tag-posts", []any{int64(12345)}, "12,345 posts tagged"},
		{"many in German", "de", "listing.tag-posts", []any{12345}, "12.345 Beiträge mit dem Schlagwort"},
		{"none in French", "fr", "listing.tag-posts", []any{0}, "0 article étiqueté"},
		{"two in Arabic", "ar", "listing.tag-posts", []any{2}, "مقالان بوسم"},
		{"few in Arabic", "ar", "listing.tag-posts", []any{103}, "103 مقالات بوسم"},
		{"many in Arabic", "ar", "listing.tag-posts", []any{11}, "11 مقالًا بوسم"},
		{"other in Arabic", "ar", "listing.tag-posts", []any{100}, "100 مقال بوسم"},
		{"in another order", "ja", "listing.up-to", []any{"A", "B"}, "A（Bまで）"},
		{"markup stays what it is", "en", "card.by", []any{"<b>{1}</b>"}, "By <b>{1}</b>"},
		{"an argument missing", "en", "card.by", nil, "By "},
		{"no text", "de", "What is this?", nil, "What is this?"},
	}
	for _, tt := range tests {
		if got := texts.In(tt.lang).Text(tt.key, tt.args...); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestUnder finds texts that scripts would get otherwise than they stand in the files.
func TestUnder(t *testing.T) {
	t.Parallel()
	languages, _ := spoken(t)
	for _, lang := range languages {
		want := map[string]any{}
		for key, forms := range readCatalogue(t, lang) {
			if !strings.HasPrefix(key, "editor.") {
				continue
			}
			if text, plain := forms[""]; plain {
				want[key] = text
			} else {
				want[key] = forms
			}
		}
		if got := texts.In(lang).Under("editor."); len(got) < 100 || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", lang, got, want)
		}
	}
}

func TestSpoken(t *testing.T) {
	t.Parallel()
	for lang, want := range map[string]bool{
		"en": true, "en-GB": true, "de-CH": true, "ar-EG": true, "ja": true, "it": false, "he": false, "zh-Hant": false, "": false, "not a tag": false,
	} {
		if got := texts.Spoken(lang); got != want {
			t.Errorf("%q: got %v, want %v", lang, got, want)
		}
		if got := texts.In(lang).Lang; !want && got != "en" {
			t.Errorf("%q: got texts in %q, want en", lang, got)
		}
	}
}

// TestPieces shows a text whose argument is a link.
func TestPieces(t *testing.T) {
	t.Parallel()
	got := texts.In("en").Pieces("empty.unknown")
	if want := []texts.Piece{{Text: "No post is tagged "}, {Arg: 1}, {Text: "."}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := texts.In("en").Pieces("no.such"); got != nil {
		t.Errorf("got %v, want none", got)
	}
}

// TestWriting checks dates and numbers by hand; a browser's are compared in
// package browsertest.
func TestWriting(t *testing.T) {
	t.Parallel()
	day := time.Date(2024, 10, 3, 23, 0, 0, 0, time.UTC)
	for _, tt := range []struct{ lang, date, month, small, large string }{
		{"en", "October 3, 2024", "October 2024", "1,234", "-12,345,678"},
		{"en-GB", "3 October 2024", "October 2024", "1,234", "-12,345,678"},
		{"de", "3. Oktober 2024", "Oktober 2024", "1.234", "-12.345.678"},
		{"fr", "3 octobre 2024", "octobre 2024", "1\u202f234", "-12\u202f345\u202f678"},
		{"es", "3 de octubre de 2024", "octubre de 2024", "1234", "-12.345.678"},
		{"ja", "2024年10月3日", "2024年10月", "1,234", "-12,345,678"},
		{"ar", "3 أكتوبر 2024", "أكتوبر 2024", "1,234", "-12,345,678"},
		{"it", "October 3, 2024", "October 2024", "1,234", "-12,345,678"},
	} {
		in := texts.In(tt.lang)
		if got := in.Date(day); got != tt.date {
			t.Errorf("%s: Date: got %q, want %q", tt.lang, got, tt.date)
		}
		if got := in.Month(2024, time.October); got != tt.month {
			t.Errorf("%s: Month: got %q, want %q", tt.lang, got, tt.month)
		}
		if got := in.Number(1234); got != tt.small {
			t.Errorf("%s: Number: got %q, want %q", tt.lang, got, tt.small)
		}
		if got := in.Number(-12345678); got != tt.large {
			t.Errorf("%s: Number: got %q, want %q", tt.lang, got, tt.large)
		}
		if got := in.Number(-999); got != "-999" {
			t.Errorf("%s: Number: got %q, want -999", tt.lang, got)
		}
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ lang, words, want string }{
		{"en", "a b c", "a, b and c"}, {"en", "a b", "a and b"}, {"en", "a", "a"}, {"en", "", ""},
		{"ja", "a b c", "a、b、c"}, {"ar", "a b c", "a وb وc"}, {"de", "a b c", "a, b und c"},
	} {
		if got := texts.In(tt.lang).List(strings.Fields(tt.words)); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.lang, got, tt.want)
		}
		got, words := "", strings.Fields(tt.words)
		for _, p := range texts.In(tt.lang).ListPieces(len(words)) {
			if got += p.Text; p.Arg > 0 {
				got += words[p.Arg-1]
			}
		}
		if got != tt.want {
			t.Errorf("%s, in pieces: got %q, want %q", tt.lang, got, tt.want)
		}
	}
}

var accepts = map[string]string{
	"de":                            "de",
	"de-AT, en;q=0.5":               "de",
	"en-GB,en;q=0.9":                "en",
	"it, de;q=0.5":                  "de",
	"it":                            "",
	"fr;q=0, es;q=0.1":              "es",
	"zh-Hant-TW, ja;q=0.8":          "ja",
	"ar-EG":                         "ar",
	"*":                             "",
	"":                              "",
	", ;q=1,":                       "",
	"\xff\x00":                      "",
	"en-" + "x-a-b-c-d-e-f":         "en",
	strings.Repeat("a-b-c,", 10000): "",
}

func TestPreferred(t *testing.T) {
	t.Parallel()
	for accept, want := range accepts {
		if got := texts.Preferred(accept); got != want {
			t.Errorf("%.60q: got %q, want %q", accept, got, want)
		}
	}
}

// FuzzPreferred: whatever is sent, the answer is one of a few.
func FuzzPreferred(f *testing.F) {
	for accept := range accepts {
		f.Add(accept)
	}
	f.Fuzz(func(t *testing.T, accept string) {
		if got := texts.Preferred(accept); got != "" && (!texts.Spoken(got) || len(got) != 2) {
			t.Errorf("%q: got %q", accept, got)
		}
	})
}

// TestLookupAllocates holds what pages do dozens of times.
func TestLookupAllocates(t *testing.T) {
	day := time.Date(2024, 10, 3, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name string
		most float64
		do   func()
	}{
		{"words", 0, func() { texts.In("de").Text("nav.tags") }},
		{"a small number", 2, func() { texts.In("ar").Text("post.minutes", 7) }},
		{"pieces", 0, func() { texts.In("fr").Pieces("card.by") }},
		{"a date", 1, func() { texts.In("ja").Date(day) }},
		{"whether it is spoken", 0, func() { texts.Spoken("it") }},
	} {
		tt.do()
		if got := testing.AllocsPerRun(100, tt.do); got > tt.most {
			t.Errorf("%s: got %v allocations, want at most %v", tt.name, got, tt.most)
		}
	}
}
