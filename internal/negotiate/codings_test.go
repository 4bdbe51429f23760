package negotiate_test

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"broadsheet/internal/negotiate"
)

func TestBest(t *testing.T) {
	t.Parallel()
	static := []negotiate.Coding{negotiate.Brotli, negotiate.Gzip, negotiate.Identity}
	page := []negotiate.Coding{negotiate.Gzip, negotiate.Identity}
	small := []negotiate.Coding{negotiate.Identity, negotiate.Gzip}
	all := []negotiate.Coding{negotiate.Zstd, negotiate.Brotli, negotiate.Gzip, negotiate.Identity}
	tests := []struct {
		name   string
		header []string // nil: absent
		offers []negotiate.Coding
		want   string
	}{
		{"absent", nil, static, "identity"},
		{"empty", []string{""}, static, "identity"},
		{"a browser's", []string{"gzip, deflate, br, zstd"}, static, "br"},
		{"a browser's, brotli not offered", []string{"gzip, deflate, br, zstd"}, page, "gzip"},
		{"a browser's, everything offered", []string{"gzip, deflate, br, zstd"}, all, "zstd"},
		{"unknown codings only", []string{"compress, deflate"}, all, "identity"},
		{"not offered and unknown", []string{"zstd, deflate"}, static, "identity"},
		{"weights win", []string{"br;q=0.2, gzip;q=0.8"}, static, "gzip"},
		{"gzip refused", []string{"gzip;q=0"}, page, "identity"},
		{"gzip refused with decimals", []string{"gzip;q=0.000"}, page, "identity"},
		{"low weight is still a yes", []string{"gzip;q=0.001"}, page, "gzip"},
		{"star", []string{"*"}, static, "br"},
		{"star but not brotli", []string{"br;q=0, *"}, static, "gzip"},
		{"nothing but identity", []string{"identity, *;q=0"}, static, "identity"},
		{"identity preferred", []string{"identity;q=1, gzip;q=0.5"}, page, "identity"},
		{"identity refused", []string{"identity;q=0, gzip;q=0.1"}, page, "gzip"},
		{"identity refused, small body", []string{"identity;q=0, gzip"}, small, "gzip"},
		{"identity refused by star", []string{"gzip, *;q=0"}, small, "gzip"},
		{"everything refused", []string{"identity;q=0, *;q=0"}, static, "identity"},
		{"small body", []string{"gzip, br"}, small, "identity"},
		{"upper case and spaces", []string{" GZIP ; Q=1.0 "}, page, "gzip"},
		{"x-gzip", []string{"x-gzip"}, page, "gzip"},
		{"two header lines", []string{"deflate", "gzip"}, page, "gzip"},
		{"a weight out of range", []string{"gzip;q=7"}, page, "identity"},
		{"not a number", []string{"gzip;q=NaN"}, page, "identity"},
		{"not a weight", []string{"gzip;level=9"}, page, "identity"},
		{"empty elements", []string{",, ,gzip,"}, page, "gzip"},
		{"no weight after the semicolon", []string{"gzip;"}, page, "gzip"},
		{"three decimals decide", []string{"br;q=0.301, gzip;q=0.302"}, static, "gzip"},
		{"decimals of different length", []string{"br;q=0.09, gzip;q=0.1"}, static, "gzip"},
		{"a dot without decimals", []string{"gzip;q=1."}, page, "gzip"},
		{"four decimals", []string{"gzip;q=0.1234"}, page, "identity"},
		{"more than one", []string{"gzip;q=1.001"}, page, "identity"},
		{"negative", []string{"gzip;q=-1"}, page, "identity"},
		{"exponent", []string{"gzip;q=1e0"}, page, "identity"},
		{"hexadecimal", []string{"gzip;q=0x1"}, page, "identity"},
		{"no whole number", []string{"gzip;q=.5"}, page, "identity"},
		{"empty weight", []string{"gzip;q="}, page, "identity"},
		{"spaces in a weight", []string{"gzip;q= 1"}, page, "identity"},
		{"two parameters", []string{"gzip;q=1;level=9"}, page, "identity"},
		{"twice, the last counts", []string{"gzip;q=0, gzip"}, page, "gzip"},
		{"alias after the name", []string{"gzip, x-gzip;q=0"}, page, "identity"},
		{"a name that begins alike", []string{"gzipped, brotli"}, static, "identity"},
		{"a letter that folds to ASCII", []string{"z\u017ftd"}, all, "identity"},
		{"star in a second line", []string{"gzip", "*;q=0"}, small, "gzip"},
		{"nothing offered", []string{"gzip"}, nil, "identity"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := http.Header{}
			if tt.header != nil {
				h["Accept-Encoding"] = tt.header
			}
			if got := negotiate.Accepted(h).Best(tt.offers...).String(); got != tt.want {
				t.Errorf("%q, offered %v: got %q, want %q", tt.header, tt.offers, got, tt.want)
			}
			if got := reference(tt.header, tt.offers).String(); got != tt.want {
				t.Errorf("%q, offered %v: got %q of the reference, want %q", tt.header, tt.offers, got, tt.want)
			}
		})
	}
}

