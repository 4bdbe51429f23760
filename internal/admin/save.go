package admin

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"net/http"
	"strings"
	"time"

	"broadsheet/internal/page"
	"broadsheet/internal/posts"
)

// CreatePost stores a new post.
func (a *Admin) CreatePost(w http.ResponseWriter, r *http.Request) error {
	return a.savePost(w, r, 0)
}

// UpdatePost stores a post over the version that its author began with.
func (a *Admin) UpdatePost(w http.ResponseWriter, r *http.Request) error {
	id, err := postID(r)
	if err != nil {
		return err
	}
	return a.savePost(w, r, id)
}

// savePost stores the form that was sent, or shows it again and says why.
func (a *Admin) savePost(w http.ResponseWriter, r *http.Request, id int64) error {
	if err := readPost(w, r, maxPostForm); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	return a.keepText(w, r, a.storeForm(w, r.WithContext(ctx), id))
}

func (a *Admin) storeForm(w http.ResponseWriter, r *http.Request, id int64) error {
	aim, err := aimOf(r.PostForm.Get("action"), posts.State(r.PostForm.Get("state")))
	if err != nil {
		return err
	}
	settings, err := a.site.Get(r.Context())
	if err != nil {
		return err
	}
	author, _ := sessionOf(r)
	form := readPostForm(r.PostForm)
	if id == 0 && !isKey(form.Key) {
		form.Key = rand.Text()
	}
	if !author.user.Role.Publishes() {
		if id != 0 {
			stored, err := a.posts.Get(r.Context(), id)
			if err == nil && stored.Status == posts.StatusPublished {
				return a.keepForOthers(w, r, id, form, settings.Location())
			}
			if err != nil && !errors.Is(err, posts.ErrNotFound) { // saving says what happens to that
				return err
			}
		}
		if aim.status == posts.StatusPublished {
			aim = forReview
		}
	}
	draft, invalid := form.draft(aim, author.user.ID, settings.Location())
	if len(invalid) > 0 {
		// Everything that is wrong is said at once.
		var more posts.Invalid
		errors.As(draft.Validate(), &more)
		maps.Copy(invalid, more)
		return a.showInvalid(w, r, id, form, invalid)
	}
	if err := draft.Validate(); errors.As(err, &invalid) {
		return a.showInvalid(w, r, id, form, invalid)
	}
	if id != 0 {
		return a.mergeForm(w, r, id, form, aim, settings.Location())
	}
	stored, err := a.posts.Save(r.Context(), 0, 0, draft)
	var conflict *posts.ConflictError
	switch {
	case errors.As(err, &invalid):
		return a.showInvalid(w, r, 0, form, invalid)
	case errors.As(err, &conflict): // the same form made a post before
		form.Edit = cmp.Or(form.Edit, "1")
		return a.mergeForm(w, r, conflict.Stored.ID, form, aim, settings.Location())
	case errors.Is(err, posts.ErrNotFound), errors.Is(err, posts.ErrTrashed):
		return a.showDeleted(w, r, form)
	case err != nil:
		return err
	}
	a.flashSaved(w, form.State, stored, false)
	redirect(w, postPath(stored.ID))
	return nil
}

