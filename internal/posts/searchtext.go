package posts

import (
	"strings"
	"unicode"
)

// maxRun is how many characters without a space PostgreSQL is given at once.
const maxRun = 100

// searchText makes a plain text safe to be indexed. PostgreSQL's parser tries
// to read tags, paths and addresses, and takes time that grows with the square
// of what looks like the beginning of one: no tag begins, and none of the
// others is long. Words stay as they are.
func searchText(plain string) string {
	var out strings.Builder
	run := 0
	for _, r := range plain {
		switch {
		case r == '<' || unicode.IsSpace(r):
			r, run = ' ', 0
		case run == maxRun:
			out.WriteByte(' ')
			run = 1
		default:
			run++
		}
		out.WriteRune(r)
	}
	return out.String()
}
