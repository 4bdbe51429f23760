package posts

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
)

const (
	suggestedTags = 10
	// tagWordsMost is how many names that begin alike are looked at, and
	// tagPostsMost in how many of the latest posts.
	tagWordsMost, tagPostsMost = 200, 100
)

// SuggestTags returns at most ten tags of whose names a word begins with what
// was typed: the tag of that name, then those that begin so, then those of most
// posts. Where very many begin so it knows those of the latest posts and the
// first in their order, so that it costs the same on any blog.
func (s *Store) SuggestTags(ctx context.Context, typed string) ([]TagRow, error) {
	key := tagKey(typed)
	if key == "" || !utf8.ValidString(typed) || strings.ContainsRune(typed, 0) || utf8.RuneCountInString(key) > MaxTagName {
		return nil, nil
	}
	spelled := strings.ReplaceAll(spell(typed), "-", " ")
	if spelled == "" {
		spelled = key
	}
	tags, err := collect[TagRow](ctx, s.pool, `
		WITH range AS (
			SELECT typed, typed || U&'\+10FFFF' AS until FROM unnest(ARRAY[@key, @spelled]) typed
		), begun AS MATERIALIZED (
			SELECT w.tag_id FROM range, LATERAL (
				SELECT tag_id FROM tag_words WHERE word >= typed AND word < until ORDER BY word LIMIT @words
			) w
			UNION
			SELECT used.tag_id FROM (
				SELECT DISTINCT tag_id FROM (SELECT tag_ids FROM posts ORDER BY updated_at DESC, id DESC LIMIT @posts) latest, unnest(tag_ids) tag_id
			) used
			WHERE EXISTS (SELECT FROM range, tag_words w WHERE w.tag_id = used.tag_id AND w.word >= typed AND w.word < until)
		)
		SELECT `+tagRowColumns+` FROM begun b JOIN tags t ON t.id = b.tag_id
		ORDER BY t.key = @key DESC, starts_with(t.key, @key) DESC, t.post_count DESC, t.slug LIMIT @limit`,
		pgx.StrictNamedArgs{"key": key, "spelled": spelled, "words": tagWordsMost, "posts": tagPostsMost, "limit": suggestedTags})
	if err != nil {
		return nil, fmt.Errorf("suggesting tags: %w", err)
	}
	return tags, nil
}

// Likeness is a tag that is nearly the same as a name: it differs in accents,
// in how its words are joined or in an English plural alone.
type Likeness struct {
	Asked string // one of those asked about
	TagID int64  // of the tag of that name, 0 when there is none
	TagRow
}

// AlikeTags returns tags that are nearly the same as one of the names, at most
// three for each.
func (s *Store) AlikeTags(ctx context.Context, names []string) ([]Likeness, error) {
	names = cleanTags(names)
	keys, asked := []string{}, []string{}
	for _, name := range names[:min(len(names), MaxTags)] {
		if utf8.ValidString(name) && !strings.ContainsRune(name, 0) && utf8.RuneCountInString(name) <= MaxTagName {
			keys, asked = append(keys, tagKey(name)), append(asked, name)
		}
	}
	alike, err := collect[Likeness](ctx, s.pool, `
		SELECT a.name AS asked, coalesce((SELECT own.id FROM tags own WHERE own.key = a.key), 0) AS tag_id, t.*
		FROM unnest(@names::text[], @keys::text[]) WITH ORDINALITY AS a (name, key, place), LATERAL (
			SELECT `+tagRowColumns+` FROM tags t
			WHERE tag_likeness(t.key) = tag_likeness(a.key) AND t.key <> a.key ORDER BY t.id LIMIT 3
		) t ORDER BY a.place, t.posts DESC, t.id`,
		pgx.StrictNamedArgs{"names": asked, "keys": keys})
	if err != nil {
		return nil, fmt.Errorf("looking for tags that are alike: %w", err)
	}
	return alike, nil
}
