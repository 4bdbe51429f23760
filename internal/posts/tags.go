package posts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// TagsPageSize is how many tags the index of tags shows at once.
const TagsPageSize = 1000

// Tag is a tag that readers may see: one that a visible post carries.
type Tag struct {
	ID          int64
	Slug        string
	Name        string
	Description string
	Image       string // address of one on this site, "" for none
	Posts       int64  // that readers may see
}

// selectTag counts without looking at posts: the counter that writes keep,
// less the few posts that are scheduled for later, or whose time is just over.
const selectTag = `
	SELECT * FROM (
		SELECT t.id, t.slug, t.name, t.description, t.image, t.post_count - (
			SELECT count(*) FROM post_tags s
			WHERE s.tag_id = t.id AND s.with_id = t.id AND s.published_at > now()) - (
			SELECT count(*) FROM posts p
			WHERE ` + over + ` AND p.unpublish_at < 'infinity' AND p.tag_ids @> ARRAY[t.id]) AS posts
		FROM tags t WHERE t.post_count > 0
	) t WHERE t.posts > 0`

// selectTags is selectTag for many: it goes through these posts once.
const selectTags = `
	SELECT * FROM (
		SELECT t.id, t.slug, t.name, t.description, t.image, t.post_count - coalesce(s.posts, 0) AS posts
		FROM tags t LEFT JOIN (
			SELECT tag_id, count(*) AS posts FROM posts p, unnest(p.tag_ids) AS tag_id
			WHERE (` + scheduled + `) OR (` + over + ` AND p.unpublish_at < 'infinity') GROUP BY tag_id
		) s ON s.tag_id = t.id
		WHERE t.post_count > 0
	) t WHERE t.posts > 0`

// Tag returns the tag with that slug, or ErrNotFound when no post that
// readers may see carries it.
func (s *Store) Tag(ctx context.Context, slug string) (Tag, error) {
	tags, err := s.TagsBySlug(ctx, []string{slug})
	if err != nil {
		return Tag{}, err
	}
	if len(tags) == 0 {
		return Tag{}, ErrNotFound
	}
	return tags[0], nil
}

// TagsBySlug returns the tags with those slugs in the order asked for;
// unknown ones are left out.
func (s *Store) TagsBySlug(ctx context.Context, slugs []string) ([]Tag, error) {
	tags, unknown, generation := s.memory.tagsBySlug(slugs)
	if len(unknown) > 0 {
		rows, err := s.pool.Query(ctx, selectTag+" AND t.slug = ANY(@slugs)", pgx.StrictNamedArgs{"slugs": unknown})
		if err != nil {
			return nil, fmt.Errorf("finding tags: %w", err)
		}
		read, err := pgx.CollectRows(rows, pgx.RowToStructByName[Tag])
		if err != nil {
			return nil, fmt.Errorf("finding tags: %w", err)
		}
		s.memory.remember(generation, names{}, read)
		tags = append(tags, read...)
	}
	slices.SortFunc(tags, func(a, b Tag) int { return slices.Index(slugs, a.Slug) - slices.Index(slugs, b.Slug) })
	return tags, nil
}

// Tags returns a page of all tags in the order of their slugs, beginning
// after that slug ("" for the first page). next is the slug to go on after,
// or "" at the end.
func (s *Store) Tags(ctx context.Context, after string) (tags []Tag, next string, err error) {
	rows, err := s.pool.Query(ctx, selectTags+` AND t.slug > @after ORDER BY t.slug LIMIT @limit`,
		pgx.StrictNamedArgs{"after": after, "limit": TagsPageSize + 1})
	if err != nil {
		return nil, "", fmt.Errorf("listing tags: %w", err)
	}
	if tags, err = pgx.CollectRows(rows, pgx.RowToStructByName[Tag]); err != nil {
		return nil, "", fmt.Errorf("listing tags: %w", err)
	}
	if len(tags) > TagsPageSize {
		tags = tags[:TagsPageSize]
		next = tags[TagsPageSize-1].Slug
	}
	return tags, next, nil
}

