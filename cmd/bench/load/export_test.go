package load

import (
	"context"
	"net/http"
	"time"
)

// What the tests look at from outside.
var (
	ParseWrk   = parseWrk
	ParseBusy  = parseBusy
	ParseKB    = parseKB
	Interleave = interleave
	WireSize   = wireSize
)

// ParseStat returns what a process is called, its parent and its time.
func ParseStat(text string) (name string, parent int, used time.Duration, err error) {
	s, err := parseStat(text)
	return s.name, s.parent, s.used, err
}

// UsedBelow returns the time of a process and all below it, of processes that
// each used as many seconds as its number says.
func UsedBelow(parents map[int]int, root int) time.Duration {
	all := map[int]stat{}
	for pid, parent := range parents {
		all[pid] = stat{parent: parent, used: time.Duration(pid) * time.Second}
	}
	return used(all, root)
}

// BareOf takes pages from a server and returns the bare server of them.
func BareOf(ctx context.Context, base string, paths ...string) (http.Handler, error) {
	var pages []canned
	for _, path := range paths {
		page, err := can(ctx, base, path)
		if err != nil {
			return nil, err
		}
		pages = append(pages, page)
	}
	return newBare(pages), nil
}
