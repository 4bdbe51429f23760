-- As in the steps before: all tables at once, or none.
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

-- A post in the trash is a draft with trashed_at: readers see it as little as
-- any draft, whichever version of the server they ask.
ALTER TABLE posts ADD COLUMN trashed_at timestamptz;

CREATE INDEX posts_trash_idx ON posts (trashed_at DESC, id DESC) WHERE trashed_at IS NOT NULL;
-- The authors' lists. Older copies of the server, which list drafts in the
-- trash as drafts, still use posts_updated_idx and posts_drafts_idx.
CREATE INDEX posts_rows_idx ON posts (updated_at DESC, id DESC) WHERE trashed_at IS NULL;
CREATE INDEX posts_draft_rows_idx ON posts (updated_at DESC, id DESC) WHERE status = 'draft' AND trashed_at IS NULL;

-- Whoever publishes a post has taken it out of the trash, an older copy of the
-- server included.
CREATE FUNCTION posts_untrash() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.trashed_at := NULL;
    RETURN NEW;
END $$;
CREATE TRIGGER posts_untrash BEFORE UPDATE OF status ON posts
    FOR EACH ROW WHEN (NEW.status = 'published' AND NEW.trashed_at IS NOT NULL) EXECUTE FUNCTION posts_untrash();

-- What the form of a post said: fields by their names in the form, as typed but
-- for the date, which is a moment (RFC 3339) where it can be read as one.
-- edit numbers the texts of a post; aside is a text that could not be merged,
-- and has the number of the text that it began with. status is the post's then.
-- Autosaves of one author are one row for a while, unless shown says that
-- somebody began to write upon it; kept ones stay for ever.
CREATE TABLE revisions (
    id         bigint GENERATED ALWAYS AS IDENTITY,
    post_id    bigint      NOT NULL,
    edit       bigint      NOT NULL,
    author_id  bigint      NOT NULL,
    kind       text        NOT NULL,
    name       text        NOT NULL DEFAULT '',
    status     text        NOT NULL DEFAULT 'draft',
    fields     jsonb       NOT NULL,
    markdown   text        NOT NULL,
    shown      boolean     NOT NULL DEFAULT false,
    kept       boolean     NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT revisions_pkey PRIMARY KEY (id),
    CONSTRAINT revisions_post_id_fkey FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE CASCADE,
    CONSTRAINT revisions_author_id_fkey FOREIGN KEY (author_id) REFERENCES users (id),
    CONSTRAINT revisions_kind_check CHECK (kind IN ('autosave', 'save', 'publish', 'schedule', 'update', 'unpublish',
        'trash', 'untrash', 'restore', 'discard', 'import', 'other', 'aside')),
    CONSTRAINT revisions_status_check CHECK (status IN ('draft', 'published')),
    CONSTRAINT revisions_name_check CHECK (char_length(name) <= 200),
    CONSTRAINT revisions_fields_check CHECK (octet_length(fields::text) <= 262144),
    CONSTRAINT revisions_markdown_check CHECK (octet_length(markdown) <= 1048576)
);
CREATE UNIQUE INDEX revisions_edit_key ON revisions (post_id, edit) WHERE kind <> 'aside';
CREATE INDEX revisions_post_idx ON revisions (post_id, id DESC);
CREATE INDEX revisions_author_id_idx ON revisions (author_id);
CREATE INDEX revisions_autosave_idx ON revisions (created_at) WHERE kind = 'autosave' AND NOT kept;

-- What the form of a post shows: the revision with this edit. Posts have no row
-- until somebody opens them. changed says that it is not what the post itself
-- says, which is what the revision with the edit applied said; digest and
-- version are of the post then, and tell whether it was changed elsewhere.
CREATE TABLE working_copies (
    post_id    bigint      NOT NULL,
    edit       bigint      NOT NULL,
    applied    bigint      NOT NULL,
    version    bigint      NOT NULL,
    digest     bytea       NOT NULL,
    author_id  bigint      NOT NULL,
    changed    boolean     NOT NULL DEFAULT false,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT working_copies_pkey PRIMARY KEY (post_id),
    CONSTRAINT working_copies_post_id_fkey FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE CASCADE,
    CONSTRAINT working_copies_author_id_fkey FOREIGN KEY (author_id) REFERENCES users (id),
    CONSTRAINT working_copies_edit_check CHECK (edit >= applied AND applied >= 1)
) WITH (fillfactor = 50);
CREATE INDEX working_copies_author_id_idx ON working_copies (author_id);
