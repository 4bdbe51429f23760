-- What the sitemap says of each part of 10,000 ids, without looking at the
-- posts in it: the last change that readers see is at the end of a range. A
-- scheduled post changes at its date, so that it stands behind all of them.
CREATE INDEX posts_sitemap_idx ON posts ((id / 10000), greatest(published_at, updated_at) DESC)
    WHERE status = 'published' AND NOT noindex AND canonical = '';

-- The feed of a series has its newest posts first; its page has another order.
CREATE INDEX posts_series_date_idx ON posts (series_id, published_at DESC, id DESC)
    WHERE series_id IS NOT NULL AND status = 'published';
