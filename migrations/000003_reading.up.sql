-- As in the step before this one: all tables at once, or none.
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

-- inline Markdown, shown on the author's page and under posts.
ALTER TABLE users ADD COLUMN bio text NOT NULL DEFAULT '',
    ADD CONSTRAINT users_bio_check CHECK (char_length(bio) <= 2000);

-- navigation has a line for each link, "Label /address", in the order shown.
ALTER TABLE site ADD COLUMN navigation text NOT NULL DEFAULT '',
    ADD CONSTRAINT site_navigation_check CHECK (char_length(navigation) <= 4000);

ALTER TABLE tags ADD COLUMN image text NOT NULL DEFAULT '',
    ADD CONSTRAINT tags_image_check CHECK (char_length(image) <= 1000);

-- Posts that are to be read in an order. key is the title folded for
-- comparison, so that authors who type it again mean the same series.
CREATE TABLE series (
    id          bigint GENERATED ALWAYS AS IDENTITY,
    key         text NOT NULL,
    slug        text NOT NULL,
    title       text NOT NULL,
    description text NOT NULL DEFAULT '',
    CONSTRAINT series_pkey PRIMARY KEY (id),
    CONSTRAINT series_key_key UNIQUE (key),
    CONSTRAINT series_slug_key UNIQUE (slug),
    CONSTRAINT series_slug_check CHECK (slug <> '' AND char_length(slug) <= 200),
    CONSTRAINT series_title_check CHECK (title <> '' AND char_length(title) <= 200),
    CONSTRAINT series_description_check CHECK (char_length(description) <= 2000)
);

-- kind: a page (About, Imprint) has an address of its own at the root and is in
-- no list; there are few. series_place orders a series; posts at one place stand
-- by date. cover_x and cover_y are what must stay in view when the cover is
-- cropped, in percent from the left and from the top. Posts with one
-- translation_id say the same in several languages. related_ids are found when
-- a post is saved, best first; not all of them need to be visible.
ALTER TABLE posts
    ADD COLUMN kind             text     NOT NULL DEFAULT 'post',
    ADD COLUMN series_id        bigint,
    ADD COLUMN series_place     integer  NOT NULL DEFAULT 0,
    ADD COLUMN featured         boolean  NOT NULL DEFAULT false,
    ADD COLUMN cover_alt        text     NOT NULL DEFAULT '',
    ADD COLUMN cover_x          smallint NOT NULL DEFAULT 50,
    ADD COLUMN cover_y          smallint NOT NULL DEFAULT 50,
    ADD COLUMN meta_title       text     NOT NULL DEFAULT '',
    ADD COLUMN meta_description text     NOT NULL DEFAULT '',
    ADD COLUMN canonical        text     NOT NULL DEFAULT '',
    ADD COLUMN noindex          boolean  NOT NULL DEFAULT false,
    ADD COLUMN translation_id   bigint,
    ADD COLUMN related_ids      bigint[] NOT NULL DEFAULT '{}',
    ADD CONSTRAINT posts_series_id_fkey FOREIGN KEY (series_id) REFERENCES series (id) ON DELETE SET NULL,
    ADD CONSTRAINT posts_kind_check CHECK (kind IN ('post', 'page')),
    ADD CONSTRAINT posts_page_check CHECK (kind = 'post' OR tag_ids = '{}' AND series_id IS NULL AND NOT featured),
    ADD CONSTRAINT posts_series_place_check CHECK (series_place >= 0),
    ADD CONSTRAINT posts_cover_alt_check CHECK (char_length(cover_alt) <= 500),
    ADD CONSTRAINT posts_cover_focus_check CHECK (cover_x BETWEEN 0 AND 100 AND cover_y BETWEEN 0 AND 100),
    ADD CONSTRAINT posts_meta_title_check CHECK (char_length(meta_title) <= 200),
    ADD CONSTRAINT posts_meta_description_check CHECK (char_length(meta_description) <= 500),
    ADD CONSTRAINT posts_canonical_check CHECK (char_length(canonical) <= 1000);

CREATE INDEX posts_author_idx ON posts (author_id, published_at DESC, id DESC) WHERE status = 'published';
CREATE INDEX posts_series_idx ON posts (series_id, series_place, published_at, id) WHERE series_id IS NOT NULL;
CREATE INDEX posts_translation_idx ON posts (translation_id) WHERE translation_id IS NOT NULL;
CREATE INDEX posts_featured_idx ON posts (published_at DESC, id DESC) WHERE featured;
CREATE INDEX posts_pages_idx ON posts (published_at) WHERE kind = 'page';

-- How many posts each month has, by the site's time zone, those scheduled
-- included, as with tags.
CREATE TABLE archive (
    month date   NOT NULL,
    posts bigint NOT NULL,
    CONSTRAINT archive_pkey PRIMARY KEY (month),
    CONSTRAINT archive_posts_check CHECK (posts >= 0)
) WITH (fillfactor = 70);

-- The first day of the month that a time lies in, by the site's time zone.
CREATE FUNCTION post_month(published_at timestamptz) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT date_trunc('month', published_at AT TIME ZONE (SELECT time_zone FROM site))::date
$$;

-- Pages are counted apart: the index alone then answers for all posts.
CREATE FUNCTION archive_count() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    zone text := (SELECT time_zone FROM site);
BEGIN
    DELETE FROM archive;
    INSERT INTO archive (month, posts)
    SELECT month, sum(n) FROM (
        SELECT date_trunc('month', published_at AT TIME ZONE zone)::date AS month, count(*) AS n
        FROM posts WHERE status = 'published' GROUP BY 1
        UNION ALL
        SELECT date_trunc('month', published_at AT TIME ZONE zone)::date, -count(*)
        FROM posts WHERE status = 'published' AND kind = 'page' GROUP BY 1
    ) counted GROUP BY month HAVING sum(n) > 0;
