-- As in the steps before: both tables at once, or none.
DO $$
BEGIN
    LOOP
        BEGIN
            LOCK TABLE posts, users IN SHARE ROW EXCLUSIVE MODE;
            EXIT;
        EXCEPTION WHEN deadlock_detected THEN
            NULL;
        END;
    END LOOP;
END $$;

-- Links with which people without an account see a post before it is published.
-- The links themselves are known only to those who have them; one that is
-- withdrawn has no row.
CREATE TABLE preview_links (
    id         bigint GENERATED ALWAYS AS IDENTITY,
    token_hash bytea       NOT NULL,
    post_id    bigint      NOT NULL,
    author_id  bigint      NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    CONSTRAINT preview_links_pkey PRIMARY KEY (id),
    CONSTRAINT preview_links_token_hash_key UNIQUE (token_hash),
    CONSTRAINT preview_links_post_id_fkey FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE CASCADE,
    CONSTRAINT preview_links_author_id_fkey FOREIGN KEY (author_id) REFERENCES users (id),
    CONSTRAINT preview_links_token_hash_check CHECK (octet_length(token_hash) = 32),
    CONSTRAINT preview_links_expires_at_check CHECK (expires_at > created_at)
);
CREATE INDEX preview_links_post_id_idx ON preview_links (post_id, id DESC);
CREATE INDEX preview_links_author_id_idx ON preview_links (author_id);
CREATE INDEX preview_links_expires_at_idx ON preview_links (expires_at);
