// Package negotiate reads what a client says about representations: which
// encodings it takes and which it has already (RFC 9110, sections 8.8, 12.5.3
// and 13.1.2).
package negotiate

import (
	"net/http"
	"strconv"
	"strings"
)

// Encoding returns which of the offered content codings to send, the server's
// favourite first; "identity" stands for none. The client's weights decide,
// then the order of the offers. When nothing offered is acceptable the answer
// is "identity", which serves a reader better than a refusal.
func Encoding(h http.Header, offers ...string) string {
	values, present := h["Accept-Encoding"]
	if !present {
		return "identity"
	}
	weights := parseWeights(strings.Join(values, ","))
	best, bestWeight := "identity", 0.0
	for _, offer := range offers {
		if offer == "identity" {
			continue
		}
		if w := weights.of(offer); w > bestWeight {
			best, bestWeight = offer, w
		}
	}
	// Identity that the client does not mention is acceptable with no weight
	// of its own, so that the order of the offers decides.
	identity, mentioned := weights["identity"]
	if !mentioned {
		if any, ok := weights["*"]; ok && any == 0 {
			return best
		}
		identity = bestWeight
	}
	switch {
	case identity > bestWeight:
		return "identity"
	case identity == bestWeight && len(offers) > 0 && offers[0] == "identity":
		return "identity"
	}
	return best
}

// weights holds the quality of each coding that a client names, in lower case.
type weights map[string]float64

func (w weights) of(coding string) float64 {
	if q, ok := w[coding]; ok {
		return q
	}
	return w["*"]
}

func parseWeights(header string) weights {
	w := weights{}
	for element := range strings.SplitSeq(header, ",") {
		coding, parameter, _ := strings.Cut(element, ";")
		coding = strings.ToLower(strings.TrimSpace(coding))
		if coding == "" {
			continue
		}
		if coding == "x-gzip" { // RFC 9110, section 8.4.1.3
			coding = "gzip"
		}
		w[coding] = quality(parameter)
	}
	return w
}

// quality reads "q=0.5". What is not a weight counts as 0: a coding asked for
// in words we do not understand is safer not sent.
func quality(parameter string) float64 {
	parameter = strings.TrimSpace(parameter)
	if parameter == "" {
		return 1
	}
	name, value, _ := strings.Cut(parameter, "=")
	if !strings.EqualFold(strings.TrimSpace(name), "q") {
		return 0
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || !(q >= 0 && q <= 1) {
		return 0
	}
	return q
}

// Has tells whether the client's If-None-Match names the entity tag, by the
// weak comparison. etag is written as in the header, quotes included.
func Has(h http.Header, etag string) bool {
	list := strings.Join(h["If-None-Match"], ",")
	if strings.TrimSpace(list) == "*" {
		return true
	}
	for {
		list = strings.TrimLeft(list, " \t,")
		tag, rest, ok := cutETag(list)
		if !ok {
			return false
		}
		if tag == strings.TrimPrefix(etag, "W/") {
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
