package posts

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"
)

// position is a place in a listing: just after (or before) the post with this
// time and id.
type position struct {
	at time.Time
	id int64
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

// window is the part of a listing that a request asks for.
type window struct {
	from     *position // nil: the first page
	backward bool      // towards newer posts
	limit    int
}

// newWindow reads the two cursors of a request, of which one at most may be given.
func newWindow(after, before, scope string, limit int) (window, error) {
	w := window{limit: limit}
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
	from, err := decodeCursor(cursor, scope)
	if err != nil {
		return window{}, err
	}
	w.from = &from
	return w, nil
}

// cut takes the rows that a query for limit+1 rows gave, in the query's
// order, and returns the page newest first with what lies beyond either end.
func cut[T any](w window, rows []T) (page []T, newer, older bool) {
	beyond := len(rows) > w.limit
	if beyond {
		rows = rows[:w.limit]
	}
	if !w.backward {
		return rows, w.from != nil, beyond
	}
	for i, j := 0, len(rows)-1; i < j; i, j = i+1, j-1 {
		rows[i], rows[j] = rows[j], rows[i]
	}
	return rows, beyond, true
}