END $$;
SELECT archive_count();

-- Months are locked in their order, so that two who publish never deadlock.
CREATE FUNCTION archive_add(months date[], n integer[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO archive (month, posts) SELECT month, 0 FROM unnest(months) month ORDER BY month
    ON CONFLICT DO NOTHING;
    SELECT FROM archive WHERE month = ANY (months) ORDER BY month FOR NO KEY UPDATE;
    UPDATE archive a SET posts = posts + c.n FROM unnest(months, n) c (month, n) WHERE a.month = c.month;
$$;

CREATE FUNCTION posts_archive() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    months date[];
    counts integer[];
BEGIN
    SELECT array_agg(month), array_agg(n) INTO months, counts FROM (
        SELECT post_month(published_at) AS month, (CASE TG_OP WHEN 'INSERT' THEN count(*) ELSE -count(*) END)::integer AS n
        FROM changed WHERE status = 'published' AND kind = 'post' GROUP BY 1
    ) counted;
    IF months IS NOT NULL THEN
        PERFORM archive_add(months, counts);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION posts_update_archive() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    months date[];
    counts integer[];
BEGIN
    IF NOT EXISTS (
        SELECT FROM old_posts o JOIN new_posts n USING (id)
        WHERE (o.status, o.published_at, o.kind) IS DISTINCT FROM (n.status, n.published_at, n.kind)
    ) THEN
        RETURN NULL;
    END IF;
    SELECT array_agg(month), array_agg(n) INTO months, counts FROM (
        SELECT month, sum(n)::integer AS n FROM (
            SELECT post_month(published_at) AS month, 1 AS n FROM new_posts WHERE status = 'published' AND kind = 'post'
            UNION ALL
            SELECT post_month(published_at), -1 FROM old_posts WHERE status = 'published' AND kind = 'post'
        ) each GROUP BY month HAVING sum(n) <> 0
    ) counted;
    IF months IS NOT NULL THEN
        PERFORM archive_add(months, counts);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER posts_insert_archive AFTER INSERT ON posts
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION posts_archive();
CREATE TRIGGER posts_update_archive AFTER UPDATE ON posts
    REFERENCING OLD TABLE AS old_posts NEW TABLE AS new_posts FOR EACH STATEMENT EXECUTE FUNCTION posts_update_archive();
CREATE TRIGGER posts_delete_archive AFTER DELETE ON posts
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION posts_archive();

CREATE FUNCTION archive_count_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM archive_count();
    RETURN NULL;
END $$;
CREATE TRIGGER site_archive AFTER UPDATE OF time_zone ON site
    FOR EACH ROW WHEN (OLD.time_zone <> NEW.time_zone) EXECUTE FUNCTION archive_count_again();
CREATE TRIGGER posts_truncate_archive AFTER TRUNCATE ON posts EXECUTE FUNCTION archive_count_again();

-- What is new among the keys of changes:
--   author:<id>          an author's own row: how many and which posts there are
--   author:<id>@<place>  the list of the author's posts gained or lost one at this place
--   series:<id>          a series' own row, which posts it has and in which order
--   featured             which posts are featured
--   archive              how many posts months have
-- The function with four arguments stays for older copies of the server.
CREATE FUNCTION post_keys(id bigint, kind text, slug text, published_at timestamptz, tag_ids bigint[],
    author_id bigint, series_id bigint, featured boolean) RETURNS text[]
LANGUAGE sql STABLE AS $$
    SELECT CASE kind
        WHEN 'page' THEN ARRAY['post:' || post_keys.id, 'slug:' || post_keys.slug, 'search']
            || ARRAY(SELECT 'slug:' || o.slug FROM old_slugs o WHERE o.post_id = post_keys.id)
        ELSE post_keys(post_keys.id, post_keys.slug, post_keys.published_at, post_keys.tag_ids)
            || ARRAY['archive', 'author:' || post_keys.author_id, 'author:' || post_keys.author_id || post_place(post_keys.published_at)]
            || CASE WHEN post_keys.series_id IS NULL THEN '{}' ELSE ARRAY['series:' || post_keys.series_id] END
            || CASE WHEN post_keys.featured THEN ARRAY['featured'] ELSE '{}' END
        END
$$;

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
            SELECT DISTINCT unnest(post_keys(id, kind, slug, published_at, tag_ids, author_id, series_id, featured))
            FROM changed WHERE post_seen(status, published_at)));
    END IF;
    RETURN NULL;
END $$;

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
                AND o.published_at = n.published_at AND o.kind = n.kind AS stays
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
          AND (o.status, o.published_at, o.slug, o.tag_ids, o.kind, o.author_id, o.series_id, o.featured)
            IS DISTINCT FROM (n.status, n.published_at, n.slug, n.tag_ids, n.kind, n.author_id, n.series_id, n.featured)
    ) THEN
        PERFORM note_changes(touched);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION series_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_changes(ARRAY['series:' || OLD.id]);
    RETURN NULL;
END $$;
CREATE TRIGGER series_note AFTER UPDATE ON series
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION series_note();
CREATE TRIGGER series_delete_note AFTER DELETE ON series FOR EACH ROW EXECUTE FUNCTION series_note();
CREATE TRIGGER series_truncate_note AFTER TRUNCATE ON series EXECUTE FUNCTION note_everything();
CREATE TRIGGER tags_image_note AFTER UPDATE OF image ON tags
    FOR EACH ROW WHEN (OLD.image <> NEW.image) EXECUTE FUNCTION tags_note();
CREATE TRIGGER users_bio_note AFTER UPDATE OF bio ON users
    FOR EACH ROW WHEN (OLD.bio <> NEW.bio) EXECUTE FUNCTION note_everything();
