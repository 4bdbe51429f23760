package admin_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
)

func TestFragment(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	type block struct {
		Line int
		Name string
		HTML *string
	}
	type answer struct {
		Title, Lead, Language string
		About                 []string
		Blocks                []block
		Words                 int
	}
	ask := func(markdown, have string) (a answer) {
		t.Helper()
		got := br.post("/admin/posts/fragment", url.Values{
			"title": {"Herons"}, "summary": {"Of *birds*."}, "language": {"en"}, "markdown": {markdown}, "have": {have}, "published_at": {"2024-03-01T09:30"},
		}).want(200)
		if err := json.Unmarshal([]byte(got.body), &a); err != nil {
			t.Fatal(err)
		}
		return a
	}
	first := ask("## One\n\nText <script>alert(1)</script> here.\n\nText.\n\nText.", "")
	if len(first.Blocks) != 4 || first.Blocks[1].Line != 3 || first.Lead != "Of <em>birds</em>." || first.About[0] != "Jane Doe" || first.About[1] != "March 1, 2024" {
		t.Fatalf("got %+v", first)
	}
	if html := *first.Blocks[1].HTML; strings.Contains(html, "<script") || !strings.Contains(html, "here.") {
		t.Errorf("got block %q, want it sanitised", html)
	}
	if first.Blocks[3].HTML != nil || first.Blocks[3].Name != first.Blocks[2].Name {
		t.Error("got the same block twice, want it once")
	}
	var have []string
	for _, block := range first.Blocks {
		have = append(have, block.Name)
	}
	second := ask("## One\n\nText <script>alert(1)</script> here.\n\nOther *text*.\n\nText.", strings.Join(have, " "))
	for i, block := range second.Blocks {
		if (block.HTML != nil) != (i == 2) {
			t.Errorf("block %d: got HTML %v, want only what has changed", i, block.HTML != nil)
		}
	}

	br.post("/admin/posts/fragment", url.Values{"markdown": {strings.Repeat("[^1]", 3000)}}).want(422, "The preview waits: ", "footnotes")
	b.browser(t).post("/admin/posts/fragment", url.Values{"title": {"x"}}).want(401)
}
