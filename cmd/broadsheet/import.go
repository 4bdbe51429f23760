package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/term"

	"broadsheet/internal/accounts"
	"broadsheet/internal/config"
	"broadsheet/internal/posts"
	"broadsheet/internal/site"
	"broadsheet/internal/transfer"
	"broadsheet/web"
)

type importCmd struct {
	Markdown importMarkdownCmd `cmd:"" help:"Import a folder of Markdown files: Hugo, Jekyll, or a plain one."`
}

type importMarkdownCmd struct {
	usesDatabase
	Path   string `arg:"" type:"existingdir" help:"The folder: a whole site or a part of one."`
	DryRun bool   `help:"Write nothing, and report what would happen."`
	Author string `help:"The author of posts that name none. Default: the blog's owner."`
	Site   string `help:"Name of the site, by which its posts are known again. Default: where its folder is."`
}

// Run imports what it can and fails only when nothing more can be done: a
// file that is skipped stands in the report.
func (c importMarkdownCmd) Run(a *app) error {
	return a.withDatabase(func(_ config.Config, pool *pgxpool.Pool) error {
		root, inside, err := transfer.Site(c.Path)
		if err != nil {
			return err
		}
		// Links inside the folder cannot lead out of it.
		folder, err := os.OpenRoot(root)
		if err != nil {
			return fmt.Errorf("opening the folder: %w", err)
		}
		defer folder.Close()
		settings, err := site.NewStore(pool).Get(a.ctx)
		if err != nil {
			return err
		}
		people := accounts.NewStore(pool)
		author := c.Author
		if author == "" {
			if author, err = ownersName(a.ctx, people); err != nil {
				return err
			}
		}
		report, err := transfer.Markdown(a.ctx, folder.FS(), transfer.Options{
			Posts: posts.NewStore(pool), Accounts: people, Folder: inside, DryRun: c.DryRun,
			Site:     strings.ToValidUTF8(cmp.Or(c.Site, root), "\uFFFD"),
			Language: settings.Language, DefaultAuthor: author, Location: settings.Location(),
			Progress: a.progress(),
		})
		_, printErr := report.WriteTo(a.stdout)
		return errors.Join(err, printErr)
	})
}

// ownersName is who wrote posts that do not say.
func ownersName(ctx context.Context, people *accounts.Store) (string, error) {
	users, err := people.List(ctx)
	if err != nil {
		return "", err
	}
	for _, u := range users {
		if u.Role == accounts.RoleOwner {
			return u.Name, nil
		}
	}
	return "Anonymous", nil
}

// progress shows how far a long work is: on a terminal in one line that
// changes, elsewhere now and then.
func (a *app) progress() func(done, total int) {
	f, ok := a.stderr.(*os.File)
	terminal := ok && term.IsTerminal(int(f.Fd()))
	said := time.Now()
	return func(done, total int) {
		switch {
		case terminal && (done == total || time.Since(said) > 100*time.Millisecond):
			fmt.Fprintf(a.stderr, "\r%d of %d files", done, total)
			if done == total {
				fmt.Fprintln(a.stderr)
			}
			said = time.Now()
		case !terminal && (done == total || time.Since(said) > 5*time.Second):
			fmt.Fprintf(a.stderr, "%d of %d files\n", done, total)
			said = time.Now()
		}
	}
}

// fillWithDemo gives an empty blog the demo posts, as long as it is nobody's:
// an owner who deleted every post wants none.
func (b blog) fillWithDemo(ctx context.Context) error {
	needsSetUp, err := b.accounts.NeedsSetUp(ctx)
	if err != nil || !needsSetUp {
		return err
	}
	empty, err := b.posts.Empty(ctx)
	if err != nil || !empty {
		return err
	}
	demo, err := fs.Sub(web.Demo, "demo")
	if err != nil {
		return fmt.Errorf("opening the demo posts: %w", err)
	}
	report, err := transfer.Markdown(ctx, demo, transfer.Options{
		Posts: b.posts, Accounts: b.accounts, Site: "broadsheet demo", Language: "en", DefaultAuthor: "The Broadsheet Team",
	})
	if err != nil {
		return fmt.Errorf("filling the blog with demo posts: %w", err)
	}
	b.log.Info("filled the empty blog with demo posts", "posts", report.Created)
	settings, err := b.site.Get(ctx)
	if err != nil || settings.Navigation != "" {
		return err
	}
	settings.Navigation = "About /about"
	return b.site.Save(ctx, settings)
}
