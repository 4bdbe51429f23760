package posts

import "time"

// EncodeCursor and DecodeCursor let tests make and read cursors.
func EncodeCursor(at time.Time, id int64, scope string) string { return position{at, id}.encode(scope) }

func DecodeCursor(cursor, scope string) (time.Time, int64, error) {
	p, err := decodeCursor(cursor, scope)
	return p.at, p.id, err
}

// Scope lets tests make cursors for a listing.
func (f Filter) Scope() string { return f.scope() }

// ScanLimit is how many posts are looked at for a page of three tags.
const ScanLimit = scanLimit
