package markdown_test

import (
	"strings"
	"testing"

	"broadsheet/internal/markdown"
)

// whole puts blocks together again.
func whole(p markdown.Preview) string {
	var post strings.Builder
	for _, b := range p.Blocks {
		post.WriteString(string(b.HTML))
	}
	return post.String()
}

func TestRenderBlocks(t *testing.T) {
	t.Parallel()
	source := "# Title\n\nWords[^1].\n\n- one\n- two\n\n```go\nx := 1\n```\n\n| a |\n|---|\n| 1 |\n\n---\n\n![A heron](/static/x.png)\n\n$$\nx^2\n$$\n\n[^1]: Note.\n"
	p, err := markdown.RenderBlocks(source, "en")
	if err != nil {
		t.Fatal(err)
	}
	var lines []int
	for _, b := range p.Blocks {
		lines = append(lines, b.Line)
	}
	want := []int{1, 3, 5, 8, 12, 12, 18, 20, 24}
	if len(lines) != len(want) {
		t.Fatalf("got blocks at lines %v, want %v: %v", lines, want, p.Blocks)
	}
	for i := range want {
		if d := lines[i] - want[i]; d < -1 || d > 1 {
			t.Errorf("got blocks at lines %v, want about %v", lines, want)
			break
		}
	}
	if !strings.HasPrefix(strings.TrimSpace(string(p.Blocks[2].HTML)), "<ul>") {
		t.Errorf("got third block %q, want the list", p.Blocks[2].HTML)
	}
}

// FuzzRenderBlocks compares the blocks with the post that readers get.
func FuzzRenderBlocks(f *testing.F) {
	f.Add(samplePost)
	f.Add("# A\n\n<div>\n\n*in* it\n\n</div>\n\nafter")
	f.Add("<b>\n\nx\n\ny</i>")
	f.Add("a[^1]\n\n[^1]: b\n\n    c")
	f.Add("&#xFFFF;7&#xFFFF; \uFFFF1\uFFFF")
	f.Add("<script>\n\nx")
	f.Add("> [!NOTE]\n> x\n\n$$\nx\n$$")
	f.Fuzz(func(t *testing.T, source string) {
		post, err := markdown.Render(source, "en")
		p, blocksErr := markdown.RenderBlocks(source, "en")
		if (err == nil) != (blocksErr == nil) {
			t.Fatalf("Render says %v, RenderBlocks %v", err, blocksErr)
		}
		// Between blocks white space says nothing.
		if got := whole(p); strings.Join(strings.Fields(got), "") != strings.Join(strings.Fields(string(post.HTML)), "") {
			t.Errorf("got blocks of\n%s\nwant\n%s", got, post.HTML)
		}
		if err == nil && (p.Words != post.Words || p.Minutes != post.Minutes) {
			t.Errorf("got %d words and %d minutes, want %d and %d", p.Words, p.Minutes, post.Words, post.Minutes)
		}
	})
}

func BenchmarkRenderBlocks(b *testing.B) {
	source := strings.Repeat(samplePost+"\n\n", 62) // 54,000 words
	b.SetBytes(int64(len(source)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := markdown.RenderBlocks(source, "en"); err != nil {
			b.Fatal(err)
		}
	}
}
