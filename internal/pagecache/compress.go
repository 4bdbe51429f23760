package pagecache

import (
	"bytes"
	"context"
	"io"
	"math"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"broadsheet/internal/negotiate"
)

const (
	// What fits one packet takes no less time when it is smaller.
	compressFrom = 1024
	// A page asked for that often is worth compressing better.
	hitsForBetter = 3
	// What an entry takes besides its bodies, and for each thing it shows.
	entryWeight, depWeight = 1 << 10, 300
)

// weight returns the bytes that the entry takes, those included that better
// compression may add.
func (e *entry) weight() uint32 {
	n := int64(entryWeight + len(e.key) + depWeight*len(e.deps) + len(e.headerLines) + len(e.plain.body))
	if e.gzip != nil {
		n += 3 * int64(len(e.gzip.body))
	}
	return uint32(min(n, math.MaxUint32))
}

// Level 5 gives pages of text 98 % of what the best level does in a third of
// its time.
var gzips = sync.Pool{New: func() any {
	w, err := gzip.NewWriterLevel(io.Discard, 5)
	if err != nil {
		panic(err)
	}
	return w
}}

// compressGzip returns nil where compressing gains nothing. It writes into
// memory, which does not fail.
func compressGzip(body []byte) []byte {
	if len(body) < compressFrom {
		return nil
	}
	w := gzips.Get().(*gzip.Writer)
	defer gzips.Put(w)
	var b bytes.Buffer
	b.Grow(len(body) / 2)
	w.Reset(&b)
	_, _ = w.Write(body)
	_ = w.Close()
	if b.Len() >= len(body) {
		return nil
	}
	return bytes.Clone(b.Bytes())
}

// improve has the entry compressed better once it was asked for often enough.
func (c *Cache) improve(e *entry) {
	if e.hits.Add(1) != hitsForBetter || e.gzip == nil {
		return
	}
	select {
	case c.better <- e:
	default: // there is more to do than can be done; the page stays as it is
		e.hits.Store(0)
	}
}

// Run compresses pages that are asked for often, one after another, until ctx ends.
func (c *Cache) Run(ctx context.Context) {
	if c.pages == nil {
		return
	}
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-c.better:
			if !e.dead.Load() {
				compressBetter(e)
			}
		}
	}
}

// compressBetter adds the codings that most browsers take, where they gain.
// The writers are made anew: they take megabytes, and pages come seldom.
func compressBetter(e *entry) {
	var b bytes.Buffer
	br := brotli.NewWriterOptions(&b, brotli.WriterOptions{Quality: 5, LGWin: 18})
	_, _ = br.Write(e.plain.body) // into memory
	_ = br.Close()
	if b.Len() < len(e.gzip.body) {
		e.br.Store(newVariant(negotiate.Brotli, e.plain.etag, bytes.Clone(b.Bytes())))
	}
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20))
	if err != nil {
		return // the options are constants: a test sees it
	}
	defer encoder.Close()
	if body := encoder.EncodeAll(e.plain.body, nil); len(body) < len(e.gzip.body) {
		e.zstd.Store(newVariant(negotiate.Zstd, e.plain.etag, bytes.Clone(body)))
	}
}
