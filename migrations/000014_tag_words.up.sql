-- As in the steps before: all tables at once, or none.
DO $$
BEGIN
    LOOP
        BEGIN
            LOCK TABLE posts, tags IN SHARE ROW EXCLUSIVE MODE;
            EXIT;
        EXCEPTION WHEN deadlock_detected THEN
            NULL;
        END;
    END LOOP;
END $$;

-- What a tag's name and its address end with from the beginning of each word on
-- ("web design", "design"), folded: what is typed of a tag begins one of them.
CREATE TABLE tag_words (
    word   text   NOT NULL COLLATE "C",
    tag_id bigint NOT NULL,
    CONSTRAINT tag_words_pkey PRIMARY KEY (word, tag_id),
    CONSTRAINT tag_words_tag_id_fkey FOREIGN KEY (tag_id) REFERENCES tags (id) ON DELETE CASCADE
);
CREATE INDEX tag_words_tag_id_idx ON tag_words (tag_id, word);

CREATE FUNCTION tag_endings(key text, slug text) RETURNS SETOF text LANGUAGE sql IMMUTABLE AS $$
    SELECT array_to_string(words[n:], ' ')
    FROM (VALUES (string_to_array(key, ' ')), (string_to_array(slug, '-'))) AS name (words),
        generate_series(1, cardinality(words)) n
    WHERE words[n] <> '' AND n <= 20
$$;

CREATE FUNCTION tags_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM tag_words WHERE tag_id = NEW.id;
    INSERT INTO tag_words (word, tag_id) SELECT DISTINCT w, NEW.id FROM tag_endings(NEW.key, NEW.slug) w ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER tags_insert_words AFTER INSERT ON tags FOR EACH ROW EXECUTE FUNCTION tags_words();
CREATE TRIGGER tags_update_words AFTER UPDATE OF key, slug ON tags
    FOR EACH ROW WHEN ((OLD.key, OLD.slug) IS DISTINCT FROM (NEW.key, NEW.slug)) EXECUTE FUNCTION tags_words();
INSERT INTO tag_words (word, tag_id) SELECT DISTINCT w, t.id FROM tags t, tag_endings(t.key, t.slug) w;

-- The same for names that differ in accents, in how words are joined or in an
-- English plural alone.
CREATE FUNCTION tag_likeness(key text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT regexp_replace(regexp_replace(regexp_replace(
        regexp_replace(normalize(key, NFD), '[\u0300-\u036f _-]', '', 'g'),
        '(\w\w)ies$', '\1y'), '(\w(?:s|x|z|ch|sh))es$', '\1'), '(\w\w[^\Ws])s$', '\1')
$$;
CREATE INDEX tags_likeness_idx ON tags (tag_likeness(key));
