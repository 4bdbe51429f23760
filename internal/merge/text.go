package merge

import (
	"slices"
	"strings"
)

// Part is a stretch of a merged text, or a conflict: a place that both sides
// changed, each in its own way.
type Part struct {
	Text               string // "" in a conflict
	Conflict           bool
	Base, Mine, Theirs string // of a conflict
}

// maxConflicts is how many choices can be asked of a person. Where there are
// more, neighbours become one.
const maxConflicts = 100

// Text merges two texts that were made of base: line by line, and word by word
// where both changed the same lines. What touches what the other side changed
// is in conflict with it. Swapping mine and theirs swaps them in the result.
func Text(base, mine, theirs string) []Part {
	switch { // nothing to look for
	case mine == theirs, theirs == base:
		return clean(mine)
	case mine == base:
		return clean(theirs)
	}
	byLine := newSides(lines(base), lines(mine), lines(theirs))
	regions := byLine.regions(&engine{maxSteps}, &engine{maxSteps})
	// Each side has bounds of its own, so that swapping them changes nothing.
	forMine, forTheirs := &engine{maxSteps}, &engine{maxSteps}
	var parts []Part
	for _, r := range regions {
		p := byLine.part(r)
		if !p.Conflict {
			parts = join(parts, p)
			continue
		}
		byWord := newSides(words(p.Base), words(p.Mine), words(p.Theirs))
		for _, s := range byWord.joinConflicts(byWord.regions(forMine, forTheirs)) {
			parts = join(parts, byWord.part(s))
		}
	}
	if conflicts(parts) <= maxConflicts {
		return parts
	}
	parts = parts[:0]
	for _, r := range byLine.fewConflicts(regions) {
		parts = join(parts, byLine.part(r))
	}
	return parts
}

// Two puts two texts together of which nobody knows what they were made of:
// whatever differs is a conflict.
func Two(mine, theirs string) []Part {
	var parts []Part
	for _, p := range Compare(theirs, mine) {
		switch n := len(parts); {
		case p.Kind == Same:
			parts = append(parts, Part{Text: p.Text})
		case p.Kind == New && n > 0 && parts[n-1].Conflict:
			parts[n-1].Mine += p.Text
		case p.Kind == New:
			parts = append(parts, Part{Conflict: true, Mine: p.Text})
		default:
			parts = append(parts, Part{Conflict: true, Theirs: p.Text})
		}
	}
	if conflicts(parts) > maxConflicts {
		return []Part{{Conflict: true, Mine: mine, Theirs: theirs}}
	}
	return parts
}

// Clean returns the merged text when it has no conflicts.
func Clean(parts []Part) (text string, ok bool) {
	var b strings.Builder
	for _, p := range parts {
		if p.Conflict {
			return "", false
		}
		b.WriteString(p.Text)
	}
	return b.String(), true
}

// Both returns the two sides of a conflict one after the other, with what
// keeps their words apart.
func Both(mine, theirs string) string {
	if mine == "" || theirs == "" || strings.HasSuffix(mine, "\n") || strings.HasSuffix(mine, " ") || strings.HasPrefix(theirs, "\n") || strings.HasPrefix(theirs, " ") {
		return mine + theirs
	}
	if strings.Contains(mine, "\n") || strings.Contains(theirs, "\n") {
		return mine + "\n" + theirs
	}
	return mine + " " + theirs
}

func conflicts(parts []Part) int {
	n := 0
	for _, p := range parts {
		if p.Conflict {
			n++
		}
	}
	return n
}

func clean(text string) []Part {
	if text == "" {
		return nil
	}
	return []Part{{Text: text}}
}

// join adds a part, to the one before where both are without conflict.
func join(parts []Part, p Part) []Part {
	if !p.Conflict && p.Text == "" {
		return parts
	}
	if n := len(parts); n > 0 && !p.Conflict && !parts[n-1].Conflict {
		parts[n-1].Text += p.Text
		return parts
	}
	return append(parts, p)
}

