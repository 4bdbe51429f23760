package admin

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/cases"

	"broadsheet/internal/accounts"
	"broadsheet/internal/page"
	"broadsheet/internal/posts"
)

// maxBulk is how many posts can be changed at once: more than a page has.
const maxBulk = 100

// bulkAction is something that can be done with several posts.
type bulkAction struct {
	done string // the text that says so, of a number of posts
	do   func(a *Admin, ctx context.Context, c bulkChange) error
}

// bulkChange is one of the posts, and what to do with it.
type bulkChange struct {
	stored posts.Stored  // at the version that the list showed
	author accounts.User // who does it
	tag    string
}

var bulkActions = map[string]bulkAction{
	"publish":   {"bulk.published", (*Admin).bulkPublish},
	"unpublish": {"bulk.unpublished", (*Admin).bulkUnpublish},
	"trash":     {"bulk.trashed", (*Admin).bulkTrash},
	"tag":       {"bulk.tagged", (*Admin).bulkTag},
	"untag":     {"bulk.untagged", (*Admin).bulkUntag},
}

// A leftError says why a post was left as it is, by a text.
type leftError string

func (e leftError) Error() string { return string(e) }

// leftPost is a post that was left as it is.
type leftPost struct {
	ID    int64
	Title string
	Why   string
}

// EditURL leads to the post's form.
func (l leftPost) EditURL() string { return postPath(l.ID) }

type bulkPage struct {
	base
	Done string // of how many posts what was done, "" for none
	Left []leftPost
	Back string
}

var bulkTemplate = page.Parse[bulkPage]("admin/bulk.html")

// Bulk does one thing with several posts, each by itself: what holds one back
// does not hold the others.
func (a *Admin) Bulk(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r, maxForm); err != nil {
		return err
	}
	action, ok := bulkActions[r.PostForm.Get("action")]
	if !ok {
		return page.BadRequest("admin.error.button")
	}
	picked, tag := r.PostForm["post"], strings.Join(strings.Fields(r.PostForm.Get("tag")), " ")
	needsTag := strings.HasSuffix(r.PostForm.Get("action"), "tag")
	switch {
	case len(picked) == 0:
		return page.BadRequest("bulk.none")
	case len(picked) > maxBulk:
		return page.BadRequest("bulk.many", len(picked), maxBulk)
	case needsTag && (tag == "" || strings.Contains(tag, ",") || !utf8.ValidString(tag) || strings.ContainsRune(tag, 0) || utf8.RuneCountInString(tag) > posts.MaxTagName):
		return page.BadRequest("bulk.tag", posts.MaxTagName)
	}
	author, _ := sessionOf(r)
	p := bulkPage{Back: "/admin/posts"}
	if back := r.PostForm.Get("back"); back == p.Back || strings.HasPrefix(back, p.Back+"?") {
		p.Back = back
	}
	ids, versions := make([]int64, len(picked)), make([]int64, len(picked))
	for i, one := range picked {
		var err error
		if ids[i], versions[i], err = readPicked(one); err != nil {
			return err
		}
	}
	done := int64(0)
	for i, id := range ids {
		version := versions[i]
		stored, err := a.posts.Get(r.Context(), id)
		switch {
		case errors.Is(err, posts.ErrNotFound) || err == nil && stored.Trashed():
			p.Left = append(p.Left, leftPost{id, stored.Title, words(r).Text("bulk.deleted")})
			continue
		case err == nil && stored.Version != version:
			err = &posts.ConflictError{Stored: stored}
		case err == nil:
			if live := stored.Status == posts.StatusPublished; !author.user.Role.Publishes() && (live || r.PostForm.Get("action") == "publish") {
				err = leftError("bulk.not-theirs")
				break
			}
			err = action.do(a, r.Context(), bulkChange{stored, author.user, tag})
		}
		if why := whyLeft(r, err); why != "" {
			p.Left = append(p.Left, leftPost{id, stored.Title, why})
		} else if err != nil && done == 0 && len(p.Left) == 0 {
			return err // nothing was changed
		} else if err != nil {
			slog.ErrorContext(r.Context(), "one of several posts was not changed", "post", id, "error", err)
			p.Left = append(p.Left, leftPost{id, stored.Title, words(r).Text("bulk.failed")})
		} else {
			done++
		}
	}
	if len(p.Left) == 0 {
		a.setFlash(w, "bulk "+r.PostForm.Get("action"), &undo{ID: done})
		redirect(w, p.Back)
		return nil
	}
	if done > 0 {
		p.Done = words(r).Text(action.done, done)
	}
	var err error
	if p.base, err = a.base(w, r, "bulk.title", "posts"); err != nil {
		return err
	}
	return bulkTemplate.Write(w, r, http.StatusConflict, p)
}

