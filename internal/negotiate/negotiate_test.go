package negotiate_test

import (
	"net/http"
	"strings"
	"testing"

	"broadsheet/internal/negotiate"
)

func TestEncoding(t *testing.T) {
	t.Parallel()
	static := []string{"br", "gzip", "identity"}
	page := []string{"gzip", "identity"}
	small := []string{"identity", "gzip"}
	tests := []struct {
		name   string
		header []string // nil: absent
		offers []string
		want   string
	}{
		{"absent", nil, static, "identity"},
		{"empty", []string{""}, static, "identity"},
		{"a browser's", []string{"gzip, deflate, br, zstd"}, static, "br"},
		{"a browser's, brotli not offered", []string{"gzip, deflate, br, zstd"}, page, "gzip"},
		{"unknown codings only", []string{"zstd, deflate"}, static, "identity"},
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
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := http.Header{}
			if tt.header != nil {
				h["Accept-Encoding"] = tt.header
			}
			if got := negotiate.Encoding(h, tt.offers...); got != tt.want {
				t.Errorf("Encoding(%q, %q): got %q, want %q", tt.header, tt.offers, got, tt.want)
			}
		})
	}
}

func TestHas(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		header []string
		want   bool
	}{
		{"absent", nil, false},
		{"same", []string{`"abc-gzip"`}, true},
		{"weak", []string{`W/"abc-gzip"`}, true},
		{"star", []string{` * `}, true},
		{"other", []string{`"abc"`}, false},
		{"in a list", []string{`"x", W/"y" ,"abc-gzip"`}, true},
		{"in a second line", []string{`"x"`, `"abc-gzip"`}, true},
		{"after a tag with a comma", []string{`"a,b", "abc-gzip"`}, true},
		{"inside another tag", []string{`"x, abc-gzip"`}, false},
		{"not quoted", []string{`abc-gzip`}, false},
		{"not closed", []string{`"abc-gzip`}, false},
		{"empty", []string{``}, false},
		{"lower-case w", []string{`w/"abc-gzip"`}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := http.Header{}
			if tt.header != nil {
				h["If-None-Match"] = tt.header
			}
			if got := negotiate.Has(h, `"abc-gzip"`); got != tt.want {
				t.Errorf("Has(%q): got %v, want %v", tt.header, got, tt.want)
			}
		})
	}
}

func FuzzHas(f *testing.F) {
	f.Add(`W/"a", "b"`)
	f.Add(`"a,"`)
	f.Add(`,,"`)
	f.Fuzz(func(t *testing.T, header string) {
		h := http.Header{"If-None-Match": {header}}
		if negotiate.Has(h, `"tag"`) && !strings.Contains(header, `"tag"`) && strings.TrimSpace(header) != "*" {
			t.Errorf("Has(%q): got true", header)
		}
	})
}

func FuzzEncoding(f *testing.F) {
	f.Add("gzip;q=0.5, *;q=0")
	f.Add("br, identity;q=0")
	f.Fuzz(func(t *testing.T, header string) {
		h := http.Header{"Accept-Encoding": {header}}
		switch got := negotiate.Encoding(h, "br", "gzip", "identity"); got {
		case "br", "gzip", "identity":
		default:
			t.Errorf("Encoding(%q): got %q, which was not offered", header, got)
		}
	})
}
