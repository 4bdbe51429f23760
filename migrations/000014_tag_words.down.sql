DROP INDEX tags_likeness_idx;
DROP FUNCTION tag_likeness(text);
DROP TRIGGER tags_update_words ON tags;
DROP TRIGGER tags_insert_words ON tags;
DROP FUNCTION tags_words();
DROP FUNCTION tag_endings(text, text);
DROP TABLE tag_words;
