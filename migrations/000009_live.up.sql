-- Tells the copies of the server that a text was saved, for the authors who
-- have the post open: see internal/live. It is heard once the save is there.
CREATE FUNCTION working_copies_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('broadsheet_editing', json_build_object('kind', 'saved', 'post', NEW.post_id, 'edit', NEW.edit,
        'user', NEW.author_id, 'name', (SELECT name FROM users WHERE id = NEW.author_id))::text);
    RETURN NULL;
END $$;
CREATE TRIGGER working_copies_insert_tell AFTER INSERT ON working_copies
    FOR EACH ROW EXECUTE FUNCTION working_copies_tell();
CREATE TRIGGER working_copies_update_tell AFTER UPDATE OF edit ON working_copies
    FOR EACH ROW WHEN (OLD.edit <> NEW.edit) EXECUTE FUNCTION working_copies_tell();
