package pagecache_test

import (
	"encoding/binary"
	"hash/crc32"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"broadsheet/internal/pagecache"
)

func TestFilesThatAreNotTaken(t *testing.T) {
	t.Parallel()
	path := saved(t, "/posts/small", "/posts/empty")
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	check := func(path, version, want string) {
		t.Helper()
		b := away(t, pagecache.Options{})
		err := b.cache.Load(path, version)
		if err == nil || !strings.HasPrefix(err.Error(), "loading pages") || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want %q", err, want)
		}
		b.get("/posts/small").want(t, http.StatusServiceUnavailable, "miss")
	}
	check(path, "v2", `it is of version "v1", and this is "v2"`)
	check(path, "", "version")
	check(dir, "v1", "not a file of pages")
	check(fifo, "v1", "not a file of pages")
	check(filepath.Join(path, "x"), "v1", "not a directory")

	bad := filepath.Join(dir, "bad")
	write := func(content string) string {
		t.Helper()
		if err := os.WriteFile(bad, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return bad
	}
	for n := range good { // cut anywhere
		want := "cut or damaged"
		if n < len("broadsheet pages 1\n") {
			want = "not a file of pages"
		}
		check(write(string(good[:n])), "v1", want)
	}
	for n := range good { // a bit turned anywhere
		turned := []byte(string(good))
		turned[n] ^= 1 << (n % 8)
		check(write(string(turned)), "v1", "it is")
	}
	check(write(string(good)+"x"), "v1", "cut or damaged")
	check(write(string(good)+string(good)), "v1", "cut or damaged")
	check(write(strings.Repeat("\x00", 1<<20)), "v1", "not a file of pages")
	check(write("broadsheet pages 2\n"+string(good[len("broadsheet pages 1\n"):])), "v1", "not a file of pages")

	b := away(t, pagecache.Options{})
	if err := b.cache.Load(filepath.Join(dir, "none"), "v1"); err != nil {
		t.Errorf("no file: got error %v", err)
	}
	if err := b.cache.Load(write(string(good)), "v1"); err != nil {
		t.Errorf("got error %v", err)
	}
	b.get("/posts/small").want(t, 200, "stale")
}

func TestSavingThatFails(t *testing.T) {
	t.Parallel()
	b := newBlog(t, pagecache.Options{})
	b.get("/posts/a")
	dir := t.TempDir()
	full := filepath.Join(dir, "full")
	if err := os.MkdirAll(filepath.Join(full, "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"no folder": filepath.Join(dir, "none", "pages"), "is a folder": full} {
		if err := b.cache.Save(path, "v1"); err == nil || !strings.HasPrefix(err.Error(), "saving pages: ") {
			t.Errorf("%s: got error %v", name, err)
		}
	}
	if err := b.cache.Save(filepath.Join(dir, "pages"), strings.Repeat("v", 2000)); err == nil {
		t.Error("a long version: got no error")
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("got %v, %v, want no file left", entries, err)
	}
}

func TestSavedFileIsPrivate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pages")
	if err := os.WriteFile(path, []byte("old"), 0o666); err != nil {
		t.Fatal(err)
	}
	b := newBlog(t, pagecache.Options{})
	if err := b.cache.Save(path, "v1"); err != nil { // no pages are well, too
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("got %v, %v", info.Mode(), err)
	}
	if err := b.cache.Load(path, "v1"); err != nil {
		t.Errorf("no pages: got error %v", err)
	}
}

// record is what a file holds of a page, and says how long it is.
func record(fields ...string) string {
	all := strings.Join(fields, "")
	return string(binary.AppendUvarint(nil, uint64(len(all)))) + all
}

// The fields of a record.
const (
	aKey, aStatus, aTag = "\x08/posts/a", "\xc8\x01", "\x03\"e\""
	aDeps               = "\x02\x06post:1\x00\x00\x05posts\x09\x0a" // posts from -5 to 5
	aHeader             = "\x01\x04Vary\x02\x01a\x01b"
	aBody, aGzip        = "\x03abc", "\x01z"
	beginning           = "broadsheet pages 1\n\x02v1"
)

