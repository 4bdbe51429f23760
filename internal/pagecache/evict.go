package pagecache

import (
	"slices"
	"time"

	"github.com/maypok86/otter/v2"
)

// Changed ends the pages that show what was touched, also those that are being
// made. A key is a name, or a name and a place in a list as name@place; "*"
// ends all.
func (c *Cache) Changed(keys []string) {
	if c.pages == nil {
		return
	}
	if slices.Contains(keys, "*") {
		c.raiseFloor(c.epoch.Add(1))
		c.forget(c.index.reset(true))
		c.pages.InvalidateAll()
		return
	}
	outdated, filling := c.index.change(parseChanges(keys))
	c.forget(filling)
	// All before the first is dropped: they end at one moment.
	for _, e := range outdated {
		e.dead.Store(true)
	}
	for _, e := range outdated {
		c.drop(e)
	}
}

// oldest is for how long pages are shown of which nobody knows whether they
// have changed: as long as browsers may, by Cache-Control.
const oldest = 24 * time.Hour

// Reset says that anything may have changed. The pages are made anew when they
// are asked for next, and are shown as they were while that cannot be done, but
// not longer than a day from now.
func (c *Cache) Reset() {
	if c.pages == nil {
		return
	}
	epoch := c.epoch.Add(1)
	c.forget(c.index.reset(false))
	time.AfterFunc(oldest, func() { c.raiseFloor(epoch) })
}

// raiseFloor ends what is older than that epoch.
func (c *Cache) raiseFloor(epoch uint64) {
	for floor := c.floor.Load(); floor < epoch && !c.floor.CompareAndSwap(floor, epoch); {
		floor = c.floor.Load()
	}
}

// forget lets requests that come from now on not share pages whose making
// began before.
func (c *Cache) forget(keys []string) {
	for _, key := range keys {
		c.flights.Forget(key)
	}
}

func (c *Cache) drop(e *entry) {
	c.pages.ComputeIfPresent(e.key, func(now *entry) (*entry, otter.ComputeOp) {
		if now == e {
			return nil, otter.InvalidateOp
		}
		return now, otter.CancelOp
	})
}
