package config

import (
	"math"
	"strconv"
	"strings"
)

// units are what may follow the number of a size, in lower case.
var units = map[string]int64{
	"": 1, "b": 1,
	"kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12,
	"kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40,
}

// leastSize is the smallest size but 0: less holds no page worth the name, and
// is most likely a number whose unit was forgotten.
const leastSize = 1e6

// size reads a number of bytes of memory.
func (l *loader) size(name string, fallback int64) int64 {
	v := l.getenv(name)
	if v == "" {
		return fallback
	}
	n, ok := parseSize(v)
	switch memory := machineMemory(); {
	case !ok, n != 0 && n < leastSize:
		l.problem("%s is %q: want 0 for none, or whole bytes from 1MB on, such as 64MB or 1GiB", name, v)
	case n >= memory:
		l.problem("%s is %q: this machine has only %dMB of memory", name, v, memory/1e6)
	default:
		return n
	}
	return 0
}

// parseSize reads "64MB", "1 GiB" or "0". What is too large for an int64 is
// the largest of them.
func parseSize(v string) (n int64, ok bool) {
	unit := strings.TrimLeft(v, "0123456789")
	factor, ok := units[strings.ToLower(strings.TrimSpace(unit))]
	digits := v[:len(v)-len(unit)]
	if !ok || digits == "" {
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n > math.MaxInt64/factor {
		return math.MaxInt64, true
	}
	return n * factor, true
}
