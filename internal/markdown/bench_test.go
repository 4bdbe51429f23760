package markdown_test

import (
	"strings"
	"testing"

	"broadsheet/internal/markdown"
)

// samplePost has about 800 words, headings, a list, a table and three listings.
var samplePost = func() string {
	paragraph := strings.Repeat("The *quick* brown fox \"jumps\" over the [lazy](https://example.org/dog) dog, and `then` it rests. ", 12)
	code := "```go\nfunc main() {\n\tfor i, name := range os.Args[1:] {\n\t\tfmt.Printf(\"%d: %s\\n\", i, name) // greet\n\t}\n}\n```\n\n"
	section := "## A section\n\n" + paragraph + "\n\n" + code + "- one\n- two\n\n"
	return paragraph + "\n\n" + strings.Repeat(section, 3) + "| a | b |\n|---|--:|\n| 1 | 2 |\n\n" + paragraph
}()

func BenchmarkRender(b *testing.B) {
	b.SetBytes(int64(len(samplePost)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := markdown.Render(samplePost, "en"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkInline(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		markdown.Inline("A summary with *emphasis*, `code`, \"quotes\" and a [link](https://example.org).", "en")
	}
}
