// Package live tells the browsers of authors at once who else has a post open,
// and that it was saved, across all copies of the server: over PostgreSQL's
// NOTIFY. Nothing is stored. A copy listens while one of its authors writes,
// and says every few seconds who is there, so that who vanished without a word
// is forgotten soon.
package live

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	channel  = "broadsheet_editing"
	sayEvery = 15 * time.Second // who is there
	gone     = 40 * time.Second // after the last word of somebody
	tryAgain = time.Second
	patience = 5 * time.Second // for the database
	most     = 500             // visits of one copy
	mostEach = 50              // of one user among them
)

// ErrFull says that too many posts are open at this copy of the server, by all
// authors or by this one.
var ErrFull = errors.New("live: too many visits")

// Visit is an open form of a post.
type Visit struct {
	Post int64
	Tab  string // names the form among all
	User int64
	Name string
}

// State is what a visit shows of others.
type State struct {
	Others []Visit // by name; one of the same user in another tab too
	// The last save that this copy was told of: the number of the edit, 0 for
	// none, and who saved.
	Edit   int64
	UserID int64
	Name   string
	// Lost grows when saves may have gone by unseen.
	Lost int
}

// message is what copies tell each other. A trigger of the database says
// "saved"; everything else comes from here.
type message struct {
	Kind string `json:"kind"` // "here", "left", "who", "saved"
	Post int64  `json:"post,omitempty"`
	Tab  string `json:"tab,omitempty"`
	User int64  `json:"user,omitempty"`
	Name string `json:"name,omitempty"`
	Edit int64  `json:"edit,omitempty"`
}

// Hub knows who has which post open.
type Hub struct {
	pool *pgxpool.Pool
	log  *slog.Logger
	wake chan struct{} // tells Run that there is something to do

	mu     sync.Mutex
	ended  bool
	visits map[*Subscription]bool
	posts  map[int64]*room
	lost   int
}

// room is what is known of a post that somebody here has open.
type room struct {
	people map[string]person // by tab
	saved  message
}

type person struct {
	Visit
	heard time.Time
}

// NewHub returns a hub that tells others through the pool.
func NewHub(pool *pgxpool.Pool, log *slog.Logger) *Hub {
	return &Hub{pool: pool, log: log, wake: make(chan struct{}, 1), visits: map[*Subscription]bool{}, posts: map[int64]*room{}}
}

// Subscription is a visit that is told when its State changes.
type Subscription struct {
	Changed chan struct{} // has something to read after each change; closed when the hub ends
	visit   Visit
	hub     *Hub
}

// Join begins a visit. Leave ends it. Errors: ErrFull.
func (h *Hub) Join(v Visit) (*Subscription, error) {
	s := &Subscription{Changed: make(chan struct{}, 1), visit: v, hub: h}
	h.mu.Lock()
	defer h.mu.Unlock()
	each := 0
	for other := range h.visits {
		if other.visit.User == v.User {
			each++
		}
	}
	if h.ended || len(h.visits) >= most || each >= mostEach {
		return nil, ErrFull
	}
	h.visits[s] = true
	if h.posts[v.Post] == nil {
		h.posts[v.Post] = &room{people: map[string]person{}}
	}
	signal(h.wake)
	return s, nil
}

// Leave ends the visit.
func (s *Subscription) Leave() {
	h := s.hub
	h.mu.Lock()
	delete(h.visits, s)
	if !h.open(s.visit.Post) {
		delete(h.posts, s.visit.Post)
	}
	h.mu.Unlock()
	signal(h.wake)
	// When this is not heard, the visit is forgotten as others are.
	_ = h.say(context.Background(), h.pool, message{Kind: "left", Post: s.visit.Post, Tab: s.visit.Tab})
}

// open tells whether somebody here has the post open.
func (h *Hub) open(post int64) bool {
	for s := range h.visits {
		if s.visit.Post == post {
			return true
		}
	}
	return false
}

// State returns what is known now.
func (s *Subscription) State() State {
	h := s.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	state := State{Lost: h.lost}
	r := h.posts[s.visit.Post]
	if r == nil {
		return state
	}
	state.Edit, state.UserID, state.Name = r.saved.Edit, r.saved.User, r.saved.Name
	for tab, p := range r.people {
		if tab != s.visit.Tab {
			state.Others = append(state.Others, p.Visit)
		}
	}
	slices.SortFunc(state.Others, func(a, b Visit) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Tab, b.Tab)) })
	return state
}

// Run listens while there are visits, until ctx ends; then every visit ends.
func (h *Hub) Run(ctx context.Context) {
	defer h.end()
	for ctx.Err() == nil {
		if h.quiet() {
			select {
			case <-ctx.Done():
			case <-h.wake:
			}
			continue
		}
		err := h.listen(ctx)
		if err == nil || ctx.Err() != nil {
			continue
		}
		h.log.Debug("the connection that tells of authors was lost", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(tryAgain):
		}
	}
}

func (h *Hub) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended = true
	for s := range h.visits {
		close(s.Changed)
	}
	h.visits = nil
}

