package admin

import (
	"slices"
	"strings"
	"unicode"
)

// A piece of a comparison: in both texts, in the old one alone, in the new one
// alone, or lines of both that are left out.
type piece struct {
	Kind string // "same", "old", "new", "skip"
	Text string
}

// diffText compares two texts line by line, and word by word within lines
// that were changed. Of long passages that are the same it shows the ends.
func diffText(old, new string) []piece {
	var pieces []piece
	lines := diff(slices.Collect(strings.Lines(old)), slices.Collect(strings.Lines(new)))
	for i := 0; i < len(lines); i++ {
		if lines[i].Kind == "old" && i+1 < len(lines) && lines[i+1].Kind == "new" {
			pieces = append(pieces, diffWords(lines[i].Text, lines[i+1].Text)...)
			i++
			continue
		}
		if lines[i].Kind == "same" {
			pieces = append(pieces, shorten(lines[i].Text, i == 0, i == len(lines)-1)...)
			continue
		}
		pieces = append(pieces, lines[i])
	}
	return pieces
}

// shorten leaves out the middle of a passage that is the same in both texts,
// or all but the end that borders on a change.
func shorten(text string, first, last bool) []piece {
	const context = 3 // lines
	lines := slices.Collect(strings.Lines(text))
	head, tail := context, context
	if first {
		head = 0
	}
	if last {
		tail = 0
	}
	if len(lines) <= head+tail+1 {
		return []piece{{"same", text}}
	}
	var pieces []piece
	if head > 0 {
		pieces = append(pieces, piece{"same", strings.Join(lines[:head], "")})
	}
	pieces = append(pieces, piece{"skip", strings.Join(lines[head:len(lines)-tail], "")})
	if tail > 0 {
		pieces = append(pieces, piece{"same", strings.Join(lines[len(lines)-tail:], "")})
	}
	return pieces
}

func diffWords(old, new string) []piece { return diff(words(old), words(new)) }

// words splits a text into words, the signs between them and line ends, each
// with the blanks after it.
func words(s string) []string {
	const word, sign, lineEnd = 1, 2, 3
	var words []string
	start, before, afterBlank := 0, 0, false
	for i, r := range s {
		kind := sign
		switch {
		case r == '\n':
			kind = lineEnd
		case unicode.IsSpace(r):
			afterBlank = true
			continue
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			kind = word
		}
		if i > start && (afterBlank || kind != before || kind == lineEnd) {
			words = append(words, s[start:i])
			start = i
		}
		before, afterBlank = kind, false
	}
	if start < len(s) {
		words = append(words, s[start:])
	}
	return words
}

// diff returns the fewest pieces to leave out and put in that make new of old,
// neighbours of a kind joined, what is left out before what is put in.
func diff(old, new []string) []piece {
	var head, tail int
	for head < len(old) && head < len(new) && old[head] == new[head] {
		head++
	}
	for tail < len(old)-head && tail < len(new)-head && old[len(old)-1-tail] == new[len(new)-1-tail] {
		tail++
	}
	var out joiner
	out.add("same", old[:head]...)
	middle(&out, old[head:len(old)-tail], new[head:len(new)-tail])
	out.add("same", old[len(old)-tail:]...)
	return out.pieces()
}

// maxEdits bounds the work for texts that have little in common: they are
// shown as one that was replaced by the other.
const maxEdits = 1500

// middle finds the shortest way from old to new as Myers does ("An O(ND)
// Difference Algorithm and Its Variations", 1986): furthest[k] is how far into
// old one gets on the diagonal k with d edits.
func middle(out *joiner, old, new []string) {
	limit := min(len(old)+len(new), maxEdits)
	furthest := make([]int, 2*limit+3)
	at := func(k int) *int { return &furthest[k+limit+1] }
	var trace [][]int // furthest of each d, for diagonals -d-1 … d+1
	for d := 0; d <= limit; d++ {
		trace = append(trace, slices.Clone(furthest[limit-d:limit+d+3]))
		for k := -d; k <= d; k += 2 {
			x := *at(k - 1) + 1
			if k == -d || k != d && *at(k - 1) < *at(k + 1) {
				x = *at(k + 1)
			}
			if d == 0 {
				x = 0
			}
			for x < len(old) && x-k < len(new) && old[x] == new[x-k] {
				x++
			}
			*at(k) = x
			if x >= len(old) && x-k >= len(new) {
				retrace(out, old, new, trace)
				return
			}
		}
	}
	out.add("old", old...)
	out.add("new", new...)
}

// retrace goes back from the ends of both texts and writes down the way.
func retrace(out *joiner, old, new []string, trace [][]int) {
	type step struct{ kind, token string }
	var steps []step
	x, y := len(old), len(new)
	for d := len(trace) - 1; d >= 0; d-- {
		at := func(k int) int { return trace[d][k+d+1] }
		k := x - y
		from := k - 1
		if k == -d || k != d && at(k-1) < at(k+1) {
			from = k + 1
		}
		fromX := at(from)
		fromY := fromX - from
		if d == 0 {
			fromX, fromY = 0, 0
		}
		for x > fromX && y > fromY {
			x, y = x-1, y-1
			steps = append(steps, step{"same", old[x]})
		}
		if d == 0 {
			break
		}
		if x > fromX {
			x--
			steps = append(steps, step{"old", old[x]})
		} else if y > fromY {
			y--
			steps = append(steps, step{"new", new[y]})
		}
	}
	for _, s := range slices.Backward(steps) {
		out.add(s.kind, s.token)
	}
}

// joiner joins neighbours of a kind, and of what was changed at one place
// puts the old before the new.
type joiner struct {
	done                []piece
	same, before, after strings.Builder
}

func (j *joiner) add(kind string, tokens ...string) {
	if len(tokens) == 0 {
		return
	}
	if kind == "same" {
		j.endChange()
	} else if j.same.Len() > 0 {
		j.done = append(j.done, piece{"same", j.same.String()})
		j.same.Reset()
	}
	to := map[string]*strings.Builder{"same": &j.same, "old": &j.before, "new": &j.after}[kind]
	for _, token := range tokens {
		to.WriteString(token)
	}
}

func (j *joiner) endChange() {
	if j.before.Len() > 0 {
		j.done = append(j.done, piece{"old", j.before.String()})
		j.before.Reset()
	}
	if j.after.Len() > 0 {
		j.done = append(j.done, piece{"new", j.after.String()})
		j.after.Reset()
	}
}

func (j *joiner) pieces() []piece {
	j.endChange()
	if j.same.Len() > 0 {
		j.done = append(j.done, piece{"same", j.same.String()})
	}
	return j.done
}
