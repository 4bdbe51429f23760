// Package negotiate reads what a client says about representations: which
// encodings it takes and which it has already (RFC 9110, sections 8.8, 12.5.3
// and 13.1.2).
package negotiate

import (
	"net/http"
	"strings"
)

// Has tells whether the client's If-None-Match names the entity tag, by the
// weak comparison. etag is written as in the header, quotes included. It
// allocates nothing when the header has one line.
func Has(h http.Header, etag string) bool {
	var list string
	switch lines := h["If-None-Match"]; len(lines) {
	case 0:
		return false
	case 1:
		list = lines[0]
	default:
		list = strings.Join(lines, ",")
	}
	if strings.TrimSpace(list) == "*" {
		return true
	}
	etag = strings.TrimPrefix(etag, "W/")
	for {
		list = strings.TrimLeft(list, " \t,")
		tag, rest, ok := cutETag(list)
		if !ok {
			return false
		}
		if tag == etag {
			return true
		}
		list = rest
	}
}

// cutETag takes the entity tag that s begins with, without W/; a comma may
// stand inside its quotes.
func cutETag(s string) (tag, rest string, ok bool) {
	s = strings.TrimPrefix(s, "W/")
	if !strings.HasPrefix(s, `"`) {
		return "", "", false
	}
	end := strings.IndexByte(s[1:], '"')
	if end < 0 {
		return "", "", false
	}
	return s[:end+2], s[end+2:], true
}
