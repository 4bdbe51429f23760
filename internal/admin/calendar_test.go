package admin_test

import (
	"strings"
	"testing"
	"time"

	"broadsheet/internal/posts"
)

func TestCalendar(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	f := br.get("/admin/settings").form("time_zone")
	br.send(f, "time_zone", "Pacific/Auckland").leadsTo("/admin/settings")
	zone, err := time.LoadLocation("Pacific/Auckland")
	if err != nil {
		t.Fatal(err)
	}
	at := func(text string) time.Time {
		t.Helper()
		when, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	b.save(t, published("Leap day", at("2024-02-29T10:59:59Z"))) // the last second of the day in Auckland
	b.save(t, published("First of March", at("2024-02-29T11:00:00Z")))
	b.save(t, posts.Draft{Title: "A draft", Markdown: "Text.", PublishedAt: at("2024-02-10T00:00:00Z")})
	b.save(t, published("In a hundred years", at("2124-02-10T00:00:00Z")))

	february := br.get("/admin/calendar?month=2024-02").want(200, "February 2024", "Leap day", "23:59", "published", "Pacific/Auckland",
		`href="/admin/calendar?month=2024-01"`, `href="/admin/calendar?month=2024-03"`).wantNot("First of March", "A draft")
	if got := strings.Count(february.body, "<td"); got != 35 {
		t.Errorf("got %d days and gaps, want five weeks", got)
	}
	br.get("/admin/calendar?month=2024-03").want(200, "First of March", "00:00").wantNot("Leap day")
	br.get("/admin/calendar?month=2124-02").want(200, "In a hundred years", "scheduled")
	br.get("/admin/calendar?month=1999-12").want(200, "Nothing appears in this month")
	br.get("/admin/calendar").want(200, time.Now().In(zone).Format("January 2006"), `aria-current="date"`)
	br.get("/admin/calendar?month=0001-01").want(200).wantNot(`rel="prev"`)
	br.get("/admin/calendar?month=9999-12").want(200).wantNot(`rel="next"`)
	for _, month := range []string{"2024-13", "2024-2", "24-02", "x", "0000-01", "10000-01"} {
		br.get("/admin/calendar?month="+month).want(400, "2026-11")
	}
}

// Home names what waits for who is signed in, and nothing of another author
// except what appears next.
func TestHome(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	jane, ada := b.signedIn(t, "Jane Doe"), b.signedIn(t, "Ada Lovelace")
	jane.get("/admin").want(200, "The first page is blank")
	for title, br := range map[string]*browser{"Jane’s draft": jane, "Ada’s draft": ada} {
		f := br.get("/admin/posts/new").form("markdown")
		if saved := br.send(f, "title", title, "markdown", "Text."); saved.status != 303 {
			t.Fatalf("%s: got status %d, want 303", title, saved.status)
		}
	}
	b.save(t, published("Next week", time.Now().AddDate(0, 0, 7)))
	out := b.save(t, published("Out", time.Now().Add(-time.Hour)))
	jane.get("/admin").want(200, "Jane’s draft", "Next week").wantNot("Ada’s draft", ">Out<", "could not be merged")
	ada.get("/admin").want(200, "Ada’s draft", "Next week").wantNot("Jane’s draft")

	working, _, err := b.posts.Open(t.Context(), out.ID)
	if err != nil {
		t.Fatal(err)
	}
	working.Markdown = "Not finished."
	if _, _, err := b.posts.Autosave(t.Context(), out.ID, posts.Writing{Edit: working.Edit, Content: working.Content, AuthorID: out.AuthorID}); err != nil {
		t.Fatal(err)
	}
	jane.get("/admin").want(200, ">Out<")
	ada.get("/admin").wantNot(">Out<")
}
