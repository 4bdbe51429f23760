package transfer

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Kind says why a file was skipped.
type Kind string

const (
	Unreadable Kind = "unreadable" // front matter, encoding, size, permissions
	Refused    Kind = "refused"    // read, but not what a post may be
	Redirect   Kind = "redirect"   // a stub that leads to another address
	Page       Kind = "page"       // About, README, an index: not a post
	Section    Kind = "section"    // Hugo's _index.md
)

// Skipped is a file that became no post.
type Skipped struct {
	File   string
	Line   int // 0: about the file as a whole
	Kind   Kind
	Reason string
}

// Warning is something about an imported post that its author should know.
type Warning struct {
	File    string
	Message string // the same for files with the same trouble
	Detail  string // what it is about in this file, or ""
}

// Report says what an import did or, after a dry run, would do.
type Report struct {
	DryRun     bool
	Created    int
	Updated    int
	Unchanged  int
	Kept       []string // files whose posts were edited in Broadsheet since, and left alone
	Deleted    []string // files whose posts were deleted in Broadsheet since, and did not come back
	Skipped    []Skipped
	Warnings   []Warning
	Directives map[string]int // markup of other generators left in the text → number of files
}

func place(file string, line int) string {
	if line > 0 {
		return fmt.Sprintf("%s:%d", file, line)
	}
	return file
}

func files(n int) string {
	if n == 1 {
		return "1 file"
	}
	return fmt.Sprintf("%d files", n)
}

// maxListed is how many files WriteTo names under one warning.
const maxListed = 20

// WriteTo writes the report for people: warnings by their kind, then every
// file that was skipped, the counts last, where a terminal shows them.
func (r Report) WriteTo(w io.Writer) (int64, error) {
	var b strings.Builder
	r.writeWarnings(&b)
	r.writeSkipped(&b, "Skipped, not posts:", Redirect, Page, Section)
	r.writeSkipped(&b, "Skipped, please look at:", Unreadable, Refused)
	writeFiles(&b, "Left alone, as the post was edited in Broadsheet since the last import:", r.Kept)
	writeFiles(&b, "Left alone, as the post was deleted in Broadsheet since (a file of another name would be a new post):", r.Deleted)
	r.writeCounts(&b)
	n, err := io.WriteString(w, b.String())
	return int64(n), err
}

func writeFiles(b *strings.Builder, heading string, files []string) {
	if len(files) == 0 {
		return
	}
	b.WriteString(heading + "\n")
	for _, file := range files {
		fmt.Fprintf(b, "  %s\n", file)
	}
	b.WriteByte('\n')
}

func (r Report) writeWarnings(b *strings.Builder) {
	byMessage := map[string][]Warning{}
	for _, warning := range r.Warnings {
		byMessage[warning.Message] = append(byMessage[warning.Message], warning)
	}
	for _, message := range slices.Sorted(maps.Keys(byMessage)) {
		warnings := byMessage[message]
		fmt.Fprintf(b, "Imported, but %s (%s):\n", message, files(len(warnings)))
		for _, warning := range warnings[:min(len(warnings), maxListed)] {
			fmt.Fprintf(b, "  %s", warning.File)
			if warning.Detail != "" {
				fmt.Fprintf(b, ": %s", warning.Detail)
			}
			b.WriteByte('\n')
		}
		if more := len(warnings) - maxListed; more > 0 {
			fmt.Fprintf(b, "  … and %d more\n", more)
		}
		b.WriteByte('\n')
	}
	if len(r.Directives) > 0 {
		b.WriteString("Left in the text as it is, since only the old site can replace it:\n")
		for _, kind := range slices.SortedFunc(maps.Keys(r.Directives), func(x, y string) int {
			return cmp.Or(cmp.Compare(r.Directives[y], r.Directives[x]), cmp.Compare(x, y))
		}) {
			fmt.Fprintf(b, "  %s in %s\n", kind, files(r.Directives[kind]))
		}
		b.WriteByte('\n')
	}
}

func (r Report) writeSkipped(b *strings.Builder, heading string, kinds ...Kind) {
	first := true
	for _, kind := range kinds {
		for _, s := range r.Skipped {
			if s.Kind != kind {
				continue
			}
			if first {
				b.WriteString(heading + "\n")
				first = false
			}
			fmt.Fprintf(b, "  %s: %s\n", place(s.File, s.Line), s.Reason)
		}
	}
	if !first {
		b.WriteByte('\n')
	}
}

func (r Report) writeCounts(b *strings.Builder) {
	counts := map[Kind]int{}
	for _, s := range r.Skipped {
		counts[s.Kind]++
	}
	if r.DryRun {
		b.WriteString("Dry run, nothing was written. An import would make this of the folder:\n")
	}
	for _, line := range []struct {
		n      int
		what   string
		always bool
	}{
		{r.Created, "created", true},
		{r.Updated, "updated", true},
		{r.Unchanged, "unchanged", true},
		{len(r.Kept), "edited here since, left alone", false},
		{len(r.Deleted), "deleted here since, left alone", false},
		{counts[Redirect], "skipped, redirects", false},
		{counts[Page], "skipped, pages", false},
		{counts[Section], "skipped, sections", false},
		{counts[Unreadable], "skipped, could not be read", false},
		{counts[Refused], "skipped, not acceptable as posts", false},
		{len(r.Warnings), "warnings", false},
	} {
		if line.n > 0 || line.always {
			fmt.Fprintf(b, "%6d %s\n", line.n, line.what)
		}
	}
}
