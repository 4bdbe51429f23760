package admin

import (
	"context"
	"errors"
	"slices"

	"broadsheet/internal/accounts"
	"broadsheet/internal/posts"
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

// namedBeside returns those whom a text names beside its author, as previews show
// them: without links, as their pages may not have the post.
func (a *Admin) namedBeside(ctx context.Context, fields map[string]string) ([]posts.Author, error) {
	found, err := a.posts.AuthorsByHandle(ctx, posts.SplitTags(fields["coauthors"]))
	var others []posts.Author
	for _, author := range found {
		if author.Handle != fields["written_by"] {
			others = append(others, posts.Author{Name: author.Name})
		}
	}
	return others, err
}

// coauthorChoice is somebody with whom a post may be written.
type coauthorChoice struct {
	accounts.Author
	Chosen bool
}

// CoauthorChoices returns whom the form offers: those who are named, in their
// order, and then the others.
func (p editPage) CoauthorChoices() []coauthorChoice {
	var choices []coauthorChoice
	named := posts.SplitTags(p.Form.Coauthors)
	for _, handle := range named {
		author := accounts.Author{Handle: handle, Name: handle} // nobody, or one of too many to offer all
		if i := slices.IndexFunc(p.Authors, func(a accounts.Author) bool { return a.Handle == handle }); i >= 0 {
			author = p.Authors[i]
		}
		choices = append(choices, coauthorChoice{author, true})
	}
	for _, author := range p.Authors {
		if !slices.Contains(named, author.Handle) {
			choices = append(choices, coauthorChoice{author, false})
		}
	}
	return choices
}
