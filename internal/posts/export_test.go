package posts

import "time"

// EncodeCursor and DecodeCursor let tests make and read cursors.
func EncodeCursor(at time.Time, id int64, scope string) string {
	return position{at: at, id: id}.encode(scope)
}

func DecodeCursor(cursor, scope string) (time.Time, int64, error) {
	p, err := decodeCursor(cursor, scope)
	return p.at, p.id, err
}

// Scope lets tests make cursors for a listing.
func (f Filter) Scope() string { return f.scope() }

// ScanLimit is how many posts are looked at for a page of three tags.
const ScanLimit = scanLimit

// EnsureTags lets tests make tags without the second try that saving has.
var EnsureTags = ensureTags

// SearchMost is how many posts each way of a search leads to.
const SearchMost = searchMost

// RowsLookedAt is how many posts a page of the authors' list looks at.
const RowsLookedAt = rowsLookedAt

// MemoryMost bounds how many names and tags are remembered.
const MemoryMost = memoryMost

// Remembered counts the names and tags that are remembered.
func (s *Store) Remembered() int { return s.memory.size() }

// RememberTags remembers tags as if they had been read just now.
func (s *Store) RememberTags(tags []Tag) { s.memory.remember(s.memory.generation, names{}, tags) }

// HoldSearches takes all turns to search until release is called.
func (s *Store) HoldSearches() (release func()) {
	for range searchesAtOnce {
		s.searches <- struct{}{}
	}
	return func() {
		for range searchesAtOnce {
			<-s.searches
		}
	}
}

// Scope lets tests make cursors for a search.
func (f Search) Scope() string { return f.scope() }

// WordsOf returns the words of a search that may be mistyped.
func WordsOf(typed string) (words []string) {
	for _, w := range wordSpans(typed) {
		words = append(words, typed[w.from:w.to])
	}
	return words
}

// Distance is how far two words are apart.
func Distance(a, b string) int { return distance([]rune(a), []rune(b)) }
