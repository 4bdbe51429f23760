package admin

import (
	"strings"

	"broadsheet/internal/merge"
)

// DiffText gives the two texts back that a comparison shows, and whether
// anything was changed.
func DiffText(before, after string) (old, new string, changed bool) {
	var o, n strings.Builder
	for _, p := range diffText(before, after) {
		if p.Kind != "new" {
			o.WriteString(p.Text)
		}
		if p.Kind != "old" {
			n.WriteString(p.Text)
		}
		changed = changed || p.Kind == "old" || p.Kind == "new"
	}
	return o.String(), n.String(), changed
}

// DiffMarked writes a comparison as one text: [-old-], {+new+}, <skipped>.
func DiffMarked(before, after string) string {
	var b strings.Builder
	for _, p := range diffText(before, after) {
		marks := map[merge.Kind][2]string{"old": {"[-", "-]"}, "new": {"{+", "+}"}, "skip": {"<", ">"}}[p.Kind]
		b.WriteString(marks[0] + p.Text + marks[1])
	}
	return b.String()
}

var (
	LocalNext = localNext
	ReadLocal = readLocal
	ShowLocal = showLocal
)

// Distance says how far away a time is.
var Distance = distance
