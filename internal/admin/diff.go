package admin

import (
	"slices"
	"strings"

	"broadsheet/internal/merge"
)

// pieceSkip is a passage of a comparison that is the same in both texts and
// left out.
const pieceSkip merge.Kind = "skip"

// diffText compares two texts. Of long passages that are the same it shows the
// ends.
func diffText(old, new string) []merge.Piece {
	return shortened(merge.Compare(old, new))
}

func shortened(compared []merge.Piece) []merge.Piece {
	var pieces []merge.Piece
	for i, p := range compared {
		if p.Kind == merge.Same {
			head, tail := contextLines, contextLines
			if i == 0 {
				head = 0
			} else if !strings.HasSuffix(compared[i-1].Text, "\n") {
				head++ // the rest of a line that was changed
			}
			if i == len(compared)-1 {
				tail = 0
			} else if !strings.HasSuffix(p.Text, "\n") {
				tail++
			}
			pieces = append(pieces, shorten(p.Text, head, tail)...)
		} else {
			pieces = append(pieces, p)
		}
	}
	return pieces
}

// contextLines is how many lines that are the same stand around a change.
const contextLines = 3

// shorten leaves out all of a passage but so many lines at its ends.
func shorten(text string, head, tail int) []merge.Piece {
	lines := slices.Collect(strings.Lines(text))
	if len(lines) <= head+tail+1 {
		return []merge.Piece{{Kind: merge.Same, Text: text}}
	}
	var pieces []merge.Piece
	if head > 0 {
		pieces = append(pieces, merge.Piece{Kind: merge.Same, Text: strings.Join(lines[:head], "")})
	}
	pieces = append(pieces, merge.Piece{Kind: pieceSkip, Text: strings.Join(lines[head:len(lines)-tail], "")})
	if tail > 0 {
		pieces = append(pieces, merge.Piece{Kind: merge.Same, Text: strings.Join(lines[len(lines)-tail:], "")})
	}
	return pieces
}
