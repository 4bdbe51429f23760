// Package transfer brings the posts of other blogs in: one file a format.
package transfer

import (
	"errors"
	"time"

	"broadsheet/internal/accounts"
	"broadsheet/internal/posts"
)

// Options say where posts go and what holds where the files do not say.
type Options struct {
	Posts    *posts.Store
	Accounts *accounts.Store

	// Site names what is imported. Posts are known again by it and by their
	// path in the file system, which should therefore begin at the root of the
	// site (see [Site]). Two sites of one name overwrite each other.
	Site string

	// Folder is the part of the file system to import, "." or "" for all of it.
	Folder string

	DryRun        bool           // write nothing and report what would happen
	Language      string         // of posts that name none, BCP 47
	DefaultAuthor string         // name of the author of posts that name none
	Location      *time.Location // of dates without a zone; nil is UTC

	// Progress, when set, is called after each file.
	Progress func(done, total int)
}

func (o *Options) complete() error {
	if o.Posts == nil || o.Accounts == nil {
		return errors.New("transfer: no store to import into")
	}
	if o.Site == "" {
		return errors.New("transfer: no name of the site")
	}
	if o.DefaultAuthor == "" {
		return errors.New("transfer: no default author")
	}
	if o.Language == "" {
		o.Language = "en"
	}
	if o.Location == nil {
		o.Location = time.UTC
	}
	if o.Progress == nil {
		o.Progress = func(int, int) {}
	}
	return nil
}
