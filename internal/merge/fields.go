package merge

import "slices"

// Value merges one value that is changed as a whole. It is not ok when both
// sides changed it, each in its own way.
func Value(base, mine, theirs string) (merged string, ok bool) {
	switch {
	case mine == theirs, theirs == base:
		return mine, true
	case mine == base:
		return theirs, true
	}
	return "", false
}

// Set merges lists in which the order says little: what one side added is
// there, what one side removed is not. key folds values that mean the same.
// Theirs come first, in their order.
func Set(base, mine, theirs []string, key func(string) string) []string {
	switch { // whoever put them into another order alone
	case slices.Equal(theirs, base):
		return mine
	case slices.Equal(mine, base):
		return theirs
	}
	keys := func(list []string) map[string]bool {
		m := map[string]bool{}
		for _, v := range list {
			m[key(v)] = true
		}
		return m
	}
	inBase, inMine := keys(base), keys(mine)
	var merged []string
	has := map[string]bool{}
	add := func(v string) {
		if k := key(v); !has[k] {
			has[k] = true
			merged = append(merged, v)
		}
	}
	for _, v := range theirs {
		if k := key(v); inMine[k] || !inBase[k] {
			add(v)
		}
	}
	for _, v := range mine {
		if !inBase[key(v)] {
			add(v)
		}
	}
	return merged
}
