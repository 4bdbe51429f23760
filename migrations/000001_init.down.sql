DROP TABLE post_tags, imports, old_slugs, posts, tags, sign_in_failures, sessions, setup_codes, site, users;
DROP FUNCTION posts_insert_tags, posts_update_tags, posts_delete_tags, post_tags_count;
