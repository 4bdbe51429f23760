package transfer_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"broadsheet/internal/transfer"
)

func TestFrontMatter(t *testing.T) {
	t.Parallel()
	type fields = transfer.Fields
	bomb := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for _, c := range "bcdefgh" {
		p := string(c - 1)
		bomb += string(c) + ": &" + string(c) + " [" + strings.Repeat("*"+p+",", 9) + "*" + p + "]\n"
	}
	tests := []struct {
		name, file string
		want       fields
		body       string
		err        string
	}{
		{name: "YAML", file: "---\ntitle: A\ndate: 2013-03-19\n---\nText\n", want: fields{"title": "A", "date": "2013-03-19"}, body: "Text\n"},
		{name: "YAML that ends with dots", file: "---\ntitle: A\n...\nText", want: fields{"title": "A"}, body: "Text"},
		{name: "YAML with space after the dashes", file: "---  \ntitle: A\n--- \nText", want: fields{"title": "A"}, body: "Text"},
		{name: "byte order mark and CRLF", file: "\ufeff---\r\ntitle: A\r\n---\r\nText\r\n", want: fields{"title": "A"}, body: "Text\n"},
		{name: "blank lines before", file: "\n\n---\ntitle: A\n---\n", want: fields{"title": "A"}},
		{name: "empty", file: "---\n---\nText", want: fields{}, body: "Text"},
		{name: "a comment alone", file: "---\n# nothing\n---\nText", want: fields{}, body: "Text"},
		{name: "none", file: "Text\n---\nmore", want: fields{}, body: "Text\n---\nmore"},
		{name: "nothing at all", file: "", want: fields{}},
		{name: "numbers, truth and null as written", file: "---\ntitle: 2024\nversion: 1.10\ndraft: Yes\ntags: ~\n---\n",
			want: fields{"title": "2024", "version": "1.10", "draft": "Yes", "tags": nil}},
		{name: "names are folded", file: "---\npublishDate: a\nfeatured_image: b\nlast-mod: c\n---\n",
			want: fields{"publishdate": "a", "featuredimage": "b", "lastmod": "c"}},
		{name: "nested", file: "---\nauthor:\n  name: A\ntags:\n- a\n- [b, c]\n---\n",
			want: fields{"author": fields{"name": "A"}, "tags": []any{"a", []any{"b", "c"}}}},
		{name: "aliases and merges", file: "---\nbase: &b {x: 1, y: 2}\nmine: {<<: *b, y: 3}\n---\n",
			want: fields{"base": fields{"x": "1", "y": "2"}, "mine": fields{"x": "1", "y": "3"}}},
		{name: "a name twice", file: "---\ntitle: A\ntitle: B\n---\n", want: fields{"title": "B"}},
		{name: "indented dashes in a text", file: "---\nsummary: |\n  a\n  ---\n  b\n---\nText", want: fields{"summary": "a\n---\nb\n"}, body: "Text"},
		{name: "TOML", file: "+++\ntitle = \"A\"\nn = 7\ndraft = false\ntags = [\"x\", \"y\"]\n[cover]\nimage = \"/a.png\"\n+++\nText",
			want: fields{"title": "A", "n": "7", "draft": "false", "tags": []any{"x", "y"}, "cover": fields{"image": "/a.png"}}, body: "Text"},
		{name: "TOML dates", file: "+++\na = 2013-03-19T10:30:00+01:00\nb = 2013-03-19T10:30:00\nc = 2013-03-19\n+++\n",
			want: fields{"a": "2013-03-19T10:30:00+01:00", "b": "2013-03-19T10:30:00", "c": "2013-03-19"}},
		{name: "JSON", file: "{\n\"title\": \"A\", \"n\": 1.10, \"tags\": [\"x\", null]\n}\n\nText", want: fields{"title": "A", "n": "1.10", "tags": []any{"x", nil}}, body: "Text"},
		{name: "a shortcode is not JSON", file: "{{< figure >}}\n", want: fields{}, body: "{{< figure >}}\n"},

		{name: "YAML unterminated", file: "\n---\ntitle: A\n", err: "line 2: the front matter that begins here does not end: no line with --- alone"},
		{name: "TOML unterminated", file: "+++\ntitle = 1\n---\n", err: "line 1: the front matter that begins here does not end: no line with +++ alone"},
		{name: "JSON unterminated", file: "{\"title\": \"A\"", err: "line 1: JSON: the object that begins here does not end"},
		{name: "YAML at fault", file: "---\ntitle: A\ntags: [a\ndate: x\n---\n", err: "line 3: YAML: did not find expected ',' or ']'"},
		{name: "YAML with a stray colon", file: "---\ntitle: A\nsummary: a: b\n---\n", err: "line 3: YAML: mapping values are not allowed in this context"},
		{name: "YAML with a lost quote", file: "---\ntitle: A\nsummary: \"a\" b\n---\n", err: "line 3: YAML: did not find expected key"},
		{name: "YAML with a tab", file: "---\ntitle: A\ntags:\n\t- a\n---\n", err: "line 4: YAML: found character that cannot start any token"},
		{name: "YAML not a map", file: "---\n- a\n- b\n---\n", err: "line 2: YAML: the front matter is not a list of “name: value” lines"},
		{name: "TOML at fault", file: "+++\ntitle = \"A\"\ndate = yesterday\n+++\n", err: "line 3: TOML: expected value but found \"yesterday\" instead"},
		{name: "JSON at fault", file: "{\n\"title\": \"A\",\n\"n\": x\n}", err: "line 3: JSON: invalid character 'x' looking for beginning of value"},
		{name: "aliases that explode", file: "---\n" + bomb + "---\n", err: "line 2: YAML: too deeply nested, or aliases that expand to too much"},
		{name: "an alias of itself", file: "---\na: &a [*a]\n---\n", err: "line 2: YAML: too deeply nested, or aliases that expand to too much"},
		{name: "longer than anyone writes", file: "---\n" + strings.Repeat("a: b # long\n", 10_000) + "---\n", err: "line 1: the front matter that begins here does not end: no line with --- alone"},
		{name: "not UTF-8", file: "---\ntitle: A\n---\ncaf\xe9\n", err: "line 4: not UTF-8; convert the file to UTF-8"},
		{name: "NUL", file: "a\nb\x00", err: "line 2: a NUL character; this is not a text file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, body, err := transfer.Parse([]byte(tt.file))
			if tt.err != "" {
				if err == nil || err.Error() != tt.err {
					t.Fatalf("got error %v, want %s", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatalf("got error %v", err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
			if body != tt.body {
				t.Errorf("got body %q, want %q", body, tt.body)
			}
		})
	}
}

func FuzzFrontMatter(f *testing.F) {
	for _, seed := range []string{
		"---\ntitle: A\ntags: [a, b]\n---\nText", "+++\ntitle = \"A\"\n+++\nText", "{\"title\": \"A\"}\nText",
		"---\na: &a {b: *a}\n<<: [*a, *a]\n...\n", "# Heading\n\nText", "\ufeff---\r\n---\r\n", "{ }", "---\n? [a]\n: b\n---\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		fields, body, err := transfer.Parse(file)
		if err != nil {
			return
		}
		if len(body) > len(file) {
			t.Errorf("got a body of %d bytes of a file of %d", len(body), len(file))
		}
		if n := size(fields); n > 200_000 {
			t.Errorf("got %d values of %d bytes", n, len(file))
		}
	})
}

func size(value any) int {
	n := 1
	switch v := value.(type) {
	case transfer.Fields:
		for _, item := range v {
			n += size(item)
		}
	case []any:
		for _, item := range v {
			n += size(item)
		}
	}
	return n
}
