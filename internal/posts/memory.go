package posts

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
)

// memoryMost is how many names and tags are remembered; with one more, all
// are forgotten.
const memoryMost = 50_000

// memory holds what listings show beside their posts: it hardly ever changes,
// and would cost as much to read as the posts themselves.
type memory struct {
	mu         sync.RWMutex
	on         bool   // from the first Reset on
	generation uint64 // of what is forgotten: what was read before may be old
	names      names
	tags       map[string]Tag // by slug
	archive    []Month        // nil: not remembered
	featured   *Card          // nil: not remembered; id 0: there is none
}

// names are those of authors and tags by their ids.
type names struct {
	authors map[int64]Author
	tags    map[int64]TagLink
}

func newNames() names { return names{map[int64]Author{}, map[int64]TagLink{}} }

// Reset forgets all names and tags and remembers them from now on. Before the
// first call nothing is remembered: only a program that also calls Changed, for
// each change there is, never shows what was.
func (s *Store) Reset() {
	m := &s.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	m.on = true
	m.forget()
}

// Changed forgets what these keys of the table changes touch.
func (s *Store) Changed(keys []string) {
	m := &s.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, key := range keys {
		if key == "*" {
			m.forget()
			return
		}
		switch {
		case key == "archive":
			m.generation++
			m.archive = nil
		case key == "featured", m.featured != nil && key == "post:"+strconv.FormatInt(m.featured.ID, 10):
			m.generation++
			m.featured = nil
		}
		tag, _ := strings.CutPrefix(key, "tag:")
		if id, err := strconv.ParseInt(tag, 10, 64); err == nil { // none of tag:<id>@<place>
			m.generation++
			delete(m.tags, m.names.tags[id].Slug) // the name stays
		}
	}
}

func (m *memory) forget() {
	m.generation++
	m.names, m.tags = newNames(), map[string]Tag{}
	m.archive, m.featured = nil, nil
}

// remember keeps what was read since that generation, unless something was
// forgotten meanwhile.
func (m *memory) remember(generation uint64, read names, tags []Tag) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.on || m.generation != generation {
		return
	}
	more := len(read.authors) + len(read.tags) + 2*len(tags)
	if m.size()+more > memoryMost {
		m.forget()
	}
	if more > memoryMost {
		return
	}
	for id, a := range read.authors {
		m.names.authors[id] = a
	}
	for id, t := range read.tags {
		m.names.tags[id] = t
	}
	for _, t := range tags {
		m.tags[t.Slug] = t
		m.names.tags[t.ID] = TagLink{t.Slug, t.Name} // by which Changed finds it
	}
}

// rememberSet keeps what set puts into the memory, read since that generation,
// unless something was forgotten meanwhile.
func (m *memory) rememberSet(generation uint64, set func(*memory)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.on && m.generation == generation {
		set(m)
	}
}

func (m *memory) size() int { return len(m.names.authors) + len(m.names.tags) + len(m.tags) }

// tagsBySlug returns the tags that are remembered, the slugs of the others,
// and the generation to remember those with.
func (m *memory) tagsBySlug(slugs []string) (known []Tag, unknown []string, generation uint64) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	for i, slug := range slugs {
		t, ok := m.tags[slug]
		switch {
		case slices.Contains(slugs[:i], slug):
		case ok:
			known = append(known, t)
		default:
			unknown = append(unknown, slug)
		}
	}
	return known, unknown, m.generation
}

// addNames gives cards the names of their authors and tags, and reads those
// that are not remembered.
func (s *Store) addNames(ctx context.Context, cards []Card) error {
	for i := range cards {
		c := &cards[i]
		c.TagSlugs, c.TagNames = make([]string, len(c.TagIDs)), make([]string, len(c.TagIDs))
		if len(c.CoauthorIDs) > 0 {
			c.Coauthors = make([]Author, len(c.CoauthorIDs))
		}
	}
	s.memory.mu.RLock()
	authors, tags := s.memory.names.add(cards)
	generation := s.memory.generation
	s.memory.mu.RUnlock()
	if len(authors)+len(tags) == 0 {
		return nil
	}
	read, err := s.readNames(ctx, authors, tags)
	if err != nil {
		return err
	}
	s.memory.remember(generation, read, nil)
	if _, deleted := read.add(cards); len(deleted) > 0 { // nobody deletes authors
		for i := range cards {
			cards[i].dropTags(deleted)
		}
	}
	return nil
}

// add gives cards the names that they still lack, and returns the ids of
// those that are not among these.
func (n names) add(cards []Card) (authors, tags []int64) {
	for i := range cards {
		c := &cards[i]
		if c.AuthorHandle == "" {
			if a, ok := n.authors[c.AuthorID]; ok {
				c.AuthorHandle, c.AuthorName, c.AuthorBio = a.Handle, a.Name, a.Bio
			} else if !slices.Contains(authors, c.AuthorID) {
				authors = append(authors, c.AuthorID)
			}
		}
		for j, id := range c.CoauthorIDs {
			if a, ok := n.authors[id]; ok {
				c.Coauthors[j] = a
			} else if c.Coauthors[j].ID == 0 && !slices.Contains(authors, id) {
				authors = append(authors, id)
			}
		}
		for j, id := range c.TagIDs {
			if c.TagSlugs[j] != "" {
				continue
			}
			if t, ok := n.tags[id]; ok {
				c.TagSlugs[j], c.TagNames[j] = t.Slug, t.Name
			} else {
				tags = append(tags, id)
			}
		}
	}
	slices.Sort(tags)
	return authors, slices.Compact(tags)
}

// dropTags takes tags away that were deleted after the card was read.
func (c *Card) dropTags(ids []int64) {
	for j := len(c.TagIDs) - 1; j >= 0; j-- {
		if slices.Contains(ids, c.TagIDs[j]) {
			c.TagIDs = slices.Delete(c.TagIDs, j, j+1)
			c.TagSlugs = slices.Delete(c.TagSlugs, j, j+1)
			c.TagNames = slices.Delete(c.TagNames, j, j+1)
		}
	}
}

// readNames reads the names of both in one query.
func (s *Store) readNames(ctx context.Context, authors, tags []int64) (names, error) {
	read := newNames()
	rows, err := s.pool.Query(ctx, `
		SELECT true, id, handle, name, bio FROM users WHERE id = ANY(@authors)
		UNION ALL
		SELECT false, id, slug, name, '' FROM tags WHERE id = ANY(@tags)`,
		pgx.StrictNamedArgs{"authors": authors, "tags": tags})
	if err != nil {
		return names{}, fmt.Errorf("reading names: %w", err)
	}
	var isAuthor bool
	var id int64
	var slug, name, bio string
	_, err = pgx.ForEachRow(rows, []any{&isAuthor, &id, &slug, &name, &bio}, func() error {
		if isAuthor {
			read.authors[id] = Author{id, slug, name, bio}
		} else {
			read.tags[id] = TagLink{slug, name}
		}
		return nil
	})
	if err != nil {
		return names{}, fmt.Errorf("reading names: %w", err)
	}
	return read, nil
}
