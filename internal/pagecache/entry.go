package pagecache

import (
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"

	"broadsheet/internal/negotiate"
)

// field is a header field with its values as the header map holds them, so
// that setting it allocates nothing.
type field struct {
	name   string
	values []string
}

// entry is a response kept whole.
type entry struct {
	key    string
	route  string
	status int
	header []field // the same for every encoding
	fresh  []field // those of a 304: what tells caches how to keep the page
	deps   []Dep
	epoch  uint64

	plain    *variant
	gzip     *variant // nil where the page is too small to gain
	zstd, br atomic.Pointer[variant]

	hits atomic.Int32 // up to the number that asks for better compression
	dead atomic.Bool  // what it shows has changed
	busy bool         // it is no page: there was no room to make one
}

// variant is the response's body in one content coding (RFC 9110, 8.8.3.3:
// each has an entity tag of its own).
type variant struct {
	coding   negotiate.Coding
	body     []byte
	etag     string
	etags    []string // etag, as a field's values
	length   []string
	encoding []string // nil for none
}

func newVariant(coding negotiate.Coding, base string, body []byte) *variant {
	v := &variant{coding: coding, body: body, etag: base, length: []string{strconv.Itoa(len(body))}}
	if coding != negotiate.Identity {
		if base != "" {
			v.etag = strings.TrimSuffix(base, `"`) + "-" + coding.String() + `"`
		}
		v.encoding = []string{coding.String()}
	}
	if v.etag != "" {
		v.etags = []string{v.etag}
	}
	return v
}

// perAnswer names the fields that an entry does not keep.
func perAnswer(name string) bool {
	switch name {
	case "Content-Length", "Content-Encoding", "Etag", "Date", "X-Request-Id", "Connection", "Set-Cookie":
		return true
	}
	return false
}

// onNotModified are the fields that RFC 9110, 15.4.5 wants in a 304.
func onNotModified(name string) bool {
	switch name {
	case "Cache-Control", "Cdn-Cache-Control", "Vary", "Surrogate-Key":
		return true
	}
	return false
}

// serve answers with the entry, or with 304 when the client has it already.
func (e *entry) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	v, same := e.choose(r.Header)
	if same {
		for _, f := range e.fresh {
			h[f.name] = f.values
		}
		h["Etag"] = v.etags
		w.WriteHeader(http.StatusNotModified)
		return
	}
	for _, f := range e.header {
		h[f.name] = f.values
	}
	if v.etags != nil {
		h["Etag"] = v.etags
	}
	if v.encoding != nil {
		h["Content-Encoding"] = v.encoding
	}
	h["Content-Length"] = v.length
	w.WriteHeader(e.status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(v.body) // a reader who left is no error of ours
	}
}

// choose returns the variant to send, and whether the client has it. Of those
// that it takes, one that it has is the best; then the smallest.
func (e *entry) choose(h http.Header) (best *variant, same bool) {
	accepted := negotiate.Accepted(h)
	variants := [...]*variant{e.br.Load(), e.zstd.Load(), e.gzip, e.plain}
	var offers [len(variants)]negotiate.Coding
	n := 0
	conditional := e.status == http.StatusOK && len(h["If-None-Match"]) > 0
	for _, v := range variants {
		if v == nil {
			continue
		}
		if conditional && accepted.Best(v.coding) == v.coding && negotiate.Has(h, v.etag) {
			return v, true
		}
		offers[n] = v.coding
		n++
	}
	coding := accepted.Best(offers[:n]...)
	for _, v := range variants {
		if v != nil && v.coding == coding {
			best = v
		}
	}
	return best, conditional && best.etag != "" && negotiate.Has(h, best.etag)
}
