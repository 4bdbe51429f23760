-- The people who write. An author named by an import has no e-mail address
-- and no password, and so cannot sign in.
CREATE TABLE users (
    id            bigint GENERATED ALWAYS AS IDENTITY,
    handle        text        NOT NULL,
    name          text        NOT NULL,
    email         text,
    password_hash text        NOT NULL DEFAULT '',
    role          text        NOT NULL DEFAULT 'author',
    created_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_handle_key UNIQUE (handle),
    CONSTRAINT users_handle_check CHECK (handle <> '' AND char_length(handle) <= 80),
    CONSTRAINT users_name_check CHECK (name <> '' AND char_length(name) <= 100),
    CONSTRAINT users_email_check CHECK (email <> '' AND char_length(email) <= 254),
    CONSTRAINT users_role_check CHECK (role IN ('owner', 'author'))
);
CREATE UNIQUE INDEX users_email_key ON users (lower(email));

-- What an owner may say about the blog: always exactly one row.
CREATE TABLE site (
    id        boolean NOT NULL DEFAULT true,
    title     text    NOT NULL DEFAULT 'Broadsheet',
    tagline   text    NOT NULL DEFAULT '',
    language  text    NOT NULL DEFAULT 'en',
    time_zone text    NOT NULL DEFAULT 'UTC',
    CONSTRAINT site_pkey PRIMARY KEY (id),
    CONSTRAINT site_id_check CHECK (id),
    CONSTRAINT site_title_check CHECK (title <> '' AND char_length(title) <= 100),
    CONSTRAINT site_tagline_check CHECK (char_length(tagline) <= 200)
);
INSERT INTO site DEFAULT VALUES;

-- SHA-256 of the one-time codes that open the set-up page. Every copy of the
-- server prints a code of its own, so there may be several; set-up ends all.
CREATE TABLE setup_codes (
    code_hash  bytea       NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT setup_codes_pkey PRIMARY KEY (code_hash)
);