// sides are three texts in tokens.
type sides struct {
	base, mine, theirs          []string
	baseIDs, mineIDs, theirsIDs []int32
}

func newSides(base, mine, theirs []string) *sides {
	ids := numbers{}
	return &sides{base, mine, theirs, ids.of(base), ids.of(mine), ids.of(theirs)}
}

// region is a stretch of all three texts. Whose says who decides it.
type region struct {
	base0, base1, mine0, mine1, theirs0, theirs1 int
	whose                                        string // "base", "mine", "theirs", "" for a conflict
}

func (s *sides) part(r region) Part {
	base, mine, theirs := strings.Join(s.base[r.base0:r.base1], ""), strings.Join(s.mine[r.mine0:r.mine1], ""), strings.Join(s.theirs[r.theirs0:r.theirs1], "")
	switch r.whose {
	case "base":
		return Part{Text: base}
	case "mine":
		return Part{Text: mine}
	case "theirs":
		return Part{Text: theirs}
	}
	return Part{Conflict: true, Base: base, Mine: mine, Theirs: theirs}
}

// regions aligns the changes of both sides along the base (diff3).
func (s *sides) regions(forMine, forTheirs *engine) []region {
	mine, theirs := forMine.changes(s.baseIDs, s.mineIDs), forTheirs.changes(s.baseIDs, s.theirsIDs)
	var found []region
	at, moreMine, moreTheirs := 0, 0, 0 // how many tokens each side has more than the base up to here
	same := func(to int) {
		if to > at {
			found = append(found, region{at, to, at + moreMine, to + moreMine, at + moreTheirs, to + moreTheirs, "base"})
		}
	}
	for len(mine) > 0 || len(theirs) > 0 {
		lo := len(s.base)
		if len(mine) > 0 {
			lo = mine[0].old0
		}
		if len(theirs) > 0 {
			lo = min(lo, theirs[0].old0)
		}
		same(lo)
		r := region{base0: lo, base1: lo, mine0: lo + moreMine, theirs0: lo + moreTheirs}
		byMine, byTheirs := false, false
		for {
			if len(mine) > 0 && mine[0].old0 <= r.base1 {
				c := mine[0]
				r.base1, mine, byMine = max(r.base1, c.old1), mine[1:], true
				moreMine += (c.new1 - c.new0) - (c.old1 - c.old0)
				continue
			}
			if len(theirs) > 0 && theirs[0].old0 <= r.base1 {
				c := theirs[0]
				r.base1, theirs, byTheirs = max(r.base1, c.old1), theirs[1:], true
				moreTheirs += (c.new1 - c.new0) - (c.old1 - c.old0)
				continue
			}
			break
		}
		at = r.base1
		r.mine1, r.theirs1 = at+moreMine, at+moreTheirs
		switch {
		case !byTheirs:
			r.whose = "mine"
			found = append(found, r)
		case !byMine:
			r.whose = "theirs"
			found = append(found, r)
		default:
			found = append(found, s.decide(r)...)
		}
	}
	same(len(s.base))
	return found
}

