package pagecache

import (
	"bytes"
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
	// The same as they go over the wire, without framed.
	headerLines, freshLines []byte

	deps  []Dep
	epoch uint64

	plain    *variant
	gzip     *variant // nil where the page is too small to gain
	zstd, br atomic.Pointer[variant]

	hits atomic.Int32     // up to the number that asks for better compression
	dead atomic.Bool      // what it shows has changed
	busy bool             // it is no page: there was no room to make one
	each http.HandlerFunc // answers instead of what is kept, see Each; nil for pages
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
	// etag and encoding as they go over the wire.
	etagLine, lines []byte
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
		v.etagLine = fieldLines("Etag", v.etags)
	}
	v.lines = append(v.lines, v.etagLine...)
	if v.encoding != nil {
		v.lines = append(v.lines, fieldLines("Content-Encoding", v.encoding)...)
	}
	return v
}

// fieldLines writes a field as it goes over the wire (RFC 9112, 5).
func fieldLines(name string, values []string) []byte {
	var b bytes.Buffer
	_ = (http.Header{name: values}).Write(&b) // into memory, which does not fail
	return b.Bytes()
}

// add appends a field, which a 304 has too where that is so.
func (e *entry) add(f field) {
	lines := fieldLines(f.name, f.values)
	e.header = append(e.header, f)
	if !framed(f.name) {
		e.headerLines = append(e.headerLines, lines...)
	}
	if onNotModified(f.name) {
		e.fresh = append(e.fresh, f)
		e.freshLines = append(e.freshLines, lines...)
	}
}

// framed names the fields that net/http has to know to send a body rightly. It
// would guess the type of a body that seems to have none.
func framed(name string) bool { return name == "Content-Type" || name == "Content-Length" }

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

// A lineWriter sends field lines as they are, besides the fields of its header.
// That costs a fraction of a header map, which is filled, copied, sorted and
// checked for each answer. It takes all of them or, by returning false, none.
type lineWriter interface {
	AddFieldLines(common, own []byte) bool
}

// serve answers with the entry, or with 304 when the client has it already.
func (e *entry) serve(w http.ResponseWriter, r *http.Request) {
	if e.each != nil {
		for _, f := range e.header {
			w.Header()[f.name] = f.values
		}
		e.each(w, r)
		return
	}
	v, same := e.choose(r.Header)
	if same {
		e.addFields(w, e.fresh, e.freshLines, v.etagLine, v.etags, nil)
		w.WriteHeader(http.StatusNotModified)
		return
	}
	e.addFields(w, e.header, e.headerLines, v.lines, v.etags, v.encoding)
	w.Header()["Content-Length"] = v.length
	w.WriteHeader(e.status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(v.body) // a reader who left is no error of ours
	}
}

// addFields adds the fields to the answer, as lines where w takes those.
func (e *entry) addFields(w http.ResponseWriter, fields []field, common, own []byte, etag, encoding []string) {
	lw, ok := w.(lineWriter)
	ok = ok && lw.AddFieldLines(common, own)
	for _, f := range fields {
		if !ok || framed(f.name) {
			w.Header()[f.name] = f.values
		}
	}
	if ok {
		return
	}
	if etag != nil {
		w.Header()["Etag"] = etag
	}
	if encoding != nil {
		w.Header()["Content-Encoding"] = encoding
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
