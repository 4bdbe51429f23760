-- An older copy of the server may be writing meanwhile. If it and this step
-- wait for each other's tables, PostgreSQL ends one of them: a save is tried
-- again, but this step would be left half done. So all tables are locked first,
-- and when that fails, let go of and locked again.
DO $$
BEGIN
    LOOP
        BEGIN
            LOCK TABLE posts, old_slugs, tags, users, site IN SHARE ROW EXCLUSIVE MODE;
            EXIT;
        EXCEPTION WHEN deadlock_detected THEN
            NULL;
        END;
    END LOOP;
END $$;

-- What readers would see changed, for the copies of the server, which keep
-- what they show. keys name what was touched:
--   *                    anything, or too much to name
--   post:<id>            a post, wherever it is shown
--   slug:<slug>          what is found at a post's address
--   posts@<place>        the list of all posts gained or lost one at this place
--   tag:<id>             a tag's own row: its description, how many posts it has
--   tag:<id>@<place>     the list of the tag's posts gained or lost one at this place
--   tags                 the index of tags: which there are, how many posts they have
--   search               what searches find
-- A place is published_at in microseconds since 1970.
--
-- It is a log and no counter, so that no writer waits for another. A copy that
-- read last with the snapshot s has not seen what it finds by
--   xid >= pg_snapshot_xmin(s) AND NOT pg_visible_in_snapshot(xid, s)
-- in whatever order transactions end, if also
--   pg_visible_in_snapshot(xid, pg_current_snapshot())
-- which rows are not that a dump brought from another server. Rows go after ten
-- minutes.
CREATE TABLE changes (
    id   bigint GENERATED ALWAYS AS IDENTITY,
    xid  xid8        NOT NULL DEFAULT pg_current_xact_id(),
    at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    keys text[]      NOT NULL,
    CONSTRAINT changes_pkey PRIMARY KEY (id)
);
CREATE INDEX changes_xid_idx ON changes (xid);

-- Notes keys, and wakes those who listen even when there are none: a post that
-- is scheduled touches nothing yet. Up to a hundred rows that are old go with
-- it, and none that another writer is at.
CREATE FUNCTION note_changes(keys text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF keys <> '{}' THEN
        INSERT INTO changes (keys) VALUES (note_changes.keys);
        DELETE FROM changes WHERE id = ANY (ARRAY(
            SELECT id FROM changes WHERE id = ANY (ARRAY(
                SELECT id FROM (SELECT id, at FROM changes ORDER BY id LIMIT 100) first
                WHERE at < clock_timestamp() - interval '10 minutes'))
            FOR UPDATE SKIP LOCKED));
    END IF;
    PERFORM pg_notify('broadsheet_changes', '');
END $$;

-- Whether readers see a post. A minute early: a transaction that began before
-- the post's second may end after it, when nobody looks for it any more.
CREATE FUNCTION post_seen(status text, published_at timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT status = 'published' AND published_at <= statement_timestamp() + interval '1 minute'
$$;

CREATE FUNCTION post_place(published_at timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT '@' || (extract(epoch FROM published_at) * 1000000)::bigint
$$;

-- The keys that tags touch when a post of that time comes to them or goes.
CREATE FUNCTION tag_keys(ids bigint[], published_at timestamptz) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT CASE ids WHEN '{}' THEN '{}' ELSE
        ARRAY['tags'] || ARRAY(
            SELECT unnest(ARRAY['tag:' || id, 'tag:' || id || post_place(published_at)]) FROM unnest(ids) id)
    END
$$;

-- The keys that a post touches when it appears or disappears. Its former
-- addresses lead to it only while readers see it.
CREATE FUNCTION post_keys(id bigint, slug text, published_at timestamptz, tag_ids bigint[]) RETURNS text[]
LANGUAGE sql STABLE AS $$
    SELECT ARRAY['post:' || post_keys.id, 'slug:' || post_keys.slug, 'posts' || post_place(published_at), 'search']
        || ARRAY(SELECT 'slug:' || o.slug FROM old_slugs o WHERE o.post_id = post_keys.id)
        || tag_keys(tag_ids, published_at)
$$;

CREATE FUNCTION posts_note() RETURNS trigger LANGUAGE plpgsql AS $$
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

-- Not told are changes of the Markdown, the time of creation and the key of
-- the form alone, which readers see nothing of. The long texts are compared
-- last, for they have to be fetched.
CREATE FUNCTION posts_update_note() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE TRIGGER posts_insert_note AFTER INSERT ON posts
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION posts_note();
CREATE TRIGGER posts_update_note AFTER UPDATE ON posts
    REFERENCING OLD TABLE AS old_posts NEW TABLE AS new_posts FOR EACH STATEMENT EXECUTE FUNCTION posts_update_note();
CREATE TRIGGER posts_delete_note AFTER DELETE ON posts
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION posts_note();

-- What a former address answers: a redirect, 410 Gone or nothing.
CREATE FUNCTION old_slugs_note() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    slugs text[] := '{}';
BEGIN
    IF TG_OP <> 'INSERT' THEN
        slugs := ARRAY(SELECT slug FROM before LIMIT 201);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        slugs := slugs || ARRAY(SELECT slug FROM after LIMIT 201);
    END IF;
    IF cardinality(slugs) > 200 THEN
        PERFORM note_changes('{*}');
    ELSIF slugs <> '{}' THEN
        PERFORM note_changes(ARRAY(SELECT DISTINCT 'slug:' || slug FROM unnest(slugs) slug));
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER old_slugs_insert_note AFTER INSERT ON old_slugs
    REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION old_slugs_note();
CREATE TRIGGER old_slugs_update_note AFTER UPDATE ON old_slugs
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION old_slugs_note();
CREATE TRIGGER old_slugs_delete_note AFTER DELETE ON old_slugs
    REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION old_slugs_note();

CREATE FUNCTION tags_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_changes(ARRAY['tag:' || NEW.id]);
    RETURN NULL;
END $$;

CREATE FUNCTION note_everything() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_changes('{*}');
    RETURN NULL;
END $$;

-- By row and by column, so that the counters of tags, which change whenever
-- something is published, cost nothing here.
CREATE TRIGGER tags_description_note AFTER UPDATE OF description ON tags
    FOR EACH ROW WHEN (OLD.description <> NEW.description) EXECUTE FUNCTION tags_note();
CREATE TRIGGER tags_name_note AFTER UPDATE OF slug, name ON tags
    FOR EACH ROW WHEN ((OLD.slug, OLD.name) <> (NEW.slug, NEW.name)) EXECUTE FUNCTION note_everything();
CREATE TRIGGER users_name_note AFTER UPDATE OF handle, name ON users
    FOR EACH ROW WHEN ((OLD.handle, OLD.name) <> (NEW.handle, NEW.name)) EXECUTE FUNCTION note_everything();
CREATE TRIGGER site_note AFTER UPDATE ON site
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION note_everything();
CREATE TRIGGER posts_truncate_note AFTER TRUNCATE ON posts EXECUTE FUNCTION note_everything();
CREATE TRIGGER old_slugs_truncate_note AFTER TRUNCATE ON old_slugs EXECUTE FUNCTION note_everything();
CREATE TRIGGER tags_truncate_note AFTER TRUNCATE ON tags EXECUTE FUNCTION note_everything();
