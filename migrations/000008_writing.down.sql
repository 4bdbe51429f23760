DO $$
BEGIN
    LOOP
        BEGIN
            LOCK TABLE posts, users IN ACCESS EXCLUSIVE MODE;
            EXIT;
        EXCEPTION WHEN deadlock_detected THEN
            NULL;
        END;
    END LOOP;
END $$;

DROP TABLE working_copies;
DROP TABLE revisions;
DROP TRIGGER posts_untrash ON posts;
DROP FUNCTION posts_untrash();
DROP INDEX posts_draft_rows_idx;
DROP INDEX posts_rows_idx;
DROP INDEX posts_trash_idx;
ALTER TABLE posts DROP COLUMN trashed_at;
