DO $$
BEGIN
    LOOP
        BEGIN
            LOCK TABLE posts, tags, series IN ACCESS EXCLUSIVE MODE;
            EXIT;
        EXCEPTION WHEN deadlock_detected THEN
            NULL;
        END;
    END LOOP;
END $$;

DROP INDEX posts_pages_updated_idx;
DROP TABLE old_tag_slugs;
DROP TABLE old_series_slugs;
