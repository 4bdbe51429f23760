package posts

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// SitemapPartSize is how many ids a part of the sitemap covers, which is the
// most posts that it can list. An id stays in its part for good. The index
// posts_sitemap_idx has the same number.
const SitemapPartSize = 10_000

// SitemapPart is a part of the sitemap that has posts.
type SitemapPart struct {
	Part    int64     // of the ids from Part*SitemapPartSize on
	Changed time.Time // the newest change of a post that it lists
}

// Of a post p, whether readers and search engines may find it here.
const (
	indexed = "p.status = 'published' AND NOT p.noindex AND p.canonical = ''"
	changed = "greatest(p.published_at, p.updated_at)"
)

// SitemapParts returns the parts of the sitemap in their order. It looks at
// one place of an index for each.
func (s *Store) SitemapParts(ctx context.Context) ([]SitemapPart, error) {
	const next = "SELECT p.id / 10000 AS part FROM posts p WHERE " + indexed
	parts, err := collect[SitemapPart](ctx, s.pool, `
		WITH RECURSIVE parts AS (
			(`+next+` ORDER BY p.id / 10000 LIMIT 1)
			UNION ALL
			SELECT following.part FROM parts, LATERAL (`+next+` AND p.id / 10000 > parts.part ORDER BY p.id / 10000 LIMIT 1) following
		)
		SELECT parts.part, newest.changed FROM parts, LATERAL (
			SELECT `+changed+` AS changed FROM posts p
			WHERE `+indexed+` AND p.id / 10000 = parts.part AND `+changed+` <= now()
			ORDER BY `+changed+` DESC LIMIT 1
		) newest ORDER BY parts.part`, pgx.StrictNamedArgs{})
	if err != nil {
		return nil, fmt.Errorf("listing the sitemap's parts: %w", err)
	}
	return parts, nil
}

// SitemapEntry is what the sitemap says of a post.
type SitemapEntry struct {
	ID      int64
	Kind    Kind
	Slug    string
	Changed time.Time
}

// SitemapEntries returns up to limit entries of a part in the order of their
// ids, beginning after that id, 0 for the first.
func (s *Store) SitemapEntries(ctx context.Context, part, after int64, limit int) ([]SitemapEntry, error) {
	entries, err := collect[SitemapEntry](ctx, s.pool, `
		SELECT p.id, p.kind, p.slug, `+changed+` AS changed FROM posts p
		WHERE p.id >= @first AND p.id < @end AND `+indexed+` AND `+visible+`
		ORDER BY p.id LIMIT @limit`,
		pgx.StrictNamedArgs{"first": max(part*SitemapPartSize, after+1), "end": (part + 1) * SitemapPartSize, "limit": limit})
	if err != nil {
		return nil, fmt.Errorf("listing part %d of the sitemap: %w", part, err)
	}
	return entries, nil
}

// SitemapList is a list of posts with a page of its own: of a tag, a series or
// an author.
type SitemapList struct {
	Kind    string // "tag", "series" or "author"
	Slug    string
	Changed time.Time // when its newest post appeared
}

// sitemapLists is how many lists of each kind the sitemap has at most; all of
// them together stay below the 50,000 addresses that a sitemap may have.
const sitemapLists = 15_000

// SitemapLists returns the lists that have posts which readers may see.
func (s *Store) SitemapLists(ctx context.Context) ([]SitemapList, error) {
	lists, err := collect[SitemapList](ctx, s.pool, `
		(SELECT 'tag' AS kind, t.slug, newest.published_at AS changed FROM tags t, LATERAL (
			SELECT l.published_at FROM post_tags l
			WHERE l.tag_id = t.id AND l.with_id = t.id AND l.published_at <= now() ORDER BY l.published_at DESC LIMIT 1
		) newest WHERE t.post_count > 0 ORDER BY t.slug LIMIT @most)
		UNION ALL
		(SELECT 'series', s.slug, newest.published_at FROM series s, LATERAL (
			SELECT p.published_at FROM posts p WHERE p.series_id = s.id AND `+listed+` ORDER BY p.published_at DESC LIMIT 1
		) newest ORDER BY s.slug LIMIT @most)
		UNION ALL
		(SELECT 'author', u.handle, newest.published_at FROM users u, LATERAL (
			SELECT published_at FROM (
				(SELECT p.published_at FROM posts p WHERE p.author_id = u.id AND `+listed+` ORDER BY p.published_at DESC LIMIT 1)
				UNION ALL
				(SELECT a.published_at FROM post_authors a JOIN posts p ON p.id = a.post_id
					WHERE a.author_id = u.id AND a.published_at <= now() AND `+listed+` ORDER BY a.published_at DESC LIMIT 1)
			) each ORDER BY published_at DESC LIMIT 1
		) newest ORDER BY u.handle LIMIT @most)`, pgx.StrictNamedArgs{"most": sitemapLists})
	if err != nil {
		return nil, fmt.Errorf("listing the sitemap's lists: %w", err)
	}
	return lists, nil
}
