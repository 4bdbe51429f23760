package admin

import (
	"net/http"

	"broadsheet/internal/accounts"
	"broadsheet/internal/page"
	"broadsheet/internal/posts"
)

// homeMost is how many lines each part of the first page has.
const homeMost = 5

type homePage struct {
	base
	Reviews                 []waitingRow // for who publishes
	Drafts, Changes, Asides []waitingRow
	Next                    []calendarRow
	LateJobs                int
	New                     bool // whether the blog has no post yet
}

// waitingRow is a text that waits for its author.
type waitingRow struct {
	posts.Waiting
	voice voice
}

// URL leads to where the author goes on.
func (r waitingRow) URL() string {
	if r.Revision != 0 {
		return postPath(r.ID) + "/history/" + formatID(r.Revision)
	}
	return postPath(r.ID)
}

// When says when the text was changed.
func (r waitingRow) When() string { return r.voice.moment(r.UpdatedAt) }

// calendarRow is a post that appears soon.
type calendarRow struct {
	posts.CalendarPost
	voice voice
}

// URL leads to the post's form.
func (r calendarRow) URL() string { return postPath(r.ID) }

// When says when it appears.
func (r calendarRow) When() string { return r.voice.moment(r.PublishedAt) }

var homeTemplate = page.Parse[homePage]("admin/home.html")

// Home shows what waits for whom.
func (a *Admin) Home(w http.ResponseWriter, r *http.Request) error {
	var p homePage
	var err error
	if p.base, err = a.base(w, r, "admin.nav.home", "home"); err != nil {
		return err
	}
	ctx, voice := r.Context(), p.voice()
	drafts, changes, err := a.posts.Unpublished(ctx, p.SignedIn.ID, homeMost)
	if err != nil {
		return err
	}
	asides, err := a.posts.Asides(ctx, p.SignedIn.ID, homeMost)
	if err != nil {
		return err
	}
	next, err := a.posts.NextScheduled(ctx, homeMost)
	if err != nil {
		return err
	}
	var reviews []posts.Waiting
	if p.SignedIn.Role.Publishes() {
		if reviews, err = a.posts.InReview(ctx, homeMost); err != nil {
			return err
		}
	}
	for rows, found := range map[*[]waitingRow][]posts.Waiting{&p.Reviews: reviews, &p.Drafts: drafts, &p.Changes: changes, &p.Asides: asides} {
		for _, f := range found {
			*rows = append(*rows, waitingRow{f, voice})
		}
	}
	for _, f := range next {
		p.Next = append(p.Next, calendarRow{f, voice})
	}
	if p.SignedIn.Role == accounts.RoleOwner {
		late, err := a.lateJobs(ctx)
		if err != nil {
			return err
		}
		p.LateJobs = len(late)
	}
	if p.New, err = a.posts.Empty(ctx); err != nil {
		return err
	}
	return homeTemplate.Write(w, r, http.StatusOK, p)
}
