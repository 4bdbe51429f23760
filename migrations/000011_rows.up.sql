-- As in the steps before: all tables at once, or none.
DO $$
BEGIN
    LOOP
        BEGIN
            LOCK TABLE posts, working_copies, revisions IN ACCESS EXCLUSIVE MODE;
            EXIT;
        EXCEPTION WHEN deadlock_detected THEN
            NULL;
        END;
    END LOOP;
END $$;

-- The orders of the authors' list: by date, posts without one first; by the
-- beginning of the title; of one author; of one tag, where that has few posts.
CREATE INDEX posts_dated_rows_idx ON posts (coalesce(published_at, '9999-12-31 00:00:00+00'::timestamptz) DESC, id DESC) WHERE trashed_at IS NULL;
CREATE INDEX posts_title_rows_idx ON posts ((left(lower(title), 40) COLLATE "C"), id) WHERE trashed_at IS NULL;
CREATE INDEX posts_author_rows_idx ON posts (author_id, updated_at DESC, id DESC) WHERE trashed_at IS NULL;
CREATE INDEX posts_tag_rows_idx ON posts USING gin (tag_ids) WHERE trashed_at IS NULL;
-- What waits: texts that readers do not see, and those that could not be merged.
CREATE INDEX working_copies_changed_idx ON working_copies (author_id, updated_at DESC, post_id DESC) WHERE changed;
CREATE INDEX revisions_aside_idx ON revisions (author_id, updated_at DESC) WHERE kind = 'aside';