// decide takes what both sides made alike out of a region that both changed,
// and says whose the rest is.
func (s *sides) decide(r region) []region {
	// One side often is what the other was a moment before.
	if whose := wholly(s.mine[r.mine0:r.mine1], s.theirs[r.theirs0:r.theirs1]); whose != "" {
		r.whose = whose
		return []region{r}
	}
	head, tail := r, r
	for r.mine0 < r.mine1 && r.theirs0 < r.theirs1 && s.mineIDs[r.mine0] == s.theirsIDs[r.theirs0] {
		if r.base0 < r.base1 && s.baseIDs[r.base0] == s.mineIDs[r.mine0] {
			r.base0++
		}
		r.mine0, r.theirs0 = r.mine0+1, r.theirs0+1
	}
	for r.mine0 < r.mine1 && r.theirs0 < r.theirs1 && s.mineIDs[r.mine1-1] == s.theirsIDs[r.theirs1-1] {
		if r.base0 < r.base1 && s.baseIDs[r.base1-1] == s.mineIDs[r.mine1-1] {
			r.base1--
		}
		r.mine1, r.theirs1 = r.mine1-1, r.theirs1-1
	}
	head.base1, head.mine1, head.theirs1, head.whose = r.base0, r.mine0, r.theirs0, "mine"
	tail.base0, tail.mine0, tail.theirs0, tail.whose = r.base1, r.mine1, r.theirs1, "mine"
	alike := head.mine1 - head.mine0 + tail.mine1 - tail.mine0
	base, mine, theirs := s.baseIDs[r.base0:r.base1], s.mineIDs[r.mine0:r.mine1], s.theirsIDs[r.theirs0:r.theirs1]
	switch {
	case slices.Equal(mine, theirs), slices.Equal(base, theirs):
		r.whose = "mine"
	case slices.Equal(base, mine):
		r.whose = "theirs"
	case alike > 0 && len(mine) == 0: // all that mine says here, theirs says too
		r.whose = "theirs"
	case alike > 0 && len(theirs) == 0:
		r.whose = "mine"
	}
	return []region{head, r, tail}
}

// wholly returns which side begins or ends with all that the other says, blanks
// at the ends of tokens apart; "" for neither.
func wholly(mine, theirs []string) (whose string) {
	same := func(a, b string) bool { return strings.TrimRight(a, " \t\r\n") == strings.TrimRight(b, " \t\r\n") }
	within := func(part, all []string) bool {
		n := len(part)
		return n > 0 && n <= len(all) && (slices.EqualFunc(part, all[:n], same) || slices.EqualFunc(part, all[len(all)-n:], same))
	}
	switch inMine, inTheirs := within(theirs, mine), within(mine, theirs); {
	case inMine && inTheirs: // but for their blanks
		if m, t := strings.Join(mine, ""), strings.Join(theirs, ""); len(m) > len(t) || len(m) == len(t) && m > t {
			return "mine"
		}
		return "theirs"
	case inMine:
		return "mine"
	case inTheirs:
		return "theirs"
	}
	return ""
}

// joinConflicts makes one of conflicts with only a few words between them,
// which are easier to decide together.
func (s *sides) joinConflicts(regions []region) []region {
	const few = 3
	var joined []region
	for i, r := range regions {
		n := len(joined)
		between := n > 1 && joined[n-1].whose == "base" && joined[n-1].base1-joined[n-1].base0 <= few && joined[n-2].whose == ""
		if r.whose == "" && between && !slices.Contains(s.base[joined[n-1].base0:joined[n-1].base1], "\n") {
			joined[n-2] = span(joined[n-2], regions[i])
			joined = joined[:n-1]
			continue
		}
		if r.base0 == r.base1 && r.mine0 == r.mine1 && r.theirs0 == r.theirs1 {
			continue // nothing, which would only keep neighbours apart
		}
		joined = append(joined, r)
	}
	return joined
}

// fewConflicts makes one conflict of all that stands between the first and the
// last when there are too many.
func (s *sides) fewConflicts(regions []region) []region {
	conflict := func(r region) bool { return r.whose == "" }
	n := 0
	for _, r := range regions {
		if conflict(r) {
			n++
		}
	}
	if n <= maxConflicts {
		return regions
	}
	first := slices.IndexFunc(regions, conflict)
	last := len(regions) - 1
	for !conflict(regions[last]) {
		last--
	}
	return slices.Concat(regions[:first], []region{span(regions[first], regions[last])}, regions[last+1:])
}

// span is the conflict from one to another.
func span(from, to region) region {
	from.base1, from.mine1, from.theirs1 = to.base1, to.mine1, to.theirs1
	return from
}
