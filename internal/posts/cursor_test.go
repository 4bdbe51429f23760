package posts_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/posts"
)

func TestCursorGoesThereAndBack(t *testing.T) {
	t.Parallel()
	for _, at := range []time.Time{
		time.Date(2024, 2, 29, 12, 30, 15, 123456000, time.UTC),
		time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC),
	} {
		cursor := posts.EncodeCursor(at, 42, "posts")
		gotAt, gotID, err := posts.DecodeCursor(cursor, "posts")
		if err != nil || !gotAt.Equal(at) || gotID != 42 {
			t.Errorf("%s: got %v, %d, %v, want %v, 42", cursor, gotAt, gotID, err, at)
		}
	}
}

func TestBadCursorsAreRefused(t *testing.T) {
	t.Parallel()
	good := posts.EncodeCursor(time.Unix(1700000000, 0), 7, "posts tags=1")
	tests := []struct{ name, cursor string }{
		{"not base64", strings.Repeat("!", len(good))},
		{"truncated", good[:len(good)-1]},
		{"longer", good + "A"},
		{"padded", good + "="},
		{"changed", flip(good, 3)},
		{"changed at the end", flip(good, len(good)-2)},
		{"huge", strings.Repeat("A", 100_000)},
		{"of another listing", posts.EncodeCursor(time.Unix(1700000000, 0), 7, "posts tags=2")},
		{"with a line break", good[:10] + "\n" + good[10:]},
		{"NUL", "\x00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, _, err := posts.DecodeCursor(tt.cursor, "posts tags=1"); !errors.Is(err, posts.ErrBadCursor) {
				t.Errorf("got %v, want ErrBadCursor", err)
			}
		})
	}
}

// A cursor needs no secret to be made, so any time and any id can be in one.
// The database answers each that is accepted.
func TestForgedCursors(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.publish("post", time.Hour)
	last := time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC)
	for _, tt := range []struct {
		name string
		at   time.Time
		id   int64
		want error
	}{
		{"the least", time.UnixMicro(math.MinInt64), 1, posts.ErrBadCursor},
		{"before PostgreSQL's time", time.UnixMicro(-300_000_000_000_000_000), 1, posts.ErrBadCursor},
		{"just before year 1", time.Date(1, 1, 1, 0, 0, 0, -1000, time.UTC), 1, posts.ErrBadCursor},
		{"the first moment", time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), math.MinInt64, nil},
		{"the last moment", last, math.MaxInt64, nil},
		{"year 10000", last.Add(time.Microsecond), 1, posts.ErrBadCursor},
		{"the most", time.UnixMicro(math.MaxInt64), 1, posts.ErrBadCursor},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cursor := posts.EncodeCursor(tt.at, tt.id, posts.Filter{}.Scope())
			_, err := b.Listing(t.Context(), posts.Filter{After: cursor})
			wantErr(t, err, tt.want)
			_, err = b.Listing(t.Context(), posts.Filter{Before: cursor})
			wantErr(t, err, tt.want)
		})
	}
}

func flip(s string, at int) string {
	other := byte('A')
	if s[at] == 'A' {
		other = 'B'
	}
	return s[:at] + string(other) + s[at+1:]
}

// FuzzCursor checks that whatever is accepted is exactly what is given out for
// that position: no position has a second cursor.
func FuzzCursor(f *testing.F) {
	f.Add(posts.EncodeCursor(time.Unix(1700000000, 0), 7, "posts"), "posts")
	f.Add(posts.EncodeCursor(time.UnixMicro(math.MinInt64), 7, "posts"), "posts")
	f.Add("", "posts")
	f.Add(strings.Repeat("A", 27), "")
	f.Fuzz(func(t *testing.T, cursor, scope string) {
		at, id, err := posts.DecodeCursor(cursor, scope)
		if err != nil {
			if !errors.Is(err, posts.ErrBadCursor) {
				t.Errorf("got %v, want ErrBadCursor", err)
			}
			return
		}
		if y := at.Year(); y < 1 || y > 9999 {
			t.Errorf("accepted %q with the year %d", cursor, y)
		}
		if again := posts.EncodeCursor(at, id, scope); again != cursor {
			t.Errorf("accepted %q, which is %q", cursor, again)
		}
	})
}
