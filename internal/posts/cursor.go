package posts

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// position is a place in a listing: just after (or before) the post with this
// time and id, or with this text and id where the listing is by text.
type position struct {
	at   time.Time
	id   int64
	text string
}

const (
	cursorSize   = 8 + 8 + 4 // microseconds since 1970, id, checksum; big endian
	cursorLength = 27        // in base64 without padding
)

// encode returns the position as an opaque cursor for the listing of that
// scope. The checksum covers the scope, so that a cursor which was cut, typed
// by hand or taken from another listing is told apart. It is no secret.
func (p position) encode(scope string) string {
	var raw [cursorSize]byte
	binary.BigEndian.PutUint64(raw[0:], uint64(p.at.UnixMicro()))
	binary.BigEndian.PutUint64(raw[8:], uint64(p.id))
	sum := cursorSum(raw[:16], scope)
	copy(raw[16:], sum[:4])
	return base64.RawURLEncoding.EncodeToString(raw[:])
}

// The times that a post can have, and that PostgreSQL is therefore asked for:
// a forged cursor may hold one that it cannot read.
var (
	firstTime = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
	lastTime  = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro() - 1
)

// cursor is the position's cursor, "" for none.
func (p *position) cursor(scope string) string {
	if p == nil {
		return ""
	}
	return p.encode(scope)
}

// decodeCursor is the strict inverse of encode: one position has one cursor.
func decodeCursor(cursor, scope string) (position, error) {
	if len(cursor) != cursorLength {
		return position{}, ErrBadCursor
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(raw) != cursorSize {
		return position{}, ErrBadCursor
	}
	sum := cursorSum(raw[:16], scope)
	if [4]byte(raw[16:]) != [4]byte(sum[:4]) {
		return position{}, ErrBadCursor
	}
	at := int64(binary.BigEndian.Uint64(raw[0:]))
	if at < firstTime || at > lastTime {
		return position{}, ErrBadCursor
	}
	return position{at: time.UnixMicro(at).UTC(), id: int64(binary.BigEndian.Uint64(raw[8:]))}, nil
}

func cursorSum(payload []byte, scope string) [sha256.Size]byte {
	return sha256.Sum256(append(payload[:16:16], scope...))
}

// textCursor is the position's cursor in a listing by text, "" for none.
func (p *position) textCursor(scope string) string {
	if p == nil {
		return ""
	}
	raw := binary.BigEndian.AppendUint64(nil, uint64(p.id))
	raw = append(raw, p.text...)
	sum := sha256.Sum256(append(raw[:len(raw):len(raw)], scope...))
	return base64.RawURLEncoding.EncodeToString(append(raw, sum[:4]...))
}

// maxCursorText is how many bytes the text of a position may have.
const maxCursorText = 200

// decodeTextCursor is the strict inverse of textCursor.
func decodeTextCursor(cursor, scope string) (position, error) {
	if len(cursor) > base64.RawURLEncoding.EncodedLen(8+maxCursorText+4) {
		return position{}, ErrBadCursor
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(raw) < 8+4 {
		return position{}, ErrBadCursor
	}
	p := position{id: int64(binary.BigEndian.Uint64(raw)), text: string(raw[8 : len(raw)-4])}
	if p.textCursor(scope) != cursor || !utf8.ValidString(p.text) || strings.ContainsRune(p.text, 0) {
		return position{}, ErrBadCursor
	}
	return p, nil
}

// window is the part of a listing that a request asks for.
type window struct {
	from     *position // nil: the first page
	backward bool      // towards newer posts, or towards A
	byText   bool      // from A to Z, and not by time, the newest first
	limit    int
}

// rising tells in which direction the window is read.
func (w window) rising() bool { return w.backward != w.byText }

// newTextWindow is newWindow for a listing by text.
func newTextWindow(after, before, scope string, limit int) (window, error) {
	return readWindow(window{limit: limit, byText: true}, after, before, scope, decodeTextCursor)
}

// newWindow reads the two cursors of a request, of which one at most may be given.
func newWindow(after, before, scope string, limit int) (window, error) {
	return readWindow(window{limit: limit}, after, before, scope, decodeCursor)
}

func readWindow(w window, after, before, scope string, decode func(cursor, scope string) (position, error)) (window, error) {
	cursor := after
	if before != "" {
		if after != "" {
			return window{}, ErrBadCursor
		}
		cursor, w.backward = before, true
	}
	if cursor == "" {
		return w, nil
	}
	from, err := decode(cursor, scope)
	if err != nil {
		return window{}, err
	}
	w.from = &from
	return w, nil
}

// cut takes the rows that a query for limit+1 rows gave, in the query's
// order, and returns the page newest first, with the positions to go on from
// in either direction: nil where the list ends. A page without rows leads back
// to where the reader came from, the post at that place included.
func cut[T any](w window, rows []T, at func(T) position) (page []T, newer, older *position) {
	beyond := len(rows) > w.limit
	if beyond {
		rows = rows[:w.limit]
	}
	if w.backward {
		slices.Reverse(rows)
	}
	var first, last position
	switch {
	case len(rows) > 0:
		first, last = at(rows[0]), at(rows[len(rows)-1])
	case w.from != nil:
		first, last = *w.from, *w.from
		first.id--
		last.id++
		if w.byText {
			first, last = last, first
		}
	}
	cameFrom := w.from != nil // there is a way back
	if w.backward && beyond || !w.backward && cameFrom {
		newer = &first
	}
	if w.backward && cameFrom || !w.backward && beyond {
		older = &last
	}
	return rows, newer, older
}
