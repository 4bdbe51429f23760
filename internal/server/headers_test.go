package server_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"broadsheet/internal/server"
)

// What pages may do is stated here once more, so that nothing becomes allowed
// by the way.
func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	h := http.Header{}
	server.NewSecurityHeaders(&url.URL{Scheme: "https", Host: "blog.example"}).Set(h)
	got := map[string]string{}
	for directive := range strings.SplitSeq(h.Get("Content-Security-Policy"), ";") {
		name, value, _ := strings.Cut(directive, " ")
		got[name] = value
	}
	want := map[string]string{
		"default-src": "'none'", "img-src": "'self' data:", "media-src": "'self'", "style-src": "'self'",
		"script-src": "'self'", "connect-src": "'self'", "form-action": "'self'", "base-uri": "'none'",
		"frame-ancestors": "'none'", "require-trusted-types-for": "'script'",
	}
	if !maps.Equal(got, want) {
		t.Errorf("got policy %q, want %q", got, want)
	}
	delete(h, "Content-Security-Policy")
	rest := http.Header{
		"X-Content-Type-Options":     {"nosniff"},
		"Referrer-Policy":            {"strict-origin-when-cross-origin"},
		"Cross-Origin-Opener-Policy": {"same-origin"},
		"Strict-Transport-Security":  {"max-age=31536000"},
	}
	if !maps.EqualFunc(h, rest, slices.Equal) {
		t.Errorf("got %v, want %v", h, rest)
	}

	plain := http.Header{}
	server.NewSecurityHeaders(&url.URL{Scheme: "http", Host: "localhost"}).Set(plain)
	if plain.Get("Strict-Transport-Security") != "" || plain.Get("Content-Security-Policy") == "" {
		t.Errorf("got %v without https", plain)
	}
}

// Whoever adds to a field of one answer changes no other.
func TestSecurityHeadersAreShared(t *testing.T) {
	t.Parallel()
	s := server.NewSecurityHeaders(&url.URL{Scheme: "https"})
	first, second := http.Header{}, http.Header{}
	s.Set(first)
	s.Set(second)
	first.Add("Referrer-Policy", "no-referrer")
	first.Set("X-Content-Type-Options", "changed")
	third := http.Header{}
	s.Set(third)
	if !maps.EqualFunc(second, third, slices.Equal) || len(third["Referrer-Policy"]) != 1 || third.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("got %v and %v", second, third)
	}
}
