package transfer

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"broadsheet/internal/accounts"
	"broadsheet/internal/posts"
)

// maxFile bounds what is read of one file: a post has at most
// posts.MaxMarkdown.
const maxFile = 2 << 20 // bytes

// Markdown imports a folder of Markdown files: the content of a Hugo or
// Jekyll site, or a plain folder of posts. It may be run again at any time:
// each file has one post. A file that cannot be imported is reported and does
// not stop the others; the error says what stopped everything, and the report
// what was done until then.
func Markdown(ctx context.Context, fsys fs.FS, o Options) (Report, error) {
	if err := o.complete(); err != nil {
		return Report{}, err
	}
	folder, err := survey(ctx, fsys, o.Folder, o.Language)
	if err != nil {
		return Report{}, err
	}
	im := importer{
		reader:  reader{Options: o, folder: folder},
		report:  Report{DryRun: o.DryRun, Skipped: folder.skipped, Directives: map[string]int{}},
		authors: map[string]accounts.User{},
		slugs:   map[string]string{},
		stored:  map[string]string{},
	}
	err = im.run(ctx)
	return im.report, err
}

type importer struct {
	reader
	report  Report
	authors map[string]accounts.User // by name
	slugs   map[string]string        // in the files so far → the file
	stored  map[string]string        // file → the slug of its post
	dated   bool                     // a post with a date was among the files
}

// errUndated says that a file can only be judged when all the others are known.
var errUndated = errors.New("a text without a date")

func (im *importer) run(ctx context.Context) error {
	var undated []string
	done := 0
	for _, at := range im.folder.originalsFirst() {
		err := im.file(ctx, at, false)
		if errors.Is(err, errUndated) {
			undated = append(undated, at)
			continue
		}
		if err != nil {
			return err
		}
		done++
		im.Progress(done, len(im.folder.files))
	}
	for _, at := range undated {
		if im.dated {
			im.skip(at, 0, Page, "a page, not a post: it has no date")
		} else if err := im.file(ctx, at, true); err != nil {
			return err
		}
		done++
		im.Progress(done, len(im.folder.files))
	}
	return nil
}

func (im *importer) skip(at string, line int, kind Kind, reason string) {
	im.report.Skipped = append(im.report.Skipped, Skipped{File: at, Line: line, Kind: kind, Reason: reason})
}

// file imports one file. Its error stops everything, but for errUndated.
func (im *importer) file(ctx context.Context, at string, undated bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	data, err := read(im.folder.fsys, at)
	if err != nil {
		im.skip(at, 0, Unreadable, plainPathError(err))
		return nil
	}
	f := im.folder.file(at)
	if kind, reason := im.folder.notPost(f); reason != "" {
		im.skip(at, 0, kind, reason)
		return nil
	}
	doc, err := parse(data)
	var syntax *syntaxError
	if errors.As(err, &syntax) {
		im.skip(at, syntax.line, Unreadable, syntax.message)
		return nil
	}
	if kind, reason := notPost(f, doc); reason != "" {
		im.skip(at, 0, kind, reason)
		return nil
	}
	p, err := im.post(f, doc)
	if err != nil {
		im.skip(at, 0, Refused, reason(err))
		return nil
	}
	if p.undated && !f.posts && !undated {
		return errUndated
	}
	if p.TranslationOf == "" {
		p.TranslationOf = im.stored[f.original]
	}
	im.dated = im.dated || !p.PublishedAt.IsZero()
	return im.store(ctx, at, p, siteDirectives(doc.body))
}

