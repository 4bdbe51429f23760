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

-- Who wrote a post together with its author, in the order in which they are
-- named. There is no reference to users: nobody is ever deleted.
ALTER TABLE posts
    ADD COLUMN coauthor_ids bigint[] NOT NULL DEFAULT '{}',
    ADD CONSTRAINT posts_coauthors_check CHECK (cardinality(coauthor_ids) <= 10 AND author_id <> ALL (coauthor_ids));
CREATE INDEX posts_coauthors_idx ON posts USING gin (coauthor_ids) WHERE coauthor_ids <> '{}';

-- The published posts of those who are named second or later, in the order of
-- the list; those of a post's first author are a range of posts_author_idx, so
-- that a post by one author has no row here. Derived from posts by triggers.
CREATE TABLE post_authors (
    author_id    bigint      NOT NULL,
    published_at timestamptz NOT NULL,
    post_id      bigint      NOT NULL,
    CONSTRAINT post_authors_pkey PRIMARY KEY (author_id, published_at, post_id),
    CONSTRAINT post_authors_author_id_fkey FOREIGN KEY (author_id) REFERENCES users (id)
);

-- The keys that co-authors touch when a post of that time comes to them or goes.
CREATE FUNCTION author_keys(ids bigint[], published_at timestamptz) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT ARRAY(SELECT unnest(ARRAY['author:' || id, 'author:' || id || post_place(published_at)]) FROM unnest(ids) id)
$$;

-- Notes keys of posts with co-authors, of which 200 have 4,000 at most.
CREATE FUNCTION note_authors(keys text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_changes(CASE WHEN cardinality(keys) > 4000 THEN '{*}' ELSE keys END);
END $$;

CREATE FUNCTION posts_insert_authors() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM changed WHERE coauthor_ids <> '{}' AND status = 'published' AND kind = 'post') THEN
        RETURN NULL;
    END IF;
    INSERT INTO post_authors (author_id, published_at, post_id)
    SELECT a, p.published_at, p.id FROM changed p, unnest(p.coauthor_ids) a
    WHERE p.status = 'published' AND p.kind = 'post';
    PERFORM note_authors(ARRAY(
        SELECT DISTINCT unnest(author_keys(coauthor_ids, published_at)) FROM changed
        WHERE coauthor_ids <> '{}' AND kind = 'post' AND post_seen(status, published_at) LIMIT 4001));
    RETURN NULL;
END $$;

CREATE FUNCTION posts_delete_authors() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM changed WHERE coauthor_ids <> '{}' AND status = 'published' AND kind = 'post') THEN
        RETURN NULL;
    END IF;
    DELETE FROM post_authors t USING changed p, unnest(p.coauthor_ids) a
    WHERE p.status = 'published' AND p.kind = 'post'
      AND t.author_id = a AND t.published_at = p.published_at AND t.post_id = p.id;
    PERFORM note_authors(ARRAY(
        SELECT DISTINCT unnest(author_keys(coauthor_ids, published_at)) FROM changed
        WHERE coauthor_ids <> '{}' AND kind = 'post' AND post_seen(status, published_at) LIMIT 4001));
    RETURN NULL;
END $$;

-- A post whose co-authors alone change is told of here, as posts_update_note
-- does not look at them.
CREATE FUNCTION posts_update_authors() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM old_posts o JOIN new_posts n USING (id)
        WHERE (o.coauthor_ids <> '{}' OR n.coauthor_ids <> '{}')
          AND (o.status, o.published_at, o.unpublish_at, o.kind, o.coauthor_ids)
            IS DISTINCT FROM (n.status, n.published_at, n.unpublish_at, n.kind, n.coauthor_ids)
    ) THEN
        RETURN NULL;
    END IF;

    DELETE FROM post_authors t
    USING (
        SELECT a, p.published_at, p.id FROM old_posts p, unnest(p.coauthor_ids) a WHERE p.status = 'published' AND p.kind = 'post'
        EXCEPT
        SELECT a, p.published_at, p.id FROM new_posts p, unnest(p.coauthor_ids) a WHERE p.status = 'published' AND p.kind = 'post'
    ) gone
    WHERE t.author_id = gone.a AND t.published_at = gone.published_at AND t.post_id = gone.id;

    INSERT INTO post_authors (author_id, published_at, post_id)
    SELECT a, p.published_at, p.id FROM new_posts p, unnest(p.coauthor_ids) a WHERE p.status = 'published' AND p.kind = 'post'
    EXCEPT
    SELECT a, p.published_at, p.id FROM old_posts p, unnest(p.coauthor_ids) a WHERE p.status = 'published' AND p.kind = 'post';

    PERFORM note_authors(ARRAY(
        WITH pair AS (
            SELECT id, o.coauthor_ids AS old_ids, o.published_at AS old_at, n.coauthor_ids AS new_ids, n.published_at AS new_at,
                post_seen(o.status, o.published_at) AS was, post_seen(n.status, n.published_at) AS is_now
            FROM old_posts o JOIN new_posts n USING (id)
            WHERE (post_seen(o.status, o.published_at) OR post_seen(n.status, n.published_at))
              AND (o.coauthor_ids <> '{}' OR n.coauthor_ids <> '{}')
              AND (o.status, o.published_at, o.unpublish_at, o.kind, o.coauthor_ids)
                IS DISTINCT FROM (n.status, n.published_at, n.unpublish_at, n.kind, n.coauthor_ids)
        )
        SELECT unnest(author_keys(old_ids, old_at)) FROM pair WHERE was
        UNION
        SELECT unnest(author_keys(new_ids, new_at)) FROM pair WHERE is_now
        UNION
        SELECT unnest(ARRAY['post:' || id, 'search']) FROM pair
        LIMIT 4001));
    RETURN NULL;
END $$;

CREATE TRIGGER posts_insert_authors AFTER INSERT ON posts
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION posts_insert_authors();
CREATE TRIGGER posts_update_authors AFTER UPDATE ON posts
    REFERENCING OLD TABLE AS old_posts NEW TABLE AS new_posts FOR EACH STATEMENT EXECUTE FUNCTION posts_update_authors();
CREATE TRIGGER posts_delete_authors AFTER DELETE ON posts
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION posts_delete_authors();
