DROP TRIGGER posts_insert_authors ON posts;
DROP TRIGGER posts_update_authors ON posts;
DROP TRIGGER posts_delete_authors ON posts;
DROP FUNCTION posts_insert_authors, posts_update_authors, posts_delete_authors, note_authors, author_keys;
DROP TABLE post_authors;
ALTER TABLE posts DROP COLUMN coauthor_ids;
