package merge

import (
	"slices"
	"sort"
)

// A change says that old[old0:old1] was replaced by new[new0:new1].
type change struct{ old0, old1, new0, new1 int }

// The bounds of one comparison: beyond them texts are compared more coarsely,
// in the end as one that was replaced by the other.
const (
	maxEdits = 1500      // of one stretch: what is remembered of the way grows with their square
	maxSteps = 4_000_000 // in all
)

// engine finds changes. Tokens are numbers, the same for the same text.
type engine struct{ steps int } // that are left

// changes returns what makes new of old, in order, with at least one token that
// stays between any two.
func (e *engine) changes(old, new []int32) []change {
	var found []change
	e.between(old, new, 0, 0, true, func(c change) {
		if n := len(found); n > 0 && found[n-1].old1 == c.old0 && found[n-1].new1 == c.new0 {
			found[n-1].old1, found[n-1].new1 = c.old1, c.new1
			return
		}
		found = append(found, c)
	})
	return found
}

// between compares two stretches that begin at these places.
func (e *engine) between(old, new []int32, atOld, atNew int, split bool, found func(change)) {
	var head int
	for head < len(old) && head < len(new) && old[head] == new[head] {
		head++
	}
	old, new, atOld, atNew = old[head:], new[head:], atOld+head, atNew+head
	for len(old) > 0 && len(new) > 0 && old[len(old)-1] == new[len(new)-1] {
		old, new = old[:len(old)-1], new[:len(new)-1]
	}
	if len(old) == 0 && len(new) == 0 {
		return
	}
	whole := change{atOld, atOld + len(old), atNew, atNew + len(new)}
	if len(old) == 0 || len(new) == 0 {
		found(whole)
		return
	}
	if way, ok := e.shortest(old, new); ok {
		for _, c := range way {
			found(change{c.old0 + atOld, c.old1 + atOld, c.new0 + atNew, c.new1 + atNew})
		}
		return
	}
	if !split {
		found(whole)
		return
	}
	fromOld, fromNew := 0, 0
	for _, a := range append(anchors(old, new), [2]int{len(old), len(new)}) {
		e.between(old[fromOld:a[0]], new[fromNew:a[1]], atOld+fromOld, atNew+fromNew, false, found)
		fromOld, fromNew = a[0], a[1]
	}
}

// shortest finds the shortest way from old to new as Myers does ("An O(ND)
// Difference Algorithm and Its Variations", 1986): furthest[k] is how far into
// old one gets on the diagonal k with d edits.
func (e *engine) shortest(old, new []int32) ([]change, bool) {
	limit := min(len(old)+len(new), maxEdits)
	furthest := make([]int32, 2*limit+3)
	at := func(k int) *int32 { return &furthest[k+limit+1] }
	var trace [][]int32 // furthest of each d, for diagonals -d-1 … d+1
	for d := 0; d <= limit; d++ {
		trace = append(trace, slices.Clone(furthest[limit-d:limit+d+3]))
		for k := -d; k <= d; k += 2 {
			x := int(*at(k - 1)) + 1
			if k == -d || k != d && *at(k - 1) < *at(k + 1) {
				x = int(*at(k + 1))
			}
			if d == 0 {
				x = 0
			}
			began := x
			for x < len(old) && x-k < len(new) && old[x] == new[x-k] {
				x++
			}
			*at(k) = int32(x)
			if e.steps -= x - began + 1; e.steps < 0 {
				return nil, false
			}
			if x >= len(old) && x-k >= len(new) {
				return retrace(len(old), len(new), trace), true
			}
		}
	}
	return nil, false
}

// retrace goes back from the ends of both texts and notes where the way leaves
// the diagonal.
func retrace(x, y int, trace [][]int32) []change {
	var back []change
	for d := len(trace) - 1; d > 0; d-- {
		at := func(k int) int { return int(trace[d][k+d+1]) }
		k := x - y
		from := k - 1
		if k == -d || k != d && at(k-1) < at(k+1) {
			from = k + 1
		}
		fromX := at(from)
		fromY := fromX - from
		c := change{fromX, fromX, fromY, fromY + 1}
		if from < k {
			c = change{fromX, fromX + 1, fromY, fromY}
		}
		if n := len(back); n > 0 && back[n-1].old0 == c.old1 && back[n-1].new0 == c.new1 {
			back[n-1].old0, back[n-1].new0 = c.old0, c.new0
		} else {
			back = append(back, c)
		}
		x, y = fromX, fromY
	}
	slices.Reverse(back)
	return back
}

// anchors returns places in old and new of tokens that occur once in each and
// stand in the same order: the longest such row.
func anchors(old, new []int32) [][2]int {
	type place struct{ old, new, inOld, inNew int }
	seen := make(map[int32]place, len(old))
	for i, t := range old {
		p := seen[t]
		p.old, p.inOld = i, p.inOld+1
		seen[t] = p
	}
	for i, t := range new {
		if p, ok := seen[t]; ok {
			p.new, p.inNew = i, p.inNew+1
			seen[t] = p
		}
	}
	// The longest rising row (patience sorting): ends[n] is the end of the best
	// row of n+1, before[i] the one that stands before i in its row.
	var ends []int
	before := make(map[int]int)
	at := make(map[int]int) // place in old of a place in new
	for i, t := range old {
		p := seen[t]
		if p.inOld != 1 || p.inNew != 1 {
			continue
		}
		at[p.new] = i
		n := sort.SearchInts(ends, p.new)
		if n > 0 {
			before[p.new] = ends[n-1]
		}
		if n == len(ends) {
			ends = append(ends, p.new)
		} else {
			ends[n] = p.new
		}
	}
	if len(ends) == 0 {
		return nil
	}
	row := make([][2]int, len(ends))
	next := ends[len(ends)-1]
	for i := len(row) - 1; i >= 0; i-- {
		row[i] = [2]int{at[next], next}
		next = before[next]
	}
	return row
}
