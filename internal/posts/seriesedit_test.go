package posts_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/posts"
)

func (b blog) inSeries(title, series string, place int32) posts.Stored {
	b.t.Helper()
	d := b.draft(title)
	d.Status, d.PublishedAt, d.Series, d.SeriesPlace = posts.StatusPublished, time.Now().Add(-time.Hour), series, place
	return b.save(0, 0, d)
}

func TestASeriesIsPutInOrder(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	one, two, three := b.inSeries("One", "Birds", 0), b.inSeries("Two", "Birds", 0), b.inSeries("Three", "Birds", 5)
	other := b.inSeries("Other", "Fish", 1)
	rows, next, err := b.SeriesRows(t.Context(), "")
	if err != nil || next != "" || len(rows) != 2 || rows[0].Title != "Birds" || rows[0].Posts != 3 {
		t.Fatalf("got %+v, next %q, error %v", rows, next, err)
	}
	birds := rows[0].ID
	err = b.SaveSeries(t.Context(), birds, posts.SeriesDraft{
		Title: " Wading  birds ", Slug: "waders", Description: "Long legs.",
		Places: map[int64]int32{one.ID: 30, two.ID: 10, three.ID: 5, other.ID: 9, 999: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	series, inIt, err := b.SeriesRow(t.Context(), birds)
	var order []string
	for _, p := range inIt {
		order = append(order, fmt.Sprintf("%s %d", p.Title, p.Place))
	}
	if got := strings.Join(order, ", "); err != nil || got != "Three 5, Two 10, One 30" || series.Title != "Wading birds" || series.Slug != "waders" {
		t.Errorf("got %+v: %s, error %v", series, got, err)
	}
	for id, want := range map[int64]int64{one.ID: 2, two.ID: 2, three.ID: 1, other.ID: 1} { // what did not move is not touched
		if got, err := b.Get(t.Context(), id); err != nil || got.Version != want || id == other.ID && got.SeriesPlace != 1 {
			t.Errorf("post %d: got version %d, place %d, error %v, want version %d", id, got.Version, got.SeriesPlace, err, want)
		}
	}
	if got, err := b.SeriesMoved(t.Context(), "birds"); err != nil || got != "waders" {
		t.Errorf("got moved to %q, error %v, want waders", got, err)
	}

	for _, tt := range []struct {
		name, field string
		draft       posts.SeriesDraft
	}{
		{"no title", "title", posts.SeriesDraft{}},
		{"the title of another", "title", posts.SeriesDraft{Title: "FISH", Slug: "x"}},
		{"the address of another", "slug", posts.SeriesDraft{Title: "Birds", Slug: "fish"}},
		{"an address without letters", "slug", posts.SeriesDraft{Title: "Birds", Slug: "?"}},
		{"a NUL", "description", posts.SeriesDraft{Title: "Birds", Description: "\x00"}},
		{"a place before the first", "places", posts.SeriesDraft{Title: "Birds", Places: map[int64]int32{one.ID: -1}}},
	} {
		var invalid posts.Invalid
		if err := b.SaveSeries(t.Context(), birds, tt.draft); !errors.As(err, &invalid) || len(invalid) != 1 || invalid[tt.field].Key == "" {
			t.Errorf("%s: got %v, want a message about %s alone", tt.name, err, tt.field)
		}
	}

	if err := b.DeleteSeries(t.Context(), birds); err != nil {
		t.Fatal(err)
	}
	if got, err := b.Get(t.Context(), one.ID); err != nil || got.Series != "" || got.SeriesPlace != 0 || got.Version != 3 {
		t.Errorf("got %+v, error %v, want the post in no series", got.Draft, err)
	}
	for name, err := range map[string]error{
		"deleting": b.DeleteSeries(t.Context(), birds), "saving": b.SaveSeries(t.Context(), birds, posts.SeriesDraft{Title: "Birds"}),
	} {
		if !errors.Is(err, posts.ErrNotFound) {
			t.Errorf("%s a series that is gone: got %v, want ErrNotFound", name, err)
		}
	}
}
