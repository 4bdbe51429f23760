package markdown_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"broadsheet/internal/markdown"
)

// goldmarkFile reads a file of goldmark's module, which ships the examples of
// the specifications.
func goldmarkFile(t *testing.T, name string) []byte {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/yuin/goldmark").Output()
	if err != nil {
		t.Fatalf("finding goldmark's module: %v", err)
	}
	content, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), name))
	if err != nil {
		t.Fatalf("reading the examples: %v", err)
	}
	return content
}

// differing are the examples of CommonMark that we render differently on purpose.
var differing = map[int]string{
	226: "linkify leaves spaces before <br>, which are not shown",
	635: "linkify leaves spaces before <br>, which are not shown",
	608: "GFM links addresses without brackets",
	611: "GFM links addresses without brackets",
	612: "GFM links addresses without brackets",
}

func TestCommonMark(t *testing.T) {
	t.Parallel()
	var examples []struct {
		Markdown, HTML string
		Example        int
	}
	if err := json.Unmarshal(goldmarkFile(t, "_test/spec.json"), &examples); err != nil {
		t.Fatalf("decoding the examples: %v", err)
	}
	passed := 0
	for _, example := range examples {
		got, want := withoutXHTML(markdown.Core(example.Markdown)), withoutXHTML(example.HTML)
		same := got == want
		reason, known := differing[example.Example]
		switch {
		case same:
			passed++
			if known {
				t.Errorf("example %d: got what the specification says, want a difference (%s)", example.Example, reason)
			}
		case !known:
			t.Errorf("example %d: %q\ngot  %q\nwant %q", example.Example, example.Markdown, got, want)
		}
		document, err := markdown.Render(example.Markdown, "en")
		if err != nil {
			t.Errorf("example %d: Render: %v", example.Example, err)
		}
		checkDocument(t, document)
	}
	if want := 652 - len(differing); passed != want {
		t.Errorf("got %d examples as CommonMark 0.31 says, want %d", passed, want)
	}
}

// withoutXHTML writes <br> for <br />, which the examples do not do alike.
func withoutXHTML(html string) string { return strings.ReplaceAll(html, " />", ">") }

func TestGFM(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		examples  int
		differing map[string]string
	}{
		{name: "table", examples: 14},
		{name: "strikethrough", examples: 5},
		{name: "linkify", examples: 20, differing: map[string]string{"7": "the policy has no ftp links"}},
		{name: "tasklist", examples: 4},
		{name: "footnote", examples: 5},
		{name: "definition_list", examples: 6},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			passed := 0
			file := string(goldmarkFile(t, "extension/_test/"+test.name+".txt"))
			for _, example := range strings.Split(file, "//= = = = = = = = = = = = = = = = = = = = = = = =//") {
				parts := strings.Split(example, "//- - - - - - - - -//\n")
				if len(parts) != 3 {
					continue
				}
				source := strings.TrimSuffix(parts[1], "\n")
				if strings.Contains(parts[0], "enableEscape") {
					source = strings.ReplaceAll(source, `\t`, "\t")
				}
				number, _, _ := strings.Cut(strings.TrimSpace(parts[0]), "\n")
				number, _, _ = strings.Cut(number, ":")
				got, want := strings.TrimSpace(markdown.Core(source)), strings.TrimSpace(withoutXHTML(parts[2]))
				if got == want {
					passed++
				} else if test.differing[number] == "" {
					t.Errorf("example %s: %q\ngot  %q\nwant %q", number, source, got, want)
				}
			}
			if want := test.examples - len(test.differing); passed != want {
				t.Errorf("got %d examples as specified, want %d", passed, want)
			}
		})
	}
}
