package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"time"

	"broadsheet/internal/accounts"
	"broadsheet/internal/live"
	"broadsheet/internal/page"
)

// stillHere is how often a stream says something, so that neither side, nor a
// proxy between them, takes the other for gone.
const stillHere = 20 * time.Second

// tabForm is that of the name that a form gives itself.
var tabForm = regexp.MustCompile(`^[A-Za-z0-9-]{1,40}$`)

// event is what a form is told of another.
type (
	presence struct {
		Name string `json:"name"`
		You  bool   `json:"you"` // the same author in another tab
	}
	edited struct {
		Edit int64  `json:"edit"`
		By   string `json:"by"`
		You  bool   `json:"you"`
	}
)

// Events tells the form of a post who else has the post open, and that it was
// saved (server-sent events, WHATWG HTML 9.2), until the form is closed or its
// author signs out:
//
//	presence  [{"name", "you"}]         the others, whenever they change
//	edit      {"edit", "by", "you"}     the number of the last edit, and whose it is
//	again     {}                        edits may have gone by: ask what is stored
//	out       {}                        the author is signed out
func (a *Admin) Events(w http.ResponseWriter, r *http.Request) error {
	id, err := postID(r)
	if err != nil {
		return err
	}
	post, err := a.posts.Get(r.Context(), id)
	if err != nil {
		return err
	}
	tab := r.URL.Query().Get("tab")
	if !tabForm.MatchString(tab) {
		return page.BadRequest("")
	}
	s, _ := sessionOf(r)
	if a.Live == nil {
		return &page.StatusError{Status: http.StatusServiceUnavailable}
	}
	visit, err := a.Live.Join(live.Visit{Post: post.ID, Tab: tab, User: s.user.ID, Name: s.user.Name})
	if errors.Is(err, live.ErrFull) {
		return &page.StatusError{Status: http.StatusServiceUnavailable}
	}
	if err != nil {
		return err
	}
	defer visit.Leave()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // for nginx
	stream := stream{w: w, c: http.NewResponseController(w)}
	_ = stream.c.SetReadDeadline(time.Time{}) // a limit for what comes in would end what goes out
	return a.tellEvents(r, visit, stream, s)
}

func (a *Admin) tellEvents(r *http.Request, visit *live.Subscription, stream stream, s session) error {
	ticker := time.NewTicker(stillHere)
	defer ticker.Stop()
	var told live.State
	for first := true; ; first = false {
		now := visit.State()
		if err := tellState(stream, told, now, s.user.ID, first); err != nil {
			return nil // the form was closed
		}
		told = now
		select {
		case <-r.Context().Done():
			return nil
		case _, ok := <-visit.Changed:
			if !ok {
				return nil // the server stops; the browser comes back
			}
		case <-ticker.C:
			switch _, err := a.accounts.Session(r.Context(), s.token); {
			case errors.Is(err, accounts.ErrNoSession):
				_ = stream.send("out", struct{}{})
				return nil
			case stream.comment() != nil:
				return nil
			}
		}
	}
}

func tellState(stream stream, told, now live.State, user int64, first bool) error {
	if now.Lost > told.Lost && !first {
		if err := stream.send("again", struct{}{}); err != nil {
			return err
		}
	}
	if first || fmt.Sprint(told.Others) != fmt.Sprint(now.Others) {
		others := []presence{}
		for _, v := range now.Others {
			others = append(others, presence{v.Name, v.User == user})
		}
		if err := stream.send("presence", others); err != nil {
			return err
		}
	}
	if now.Edit != told.Edit {
		return stream.send("edit", edited{now.Edit, now.Name, now.UserID == user})
	}
	return nil
}

// stream writes events, each within a time that a stalled reader cannot extend.
type stream struct {
	w http.ResponseWriter
	c *http.ResponseController
}

func (s stream) send(name string, data any) error {
	text, err := json.Marshal(data)
	if err != nil {
		return err
	}
	return s.write(fmt.Sprintf("event: %s\ndata: %s\n\n", name, text))
}

func (s stream) comment() error { return s.write(":\n\n") }

func (s stream) write(text string) error {
	_ = s.c.SetWriteDeadline(time.Now().Add(10 * time.Second))
	if _, err := s.w.Write([]byte(text)); err != nil {
		return err
	}
	return s.c.Flush()
}
