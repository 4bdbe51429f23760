package admin_test

import (
	"testing"
	"time"
)

func TestDateThatComesTwice(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	settings, err := b.site.Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	settings.TimeZone = "Europe/Berlin"
	if err := b.site.Save(t.Context(), settings); err != nil {
		t.Fatal(err)
	}
	br := b.signedIn(t, "Jane Doe")
	const twice = "shows this time twice on that day"
	for _, test := range []struct {
		at    time.Time
		shown string
		says  string // "" where the time comes once
	}{
		{time.Date(2024, 10, 27, 0, 30, 0, 0, time.UTC), "2024-10-27T02:30", "The first is meant."},
		{time.Date(2024, 10, 27, 1, 30, 0, 0, time.UTC), "2024-10-27T02:30", "The second is meant."},
		{time.Date(2024, 10, 26, 23, 59, 0, 0, time.UTC), "2024-10-27T01:59", ""},
		{time.Date(2024, 10, 27, 2, 0, 0, 0, time.UTC), "2024-10-27T03:00", ""},
		{time.Date(2024, 3, 31, 1, 30, 0, 0, time.UTC), "2024-03-31T03:30", ""},
	} {
		post := b.save(t, published("Herons", test.at))
		page := br.get(edit(post)).want(200)
		if test.says == "" {
			page.wantNot(twice)
		} else {
			page.want(200, twice, test.says)
		}
		f := page.form("markdown")
		if got := f.values.Get("published_at"); got != test.shown {
			t.Errorf("got date %q in the form, want %q", got, test.shown)
		}
		br.send(f, "summary", "Changed").leadsTo(edit(post))
		if got := b.stored(t, post.ID); !got.PublishedAt.Equal(test.at) {
			t.Errorf("got %s after saving it again, want %s", got.PublishedAt, test.at)
		}
	}
	// Typed, it is the first, and the author is told so.
	post := b.save(t, draft("Ibis"))
	br.send(br.get(edit(post)).form("markdown"), "published_at", "2024-10-27T02:30", "action", "publish").leadsTo(edit(post))
	br.get(edit(post)).want(200, twice, "The first is meant.", "Published. Its date is in the past", "Undo")
	if got, want := b.stored(t, post.ID).PublishedAt, time.Date(2024, 10, 27, 0, 30, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("got %s, want %s", got, want)
	}
}