func (h *Hub) quiet() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.visits) == 0
}

// listen tells visits what other copies say, until nobody visits any more.
func (h *Hub) listen(ctx context.Context) error {
	connecting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	config := h.pool.Config().ConnConfig
	config.RuntimeParams["application_name"] += " live"
	conn, err := pgx.ConnectConfig(connecting, config)
	if err != nil {
		return err
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), tryAgain)
		defer cancel()
		conn.Close(closing)
	}()
	if _, err := conn.Exec(connecting, "LISTEN "+channel); err != nil {
		return err
	}
	h.lose() // what was said before, nobody here heard
	if err := h.say(ctx, conn, message{Kind: "who"}); err != nil {
		return err
	}
	for said := map[*Subscription]bool{}; ; {
		news := h.unsaid(said)
		if len(said) == 0 {
			return nil
		}
		for _, m := range news {
			if err := h.say(ctx, conn, m); err != nil {
				return err
			}
		}
		if err := h.hear(ctx, conn, said); err != nil {
			return err
		}
		h.forget(time.Now())
	}
}

// unsaid returns what others were not told of yet, and notes it in said.
func (h *Hub) unsaid(said map[*Subscription]bool) (news []message) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range said {
		if !h.visits[s] {
			delete(said, s)
		}
	}
	for s := range h.visits {
		if !said[s] {
			said[s] = true
			news = append(news, here(s), message{Kind: "who", Post: s.visit.Post})
		}
	}
	return news
}

func here(s *Subscription) message {
	return message{Kind: "here", Post: s.visit.Post, Tab: s.visit.Tab, User: s.visit.User, Name: s.visit.Name}
}

// hear takes in what is said until somebody comes or goes here, or it is time
// to say again who is there.
func (h *Hub) hear(ctx context.Context, conn *pgx.Conn, said map[*Subscription]bool) error {
	waiting, cancel := context.WithTimeout(ctx, sayEvery)
	defer cancel()
	var woken sync.WaitGroup
	woken.Go(func() {
		select {
		case <-h.wake:
			cancel()
		case <-waiting.Done():
		}
	})
	defer woken.Wait()
	defer cancel()
	for {
		n, err := conn.WaitForNotification(waiting)
		switch {
		case err == nil:
			if post, asked := h.take(n.Payload); asked { // who is there
				if err := h.sayWho(ctx, conn, post, said); err != nil {
					return err
				}
			}
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(waiting.Err(), context.DeadlineExceeded):
			return h.sayWho(ctx, conn, 0, said)
		case waiting.Err() != nil: // somebody came or went
			return nil
		default:
			return err
		}
	}
}

// sayWho says who has the post open here, 0 for all posts, and notes that it
// was said.
func (h *Hub) sayWho(ctx context.Context, conn *pgx.Conn, post int64, said map[*Subscription]bool) error {
	h.mu.Lock()
	var all []message
	for s := range h.visits {
		if post == 0 || s.visit.Post == post {
			said[s] = true
			all = append(all, here(s))
		}
	}
	h.mu.Unlock()
	for _, m := range all {
		if err := h.say(ctx, conn, m); err != nil {
			return err
		}
	}
	return nil
}

type executer interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// say tells every copy, this one too.
func (h *Hub) say(ctx context.Context, db executer, m message) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var void string
	return db.QueryRow(ctx, "SELECT pg_notify($1, $2)::text", channel, string(text)).Scan(&void)
}

// take notes what a copy said, and tells whether it asked who has a post open
// here, 0 for all posts.
func (h *Hub) take(payload string) (post int64, asked bool) {
	var m message
	if json.Unmarshal([]byte(payload), &m) != nil {
		return 0, false // of a version that says something else
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if m.Kind == "who" {
		return m.Post, m.Post == 0 || h.posts[m.Post] != nil
	}
	r := h.posts[m.Post]
	if r == nil {
		return 0, false
	}
	was := maps.Clone(r.people)
	switch m.Kind {
	case "here":
		r.people[m.Tab] = person{Visit{m.Post, m.Tab, m.User, m.Name}, time.Now()}
	case "left":
		delete(r.people, m.Tab)
	case "saved":
		r.saved = m
	default:
		return 0, false
	}
	if m.Kind == "saved" || !maps.EqualFunc(was, r.people, func(a, b person) bool { return a.Visit == b.Visit }) {
		h.tell(m.Post)
	}
	return 0, false
}

// tell wakes the visits of a post; 0 for all.
func (h *Hub) tell(post int64) {
	for s := range h.visits {
		if post == 0 || s.visit.Post == post {
			signal(s.Changed)
		}
	}
}

// lose notes that something may have been said that nobody here heard.
func (h *Hub) lose() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lost++
	h.tell(0)
}

// forget forgets who was not heard of for a while.
func (h *Hub) forget(now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for post, r := range h.posts {
		before := len(r.people)
		maps.DeleteFunc(r.people, func(_ string, p person) bool { return now.Sub(p.heard) > gone })
		if len(r.people) < before {
			h.tell(post)
		}
	}
}

// signal puts something into a channel that may be full already.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
