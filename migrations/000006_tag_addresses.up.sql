-- All tables at once, or none, as in the steps before.
DO $$
BEGIN
    LOOP
        BEGIN
            LOCK TABLE posts, tags, series IN SHARE ROW EXCLUSIVE MODE;
            EXIT;
        EXCEPTION WHEN deadlock_detected THEN
            NULL;
        END;
    END LOOP;
END $$;

-- Former addresses of tags and of series, and of tags that were merged into
-- another. One that has the address now comes before.
CREATE TABLE old_tag_slugs (
    slug   text   NOT NULL,
    tag_id bigint NOT NULL,
    CONSTRAINT old_tag_slugs_pkey PRIMARY KEY (slug),
    CONSTRAINT old_tag_slugs_tag_id_fkey FOREIGN KEY (tag_id) REFERENCES tags (id) ON DELETE CASCADE
);
CREATE INDEX old_tag_slugs_tag_id_idx ON old_tag_slugs (tag_id);

CREATE TABLE old_series_slugs (
    slug      text   NOT NULL,
    series_id bigint NOT NULL,
    CONSTRAINT old_series_slugs_pkey PRIMARY KEY (slug),
    CONSTRAINT old_series_slugs_series_id_fkey FOREIGN KEY (series_id) REFERENCES series (id) ON DELETE CASCADE
);
CREATE INDEX old_series_slugs_series_id_idx ON old_series_slugs (series_id);

-- What leads where changes so seldom that nothing more exact is worth its keys.
CREATE TRIGGER old_tag_slugs_note AFTER INSERT OR UPDATE OR DELETE ON old_tag_slugs
    FOR EACH ROW EXECUTE FUNCTION note_everything();
CREATE TRIGGER old_tag_slugs_truncate_note AFTER TRUNCATE ON old_tag_slugs EXECUTE FUNCTION note_everything();
CREATE TRIGGER old_series_slugs_note AFTER INSERT OR UPDATE OR DELETE ON old_series_slugs
    FOR EACH ROW EXECUTE FUNCTION note_everything();
CREATE TRIGGER old_series_slugs_truncate_note AFTER TRUNCATE ON old_series_slugs EXECUTE FUNCTION note_everything();

-- The authors' list of pages, in its order.
CREATE INDEX posts_pages_updated_idx ON posts (updated_at DESC, id DESC) WHERE kind = 'page';
