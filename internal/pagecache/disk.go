package pagecache

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
)

// The file of pages is a line that says what it is, records, and a checksum of
// all before it. The first record is the version, each other a page; those
// most likely to be asked for come first.
const (
	magic = "broadsheet pages 1\n"
	// What a page's record takes beside what counts as its weight.
	recordExtra    = 64 << 10
	longestVersion = 1 << 10
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// What is wrong with a file of pages.
var (
	errNoFile  = errors.New("it is not a file of pages")
	errDamaged = errors.New("it is cut or damaged")
)

// Save writes the pages to a file that only this user can read, for [Cache.Load].
// The version names the program and whatever else the look of pages depends on.
// The file is there whole, or as it was before.
func (c *Cache) Save(path, version string) (err error) {
	if c.pages == nil {
		return nil
	}
	if len(version) > longestVersion {
		return fmt.Errorf("saving pages: the version is longer than %d bytes", longestVersion)
	}
	var pages []*entry
	for e := range c.pages.Hottest() {
		pages = append(pages, e.Value)
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return fmt.Errorf("saving pages: %w", err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("saving pages: %w", errors.Join(err, os.Remove(f.Name())))
		}
	}()
	err = errors.Join(write(f, version, pages), f.Sync(), f.Close())
	if err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	if dir, err := os.Open(filepath.Dir(path)); err == nil {
		_ = dir.Sync() // not every file system can
		dir.Close()
	}
	return nil
}

func write(f io.Writer, version string, pages []*entry) error {
	sum := crc32.New(castagnoli)
	w := bufio.NewWriterSize(io.MultiWriter(f, sum), 64<<10)
	put := func(record []byte) { // w remembers an error until Flush
		_, _ = w.Write(binary.AppendUvarint(w.AvailableBuffer(), uint64(len(record))))
		_, _ = w.Write(record)
	}
	_, _ = w.WriteString(magic)
	put([]byte(version))
	var record []byte
	for _, e := range pages {
		record = e.appendTo(record[:0])
		put(record)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := f.Write(sum.Sum(nil))
	return err
}

// Load takes up the pages that [Cache.Save] wrote, as many as have room. It may
// go on beside requests, but ends before anybody tells of changes. What changed
// since the pages were saved nobody knows, so they are shown only where they
// cannot be made anew. Of a file of another version, or one that is not whole,
// nothing is taken. No file is no error.
func (c *Cache) Load(path, version string) error {
	if c.pages == nil {
		return nil
	}
	// What is no plain file would keep whoever opens it waiting.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("loading pages: %w", err)
	}
	defer f.Close()
	info, err := f.Stat() // of the file that is read: Save may put another in its place
	if err != nil {
		return fmt.Errorf("loading pages: %w", err)
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("loading pages from %s: %w", path, errNoFile)
	}
	pages, err := c.read(f, info.Size(), version)
	if err != nil {
		return fmt.Errorf("loading pages from %s: %w", path, err)
	}
	epoch := c.epoch.Add(1) - 1
	for _, e := range pages {
		e.epoch = epoch
		c.index.restore(e, func() bool {
			_, set := c.pages.SetIfAbsent(e.key, e)
			return set
		})
	}
	return nil
}

// read returns the pages of a file that are worth keeping and have room.
func (c *Cache) read(f io.ReadSeeker, size int64, version string) (pages []*entry, err error) {
	r, err := whole(f, size)
	if err != nil {
		return nil, err
	}
	if _, err := r.Discard(len(magic)); err != nil {
		return nil, errDamaged
	}
	records := recordReader{r: r}
	written, err := records.next(longestVersion)
	if err != nil {
		return nil, errDamaged
	}
	if string(written) != version {
		return nil, fmt.Errorf("it is of version %q, and this is %q", written, version)
	}
	room := c.Size
	for {
		record, err := records.next(c.Size/largestPart + recordExtra)
		if errors.Is(err, io.EOF) {
			return pages, nil
		}
		if err != nil {
			return nil, err
		}
		e, err := c.decode(record)
		if err != nil {
			return nil, err
		}
		if e == nil {
			continue
		}
		if room -= int64(e.weight()); room < 0 {
			return pages, nil
		}
		pages = append(pages, e)
	}
}

// whole looks whether a file is all that was written, and returns what it
// holds, the checksum left out.
func whole(f io.ReadSeeker, size int64) (*bufio.Reader, error) {
	start := make([]byte, len(magic))
	if _, err := io.ReadFull(f, start); err != nil || string(start) != magic {
		return nil, errNoFile
	}
	sum := crc32.New(castagnoli)
	_, _ = sum.Write(start) // does not fail
	size -= crc32.Size
	if _, err := io.CopyN(sum, f, size-int64(len(magic))); err != nil {
		return nil, errDamaged
	}
	want := make([]byte, crc32.Size)
	if _, err := io.ReadFull(f, want); err != nil || string(want) != string(sum.Sum(nil)) {
		return nil, errDamaged
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return bufio.NewReaderSize(io.LimitReader(f, size), 64<<10), nil
}

// decode returns the page of a record, or nil when it is not one that this
// cache would keep.
func (c *Cache) decode(record []byte) (*entry, error) {
	f, rec, zipped, err := decode(record, int(c.Size/largestPart/depWeight))
	if err != nil {
		return nil, err
	}
	u, err := url.ParseRequestURI(f.key)
	if err != nil {
		return nil, errDamaged
	}
	route, query, ok := c.Address(u)
	if !ok || (&url.URL{Path: u.Path, RawQuery: query}).String() != f.key || len(f.key) > longestKey {
		return nil, nil
	}
	e := c.newEntry(f, route, rec, zipped)
	if !c.keeps(e, rec) {
		return nil, nil
	}
	return e, nil
}
