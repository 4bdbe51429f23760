// Package merge compares texts and merges two that were made of a third.
//
// Whatever it is given, it takes bounded time and memory, and no word is lost:
// each word that one side added stands in the result or in a conflict, and so
// does each that both sides kept.
package merge

import "strings"

// Kind says in which of two compared texts a piece stands.
type Kind string

const (
	Same Kind = "same" // in both
	Old  Kind = "old"  // in the old one alone
	New  Kind = "new"  // in the new one alone
)

// Piece is a stretch of a comparison.
type Piece struct {
	Kind Kind
	Text string
}

// Compare compares two texts line by line, and word by word within lines that
// were changed. Of what was changed at one place the old comes before the new.
func Compare(old, new string) []Piece {
	whole, inside := &engine{maxSteps}, &engine{maxSteps}
	var pieces []Piece
	for _, p := range whole.pieces(lines(old), lines(new)) {
		if p.old == "" || p.new == "" {
			pieces = p.appendTo(pieces)
			continue
		}
		for _, q := range inside.pieces(words(p.old), words(p.new)) {
			pieces = q.appendTo(pieces)
		}
	}
	return pieces
}

// CompareWords compares two texts word by word.
func CompareWords(old, new string) []Piece {
	e := &engine{maxSteps}
	var pieces []Piece
	for _, p := range e.pieces(words(old), words(new)) {
		pieces = p.appendTo(pieces)
	}
	return pieces
}

// stretch is the same in both texts, or was changed.
type stretch struct{ same, old, new string }

func (s stretch) appendTo(pieces []Piece) []Piece {
	for _, p := range []Piece{{Same, s.same}, {Old, s.old}, {New, s.new}} {
		if n := len(pieces); p.Text != "" && n > 0 && p.Kind == Same && pieces[n-1].Kind == Same {
			pieces[n-1].Text += p.Text
		} else if p.Text != "" {
			pieces = append(pieces, p)
		}
	}
	return pieces
}

func (e *engine) pieces(old, new []string) []stretch {
	ids := numbers{}
	var found []stretch
	at := 0
	same := func(to int) {
		if to > at {
			found = append(found, stretch{same: strings.Join(old[at:to], "")})
		}
	}
	for _, c := range e.changes(ids.of(old), ids.of(new)) {
		same(c.old0)
		found = append(found, stretch{old: strings.Join(old[c.old0:c.old1], ""), new: strings.Join(new[c.new0:c.new1], "")})
		at = c.old1
	}
	same(len(old))
	return found
}
