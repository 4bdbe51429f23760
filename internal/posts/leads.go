package posts

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
)

// Target is what an address of this site names.
type Target struct {
	Kind TargetKind
	Slug string // or an author's handle
}

// TargetKind is a kind of things that have addresses.
type TargetKind string

const (
	TargetPost   TargetKind = "post"
	TargetPage   TargetKind = "page"
	TargetTag    TargetKind = "tag"
	TargetSeries TargetKind = "series"
	TargetAuthor TargetKind = "author"
)

// Lead says what readers find at an address.
type Lead string

const (
	LeadHere   Lead = "here"   // what was asked for
	LeadHidden Lead = "hidden" // nothing yet, or no more: a draft, or scheduled for later
	LeadMoved  Lead = "moved"  // a redirect
	LeadGone   Lead = "gone"   // 410
	LeadNone   Lead = "none"   // 404
)

// Found is what readers find at a target's address.
type Found struct {
	Lead Lead
	Now  Target // of one that moved
	ID   int64  // of a post or page, 0 for others
}

// MaxTargets is how many targets are looked at together.
const MaxTargets = 500

// LeadTo tells what readers find at these targets, of which there are at most
// MaxTargets; of more, the others are LeadHere.
func (s *Store) LeadTo(ctx context.Context, targets []Target) ([]Found, error) {
	found := make([]Found, len(targets))
	var kinds, slugs []string
	var places []int
	for i, t := range targets {
		found[i].Lead = LeadHere
		if len(places) == MaxTargets {
			continue
		}
		if t.Slug == "" || len(t.Slug) > 4*MaxSlug || !utf8.ValidString(t.Slug) || strings.ContainsRune(t.Slug, 0) {
			found[i].Lead = LeadNone
			continue
		}
		kinds, slugs, places = append(kinds, string(t.Kind)), append(slugs, t.Slug), append(places, i)
	}
	if len(places) == 0 {
		return found, nil
	}
	rows, err := s.pool.Query(ctx, `
		SELECT coalesce(f.lead, 'none'), coalesce(f.kind, ''), coalesce(f.slug, ''), coalesce(f.id, 0)
		FROM unnest(@kinds::text[], @slugs::text[]) WITH ORDINALITY AS a (kind, slug, place)
		LEFT JOIN LATERAL (
			SELECT CASE WHEN `+visible+` THEN 'here' ELSE 'hidden' END AS lead, '' AS kind, '' AS slug, p.id, CASE WHEN `+visible+` THEN 1 ELSE 4 END AS rank
			FROM posts p WHERE a.kind IN ('post', 'page') AND p.slug = a.slug AND p.kind = a.kind
			UNION ALL
			SELECT 'moved', p.kind, p.slug, p.id, 2
			FROM posts p WHERE a.kind IN ('post', 'page') AND p.slug = a.slug AND p.kind <> a.kind AND `+visible+`
			UNION ALL
			SELECT CASE WHEN t.id IS NULL OR t.trashed_at IS NOT NULL THEN 'gone' WHEN p.id IS NULL THEN 'hidden' ELSE 'moved' END, p.kind, p.slug, p.id, 3
			FROM old_slugs o LEFT JOIN posts t ON t.id = o.post_id LEFT JOIN posts p ON p.id = o.post_id AND `+visible+`
			WHERE a.kind IN ('post', 'page') AND o.slug = a.slug
			UNION ALL
			SELECT 'here', '', '', 0, 1 FROM tags t WHERE a.kind = 'tag' AND t.slug = a.slug AND `+tagSeen+`
			UNION ALL
			SELECT 'moved', 'tag', t.slug, 0, 2 FROM old_tag_slugs o JOIN tags t ON t.id = o.tag_id
			WHERE a.kind = 'tag' AND o.slug = a.slug AND `+tagSeen+`
			UNION ALL
			SELECT 'here', '', '', 0, 1 FROM series s WHERE a.kind = 'series' AND s.slug = a.slug
				AND EXISTS (SELECT FROM posts p WHERE p.series_id = s.id AND `+listed+`)
			UNION ALL
			SELECT 'moved', 'series', s.slug, 0, 2 FROM old_series_slugs o JOIN series s ON s.id = o.series_id
			WHERE a.kind = 'series' AND o.slug = a.slug AND EXISTS (SELECT FROM posts p WHERE p.series_id = s.id AND `+listed+`)
			UNION ALL
			SELECT 'here', '', '', 0, 1 FROM users u WHERE a.kind = 'author' AND u.handle = a.slug
				AND (SELECT p.id FROM posts p WHERE p.author_id = u.id AND `+listed+` ORDER BY p.published_at DESC, p.id DESC LIMIT 1) IS NOT NULL
			ORDER BY rank LIMIT 1
		) f ON true ORDER BY a.place`,
		pgx.StrictNamedArgs{"kinds": kinds, "slugs": slugs})
	if err != nil {
		return nil, fmt.Errorf("following links: %w", err)
	}
	read, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (f Found, err error) {
		err = row.Scan(&f.Lead, &f.Now.Kind, &f.Now.Slug, &f.ID)
		return f, err
	})
	if err != nil {
		return nil, fmt.Errorf("following links: %w", err)
	}
	for i, f := range read {
		found[places[i]] = f
	}
	return found, nil
}

// tagSeen is the condition for tags t that a post carries which readers may see.
const tagSeen = `(SELECT s.post_id FROM post_tags s WHERE s.tag_id = t.id AND s.with_id = t.id AND s.published_at <= now()
	ORDER BY s.published_at DESC, s.post_id DESC LIMIT 1) IS NOT NULL`

// titlesMost is how many posts a title that is being typed leads to.
const titlesMost = 8

// TitleLink is a post, in any state, that a link can lead to.
type TitleLink struct {
	CardLink
	State State
}

// TitlesBeginning returns posts and pages whose titles begin so, in their order.
func (s *Store) TitlesBeginning(ctx context.Context, typed string) ([]TitleLink, error) {
	typed = strings.Join(strings.Fields(typed), " ")
	if typed == "" || !utf8.ValidString(typed) || strings.ContainsRune(typed, 0) {
		return nil, nil
	}
	if runes := []rune(typed); len(runes) > 40 { // as much as the index has
		typed = string(runes[:40])
	}
	links, err := collect[TitleLink](ctx, s.pool, `
		SELECT p.kind, p.slug, p.title, p.language, `+stateOf+` AS state
		FROM posts p WHERE p.trashed_at IS NULL
			AND (left(lower(p.title), 40) COLLATE "C") >= left(lower(@typed), 40)
			AND (left(lower(p.title), 40) COLLATE "C") < left(lower(@typed), 40) || U&'\+10FFFF'
		ORDER BY (left(lower(p.title), 40) COLLATE "C"), p.id LIMIT @limit`,
		pgx.StrictNamedArgs{"typed": typed, "limit": titlesMost})
	if err != nil {
		return nil, fmt.Errorf("finding titles: %w", err)
	}
	return links, nil
}
