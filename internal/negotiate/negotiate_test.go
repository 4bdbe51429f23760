package negotiate_test

import (
	"net/http"
	"strings"
	"testing"

	"broadsheet/internal/negotiate"
)

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
