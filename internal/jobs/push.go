package jobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/riverqueue/river"
)

// push tells the hub that a feed has changed, so that who subscribed there gets
// it now (WebSub, W3C Recommendation of 23 January 2018). The post and its
// version make the job one of its own: a hub that is asked while it fetches the
// feed may have fetched what was there before.
type push struct {
	Feed    string `json:"feed"` // its address
	PostID  int64  `json:"post_id"`
	Version int64  `json:"version"`
}

func (push) Kind() string { return "push_feed" }

func (push) InsertOpts() river.InsertOpts {
	return river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true}}
}

type pushWorker struct {
	river.WorkerDefaults[push]
	hub    string
	client *http.Client
}

var errNoHub = errors.New("no hub is set any more (BROADSHEET_WEBSUB_HUB)")

func (w *pushWorker) Work(ctx context.Context, job *river.Job[push]) error {
	if w.hub == "" {
		return river.JobCancel(errNoHub)
	}
	form := url.Values{"hub.mode": {"publish"}, "hub.url": {job.Args.Feed}, "hub.topic": {job.Args.Feed}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.hub, strings.NewReader(form.Encode()))
	if err != nil {
		return fmt.Errorf("asking the hub: %w", err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := w.client.Do(request)
	if err != nil {
		return fmt.Errorf("asking the hub: %w", err)
	}
	defer response.Body.Close()
	_, _ = io.CopyN(io.Discard, response.Body, 4<<10) // so that the connection can be used again
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("the hub answered %d %s", response.StatusCode, http.StatusText(response.StatusCode))
	}
	return nil
}

// refuseRedirect has an answer that leads elsewhere be one that is not good.
func refuseRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