func read(fsys fs.FS, at string) ([]byte, error) {
	in, err := fsys.Open(at)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	data, err := io.ReadAll(io.LimitReader(in, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("larger than %d MB", maxFile>>20)
	}
	return data, err
}

// store puts a post into the database and the outcome into the report.
func (im *importer) store(ctx context.Context, at string, p imported, directives []string) error {
	digest, err := p.digest()
	if err != nil {
		return err
	}
	if !im.DryRun { // which makes no authors
		if err := im.people(ctx, &p); err != nil {
			return im.failed(ctx, at, err)
		}
	}
	outcome, stored, err := im.Posts.Import(ctx, posts.Source{Site: im.Site, Path: at, Digest: digest}, p.Draft, im.DryRun)
	if err != nil {
		return im.failed(ctx, at, err)
	}
	switch outcome {
	case posts.Created:
		im.report.Created++
	case posts.Updated:
		im.report.Updated++
	case posts.Unchanged:
		im.report.Unchanged++
	case posts.EditedHere:
		im.report.Kept = append(im.report.Kept, at)
	case posts.DeletedHere:
		im.report.Deleted = append(im.report.Deleted, at)
		return nil // what is wrong with the file matters no more
	}
	if other, ok := im.slugs[p.Slug]; ok {
		p.note("another file has the same address, so a number is added to it", other)
	} else if outcome == posts.Created && stored.Slug != "" && stored.Slug != p.Slug {
		p.note("the address is taken or too long, so it is another", stored.Slug)
	}
	im.slugs[p.Slug] = at
	im.stored[at] = stored.Slug
	for _, n := range p.notes {
		im.report.Warnings = append(im.report.Warnings, Warning{File: at, Message: n.message, Detail: n.detail})
	}
	for _, kind := range directives {
		im.report.Directives[kind]++
	}
	return nil
}

// failed reports a file that the stores refused, and stops everything when
// the database does not answer any more.
func (im *importer) failed(ctx context.Context, at string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if _, gone := im.Posts.Empty(ctx); gone != nil {
		return fmt.Errorf("importing %s: %w", at, err)
	}
	im.skip(at, 0, Refused, reason(err))
	return nil
}

// people finds a post's authors, and makes those who are new.
func (im *importer) people(ctx context.Context, p *imported) error {
	author, err := im.author(ctx, p.author)
	var invalid accounts.Invalid
	if errors.As(err, &invalid) && p.author != im.DefaultAuthor {
		p.note("the author cannot be taken over", p.author)
		author, err = im.author(ctx, im.DefaultAuthor)
	}
	if err != nil {
		return err
	}
	p.AuthorID = author.ID
	for _, name := range p.coauthors {
		switch other, err := im.author(ctx, name); {
		case errors.As(err, &invalid):
			p.note("the author cannot be taken over", name)
		case err != nil:
			return err
		case other.ID != author.ID:
			p.Coauthors = append(p.Coauthors, other.Handle)
		}
	}
	return nil
}

func (im *importer) author(ctx context.Context, name string) (accounts.User, error) {
	if author, ok := im.authors[name]; ok {
		return author, nil
	}
	id, err := im.Accounts.EnsureAuthor(ctx, name)
	if err != nil {
		return accounts.User{}, err
	}
	author, err := im.Accounts.User(ctx, id)
	if err != nil {
		return accounts.User{}, err
	}
	im.authors[name] = author
	return author, nil
}

// digest tells whether an import would make the same post as the last one. It
// is about the post and not the file, so that a better importer updates posts
// and a comment in the front matter does not.
func (p imported) digest() ([sha256.Size]byte, error) {
	p.AuthorID = 0
	p.PublishedAt, p.UpdatedAt = p.PublishedAt.UTC(), p.UpdatedAt.UTC()
	data, err := json.Marshal(struct {
		posts.Draft
		Author string
		Others []string `json:",omitempty"`
	}{p.Draft, p.author, p.coauthors})
	if err != nil {
		return [sha256.Size]byte{}, fmt.Errorf("summing a post up: %w", err)
	}
	return sha256.Sum256(data), nil
}

// reason says what is wrong with a post in one line.
func reason(err error) string {
	var invalid posts.Invalid
	if !errors.As(err, &invalid) {
		return err.Error()
	}
	var all []string
	for _, field := range slices.Sorted(maps.Keys(invalid)) {
		all = append(all, field+": "+invalid[field].String())
	}
	return strings.Join(all, " ")
}

// plainPathError is an error without the path, which the report names anyway.
func plainPathError(err error) string {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err.Error()
	}
	return err.Error()
}
