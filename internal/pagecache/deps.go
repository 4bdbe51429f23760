package pagecache

import (
	"context"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Dep is something that a page shows. A list is shown from one place to
// another, and only what happens there changes the page.
type Dep struct {
	Name     string
	From, To int64 // the ends belong to it
}

// On returns a dependency on something that has no places.
func On(name string) Dep { return Dep{name, math.MinInt64, math.MaxInt64} }

// Between returns a dependency on the part of a list between two places.
func Between(name string, from, to int64) Dep { return Dep{name, from, to} }

// touchedBy tells whether a change at that place of the list changes the page.
// A change without a place is a change everywhere.
func (d Dep) touchedBy(c change) bool {
	return d.Name == c.name && (c.everywhere || d.From <= c.at && c.at <= d.To)
}

// change is a key as the database sends it: "name", or "name@place". An @ may
// also be part of a name, as the database takes any slug.
type change struct {
	name       string
	at         int64
	everywhere bool
}

func parseChanges(keys []string) []change {
	changes := make([]change, 0, len(keys))
	for _, key := range keys {
		changes = append(changes, change{name: key, everywhere: true})
		if name, place, found := strings.Cut(key, "@"); found {
			at, err := strconv.ParseInt(place, 10, 64)
			changes = append(changes, change{name, at, err != nil})
		}
	}
	return changes
}

// Show notes what the page being made for this context shows. A page that
// notes nothing is not kept.
func Show(ctx context.Context, deps ...Dep) {
	if f, ok := ctx.Value(fillKey{}).(*fill); ok {
		f.deps = append(f.deps, deps...)
	}
}

// Busy notes that the page cannot be made now for want of room alone: what is
// known of older ones does not stand in for it.
func Busy(ctx context.Context) {
	if f, ok := ctx.Value(fillKey{}).(*fill); ok {
		f.busy = true
	}
}

// Each notes that what is being made is no page but an answer that differs
// between those who wait for it, in their language: answer gives each of them
// theirs. It returns false where nothing is being made for others to share.
func Each(ctx context.Context, answer http.HandlerFunc) bool {
	f, ok := ctx.Value(fillKey{}).(*fill)
	if ok {
		f.each = answer
	}
	return ok
}

type fillKey struct{}

// fill is the making of one page.
type fill struct {
	key   string
	epoch uint64
	deps  []Dep
	// What changed since it began; whether all did, and whether all may have.
	changed    []change
	void, late bool
	busy       bool             // see Busy
	each       http.HandlerFunc // see Each; nil for pages
}

// outdated tells whether the page shows something that changed while it was
// made: it may show what was before.
func (f *fill) outdated() bool {
	if f.void {
		return true
	}
	for _, d := range f.deps {
		for _, c := range f.changed {
			if d.touchedBy(c) {
				return true
			}
		}
	}
	return false
}

// index knows which pages show what, and which are being made.
type index struct {
	mu    sync.Mutex
	pages map[string]map[*entry]struct{} // by name
	fills map[*fill]struct{}
}

func newIndex() *index {
	return &index{pages: map[string]map[*entry]struct{}{}, fills: map[*fill]struct{}{}}
}

func (x *index) begin(f *fill) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.fills[f] = struct{}{}
}

// end forgets the fill. Unless it is outdated, its page is kept: between the
// look at what changed and the keeping nothing can change. From here on no
// change finds the fill, so nobody more may come to share it, either. Where
// everything may have changed meanwhile, the page is one of those from before.
func (x *index) end(f *fill, e *entry, forget func(key string), keep func(*entry) bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.fills, f)
	if !f.void && !f.late && len(f.changed) == 0 { // else it is forgotten, and the key may be another's
		forget(f.key)
	}
	if e == nil || f.outdated() {
		return
	}
	if keep(e) {
		x.add(e)
	}
}

// restore keeps a page that was not made just now.
func (x *index) restore(e *entry, keep func() bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if keep() {
		x.add(e)
	}
}

// add notes what a page shows. The index must be locked.
func (x *index) add(e *entry) {
	for _, d := range e.deps {
		if x.pages[d.Name] == nil {
			x.pages[d.Name] = map[*entry]struct{}{}
		}
		x.pages[d.Name][e] = struct{}{}
	}
}

// remove forgets a page that is no longer kept.
func (x *index) remove(e *entry) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, d := range e.deps {
		delete(x.pages[d.Name], e)
		if len(x.pages[d.Name]) == 0 {
			delete(x.pages, d.Name)
		}
	}
}

// change returns the pages that show what changed, and those being made.
func (x *index) change(changes []change) (outdated []*entry, filling []string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for f := range x.fills {
		f.changed = append(f.changed, changes...)
		filling = append(filling, f.key)
	}
	for _, c := range changes {
		for e := range x.pages[c.name] {
			if slices.ContainsFunc(e.deps, func(d Dep) bool { return d.touchedBy(c) }) {
				outdated = append(outdated, e)
			}
		}
	}
	return outdated, filling
}

// reset makes every page being made an outdated one, or, where that is not
// known, one that may be.
func (x *index) reset(known bool) (filling []string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for f := range x.fills {
		f.late = true
		f.void = f.void || known
		filling = append(filling, f.key)
	}
	return filling
}
