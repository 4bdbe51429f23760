package transfer_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/transfer"
)

func TestDates(t *testing.T) {
	t.Parallel()
	zurich, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ text, want string }{
		{"2013-03-19", "2013-03-18T23:00:00Z"},
		{"2013-7-9", "2013-07-08T22:00:00Z"},
		{"2013/03/19", "2013-03-18T23:00:00Z"},
		{"2013-03-19 10:30", "2013-03-19T09:30:00Z"},
		{"2013-03-19 10:30:00", "2013-03-19T09:30:00Z"},
		{"2013-03-19T10:30:00Z", "2013-03-19T10:30:00Z"},
		{"2013-03-19t10:30:00.25z", "2013-03-19T10:30:00.25Z"},
		{"2013-03-19 10:30:00 +0100", "2013-03-19T09:30:00Z"},
		{"2013-03-19 10:30:00 +01:00", "2013-03-19T09:30:00Z"},
		{"2013-03-19 10:30:00+0530", "2013-03-19T05:00:00Z"},
		{"2015-03-17 14:00:00 -4", "2015-03-17T18:00:00Z"},
		{"2013-03-19 10:30:00 EST", "2013-03-19T15:30:00Z"},
		{"2008-10-21 22:23:36.000000000 -04:00", "2008-10-22T02:23:36Z"},
		{"2013-03-19 12:05 am", "2013-03-18T23:05:00Z"},
		{"2013-03-19 3:05PM", "2013-03-19T14:05:00Z"},
		{"March 19, 2013", "2013-03-18T23:00:00Z"},
		{"19 Mar 2013", "2013-03-18T23:00:00Z"},
		{"Tue, 19 Mar 2013 10:30:00 +0000", "2013-03-19T10:30:00Z"},
		{"03/04/2013", ""},
		{"2013-02-30", ""},
		{"2013-13-01", ""},
		{"0000-00-00 00:00:00", ""},
		{"2013-03-19 25:00", ""},
		{"2013-03-19 10:30 +99", ""},
		{"2013-03-19 10:30 XYZ", ""},
		{"yesterday", ""},
		{"", ""},
	} {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			got, ok := transfer.ParseDate(tt.text, zurich)
			if ok != (tt.want != "") {
				t.Fatalf("got %v, %t, want %q", got, ok, tt.want)
			}
			if s := got.UTC().Format(time.RFC3339Nano); ok && s != tt.want {
				t.Errorf("got %s, want %s", s, tt.want)
			}
		})
	}
}

func TestFirstHeading(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, body, title, rest string }{
		{"first line", "\n# A *fine* day\n\nText", "A fine day", "Text"},
		{"closed and with an id", "# A `day` # \nText", "A day", "Text"},
		{"underlined", "A day\n=====\n\nText", "A day", "Text"},
		{"a link", "# [A day](https://example.org/) {#day}\n", "A day", ""},
		{"below a text", "Text\n\n# A day\n", "A day", "Text\n\n# A day\n"},
		{"only in code", "```sh\n# comment\n```\n", "", "```sh\n# comment\n```\n"},
		{"snake_case stays", "# The snake_case_name\n", "The snake_case_name", ""},
		{"second level", "## A day\n", "", "## A day\n"},
		{"none", "", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			title, rest := transfer.FirstHeading(tt.body)
			if title != tt.title || rest != tt.rest {
				t.Errorf("got %q, %q, want %q, %q", title, rest, tt.title, tt.rest)
			}
		})
	}
}

func TestSiteDirectives(t *testing.T) {
	t.Parallel()
	body := "{{< youtube id=1 >}} {{<youtube 2>}} {{% note %}}x{{% /note %}} {% include a.html %} {%- if x -%}{% endif %}\n" +
		"{{ site.baseurl }}/a {{image \"a.png\"}} [a](b){: .wide}\n`{{< code >}}`\n\n```\n{{ code }}\n```\n\n    {{ code }}\n"
	want := []string{"{{< youtube >}}", "{{% note %}}", "{% include %}", "{% if %}", "{{ site.baseurl }}", "{{ image }}", "{: … }"}
	if got := transfer.SiteDirectives(body); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestHTMLToMarkdown(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, body, want string }{
		{"blocks", "<p>a\n\nb</p><ul><li>c</ul>", "<p>a\n&#10;b</p>\n\n<ul><li>c</li></ul>\n"},
		{"blank lines in pre", "<pre>a\n\n\nb</pre>", "<pre>a\n&#10;&#10;b</pre>\n"},
		{"text without paragraphs", "a <em>b</em>\n\nc", "<p>a <em>b</em></p>\n\n<p>c</p>\n"},
		{"the fold", "<p>a</p>\n<!--more-->\n<p>b</p>", "<p>a</p>\n\n<!--more-->\n\n<p>b</p>\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := transfer.HTMLToMarkdown(tt.body)
			if err != nil || got != tt.want {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
		})
	}
}

func FuzzText(f *testing.F) {
	for _, seed := range []string{"# A\n\nText", "<p>a\n\n<pre>b\n\nc", "{{< a >}}{% b %}{{ c }}", "2013-03-19 10:30 +0100", "a\n=\n~~~\n# b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if date, ok := transfer.ParseDate(text, time.UTC); ok && (date.Year() < 0 || date.Year() > 10_000) {
			t.Errorf("%q: got %v", text, date)
		}
		if _, rest := transfer.FirstHeading(text); len(rest) > len(text) {
			t.Errorf("got %q of %q", rest, text)
		}
		transfer.SiteDirectives(text)
		once, err := transfer.HTMLToMarkdown(text)
		if err != nil {
			return
		}
		if strings.Contains(once, "\n\n\n") {
			t.Errorf("%q: got an empty block in %q", text, once)
		}
	})
}
