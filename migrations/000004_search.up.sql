-- As in the steps before this one: all tables at once, or none.
DO $$
BEGIN
    LOOP
        BEGIN
            LOCK TABLE posts, tags IN ACCESS EXCLUSIVE MODE;
            EXIT;
        EXCEPTION WHEN deadlock_detected THEN
            NULL;
        END;
    END LOOP;
END $$;

-- The name of the text search configuration for a language (BCP 47): what
-- PostgreSQL can reduce to stems, and 'simple' for the others.
CREATE FUNCTION text_config(language text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE lower(split_part(language, '-', 1))
        WHEN 'ar' THEN 'arabic' WHEN 'ca' THEN 'catalan' WHEN 'da' THEN 'danish' WHEN 'de' THEN 'german'
        WHEN 'el' THEN 'greek' WHEN 'en' THEN 'english' WHEN 'es' THEN 'spanish' WHEN 'eu' THEN 'basque'
        WHEN 'fi' THEN 'finnish' WHEN 'fr' THEN 'french' WHEN 'ga' THEN 'irish' WHEN 'hi' THEN 'hindi'
        WHEN 'hu' THEN 'hungarian' WHEN 'hy' THEN 'armenian' WHEN 'id' THEN 'indonesian' WHEN 'it' THEN 'italian'
        WHEN 'lt' THEN 'lithuanian' WHEN 'nb' THEN 'norwegian' WHEN 'ne' THEN 'nepali' WHEN 'nl' THEN 'dutch'
        WHEN 'nn' THEN 'norwegian' WHEN 'no' THEN 'norwegian' WHEN 'pt' THEN 'portuguese' WHEN 'ro' THEN 'romanian'
        WHEN 'ru' THEN 'russian' WHEN 'sr' THEN 'serbian' WHEN 'sv' THEN 'swedish' WHEN 'ta' THEN 'tamil'
        WHEN 'tr' THEN 'turkish' WHEN 'yi' THEN 'yiddish'
        ELSE 'simple' END
$$;

-- The configurations that posts were indexed with: a search asks in each.
CREATE TABLE search_configs (
    config text NOT NULL,
    CONSTRAINT search_configs_pkey PRIMARY KEY (config)
);
INSERT INTO search_configs VALUES ('simple');

-- What searches find a post by: its title (A), its summary and the names of
-- its tags (B), its text (C), in the post's own language.
CREATE FUNCTION post_lexemes(language text, title text, summary text, tag_ids bigint[], plain text) RETURNS tsvector
LANGUAGE plpgsql STABLE AS $$
DECLARE
    config regconfig := text_config(language)::regconfig;
    tags   text := '';
BEGIN
    IF tag_ids <> '{}' THEN
        tags := (SELECT string_agg(t.name, ', ' ORDER BY x.place)
            FROM unnest(tag_ids) WITH ORDINALITY AS x (id, place) JOIN tags t ON t.id = x.id);
    END IF;
    RETURN setweight(to_tsvector(config, title), 'A')
        || setweight(to_tsvector(config, summary), 'B')
        || setweight(to_tsvector(config, coalesce(tags, '')), 'B')
        || setweight(to_tsvector(config, plain), 'C');
END $$;

-- lexemes is null for a post that was not written since this step. The server
-- fills it in bit by bit; until then the column search, which older copies of
-- the server look at, finds the post.
ALTER TABLE posts ADD COLUMN lexemes tsvector;
CREATE INDEX posts_lexemes_idx ON posts USING gin (lexemes) WHERE lexemes IS NOT NULL;
CREATE INDEX posts_title_lexemes_idx ON posts USING gin (ts_filter(lexemes, '{a}')) WHERE lexemes IS NOT NULL;
CREATE INDEX posts_no_lexemes_idx ON posts (id) WHERE lexemes IS NULL;

-- The newest 50,000 words of titles and tags, for suggestions and for words
-- that were mistyped; and a post that had the word when it was last written.
-- Whoever suggests a word looks whether readers see that post.
CREATE TABLE words (
    id      bigint GENERATED ALWAYS AS IDENTITY,
    word    text COLLATE "C" NOT NULL,
    post_id bigint NOT NULL,
    CONSTRAINT words_pkey PRIMARY KEY (id),
    CONSTRAINT words_word_key UNIQUE (word)
);

-- Every three letters in a row, with two spaces before the word and one behind.
CREATE FUNCTION word_trigrams(word text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT ARRAY(SELECT DISTINCT substr('  ' || word || ' ', n, 3) FROM generate_series(1, length(word) + 1) n)
$$;
CREATE INDEX words_trigrams_idx ON words USING gin (word_trigrams(word));

-- Words are written in one order, so that two who write the same new ones never
-- deadlock. Those that are known are left alone: they wait for nobody.
CREATE FUNCTION keep_words(post bigint, said text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    candidates text[] := ARRAY(
        SELECT lexeme FROM unnest(tsvector_to_array(to_tsvector('simple', said))) lexeme
        WHERE char_length(lexeme) BETWEEN 3 AND 40 AND lexeme !~ '[0-9[:punct:]]' ORDER BY lexeme);
BEGIN
    UPDATE words w SET post_id = post
    WHERE w.word = ANY (candidates) AND NOT EXISTS (
        SELECT FROM posts p WHERE p.id = w.post_id AND p.status = 'published' AND p.published_at <= now());
    candidates := ARRAY(SELECT c FROM unnest(candidates) c WHERE NOT EXISTS (SELECT FROM words w WHERE w.word = c));
    IF candidates <> '{}' THEN
        INSERT INTO words (word, post_id) SELECT c, post FROM unnest(candidates) c ON CONFLICT DO NOTHING;
        DELETE FROM words WHERE id = ANY (ARRAY(
            SELECT id FROM words WHERE id <= (SELECT max(id) FROM words) - 50000
            ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED));
    END IF;
END $$;

CREATE FUNCTION posts_index() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.lexemes IS NOT NULL
        AND (NEW.language, NEW.title, NEW.summary, NEW.tag_ids, NEW.status, NEW.plain)
          = (OLD.language, OLD.title, OLD.summary, OLD.tag_ids, OLD.status, OLD.plain) THEN
        RETURN NEW;
    END IF;
    INSERT INTO search_configs VALUES (text_config(NEW.language)) ON CONFLICT DO NOTHING;
    NEW.lexemes := post_lexemes(NEW.language, NEW.title, NEW.summary, NEW.tag_ids, NEW.plain);
    IF NEW.status = 'published' THEN
        PERFORM keep_words(NEW.id, concat_ws(' ', NEW.title,
            (SELECT string_agg(name, ' ') FROM tags WHERE id = ANY (NEW.tag_ids))));
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER posts_index BEFORE INSERT OR UPDATE OF language, title, summary, tag_ids, status, plain, render_version
    ON posts FOR EACH ROW EXECUTE FUNCTION posts_index();

-- Tags whose posts are still found by their former name. The server indexes
-- these posts again bit by bit; (published_at, post_id) is how far it is.
CREATE TABLE renamed_tags (
    tag_id       bigint      NOT NULL,
    published_at timestamptz NOT NULL DEFAULT 'infinity',
    post_id      bigint      NOT NULL DEFAULT 0,
    CONSTRAINT renamed_tags_pkey PRIMARY KEY (tag_id),
    CONSTRAINT renamed_tags_tag_id_fkey FOREIGN KEY (tag_id) REFERENCES tags (id) ON DELETE CASCADE
);

CREATE FUNCTION tags_renamed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO renamed_tags (tag_id) VALUES (NEW.id)
    ON CONFLICT (tag_id) DO UPDATE SET published_at = 'infinity', post_id = 0;
    PERFORM keep_words(post_id, NEW.name) FROM (
        SELECT post_id FROM post_tags WHERE tag_id = NEW.id AND with_id = NEW.id AND published_at <= now()
        ORDER BY published_at DESC, post_id DESC LIMIT 1) newest;
    RETURN NULL;
END $$;
CREATE TRIGGER tags_renamed AFTER UPDATE OF name ON tags
    FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION tags_renamed();