// fileOf writes a file with these records whose checksum is right.
func fileOf(t *testing.T, path, records string) {
	t.Helper()
	sum := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	_, _ = sum.Write([]byte(beginning + records)) // does not fail
	if err := os.WriteFile(path, sum.Sum([]byte(beginning+records)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Files that nobody's program wrote do no harm.
func TestHostileRecords(t *testing.T) {
	t.Parallel()
	const damaged = -1
	good := record(aKey, aStatus, aDeps, aTag, aHeader, aBody, aGzip)
	for name, tt := range map[string]struct {
		record string
		pages  int // beside a good one
	}{
		"another page":          {record("\x08/posts/b", aStatus, aDeps, aTag, aHeader, aBody, aGzip), 1},
		"no tag, header, body":  {record("\x08/posts/b", "\xad\x02", aDeps, "\x00", "\x00", "\x00", "\x00"), 1},
		"the same":              {good, 0},
		"not its one address":   {record("\x0a/posts/b?x", aStatus, aDeps, aTag, aHeader, aBody, aGzip), 0},
		"another spelling":      {record("\x0a/posts/%61", aStatus, aDeps, aTag, aHeader, aBody, aGzip), 0},
		"with a host":           {record("\x10http://h/posts/b", aStatus, aDeps, aTag, aHeader, aBody, aGzip), 0},
		"no page":               {record("\x06/admin", aStatus, aDeps, aTag, aHeader, aBody, aGzip), 0},
		"no address":            {record("\x01a", aStatus, aDeps, aTag, aHeader, aBody, aGzip), damaged},
		"empty address":         {record("\x00", aStatus, aDeps, aTag, aHeader, aBody, aGzip), damaged},
		"long address":          {record("\xc0\x1a/posts/", strings.Repeat("b", 3385), aStatus, aDeps, aTag, aHeader, aBody, aGzip), 0},
		"not found":             {record("\x08/posts/b", "\x94\x03", aDeps, aTag, aHeader, aBody, aGzip), 0},
		"no status of HTTP":     {record("\x08/posts/b", "\xff\xff\x03", aDeps, aTag, aHeader, aBody, aGzip), damaged},
		"shows nothing":         {record("\x08/posts/b", aStatus, "\x00", aTag, aHeader, aBody, aGzip), 0},
		"a cookie":              {record("\x08/posts/b", aStatus, aDeps, aTag, "\x01\x0aSet-Cookie\x01\x03a=b", aBody, aGzip), 0},
		"not to be kept":        {record("\x08/posts/b", aStatus, aDeps, aTag, "\x01\x0dCache-Control\x01\x08no-store", aBody, aGzip), 0},
		"too many fields":       {record("\x08/posts/b", aStatus, aDeps, aTag, "\x65"+strings.Repeat("\x01a\x00", 101), aBody, aGzip), damaged},
		"larger when zipped":    {record("\x08/posts/b", aStatus, aDeps, aTag, aHeader, aBody, "\x04zzzz"), damaged},
		"something after it":    {record("\x08/posts/b", aStatus, aDeps, aTag, aHeader, aBody, aGzip, "x"), damaged},
		"something missing":     {record("\x08/posts/b", aStatus, aDeps, aTag, aHeader, aBody), damaged},
		"says to be longer":     {"\x7f" + good[1:], damaged},
		"says to be very long":  {"\xff\xff\xff\xff\xff\xff\xff\x7f" + good[1:], damaged},
		"has endless length":    {strings.Repeat("\xff", 20), damaged},
		"empty":                 {record(""), damaged},
		"a large one, passed":   {record(strings.Repeat("x", 200_000)), 0},
		"many things it shows":  {record("\x08/posts/b", aStatus, "\xff\x01", strings.Repeat("\x01p\x00\x00", 255), aTag, aHeader, aBody, aGzip), 0},
		"claims too many shown": {record("\x08/posts/b", aStatus, "\xff\xff\xff\x07", "\x01p\x00\x00"), damaged},
	} {
		for _, records := range []string{good + tt.record, tt.record + good} {
			path := filepath.Join(t.TempDir(), "pages")
			fileOf(t, path, records)
			b := away(t, pagecache.Options{Size: 256 << 10})
			err := b.cache.Load(path, "v1")
			want := tt.pages + 1
			if tt.pages == damaged {
				want = 0
			}
			if got := int(metrics(t, b.cache)["broadsheet_cache_entries"]); got != want || (err != nil) != (tt.pages == damaged) {
				t.Errorf("%s: got %d pages, error %v, want %d", name, got, err, want)
			}
			if want > 0 {
				b.get("/posts/a", "Accept-Encoding: gzip").want(t, 200, "stale")
			}
		}
	}
}

// FuzzLoad loads what comes after a right beginning, with a right checksum.
func FuzzLoad(f *testing.F) {
	moved := record("\x08/posts/b", "\xad\x02", "\x01\x05posts\x09\x0a", "\x00", "\x01\x08Location\x01\x01/", "\x00", "\x00")
	page := record(aKey, aStatus, aDeps, aTag, aHeader, aBody, aGzip)
	f.Add([]byte(page))
	f.Add([]byte(moved + page))
	f.Add([]byte(page + page))
	f.Add([]byte(page[:len(page)-1]))
	f.Add([]byte("\xff\xff\xff\xff\xff\xff\xff\xff\x7f"))
	f.Add([]byte(record("\x08/posts/a", "\xff\xff\xff\xff\x07")))
	f.Add([]byte(record("\x08/posts/a", "\xc8\x01", "\xff\xff\xff\x07", "\x00\x00\x00")))
	path := filepath.Join(f.TempDir(), "pages")
	f.Fuzz(func(t *testing.T, records []byte) {
		fileOf(t, path, string(records))
		b := away(t, pagecache.Options{Size: 64 << 10})
		err := b.cache.Load(path, "v1")
		if err != nil && !strings.Contains(err.Error(), "cut or damaged") {
			t.Error(err)
		}
		m := metrics(t, b.cache)
		if m["broadsheet_cache_bytes"] > 64<<10 || err != nil && m["broadsheet_cache_entries"] > 0 {
			t.Errorf("got %v, error %v", m, err)
		}
		if m["broadsheet_cache_entries"] == 0 {
			return
		}
		for _, target := range []string{"/posts/a", "/posts/b"} {
			a := b.get(target, "Accept-Encoding: gzip")
			if a.status != 200 && a.status != 301 && a.status != 308 && a.status != 503 {
				t.Errorf("got status %d", a.status)
			}
		}
	})
}
