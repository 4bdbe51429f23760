package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"broadsheet/internal/pagecache"
	"broadsheet/internal/reader"
	"broadsheet/internal/server"
)

// Pages for readers, made and from memory, name the rules by which a browser may
// fetch the next page; nothing else does.
func TestPagesNameTheirSpeculationRules(t *testing.T) {
	t.Parallel()
	b := newBlog(t, func(o *server.Options) {
		o.Cache = pagecache.New(pagecache.Options{Size: 1 << 20, Address: reader.Address})
	})
	b.publish("Hello", "go")
	const field = "Speculation-Rules"
	var rules string
	for _, target := range []string{"/", "/", "/posts/hello", "/posts/hello", "/tags/go", "/search"} {
		if rules = b.do("GET", target).Header().Get(field); rules == "" {
			t.Errorf("%s: got no %s", target, field)
		}
	}
	for _, target := range []string{"/nowhere", "/feed.atom", "/robots.txt", "/admin/login", "/posts/hello.md"} {
		if got := b.do("GET", target).Header().Get(field); got != "" {
			t.Errorf("%s: got %s %s, want none", target, field, got)
		}
	}
	w := b.do("GET", strings.Trim(rules, `"`))
	if got := w.Header().Get("Content-Type"); w.Code != http.StatusOK || got != "application/speculationrules+json" || !json.Valid(w.Body.Bytes()) {
		t.Errorf("the rules: got %d, %s\n%s", w.Code, got, w.Body)
	}
}
