-- Pages would become posts.
DO $$
BEGIN
    LOOP
        BEGIN
            LOCK TABLE posts, old_slugs, tags, users, site IN ACCESS EXCLUSIVE MODE;
            EXIT;
        EXCEPTION WHEN deadlock_detected THEN
            NULL;
        END;
    END LOOP;
END $$;

DELETE FROM posts WHERE kind = 'page';
DROP TRIGGER posts_insert_archive ON posts;
DROP TRIGGER posts_update_archive ON posts;
DROP TRIGGER posts_delete_archive ON posts;
DROP TRIGGER posts_truncate_archive ON posts;
DROP TRIGGER site_archive ON site;
DROP TRIGGER tags_image_note ON tags;
DROP TRIGGER users_bio_note ON users;
CREATE OR REPLACE FUNCTION posts_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM changed WHERE status = 'published') THEN
        RETURN NULL;
    END IF;
    IF (SELECT count(*) FROM (
            SELECT FROM changed WHERE post_seen(status, published_at) LIMIT 201) seen) > 200 THEN
        PERFORM note_changes('{*}');
    ELSE
        PERFORM note_changes(ARRAY(
            SELECT DISTINCT unnest(post_keys(id, slug, published_at, tag_ids))
            FROM changed WHERE post_seen(status, published_at)));
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION posts_update_note() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched text[];
BEGIN
    WITH pair AS MATERIALIZED (
        SELECT id, o.slug AS old_slug, o.published_at AS old_at, o.tag_ids AS old_tags,
            n.slug AS new_slug, n.published_at AS new_at, n.tag_ids AS new_tags,
            post_seen(o.status, o.published_at) AS was, post_seen(n.status, n.published_at) AS is_now,
            post_seen(o.status, o.published_at) AND post_seen(n.status, n.published_at)
                AND o.published_at = n.published_at AS stays
        FROM old_posts o JOIN new_posts n USING (id)
        WHERE (post_seen(o.status, o.published_at) OR post_seen(n.status, n.published_at)) AND
            (o.version, o.render_version, o.updated_at, o.status, o.published_at, o.slug, o.title, o.summary,
             o.language, o.cover, o.author_id, o.tag_ids, o.more, o.words, o.minutes, o.description,
             o.excerpt, o.toc, o.plain, o.html)
            IS DISTINCT FROM
            (n.version, n.render_version, n.updated_at, n.status, n.published_at, n.slug, n.title, n.summary,
             n.language, n.cover, n.author_id, n.tag_ids, n.more, n.words, n.minutes, n.description,
             n.excerpt, n.toc, n.plain, n.html)
        LIMIT 201
    ), key AS (
        SELECT unnest(post_keys(id, old_slug, old_at, old_tags)) FROM pair WHERE was AND NOT stays
        UNION
        SELECT unnest(post_keys(id, new_slug, new_at, new_tags)) FROM pair WHERE is_now AND NOT stays
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
    )
    SELECT CASE WHEN (SELECT count(*) FROM pair) > 200 THEN '{*}' ELSE ARRAY(SELECT * FROM key) END
    INTO touched;

    -- One that is scheduled wakes those who wait for its time when that, or
    -- what it will touch then, changes.
    IF touched <> '{}' OR EXISTS (
        SELECT FROM old_posts o JOIN new_posts n USING (id)
        WHERE 'published' IN (o.status, n.status)
          AND (o.status, o.published_at, o.slug, o.tag_ids) IS DISTINCT FROM (n.status, n.published_at, n.slug, n.tag_ids)
    ) THEN
        PERFORM note_changes(touched);
    END IF;
    RETURN NULL;
END $$;

DROP FUNCTION posts_archive, posts_update_archive, archive_count_again, archive_add, archive_count, post_month,
    post_keys(bigint, text, text, timestamptz, bigint[], bigint, bigint, boolean);
DROP TABLE archive;
ALTER TABLE posts
    DROP COLUMN kind, DROP COLUMN series_id, DROP COLUMN series_place, DROP COLUMN featured, DROP COLUMN cover_alt,
    DROP COLUMN cover_x, DROP COLUMN cover_y, DROP COLUMN meta_title, DROP COLUMN meta_description,
    DROP COLUMN canonical, DROP COLUMN noindex, DROP COLUMN translation_id, DROP COLUMN related_ids;
DROP TABLE series;
DROP FUNCTION series_note;
ALTER TABLE tags DROP COLUMN image;
ALTER TABLE site DROP COLUMN navigation;
ALTER TABLE users DROP COLUMN bio;
DROP INDEX IF EXISTS posts_author_idx;
