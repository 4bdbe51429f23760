package pagecache

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"net/http"
)

// mostFields is how many header fields, and how many values of each, a page
// can have in a file.
const mostFields = 100

// appendTo appends the record of a page to b.
func (e *entry) appendTo(b []byte) []byte {
	b = appendText(b, e.key)
	b = binary.AppendUvarint(b, uint64(e.status))
	b = binary.AppendUvarint(b, uint64(len(e.deps)))
	for _, d := range e.deps {
		b = appendText(b, d.Name)
		b = binary.AppendVarint(binary.AppendVarint(b, d.From), d.To)
	}
	b = appendText(b, e.plain.etag)
	b = binary.AppendUvarint(b, uint64(len(e.header)))
	for _, f := range e.header {
		b = appendText(b, f.name)
		b = binary.AppendUvarint(b, uint64(len(f.values)))
		for _, value := range f.values {
			b = appendText(b, value)
		}
	}
	b = appendText(b, e.plain.body)
	if e.gzip == nil {
		return appendText(b, "")
	}
	return appendText(b, e.gzip.body)
}

// decode reads a record back: what the page shows, the answer that it is, and
// its body compressed, nil for none. A page that shows more than mostDeps
// things shows nothing: it is not kept. The answer's body is still the record's.
func decode(record []byte, mostDeps int) (f *fill, rec *recorder, zipped []byte, err error) {
	d := decoder{rest: record}
	f = &fill{key: string(d.text())}
	rec = &recorder{status: int(d.number(math.MaxInt16)), header: http.Header{}}
	for range d.number(math.MaxInt32) {
		dep := Dep{string(d.text()), d.place(), d.place()}
		if d.failed {
			break
		}
		if len(f.deps) <= mostDeps {
			f.deps = append(f.deps, dep)
		}
	}
	if len(f.deps) > mostDeps {
		f.deps = nil
	}
	if etag := string(d.text()); etag != "" {
		rec.header.Set("Etag", etag)
	}
	for range d.number(mostFields) {
		name := string(d.text())
		for range d.number(mostFields) {
			rec.header[name] = append(rec.header[name], string(d.text()))
		}
	}
	rec.body = *bytes.NewBuffer(d.text())
	if gzip := d.text(); len(gzip) > 0 {
		zipped = append(zipped, gzip...)
	}
	if d.failed || len(d.rest) > 0 || len(zipped) > rec.body.Len() {
		return nil, nil, nil, errDamaged
	}
	return f, rec, zipped, nil
}

// appendText appends text that says how long it is.
func appendText[T string | []byte](b []byte, text T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

// decoder takes a record apart. Once something is not as it was written, all
// that it returns is zero.
type decoder struct {
	rest   []byte
	failed bool
}

func (d *decoder) number(most uint64) uint64 {
	n, length := binary.Uvarint(d.rest)
	if d.failed = d.failed || length <= 0 || n > most; d.failed {
		return 0
	}
	d.rest = d.rest[length:]
	return n
}

func (d *decoder) place() int64 {
	n, length := binary.Varint(d.rest)
	if d.failed = d.failed || length <= 0; d.failed {
		return 0
	}
	d.rest = d.rest[length:]
	return n
}

// text returns a part of the record, which the caller copies.
func (d *decoder) text() []byte {
	n := d.number(uint64(len(d.rest)))
	if d.failed = d.failed || n > uint64(len(d.rest)); d.failed {
		return nil
	}
	text := d.rest[:n]
	d.rest = d.rest[n:]
	return text
}

// recordReader reads records that each say how long they are.
type recordReader struct {
	r      *bufio.Reader
	record []byte
}

// next returns the next record that is no longer than that, which stands until
// the next call. Its error is io.EOF after the last.
func (rr *recordReader) next(longest int64) ([]byte, error) {
	for {
		n, err := binary.ReadUvarint(rr.r)
		if errors.Is(err, io.EOF) {
			return nil, io.EOF
		}
		if err != nil || n > math.MaxInt {
			return nil, errDamaged
		}
		if n > uint64(longest) {
			if _, err := rr.r.Discard(int(n)); err != nil {
				return nil, errDamaged
			}
			continue
		}
		if uint64(cap(rr.record)) < n {
			rr.record = make([]byte, n)
		}
		rr.record = rr.record[:n]
		if _, err := io.ReadFull(rr.r, rr.record); err != nil {
			return nil, errDamaged
		}
		return rr.record, nil
	}
}