func tagIDs(tags []Tag) []int64 {
	ids := make([]int64, len(tags))
	for i, t := range tags {
		ids[i] = t.ID
	}
	return ids
}

// tagKey folds a tag's name so that names which people would call the same
// compare equal.
func tagKey(name string) string {
	return cases.Fold().String(norm.NFKC.String(strings.Join(strings.Fields(name), " ")))
}

// SameTag tells whether two names are of one tag.
func SameTag(a, b string) bool { return tagKey(a) == tagKey(b) }

// cleanTags trims names and drops empty and repeated ones.
func cleanTags(names []string) []string {
	var clean []string
	seen := map[string]bool{}
	for _, name := range names {
		name = norm.NFC.String(strings.Join(strings.Fields(name), " "))
		if key := tagKey(name); key != "" && !seen[key] {
			seen[key] = true
			clean = append(clean, name)
		}
	}
	return clean
}

// ensureTags returns the ids of the tags with these names, in their order,
// and makes those that there are not.
func ensureTags(ctx context.Context, tx pgx.Tx, names []string) ([]int64, error) {
	keys := make([]string, len(names))
	for i, name := range names {
		keys[i] = tagKey(name)
	}
	ids, err := tagsByKey(ctx, tx, keys)
	if err != nil {
		return nil, err
	}
	// In one order for all, however the names are typed, so that two authors
	// who make the same new tags wait for each other and never deadlock.
	for _, name := range slices.SortedFunc(slices.Values(names), func(a, b string) int {
		return strings.Compare(tagKey(a), tagKey(b))
	}) {
		if _, ok := ids[tagKey(name)]; ok {
			continue
		}
		if ids[tagKey(name)], err = createTag(ctx, tx, name); err != nil {
			return nil, fmt.Errorf("making tag %q: %w", name, err)
		}
	}
	ordered := make([]int64, len(keys))
	for i, key := range keys {
		ordered[i] = ids[key]
	}
	return ordered, nil
}

// tagsByKey also keeps the tags from being deleted before the transaction ends.
func tagsByKey(ctx context.Context, tx pgx.Tx, keys []string) (map[string]int64, error) {
	ids := make(map[string]int64, len(keys))
	rows, err := tx.Query(ctx, "SELECT key, id FROM tags WHERE key = ANY(@keys) ORDER BY id FOR KEY SHARE", pgx.StrictNamedArgs{"keys": keys})
	if err != nil {
		return nil, fmt.Errorf("finding tags: %w", err)
	}
	var key string
	var id int64
	if _, err := pgx.ForEachRow(rows, []any{&key, &id}, func() error { ids[key] = id; return nil }); err != nil {
		return nil, fmt.Errorf("finding tags: %w", err)
	}
	return ids, nil
}

// createTag makes a tag, with a number behind its slug where another tag has
// the slug already ("C#" and "C sharp").
func createTag(ctx context.Context, tx pgx.Tx, name string) (int64, error) {
	for n := 1; ; n++ {
		slug := TagSlug(name)
		if n > 1 {
			slug += "-" + strconv.Itoa(n)
		}
		var id int64
		err := tx.QueryRow(ctx, `
			INSERT INTO tags (key, slug, name) VALUES (@key, @slug, @name)
			ON CONFLICT DO NOTHING RETURNING id`,
			pgx.StrictNamedArgs{"key": tagKey(name), "slug": slug, "name": name}).Scan(&id)
		if !errors.Is(err, pgx.ErrNoRows) {
			return id, err
		}
		ids, err := tagsByKey(ctx, tx, []string{tagKey(name)})
		if err != nil {
			return 0, err
		}
		if id, ok := ids[tagKey(name)]; ok {
			return id, nil
		}
	}
}
