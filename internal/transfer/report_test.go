package transfer_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"broadsheet/internal/transfer"
)

func TestReport(t *testing.T) {
	t.Parallel()
	report := transfer.Report{
		DryRun: true, Created: 12, Kept: []string{"kept.md"}, Deleted: []string{"deleted.md"},
		Skipped: []transfer.Skipped{
			{File: "a.md", Line: 3, Kind: transfer.Unreadable, Reason: "YAML: no"},
			{File: "b.md", Kind: transfer.Redirect, Reason: "a redirect to /c"},
			{File: "_index.md", Kind: transfer.Section, Reason: "a section, not a post"},
		},
		Warnings:   []transfer.Warning{{File: "d.md", Message: "a date is not understood", Detail: "date: soon"}},
		Directives: map[string]int{"{{< ref >}}": 1, "{{< figure >}}": 3},
	}
	want := `Imported, but a date is not understood (1 file):
  d.md: date: soon

Left in the text as it is, since only the old site can replace it:
  {{< figure >}} in 3 files
  {{< ref >}} in 1 file

Skipped, not posts:
  b.md: a redirect to /c
  _index.md: a section, not a post

Skipped, please look at:
  a.md:3: YAML: no

Left alone, as the post was edited in Broadsheet since the last import:
  kept.md

Left alone, as the post was deleted in Broadsheet since (a file of another name would be a new post):
  deleted.md

Dry run, nothing was written. An import would make this of the folder:
    12 created
     0 updated
     0 unchanged
     1 edited here since, left alone
     1 deleted here since, left alone
     1 skipped, redirects
     1 skipped, sections
     1 skipped, could not be read
     1 warnings
`
	var got strings.Builder
	if n, err := report.WriteTo(&got); err != nil || n != int64(got.Len()) {
		t.Errorf("got %d, %v", n, err)
	}
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