// mergeForm stores a form together with what was written since its author began
// with it.
func (a *Admin) mergeForm(w http.ResponseWriter, r *http.Request, id int64, form postForm, aim aim, fallback *time.Location) error {
	author, _ := sessionOf(r)
	how := posts.Saving{Publishes: author.user.Role.Publishes(), Moves: aim.moves, AsItIs: aim.asItIs}
	loc := form.location(fallback)
	typed := form.writing(author.user.ID, loc)
	typed.NoBase = true // a browser without JavaScript has none
	const tries = 5     // others may write at the same moment
	for range tries {
		working, merged, err := a.posts.Merge(r.Context(), id, typed)
		if err != nil {
			return a.notMerged(w, r, id, form, err)
		}
		if !aim.moves && isLive(working.State) != (aim.status == posts.StatusPublished) {
			if !how.Publishes {
				return a.keepForOthers(w, r, id, form, fallback)
			}
			return a.showAgain(w, r, id, form, typed, noticeMoved, loc)
		}
		final := form
		if merged {
			unseen := working.Changed || !isLive(working.State)
			if final = form.with(working, loc); unseen && aim.status == posts.StatusPublished {
				return a.showAgain(w, r, id, form, typed, noticeMerged, loc) // readers see nothing that nobody has looked at
			}
			final.State = form.State
		}
		draft, invalid := final.draft(aim, author.user.ID, fallback)
		if len(invalid) > 0 {
			return a.showInvalid(w, r, id, final, invalid)
		}
		how.Edit = working.Edit
		stored, err := a.posts.SaveText(r.Context(), id, how, draft)
		switch {
		case errors.Is(err, posts.ErrEdited):
			continue
		case errors.Is(err, posts.ErrMoved):
			return a.showAgain(w, r, id, form, typed, noticeMoved, loc)
		case errors.Is(err, posts.ErrNotTheirs):
			return a.keepForOthers(w, r, id, form, fallback)
		case errors.As(err, &invalid):
			return a.showInvalid(w, r, id, final, invalid)
		case err != nil:
			return a.notMerged(w, r, id, form, err)
		}
		a.flashSaved(w, form.State, stored, merged)
		redirect(w, postPath(stored.ID))
		return nil
	}
	return &page.StatusError{Status: http.StatusServiceUnavailable}
}

// notMerged shows a form that was not stored.
func (a *Admin) notMerged(w http.ResponseWriter, r *http.Request, id int64, form postForm, err error) error {
	var conflict *posts.TextConflictError
	switch {
	case errors.As(err, &conflict):
		return a.showConflict(w, r, form, conflict)
	case errors.Is(err, posts.ErrNotFound), errors.Is(err, posts.ErrTrashed):
		return a.showDeleted(w, r, form)
	case errors.Is(err, posts.ErrTextTooLarge):
		return a.showInvalid(w, r, id, form, posts.Invalid{"markdown": {Key: "problem.markdown.meanwhile"}})
	}
	return err
}

// showAgain keeps a text and shows it, together with what somebody else has
// written and with what became of the post, for its author to look at.
func (a *Admin) showAgain(w http.ResponseWriter, r *http.Request, id int64, form postForm, typed posts.Writing, why notice, loc *time.Location) error {
	if _, _, err := a.posts.Autosave(r.Context(), id, typed); err != nil {
		return a.notMerged(w, r, id, form, err)
	}
	working, stored, err := a.posts.Open(r.Context(), id)
	if err != nil {
		return a.notMerged(w, r, id, form, err)
	}
	return a.showEdit(w, r, http.StatusConflict, editPage{
		Form: form.with(working, loc), Action: postPath(id), Stored: &stored, Working: &working, Notice: why,
	})
}

// keepForOthers keeps what somebody wrote who may not publish: readers see it
// when somebody else has looked at it.
func (a *Admin) keepForOthers(w http.ResponseWriter, r *http.Request, id int64, form postForm, fallback *time.Location) error {
	author, _ := sessionOf(r)
	typed := form.writing(author.user.ID, form.location(fallback))
	typed.NoBase = true
	if _, _, err := a.posts.Autosave(r.Context(), id, typed); err != nil {
		return a.notMerged(w, r, id, form, err)
	}
	a.setFlash(w, "kept")
	redirect(w, postPath(id))
	return nil
}

// notTheirs tells a contributor what others decide.
var notTheirs = &page.StatusError{Status: http.StatusForbidden, Message: "admin.error.not-theirs"}

// aim is what a button makes of a post.
type aim struct {
	status posts.Status
	review bool // whether a draft waits for somebody to publish it
	moves  bool // whether that is so whatever the post was
	asItIs bool // whether review is what it is by now
}

var (
	forAuthors = aim{status: posts.StatusDraft}
	forReview  = aim{status: posts.StatusDraft, review: true}
)

// isLive tells whether readers see a post in that state, or will.
func isLive(s posts.State) bool { return s == posts.StatePublished || s == posts.StateScheduled }

