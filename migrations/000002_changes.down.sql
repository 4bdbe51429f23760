DROP TRIGGER posts_insert_note ON posts;
DROP TRIGGER posts_update_note ON posts;
DROP TRIGGER posts_delete_note ON posts;
DROP TRIGGER posts_truncate_note ON posts;
DROP TRIGGER old_slugs_insert_note ON old_slugs;
DROP TRIGGER old_slugs_update_note ON old_slugs;
DROP TRIGGER old_slugs_delete_note ON old_slugs;
DROP TRIGGER old_slugs_truncate_note ON old_slugs;
DROP TRIGGER tags_description_note ON tags;
DROP TRIGGER tags_name_note ON tags;
DROP TRIGGER tags_truncate_note ON tags;
DROP TRIGGER users_name_note ON users;
DROP TRIGGER site_note ON site;
DROP FUNCTION posts_note, posts_update_note, old_slugs_note, tags_note, note_everything,
    post_keys, tag_keys, post_place, post_seen, note_changes;
DROP TABLE changes;
