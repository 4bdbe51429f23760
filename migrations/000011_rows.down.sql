DROP INDEX revisions_aside_idx;
DROP INDEX working_copies_changed_idx;
DROP INDEX posts_tag_rows_idx;
DROP INDEX posts_author_rows_idx;
DROP INDEX posts_title_rows_idx;
DROP INDEX posts_dated_rows_idx;
