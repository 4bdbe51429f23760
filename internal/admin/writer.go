package admin

import (
	"context"
	"errors"
	"slices"

	"broadsheet/internal/accounts"
)

// authorsFor returns whom a post can be by, the one whom its form names among
// them. It returns none where there is no choice.
func (a *Admin) authorsFor(ctx context.Context, form postForm) ([]accounts.Author, error) {
	authors, err := a.accounts.Authors(ctx)
	if err != nil {
		return nil, err
	}
	named := func(author accounts.Author) bool { return author.Handle == form.WrittenBy }
	if form.WrittenBy != "" && !slices.ContainsFunc(authors, named) {
		author, err := a.accounts.Author(ctx, form.WrittenBy)
		if err != nil && !errors.Is(err, accounts.ErrNotFound) {
			return nil, err
		}
		if err == nil {
			authors = append(authors, author)
		}
	}
	if len(authors) < 2 {
		return nil, nil
	}
	return authors, nil
}

// writerName returns the name of whom the form says that the post is by,
// otherwise where it says nothing or nobody is called so any more.
func (a *Admin) writerName(ctx context.Context, handle, otherwise string) (string, error) {
	if handle == "" {
		return otherwise, nil
	}
	author, err := a.accounts.Author(ctx, handle)
	if errors.Is(err, accounts.ErrNotFound) {
		return otherwise, nil
	}
	return author.Name, err
}