func TestTakes(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, header, want string }{
		{"nothing said", "", "identity"},
		{"one", "gzip", "identity gzip"},
		{"one refused", "gzip;q=0, br", "identity br"},
		{"star", "*;q=0.1", "identity gzip br zstd"},
		{"star but one", "*, zstd;q=0", "identity gzip br"},
		{"nothing but one", "br, *;q=0", "br"},
		{"identity refused", "identity;q=0, gzip", "gzip"},
		{"identity before star", "identity;q=0.5, *;q=0", "identity"},
		{"everything refused", "*;q=0", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			accepted := negotiate.Accepted(http.Header{"Accept-Encoding": {tt.header}})
			var taken []string
			for _, coding := range []negotiate.Coding{negotiate.Identity, negotiate.Gzip, negotiate.Brotli, negotiate.Zstd} {
				if accepted.Takes(coding) {
					taken = append(taken, coding.String())
				}
			}
			if got := strings.Join(taken, " "); got != tt.want {
				t.Errorf("%q: got %q, want %q", tt.header, got, tt.want)
			}
		})
	}
}

// element is what RFC 9110 (sections 5.6.2 and 12.5.3) takes for one, and a
// semicolon without a weight besides.
var element = regexp.MustCompile("^[ \t]*([-!#$%&'*+.^_`|~0-9A-Za-z]+)[ \t]*(?:;[ \t]*(?:[qQ]=(0(?:\\.[0-9]{0,3})?|1(?:\\.0{0,3})?))?)?[ \t]*$")

// reference is Best, slow and obvious.
func reference(lines []string, offers []negotiate.Coding) negotiate.Coding {
	weights := map[string]float64{}
	for part := range strings.SplitSeq(strings.Join(lines, ","), ",") {
		name, quality := strings.Trim(strings.SplitN(part, ";", 2)[0], " \t"), 0.0
		if parts := element.FindStringSubmatch(part); parts != nil {
			quality = 1
			if parts[2] != "" {
				quality, _ = strconv.ParseFloat(parts[2], 64)
			}
		}
		if name = asciiLower(name); name == "x-gzip" {
			name = "gzip"
		}
		weights[name] = quality
	}
	weight := func(name string) (quality float64, named bool) {
		if quality, named = weights[name]; named {
			return quality, true
		}
		quality, named = weights["*"]
		return quality, named
	}
	best := 0.0
	for _, offer := range offers {
		if q, _ := weight(offer.String()); offer != negotiate.Identity {
			best = max(best, q)
		}
	}
	identity, named := weights["identity"]
	if star, ok := weights["*"]; !named && !(ok && star == 0) {
		identity = best // acceptable, and liked as much as the best
	} else if !named {
		identity = -1
	}
	if best == 0 || identity > best || identity == best && offers[0] == negotiate.Identity {
		return negotiate.Identity
	}
	for _, offer := range offers {
		if q, _ := weight(offer.String()); offer != negotiate.Identity && q == best {
			return offer
		}
	}
	panic("nothing offered has the best weight")
}

func asciiLower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

func FuzzBest(f *testing.F) {
	f.Add("gzip;q=0.5, *;q=0", "", uint8(0))
	f.Add("br, identity;q=0", "zstd;q=0.25", uint8(1))
	f.Add("x-GZIP ;\tQ=0.999, gzip;q=1.000", "*;q=0.", uint8(2))
	f.Add(";q=1,*;;q=1, ,identity;q=1.0000", "gzip;q=2", uint8(27))
	f.Fuzz(func(t *testing.T, first, second string, order uint8) {
		offers := []negotiate.Coding{negotiate.Identity, negotiate.Gzip, negotiate.Brotli, negotiate.Zstd}
		for i := len(offers) - 1; i > 0; i-- { // each order has its number
			j := int(order) % (i + 1)
			order /= uint8(i + 1)
			offers[i], offers[j] = offers[j], offers[i]
		}
		offers = offers[:1+len(first)%4]
		lines := []string{first, second}
		got := negotiate.Accepted(http.Header{"Accept-Encoding": lines}).Best(offers...)
		if want := reference(lines, offers); got != want {
			t.Errorf("%q, offered %v: got %v, want %v", lines, offers, got, want)
		}
	})
}

// A page from memory is negotiated for each request.
func TestNegotiatingAllocatesNothing(t *testing.T) {
	h := http.Header{
		"Accept-Encoding": {"gzip;q=0.8, deflate, x-gzip", "br;q=0.9, zstd, *;q=0"},
		"If-None-Match":   {`W/"a", "b,c", "abc"`},
	}
	var coding negotiate.Coding
	var has bool
	allocated := testing.AllocsPerRun(100, func() {
		coding = negotiate.Accepted(h).Best(negotiate.Zstd, negotiate.Brotli, negotiate.Gzip, negotiate.Identity)
		has = negotiate.Has(h, `W/"abc"`)
	})
	if allocated != 0 || coding != negotiate.Zstd || !has {
		t.Errorf("got %v allocations, %v, %v, want none, zstd, true", allocated, coding, has)
	}
}

func BenchmarkAccepted(b *testing.B) {
	h := http.Header{"Accept-Encoding": {"gzip, deflate, br, zstd"}}
	for b.Loop() {
		negotiate.Accepted(h).Best(negotiate.Zstd, negotiate.Brotli, negotiate.Gzip, negotiate.Identity)
	}
}
