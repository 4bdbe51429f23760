-- The language in which the admin's pages speak to somebody; '' leaves it to
-- the browser.
ALTER TABLE users
    ADD COLUMN language text NOT NULL DEFAULT '',
    ADD CONSTRAINT users_language_check CHECK (char_length(language) <= 35);
