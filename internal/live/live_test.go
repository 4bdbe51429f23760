package live_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"

	"broadsheet/internal/live"
	"broadsheet/internal/postgrestest"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// hub is a copy of the server.
func hub(t *testing.T, pool *pgxpool.Pool) (h *live.Hub, end func()) {
	h = live.NewHub(pool, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	running.Go(func() { h.Run(ctx) })
	end = func() { cancel(); running.Wait() }
	t.Cleanup(end)
	return h, end
}

func join(t *testing.T, h *live.Hub, post int64, tab, name string) *live.Subscription {
	t.Helper()
	s, err := h.Join(live.Visit{Post: post, Tab: tab, User: int64(len(name)), Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// shows waits until a visit shows others by these names.
func shows(t *testing.T, s *live.Subscription, want ...string) {
	t.Helper()
	var got []string
	for end := time.After(30 * time.Second); ; {
		got = nil
		for _, v := range s.State().Others {
			got = append(got, v.Name)
		}
		if cmp.Equal(want, got) {
			return
		}
		select {
		case <-s.Changed:
		case <-end:
			t.Fatalf("got others %q, want %q", got, want)
		}
	}
}

// Who has a post open is seen at once at every copy, and who leaves is not.
func TestVisits(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	first, _ := hub(t, pool)
	second, _ := hub(t, pool)
	ada := join(t, first, 1, "A", "Ada")
	shows(t, ada)
	bob := join(t, second, 1, "B", "Bob")
	elsewhere := join(t, second, 2, "C", "Cy")
	shows(t, ada, "Bob")
	shows(t, bob, "Ada")
	shows(t, elsewhere)
	again := join(t, first, 1, "D", "Ada")
	shows(t, bob, "Ada", "Ada")
	shows(t, ada, "Ada", "Bob")
	again.Leave()
	shows(t, bob, "Ada")
	bob.Leave()
	shows(t, ada)
}

func TestSaves(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	first, _ := hub(t, pool)
	second, _ := hub(t, pool)
	ada, bob := join(t, first, 1, "A", "Ada"), join(t, second, 1, "B", "Bob")
	shows(t, ada, "Bob")
	shows(t, bob, "Ada")
	for edit := range int64(3) {
		said := fmt.Sprintf(`{"kind":"saved","post":1,"edit":%d,"user":3,"name":"Ada"}`, edit+1)
		if _, err := pool.Exec(t.Context(), "SELECT pg_notify('broadsheet_editing', $1)", said); err != nil {
			t.Fatal(err)
		}
		for _, s := range []*live.Subscription{ada, bob} {
			for s.State().Edit != edit+1 {
				select {
				case <-s.Changed:
				case <-time.After(30 * time.Second):
					t.Fatalf("edit %d was not told", edit+1)
				}
			}
			if state := s.State(); state.Name != "Ada" || state.UserID != 3 {
				t.Errorf("got %+v, want who saved", state)
			}
		}
	}
	for _, text := range []string{"", "nonsense", `{"kind":"dance","post":1}`, `{"kind":"here","post":9}`, "[]"} {
		if _, err := pool.Exec(t.Context(), "SELECT pg_notify('broadsheet_editing', $1)", text); err != nil {
			t.Fatal(err)
		}
	}
	bob.Leave()
	shows(t, ada)
}

// A connection that is cut is made again, and visits hear that something may
// have gone by.
func TestConnectionLost(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	first, _ := hub(t, pool)
	second, _ := hub(t, pool)
	ada, bob := join(t, first, 1, "A", "Ada"), join(t, second, 1, "B", "Bob")
	shows(t, ada, "Bob")
	shows(t, bob, "Ada")
	lost := ada.State().Lost
	if _, err := pool.Exec(t.Context(), `
		SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE application_name LIKE '% live' AND datname = current_database()`); err != nil {
		t.Fatal(err)
	}
	for end := time.After(30 * time.Second); ada.State().Lost == lost; {
		select {
		case <-ada.Changed:
		case <-end:
			t.Fatal("the loss was not told")
		}
	}
	cy := join(t, second, 1, "C", "Cy")
	shows(t, ada, "Bob", "Cy")
	shows(t, cy, "Ada", "Bob")
}

// A hub that ends sends its visits away, and others see them go.
func TestEnd(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	first, end := hub(t, pool)
	ada := join(t, first, 1, "A", "Ada")
	shows(t, ada)
	end()
	for range ada.Changed {
	}
	ada.Leave()
	if _, err := first.Join(live.Visit{Post: 1, Tab: "B"}); err != live.ErrFull {
		t.Errorf("got %v from a hub that has ended, want ErrFull", err)
	}
}

// Who opens a post is answered by those who have the same one open, and by
// nobody else.
func TestOnlyTheAskedAnswer(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	first, _ := hub(t, pool)
	ada := join(t, first, 1, "A", "Ada")
	var others []string
	for n := range 5 {
		other := join(t, first, 2, fmt.Sprint("other", n), "Cy")
		shows(t, other, others...)
		others = append(others, "Cy")
	}
	conn, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	if _, err := conn.Exec(t.Context(), "LISTEN broadsheet_editing"); err != nil {
		t.Fatal(err)
	}
	bob := join(t, first, 1, "B", "Bob")
	shows(t, bob, "Ada")
	shows(t, ada, "Bob")
	if _, err := pool.Exec(t.Context(), "SELECT pg_notify('broadsheet_editing', 'end')"); err != nil {
		t.Fatal(err)
	}
	for {
		n, err := conn.Conn().WaitForNotification(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n.Payload == "end" {
			return
		}
		var said struct {
			Kind string
			Post int64
		}
		if err := json.Unmarshal([]byte(n.Payload), &said); err != nil {
			t.Fatal(err)
		}
		if said.Post != 1 {
			t.Errorf("got %s of somebody who was not asked", n.Payload)
		}
	}
}

// One author does not take the places of all.
func TestVisitsOfOneUserAreBounded(t *testing.T) {
	t.Parallel()
	h := live.NewHub(postgrestest.New(t), slog.New(slog.DiscardHandler))
	var err error
	joined := 0
	for ; err == nil && joined < 1000; joined++ {
		_, err = h.Join(live.Visit{Post: int64(joined), Tab: fmt.Sprint(joined), User: 1, Name: "Ada"})
	}
	if err != live.ErrFull || joined > 100 {
		t.Errorf("got %v after %d visits of one user, want ErrFull", err, joined)
	}
	if _, err := h.Join(live.Visit{Post: 1, Tab: "B", User: 2, Name: "Bob"}); err != nil {
		t.Errorf("got %v for another user, want a visit", err)
	}
}
