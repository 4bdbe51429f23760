package admin

import (
	"context"
	"errors"
	"net/http"

	"github.com/go-chi/chi/v5"

	"broadsheet/internal/jobs"
	"broadsheet/internal/page"
	"broadsheet/internal/posts"
)

type jobsPage struct {
	base
	Jobs []jobRow
}

// jobRow is a line of the list.
type jobRow struct {
	jobs.Late
	voice voice
}

var jobsTemplate = page.Parse[jobsPage]("admin/jobs.html")

// Path is the address that the job's buttons send to.
func (r jobRow) Path() string { return "/admin/jobs/" + formatID(r.ID) }

// Since says when the job was due.
func (r jobRow) Since() string { return r.voice.moment(r.Due) }

// Again says when the job is tried again, "" when it was given up.
func (r jobRow) Again() string {
	if r.Next.IsZero() {
		return ""
	}
	return r.voice.moment(r.Next)
}

// LateJobs lists the work in the background that is not done although its time
// has come.
func (a *Admin) LateJobs(w http.ResponseWriter, r *http.Request) error {
	if err := requireOwner(r); err != nil {
		return err
	}
	late, err := a.lateJobs(r.Context())
	if err != nil {
		return err
	}
	p := jobsPage{}
	if p.base, err = a.base(w, r, "jobs.title", ""); err != nil {
		return err
	}
	for _, l := range late {
		p.Jobs = append(p.Jobs, jobRow{l, p.voice()})
	}
	return jobsTemplate.Write(w, r, http.StatusOK, p)
}

func (a *Admin) lateJobs(ctx context.Context) ([]jobs.Late, error) {
	if a.Jobs == nil {
		return nil, nil
	}
	return a.Jobs.Late(ctx)
}

// RetryJob has a job tried again now.
func (a *Admin) RetryJob(w http.ResponseWriter, r *http.Request) error {
	return a.changeJob(w, r, "job", (*jobs.Jobs).Retry)
}

// DropJob forgets a job.
func (a *Admin) DropJob(w http.ResponseWriter, r *http.Request) error {
	return a.changeJob(w, r, "job dropped", (*jobs.Jobs).Drop)
}

// changeJob does something with a job. One that was done meanwhile needs nothing.
func (a *Admin) changeJob(w http.ResponseWriter, r *http.Request, flash string, change func(*jobs.Jobs, context.Context, int64) error) error {
	if err := requireOwner(r); err != nil {
		return err
	}
	id, err := parseID(chi.URLParam(r, "id"))
	if err != nil || a.Jobs == nil {
		return posts.ErrNotFound
	}
	switch err := change(a.Jobs, r.Context(), id); {
	case err == nil:
		a.setFlash(w, flash)
	case !errors.Is(err, jobs.ErrNotFound):
		return err
	}
	redirect(w, "/admin/jobs")
	return nil
}