-- Who is signed in: token_hash is the SHA-256 of what the cookie holds.
CREATE TABLE sessions (
    token_hash bytea       NOT NULL,
    user_id    bigint      NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    seen_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT sessions_pkey PRIMARY KEY (token_hash),
    CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX sessions_user_id_idx ON sessions (user_id);
CREATE INDEX sessions_seen_at_idx ON sessions (seen_at);

-- Failed sign-ins by subject (an account, an address, …), to slow guessing down.
CREATE TABLE sign_in_failures (
    id        bigint GENERATED ALWAYS AS IDENTITY,
    subject   text        NOT NULL,
    failed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT sign_in_failures_pkey PRIMARY KEY (id)
);
CREATE INDEX sign_in_failures_subject_idx ON sign_in_failures (subject, failed_at);
CREATE INDEX sign_in_failures_failed_at_idx ON sign_in_failures (failed_at);

-- key is the name folded for comparison, so that "Go" and "go" are one tag.
-- post_count counts published posts, those scheduled for later included;
-- triggers on post_tags keep it. The free space in each block lets the
-- counter change in place.
CREATE TABLE tags (
    id          bigint GENERATED ALWAYS AS IDENTITY,
    key         text   NOT NULL,
    slug        text   NOT NULL,
    name        text   NOT NULL,
    description text   NOT NULL DEFAULT '',
    post_count  bigint NOT NULL DEFAULT 0,
    CONSTRAINT tags_pkey PRIMARY KEY (id),
    CONSTRAINT tags_key_key UNIQUE (key),
    CONSTRAINT tags_slug_key UNIQUE (slug),
    CONSTRAINT tags_slug_check CHECK (slug <> '' AND char_length(slug) <= 200),
    CONSTRAINT tags_name_check CHECK (name <> '' AND char_length(name) <= 100),
    CONSTRAINT tags_description_check CHECK (char_length(description) <= 2000),
    CONSTRAINT tags_post_count_check CHECK (post_count >= 0)
) WITH (fillfactor = 70);

-- published_at is null for a draft that has never been given a date.
-- html, excerpt, toc, description, plain, words and minutes are made from the
-- Markdown by the renderer of that version when the post is saved. plain is
-- what searches look at: to_tsvector takes minutes for some texts of a
-- megabyte, so that only what was made safe for it may be indexed.
-- tag_ids is in the author's order and is what says which tags a post has.
-- create_key is the form's idempotency key; posts made elsewhere have none.
CREATE TABLE posts (
    id             bigint GENERATED ALWAYS AS IDENTITY,
    slug           text        NOT NULL,
    title          text        NOT NULL,
    summary        text        NOT NULL DEFAULT '',
    language       text        NOT NULL DEFAULT 'en',
    cover          text        NOT NULL DEFAULT '',
    status         text        NOT NULL DEFAULT 'draft',
    published_at   timestamptz,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    author_id      bigint      NOT NULL,
    version        bigint      NOT NULL DEFAULT 1,
    tag_ids        bigint[]    NOT NULL DEFAULT '{}',
    markdown       text        NOT NULL,
    html           text        NOT NULL,
    excerpt        text        NOT NULL,
    more           boolean     NOT NULL DEFAULT false,
    toc            text        NOT NULL DEFAULT '',
    description    text        NOT NULL DEFAULT '',
    plain          text        NOT NULL DEFAULT '',
    words          integer     NOT NULL DEFAULT 0,
    minutes        integer     NOT NULL DEFAULT 1,
    render_version integer     NOT NULL,
    create_key     text,
    search         tsvector    NOT NULL GENERATED ALWAYS AS (
        setweight(to_tsvector('simple', title), 'A') ||
        setweight(to_tsvector('simple', summary), 'B') ||
        setweight(to_tsvector('simple', plain), 'C')) STORED,
    CONSTRAINT posts_pkey PRIMARY KEY (id),
    CONSTRAINT posts_slug_key UNIQUE (slug),
    CONSTRAINT posts_create_key_key UNIQUE (create_key),
    CONSTRAINT posts_author_id_fkey FOREIGN KEY (author_id) REFERENCES users (id),
    CONSTRAINT posts_slug_check CHECK (slug <> '' AND char_length(slug) <= 200),
    CONSTRAINT posts_title_check CHECK (char_length(title) <= 200),
    CONSTRAINT posts_summary_check CHECK (char_length(summary) <= 2000),
    CONSTRAINT posts_cover_check CHECK (char_length(cover) <= 1000),
    CONSTRAINT posts_markdown_check CHECK (octet_length(markdown) <= 1048576),
    CONSTRAINT posts_status_check CHECK (status IN ('draft', 'published')),
    CONSTRAINT posts_published_at_check CHECK (status = 'draft' OR published_at IS NOT NULL),
    CONSTRAINT posts_create_key_check CHECK (create_key ~ '^[A-Z2-7]{26}$')
);
-- A listing reads the excerpt of every row: keep it in the row and let the
-- long texts move out.
ALTER TABLE posts ALTER COLUMN excerpt SET STORAGE MAIN;

CREATE INDEX posts_published_idx ON posts (published_at DESC, id DESC) WHERE status = 'published';
CREATE INDEX posts_drafts_idx ON posts (updated_at DESC, id DESC) WHERE status = 'draft';
CREATE INDEX posts_updated_idx ON posts (updated_at DESC, id DESC);
CREATE INDEX posts_render_version_idx ON posts (render_version);
CREATE INDEX posts_author_id_idx ON posts (author_id);
CREATE INDEX posts_search_idx ON posts USING gin (search);

-- Addresses at which readers saw a post that has another one now or is hidden
-- for a while; post_id is null when the post was deleted, which readers are
-- told as 410 Gone. A visible post that has the address comes before.
CREATE TABLE old_slugs (
    slug    text NOT NULL,
    post_id bigint,
    CONSTRAINT old_slugs_pkey PRIMARY KEY (slug),
    CONSTRAINT old_slugs_post_id_fkey FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE SET NULL
);
CREATE INDEX old_slugs_post_id_idx ON old_slugs (post_id);

-- Where imported posts came from, so that an import can be run again: a file
-- by its path in a site. slug is the address that the file named, which the
-- post may have with a number; post_version is the post's version when the
-- import last wrote it; post_id is null when the post was deleted, which
-- another import must not undo.
CREATE TABLE imports (
    site         text   NOT NULL,
    path         text   NOT NULL,
    post_id      bigint,
    digest       bytea  NOT NULL,
    slug         text   NOT NULL,
    post_version bigint NOT NULL,
    CONSTRAINT imports_pkey PRIMARY KEY (site, path),
    CONSTRAINT imports_post_id_fkey FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE SET NULL
);
CREATE INDEX imports_post_id_idx ON imports (post_id);
CREATE INDEX imports_digest_idx ON imports (digest);

-- The listings of one tag, and of two tags together, each one range of the
-- primary key: a row (go, go) lists a post under go, a row (go, testing)
-- under both. Every page of every such listing is then read in its own order
-- with one descent, whether the tags meet often, rarely or never. Derived
-- from posts by triggers; only published posts have rows.
CREATE TABLE post_tags (
    tag_id       bigint      NOT NULL,
    with_id      bigint      NOT NULL,
    published_at timestamptz NOT NULL,
    post_id      bigint      NOT NULL,
    CONSTRAINT post_tags_pkey PRIMARY KEY (tag_id, with_id, published_at, post_id),
    CONSTRAINT post_tags_tag_id_fkey FOREIGN KEY (tag_id) REFERENCES tags (id),
    CONSTRAINT post_tags_order_check CHECK (tag_id <= with_id)
);

CREATE FUNCTION posts_insert_tags() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO post_tags (tag_id, with_id, published_at, post_id)
    SELECT a, b, p.published_at, p.id
    FROM new_posts p, unnest(p.tag_ids) a, unnest(p.tag_ids) b
    WHERE p.status = 'published' AND a <= b;
    RETURN NULL;
END $$;

CREATE FUNCTION posts_delete_tags() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM post_tags t
    USING old_posts p, unnest(p.tag_ids) a, unnest(p.tag_ids) b
    WHERE p.status = 'published' AND a <= b
      AND t.tag_id = a AND t.with_id = b AND t.published_at = p.published_at AND t.post_id = p.id;
    RETURN NULL;
END $$;

CREATE FUNCTION posts_update_tags() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM old_posts o JOIN new_posts n USING (id)
        WHERE (o.status, o.published_at, o.tag_ids) IS DISTINCT FROM (n.status, n.published_at, n.tag_ids)
    ) THEN
        RETURN NULL;
    END IF;

    -- The counters change in two statements below, each in its own order:
    -- lock what both will need in one order first.
    PERFORM FROM tags
    WHERE id IN (
        SELECT unnest(tag_ids) FROM old_posts WHERE status = 'published'
        UNION ALL
        SELECT unnest(tag_ids) FROM new_posts WHERE status = 'published')
    ORDER BY id FOR NO KEY UPDATE;

    DELETE FROM post_tags t
    USING (
        SELECT a, b, p.published_at, p.id
        FROM old_posts p, unnest(p.tag_ids) a, unnest(p.tag_ids) b
        WHERE p.status = 'published' AND a <= b
        EXCEPT
        SELECT a, b, p.published_at, p.id
        FROM new_posts p, unnest(p.tag_ids) a, unnest(p.tag_ids) b
        WHERE p.status = 'published' AND a <= b
    ) gone
    WHERE t.tag_id = gone.a AND t.with_id = gone.b AND t.published_at = gone.published_at AND t.post_id = gone.id;

    INSERT INTO post_tags (tag_id, with_id, published_at, post_id)
    SELECT a, b, p.published_at, p.id
    FROM new_posts p, unnest(p.tag_ids) a, unnest(p.tag_ids) b
    WHERE p.status = 'published' AND a <= b
    EXCEPT
    SELECT a, b, p.published_at, p.id
    FROM old_posts p, unnest(p.tag_ids) a, unnest(p.tag_ids) b
    WHERE p.status = 'published' AND a <= b;
    RETURN NULL;
