DROP TRIGGER tags_renamed ON tags;
DROP TRIGGER posts_index ON posts;
DROP FUNCTION tags_renamed, posts_index, keep_words;
DROP TABLE renamed_tags, words, search_configs;
DROP FUNCTION word_trigrams;
ALTER TABLE posts DROP COLUMN lexemes;
DROP FUNCTION post_lexemes, text_config;