func readPicked(picked string) (id, version int64, err error) {
	first, second, _ := strings.Cut(picked, "-")
	id, err = parseID(first)
	if err == nil {
		version, err = parseID(second)
	}
	if err != nil {
		err = page.BadRequest("bulk.which")
	}
	return id, version, err
}

// whyLeft says to the author why a post was left, "" when that is not for them.
func whyLeft(r *http.Request, err error) string {
	var left leftError
	var conflict *posts.ConflictError
	var invalid posts.Invalid
	switch {
	case errors.As(err, &left):
		return words(r).Text(string(left))
	case errors.As(err, &conflict):
		return words(r).Text("bulk.changed")
	case errors.Is(err, posts.ErrNotFound), errors.Is(err, posts.ErrTrashed):
		return words(r).Text("bulk.deleted")
	case errors.As(err, &invalid):
		for _, p := range problemsOf(r, postFields, invalid) {
			return p.Message
		}
	}
	return ""
}

// saveAs saves the post with another status or other tags.
func (a *Admin) saveAs(ctx context.Context, c bulkChange, change func(*posts.Draft)) error {
	draft := c.stored.Draft
	draft.AuthorID, draft.UpdatedAt = c.author.ID, time.Time{} // now
	change(&draft)
	_, err := a.posts.Save(ctx, c.stored.ID, c.stored.Version, draft)
	return err
}

func (a *Admin) bulkPublish(ctx context.Context, c bulkChange) error {
	if c.stored.Status == posts.StatusPublished {
		return leftError("bulk.published-already")
	}
	changed, err := a.posts.HasChanges(ctx, c.stored.ID)
	if err != nil {
		return err
	}
	if changed {
		return leftError("bulk.has-changes")
	}
	return a.saveAs(ctx, c, func(d *posts.Draft) { d.Status = posts.StatusPublished })
}

func (a *Admin) bulkUnpublish(ctx context.Context, c bulkChange) error {
	if c.stored.Status == posts.StatusDraft {
		return leftError("bulk.draft-already")
	}
	return a.saveAs(ctx, c, func(d *posts.Draft) { d.Status = posts.StatusDraft })
}

func (a *Admin) bulkTrash(ctx context.Context, c bulkChange) error {
	_, err := a.posts.Trash(ctx, c.stored.ID, c.stored.Version, c.author.ID)
	return err
}

func (a *Admin) bulkTag(ctx context.Context, c bulkChange) error {
	if slices.ContainsFunc(c.stored.Tags, sameTag(c.tag)) {
		return nil // that is what was wanted
	}
	return a.saveAs(ctx, c, func(d *posts.Draft) { d.Tags = append(slices.Clone(d.Tags), c.tag) })
}

func (a *Admin) bulkUntag(ctx context.Context, c bulkChange) error {
	if !slices.ContainsFunc(c.stored.Tags, sameTag(c.tag)) {
		return nil
	}
	return a.saveAs(ctx, c, func(d *posts.Draft) { d.Tags = slices.DeleteFunc(slices.Clone(d.Tags), sameTag(c.tag)) })
}

func sameTag(name string) func(string) bool {
	return func(other string) bool { return cases.Fold().String(other) == cases.Fold().String(name) }
}
