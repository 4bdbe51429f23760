package transfer_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"broadsheet/internal/posts"
)

func TestOddFiles(t *testing.T) {
	t.Parallel()
	dated := "---\ntitle: T\ndate: 2020-01-01\n---\n"
	tests := []struct {
		name, path, file string
		want             string // in what was skipped, or of the stored post
	}{
		{"no front matter, date in the name", "2020-05-17-a-quiet-release.md", "Text", "a-quiet-release|A quiet release|published|2020-05-17"},
		{"title from the heading", "2020-05-17-x.md", "# A *loud* one\n\nText", "x|A loud one|published|2020-05-17"},
		{"a date alone for a name", "2020-05-17.md", "# Sunday\n", "sunday|Sunday|published|2020-05-17"},
		{"no date anywhere", "note.md", "# Note\n\nText", "note|Note|draft|"},
		{"a number for a title", "a.md", "---\ntitle: 2024\ndate: 2024-01-01\n---\n", "a|2024|published|2024-01-01"},
		{"a date that is none", "2020-01-02-a.md", "---\ndate: 03/04/2020\n---\n", "a|A|published|2020-01-02"},
		{"unpublished", "a.md", "---\ntitle: T\ndate: 2020-01-01\npublished: false\n---\n", "a|T|draft|2020-01-01"},
		{"private", "a.md", "---\ntitle: T\ndate: 2020-01-01\nstatus: private\n---\n", "a|T|draft|2020-01-01"},
		{"expires", "a.md", "---\ntitle: T\ndate: 2020-01-01\nexpiryDate: 2021-01-01\n---\n", "a|T|draft|2020-01-01"},
		{"expires one day", "a.md", "---\ntitle: T\ndate: 2020-01-01\nexpiryDate: 2999-01-01\n---\n", "a|T|published|2020-01-01 until 2999-01-01"},
		{"expires nobody knows when", "a.md", "---\ntitle: T\ndate: 2020-01-01\nexpiryDate: soon\n---\n", "a|T|draft|2020-01-01"},
		{"not before", "a.md", "---\ntitle: T\ndate: 2020-01-01\npublishDate: 2020-02-02\n---\n", "a|T|published|2020-02-02"},
		{"address of a pattern", "a-b.md", "---\ntitle: T\ndate: 2020-01-01\npermalink: /:year/:title/\n---\n", "a-b|T|published|2020-01-01"},
		{"address that climbs", "a.md", "---\ntitle: T\ndate: 2020-01-01\nurl: /../../%2e%2e/etc/\n---\n", "etc|T|published|2020-01-01"},
		{"dots in the name", "go1.22.md", dated, "go1-22|T|published|2020-01-01"},
		{"other extension", "a.MKDN", dated, "a|T|published|2020-01-01"},
		{"summary too long", "a.md", "---\ntitle: T\ndate: 2020-01-01\nsummary: " + strings.Repeat("x", posts.MaxSummary+1) + "\n---\n", "a|T|published|2020-01-01"},
		{"too many tags, one too long", "a.md", "---\ntitle: T\ndate: 2020-01-01\ntags: [" + strings.Repeat("y", posts.MaxTagName+1) + manyTags() + "]\n---\n", "a|T|published|2020-01-01"},
		{"author's name too long", "a.md", "---\ntitle: T\ndate: 2020-01-01\nauthor: " + strings.Repeat("z", 101) + "\n---\n", "a|T|published|2020-01-01"},
		{"title too long", "a.md", "---\ntitle: " + strings.Repeat("x", posts.MaxTitle+1) + "\ndate: 2020-01-01\n---\n", "refused: title: "},
		{"larger than a post", "a.md", dated + strings.Repeat("x ", posts.MaxMarkdown/2+1), "refused: markdown: "},
		{"larger than any file", "a.md", strings.Repeat("x ", 1<<20) + "x", "unreadable: larger than 2 MB"},
		{"not UTF-8", "a.md", dated + "caf\xe9", "5 unreadable: not UTF-8"},
		{"NUL", "a.md", dated + "a\x00b", "5 unreadable: a NUL character"},
		{"empty", "a.md", "", "page: an empty file"},
		{"says it is a page", "a.md", "---\ntitle: T\ndate: 2020-01-01\nlayout: page\n---\n", "page: a page, not a post: it says so"},
		{"the folder's read-me", "README.md", dated, "page: about the folder"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBlog(t)
			report := b.bring(fstest.MapFS{
				tt.path:       {Data: []byte(tt.file)},
				"picture.png": {Data: []byte("\x89PNG")},
			})
			if !strings.Contains(tt.want, "|") {
				if got := skipped(report); len(got) != 1 || !strings.Contains(got[0], tt.want) {
					t.Fatalf("got skipped %q, want %q", got, tt.want)
				}
				return
			}
			wantCounts(t, report, "1 created, 0 updated, 0 unchanged, 0 kept")
			slug, _, _ := strings.Cut(tt.want, "|")
			p := b.stored(slug)
			got := fmt.Sprintf("%s|%s|%s|", p.Slug, p.Title, p.Status)
			if !p.PublishedAt.IsZero() {
				got += p.PublishedAt.UTC().Format(time.DateOnly)
			}
			if p.Status == posts.StatusPublished && !p.UnpublishAt.IsZero() {
				got += " until " + p.UnpublishAt.UTC().Format(time.DateOnly)
			}
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if len(p.Tags) > posts.MaxTags {
				t.Errorf("got %d tags", len(p.Tags))
			}
		})
	}
}

func manyTags() string {
	var b strings.Builder
	for i := range posts.MaxTags + 5 {
		fmt.Fprintf(&b, ", tag %d", i)
	}
	return b.String()
}
