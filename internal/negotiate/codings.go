package negotiate

import (
	"net/http"
	"strings"
)

// Coding is a content coding that this server speaks (RFC 9110, section 8.4.1).
type Coding uint8

// The codings, in an order that means nothing. Identity is none.
const (
	Identity Coding = iota
	Gzip
	Brotli
	Zstd
	codings // how many there are
)

var codingNames = [codings]string{"identity", "gzip", "br", "zstd"}

// String returns the coding's name, as headers write it.
func (c Coding) String() string { return codingNames[c] }

// Codings is what a client says about content codings. Its zero value is that
// of a client that says nothing.
type Codings struct {
	weights [codings]weight
	others  weight // of every coding that is not named: "*"
}

// weight is a quality in thousandths, plus one: 0 is none given.
type weight int16

const unweighted weight = 1 // not acceptable: the client gave a quality of 0

// Accepted reads Accept-Encoding (RFC 9110, section 12.5.3), all of its lines.
// It allocates nothing.
func Accepted(h http.Header) (c Codings) {
	for _, line := range h["Accept-Encoding"] {
		for more := true; more; {
			var element string
			element, line, more = strings.Cut(line, ",")
			c.add(element)
		}
	}
	return c
}

// add notes an element such as "gzip;q=0.5". Of two about the same coding the
// last counts.
func (c *Codings) add(element string) {
	name, parameter, _ := strings.Cut(element, ";")
	name = strings.Trim(name, " \t")
	if name == "*" {
		c.others = quality(parameter)
		return
	}
	if isName(name, "x-gzip") { // RFC 9110, section 8.4.1.3
		name = "gzip"
	}
	for coding, own := range codingNames {
		if isName(name, own) {
			c.weights[coding] = quality(parameter)
			return
		}
	}
}

// isName compares a name with one in lower-case ASCII. It folds no other
// letters than ASCII's: a header has none.
func isName(name, lower string) bool {
	if len(name) != len(lower) {
		return false
	}
	for i := range len(lower) {
		b := name[i]
		if 'A' <= b && b <= 'Z' {
			b += 'a' - 'A'
		}
		if b != lower[i] {
			return false
		}
	}
	return true
}

// quality reads "q=0.5" (RFC 9110, section 12.4.2). What is no weight counts as
// 0: a coding asked for in words we do not understand is safer not sent.
func quality(parameter string) weight {
	q := strings.Trim(parameter, " \t")
	if q == "" {
		return unweighted + 1000
	}
	if len(q) < 3 || q[0]|0x20 != 'q' || q[1] != '=' {
		return unweighted
	}
	whole, decimals, _ := strings.Cut(q[2:], ".")
	if whole != "0" && whole != "1" || len(decimals) > 3 {
		return unweighted
	}
	n := weight(whole[0]-'0') * 1000
	for i, place := 0, weight(100); i < len(decimals); i, place = i+1, place/10 {
		if decimals[i] < '0' || decimals[i] > '9' {
			return unweighted
		}
		n += weight(decimals[i]-'0') * place
	}
	if n > 1000 {
		return unweighted
	}
	return unweighted + n
}

// of returns the weight of a coding, 0 when the client says nothing about it.
func (c Codings) of(coding Coding) weight {
	if w := c.weights[coding]; w != 0 {
		return w
	}
	return c.others
}

// Takes tells whether the client accepts a coding. Identity it accepts unless
// it says otherwise.
func (c Codings) Takes(coding Coding) bool {
	w := c.of(coding)
	return w > unweighted || w == 0 && coding == Identity
}

// Best returns which of the offered codings to send, the server's favourite
// first. The client's weights decide, then the order of the offers. When
// nothing offered is acceptable the answer is Identity, which serves a reader
// better than a refusal. It allocates nothing.
func (c Codings) Best(offers ...Coding) Coding {
	best, bestWeight := Identity, unweighted
	for _, offer := range offers {
		if w := c.of(offer); offer != Identity && w > bestWeight {
			best, bestWeight = offer, w
		}
	}
	// Identity that the client does not mention is acceptable with no weight
	// of its own, so that the order of the offers decides.
	identity := c.weights[Identity]
	if identity == 0 {
		if c.others == unweighted {
			return best
		}
		identity = bestWeight
	}
	if identity > bestWeight || identity == bestWeight && len(offers) > 0 && offers[0] == Identity {
		return Identity
	}
	return best
}
