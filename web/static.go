package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"

	"broadsheet/internal/negotiate"
)

// contentTypes says what may be served, and as what. The system's table of
// types differs from machine to machine.
var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
	".png": "image/png",
	".ico": "image/x-icon",

	".json": "application/speculationrules+json",
}

// compressible types shrink; the others are compressed already.
func compressible(contentType string) bool {
	return strings.HasPrefix(contentType, "text/") || strings.HasSuffix(contentType, "+xml") || strings.HasSuffix(contentType, "+json")
}

// asset is a static file. Its address holds the hash of its content, so that
// browsers keep it for as long as they like.
type asset struct {
	path        string
	hash        string
	contentType string
	body        map[negotiate.Coding]func() []byte
}

type assetTable struct {
	byName, byPath map[string]*asset
}

// load reads the embedded files, which cannot fail on one machine and not on
// another: a panic here is a mistake that no build gets past.
func load() assetTable {
	t := assetTable{byName: map[string]*asset{}, byPath: map[string]*asset{}}
	entries, err := files.ReadDir("static")
	if err != nil {
		panic(err)
	}
	for _, e := range entries {
		if !e.IsDir() {
			t.add(e.Name(), read("static/"+e.Name()))
		}
	}
	for name, parts := range stylesheets {
		var sheet bytes.Buffer
		for _, part := range parts {
			sheet.Write(read("static/css/" + part))
		}
		t.add(name, sheet.Bytes())
	}
	return t
}

func read(name string) []byte {
	b, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return b
}

func (t assetTable) add(name string, content []byte) {
	ext := path.Ext(name)
	contentType, ok := contentTypes[ext]
	if !ok {
		panic("web: no content type for " + name)
	}
	sum := sha256.Sum256(content)
	hash := hex.EncodeToString(sum[:8])
	a := &asset{
		path:        "/static/" + strings.TrimSuffix(name, ext) + "." + hash + ext,
		hash:        hash,
		contentType: contentType,
		body:        map[negotiate.Coding]func() []byte{negotiate.Identity: func() []byte { return content }},
	}
	if compressible(contentType) {
		a.body[negotiate.Gzip] = sync.OnceValue(func() []byte { return compressGzip(content) })
		a.body[negotiate.Brotli] = sync.OnceValue(func() []byte { return compressBrotli(content) })
	}
	t.byName[name], t.byPath[a.path] = a, a
}

// Has tells whether a static file has this address.
func Has(path string) bool { return assets.byPath[path] != nil }

// Static serves the files whose addresses [Asset] gives. It writes nothing
// and returns false when the address is none of them.
func Static(w http.ResponseWriter, r *http.Request) bool {
	a, ok := assets.byPath[r.URL.Path]
	if ok {
		a.serve(w, r, "public, max-age=31536000, immutable")
	}
	return ok
}

// Favicon serves the icon at the fixed address that browsers and feed readers
// ask for without having seen a page.
func Favicon(w http.ResponseWriter, r *http.Request) {
	assets.byName["favicon.ico"].serve(w, r, "public, max-age=86400")
}

func (a *asset) serve(w http.ResponseWriter, r *http.Request, cacheControl string) {
	h := w.Header()
	h.Set("Cache-Control", cacheControl)
	coding := negotiate.Identity
	if compressible(a.contentType) {
		h.Add("Vary", "Accept-Encoding")
		coding = negotiate.Accepted(r.Header).Best(negotiate.Brotli, negotiate.Gzip, negotiate.Identity)
	}
	etag := `"` + a.hash + `"`
	if coding != negotiate.Identity {
		etag = `"` + a.hash + "-" + coding.String() + `"`
	}
	h.Set("ETag", etag)
	if negotiate.Has(r.Header, etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := a.body[coding]()
	if coding != negotiate.Identity {
		h.Set("Content-Encoding", coding.String())
	}
	h.Set("Content-Type", a.contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the reader may have left
	}
}

func compressGzip(content []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(err)
	}
	return finish(w, &b, content)
}

// compressBrotli takes the best there is, but for what is so large that somebody
// would wait for a second: that is a twelfth larger.
func compressBrotli(content []byte) []byte {
	level := brotli.BestCompression
	if len(content) > 64<<10 {
		level = 9
	}
	var b bytes.Buffer
	return finish(brotli.NewWriterLevel(&b, level), &b, content)
}

// finish writes into memory, which does not fail.
func finish(w io.WriteCloser, b *bytes.Buffer, content []byte) []byte {
	if _, err := w.Write(content); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}
