-- As in the steps before: all tables at once, or none.
DO $$
BEGIN
    LOOP
        BEGIN
            LOCK TABLE posts, users IN ACCESS EXCLUSIVE MODE;
            EXIT;
        EXCEPTION WHEN deadlock_detected THEN
            NULL;
        END;
    END LOOP;
END $$;

-- Readers do not see a post from unpublish_at on; a job makes it a draft soon
-- after, so that those whose time is over do not pile up where lists look.
-- review_at is since when a draft waits for somebody to publish it, and
-- unpublished_at since when readers do not see any more what they saw before.
ALTER TABLE posts
    ADD COLUMN unpublish_at timestamptz NOT NULL DEFAULT 'infinity',
    ADD COLUMN review_at timestamptz,
    ADD COLUMN unpublished_at timestamptz;
UPDATE posts p SET unpublished_at = p.updated_at
WHERE p.status = 'draft' AND p.published_at <= now() AND EXISTS (SELECT FROM old_slugs o WHERE o.slug = p.slug AND o.post_id = p.id);

CREATE INDEX posts_unpublish_idx ON posts (unpublish_at) WHERE status = 'published' AND unpublish_at < 'infinity';
CREATE INDEX posts_new_rows_idx ON posts (updated_at DESC, id DESC)
    WHERE status = 'draft' AND trashed_at IS NULL AND review_at IS NULL AND unpublished_at IS NULL;
CREATE INDEX posts_review_rows_idx ON posts (updated_at DESC, id DESC)
    WHERE status = 'draft' AND trashed_at IS NULL AND review_at IS NOT NULL;
CREATE INDEX posts_unpublished_rows_idx ON posts (updated_at DESC, id DESC)
    WHERE status = 'draft' AND trashed_at IS NULL AND review_at IS NULL AND unpublished_at IS NOT NULL;
DROP INDEX posts_draft_rows_idx;

CREATE FUNCTION posts_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'published' THEN
        NEW.review_at := NULL;
        NEW.unpublished_at := NULL;
    ELSIF OLD.published_at <= now() THEN
        NEW.unpublished_at := now();
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER posts_move BEFORE UPDATE OF status ON posts
    FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION posts_move();

-- As before, but for unpublish_at.
CREATE OR REPLACE FUNCTION posts_update_note() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched text[];
BEGIN
    WITH pair AS MATERIALIZED (
        SELECT id, o.kind AS old_kind, o.slug AS old_slug, o.published_at AS old_at, o.tag_ids AS old_tags,
            o.author_id AS old_author, o.series_id AS old_series, o.featured AS old_featured,
            n.kind AS new_kind, n.slug AS new_slug, n.published_at AS new_at, n.tag_ids AS new_tags,
            n.author_id AS new_author, n.series_id AS new_series, n.featured AS new_featured,
            o.series_place <> n.series_place AS moved_in_series,
            post_seen(o.status, o.published_at) AS was, post_seen(n.status, n.published_at) AS is_now,
            post_seen(o.status, o.published_at) AND post_seen(n.status, n.published_at)
                AND o.published_at = n.published_at AND o.unpublish_at = n.unpublish_at AND o.kind = n.kind AS stays
        FROM old_posts o JOIN new_posts n USING (id)
        WHERE (post_seen(o.status, o.published_at) OR post_seen(n.status, n.published_at)) AND
            (o.version, o.render_version, o.updated_at, o.status, o.published_at, o.slug, o.title, o.summary,
             o.language, o.cover, o.author_id, o.tag_ids, o.more, o.words, o.minutes, o.description,
             o.kind, o.series_id, o.series_place, o.featured, o.cover_alt, o.cover_x, o.cover_y, o.meta_title,
             o.meta_description, o.canonical, o.noindex, o.translation_id, o.related_ids,
             o.excerpt, o.toc, o.plain, o.html)
            IS DISTINCT FROM
            (n.version, n.render_version, n.updated_at, n.status, n.published_at, n.slug, n.title, n.summary,
             n.language, n.cover, n.author_id, n.tag_ids, n.more, n.words, n.minutes, n.description,
             n.kind, n.series_id, n.series_place, n.featured, n.cover_alt, n.cover_x, n.cover_y, n.meta_title,
             n.meta_description, n.canonical, n.noindex, n.translation_id, n.related_ids,
             n.excerpt, n.toc, n.plain, n.html)
        LIMIT 201
    ), key AS (
        SELECT unnest(post_keys(id, old_kind, old_slug, old_at, old_tags, old_author, old_series, old_featured)) FROM pair WHERE was AND NOT stays
        UNION
        SELECT unnest(post_keys(id, new_kind, new_slug, new_at, new_tags, new_author, new_series, new_featured)) FROM pair WHERE is_now AND NOT stays
        UNION
        SELECT unnest(ARRAY['post:' || id, 'search']) FROM pair WHERE stays
        UNION
        SELECT 'slug:' || unnest(ARRAY[old_slug, new_slug] || ARRAY(SELECT slug FROM old_slugs WHERE post_id = id))
        FROM pair WHERE stays AND old_slug <> new_slug
        UNION
        SELECT unnest(tag_keys(ARRAY(
            (SELECT unnest(old_tags) EXCEPT SELECT unnest(new_tags)) UNION ALL
            (SELECT unnest(new_tags) EXCEPT SELECT unnest(old_tags))), new_at))
        FROM pair WHERE stays AND old_tags <> new_tags
        UNION
        SELECT unnest(ARRAY[
            'author:' || old_author, 'author:' || old_author || post_place(new_at),
            'author:' || new_author, 'author:' || new_author || post_place(new_at)])
        FROM pair WHERE stays AND old_author <> new_author
        UNION
        SELECT 'series:' || s FROM pair, unnest(ARRAY[old_series, new_series]) s
        WHERE stays AND s IS NOT NULL AND (old_series IS DISTINCT FROM new_series OR moved_in_series)
        UNION
        SELECT 'featured' FROM pair WHERE stays AND old_featured <> new_featured
    )
    SELECT CASE WHEN (SELECT count(*) FROM pair) > 200 THEN '{*}' ELSE ARRAY(SELECT * FROM key) END
    INTO touched;

    -- One that is scheduled wakes those who wait for its time when that, or
    -- what it will touch then, changes.
    IF touched <> '{}' OR EXISTS (
        SELECT FROM old_posts o JOIN new_posts n USING (id)
        WHERE 'published' IN (o.status, n.status)
          AND (o.status, o.published_at, o.unpublish_at, o.slug, o.tag_ids, o.kind, o.author_id, o.series_id, o.featured)
            IS DISTINCT FROM (n.status, n.published_at, n.unpublish_at, n.slug, n.tag_ids, n.kind, n.author_id, n.series_id, n.featured)
    ) THEN
        PERFORM note_changes(touched);
    END IF;
    RETURN NULL;
END $$;

ALTER TABLE users DROP CONSTRAINT users_role_check;
ALTER TABLE users ADD CONSTRAINT users_role_check CHECK (role IN ('owner', 'editor', 'author', 'contributor'));