END $$;

CREATE TRIGGER posts_insert_tags AFTER INSERT ON posts
    REFERENCING NEW TABLE AS new_posts FOR EACH STATEMENT EXECUTE FUNCTION posts_insert_tags();
CREATE TRIGGER posts_update_tags AFTER UPDATE ON posts
    REFERENCING OLD TABLE AS old_posts NEW TABLE AS new_posts FOR EACH STATEMENT EXECUTE FUNCTION posts_update_tags();
CREATE TRIGGER posts_delete_tags AFTER DELETE ON posts
    REFERENCING OLD TABLE AS old_posts FOR EACH STATEMENT EXECUTE FUNCTION posts_delete_tags();

-- Counters are locked in the order of their ids, so that two authors who
-- publish under the same tags at once wait for each other and never deadlock.
CREATE FUNCTION post_tags_count() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM tags
    WHERE id IN (SELECT tag_id FROM changed WHERE tag_id = with_id)
    ORDER BY id FOR NO KEY UPDATE;

    UPDATE tags SET post_count = post_count + CASE TG_OP WHEN 'INSERT' THEN c.posts ELSE -c.posts END
    FROM (SELECT tag_id, count(*) AS posts FROM changed WHERE tag_id = with_id GROUP BY tag_id) c
    WHERE tags.id = c.tag_id;
    RETURN NULL;
END $$;

CREATE TRIGGER post_tags_insert_count AFTER INSERT ON post_tags
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION post_tags_count();
CREATE TRIGGER post_tags_delete_count AFTER DELETE ON post_tags
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION post_tags_count();
