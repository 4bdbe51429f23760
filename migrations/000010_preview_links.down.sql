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

DROP TABLE preview_links;