// aimOf returns what the button that was pressed makes of the post. Pressing
// Enter in a field presses none.
func aimOf(action string, state posts.State) (aim, error) {
	switch action {
	case "publish":
		return aim{status: posts.StatusPublished, moves: true}, nil
	case "unpublish":
		return aim{status: posts.StatusDraft, moves: true}, nil
	case "take-back":
		return forAuthors, nil
	case "review":
		return forReview, nil
	case "save", "":
		if isLive(state) {
			return aim{status: posts.StatusPublished}, nil
		}
		return aim{status: posts.StatusDraft, review: state == posts.StateReview, asItIs: true}, nil
	}
	return aim{}, page.BadRequest("admin.error.button")
}

// dateJustNow is how long ago a date may be that was meant as now.
const dateJustNow = 5 * time.Minute

// flashSaved says on the next page what became of the post.
func (a *Admin) flashSaved(w http.ResponseWriter, before string, stored posts.Stored, merged bool) {
	key := string(stored.State)
	switch live := isLive(posts.State(before)); {
	case live && stored.Status == posts.StatusDraft:
		key = "unpublished"
	case stored.State == posts.StateUnpublished:
		key = "draft"
	case live && key == before:
		key = "updated"
	case key == before && stored.State == posts.StateReview:
		key = "draft"
	case key == "published" && stored.PublishedAt.Before(time.Now().Add(-dateJustNow)):
		key = "published past"
	}
	if merged {
		key += " merged"
	}
	a.setFlash(w, key, undoOf(key, stored))
}

func (a *Admin) showInvalid(w http.ResponseWriter, r *http.Request, id int64, form postForm, invalid posts.Invalid) error {
	p := editPage{Form: form, Action: r.URL.Path, Problems: problemsOf(r, postFields, invalid)}
	if id != 0 {
		p.Action = postPath(id)
		stored, err := a.posts.Get(r.Context(), id)
		if errors.Is(err, posts.ErrNotFound) || err == nil && stored.Trashed() {
			return a.showDeleted(w, r, form)
		}
		if err != nil {
			return err
		}
		p.Stored = &stored
	}
	return a.showEdit(w, r, http.StatusUnprocessableEntity, p)
}

// showDeleted shows a text whose post is no more. Sent again it makes a new one.
func (a *Admin) showDeleted(w http.ResponseWriter, r *http.Request, form postForm) error {
	form.State, form.Version, form.Edit, form.Key = "new", "", "", rand.Text()
	return a.showEdit(w, r, http.StatusConflict, editPage{Form: form, Action: "/admin/posts", Notice: noticeDeleted})
}

// signedOut shows a text that was sent without a session, or says that there
// is none. It shows nothing but what was sent.
func (a *Admin) signedOut(w http.ResponseWriter, r *http.Request) error {
	if err := readPost(w, r, maxSignedOutForm); err != nil {
		return err
	}
	if !r.PostForm.Has("markdown") || page.WantsJSON(r) {
		return &page.StatusError{Status: http.StatusUnauthorized, Message: "admin.error.signed-out"}
	}
	form, action := sentPost(r)
	return a.showEdit(w, r, http.StatusUnauthorized, editPage{Form: form, Action: action, Notice: noticeSignedOut})
}

// keepText shows a text that could not be stored, for a reason that is not its
// author's, to be sent again. Other errors, and those for requests without a
// text, it returns.
func (a *Admin) keepText(w http.ResponseWriter, r *http.Request, err error) error {
	if err == nil || page.WantsJSON(r) || r.Method != http.MethodPost || readPost(w, r, maxSignedOutForm) != nil || !r.PostForm.Has("markdown") {
		return err
	}
	status := a.pages.Failure(r, err).Status
	if status < 500 {
		return err
	}
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "10")
	}
	form, action := sentPost(r)
	return a.showEdit(w, r, status, editPage{Form: form, Action: action, Notice: noticeFailed})
}

// sentPost returns the form that was sent, and where to send it again.
func sentPost(r *http.Request) (form postForm, action string) {
	action = r.URL.Path
	if action == previewPath {
		action = "/admin/posts" // the preview is a tab of its own: the text is still in the other
	}
	action = strings.TrimSuffix(action, "/discard")
	return readPostForm(r.PostForm), action
}
