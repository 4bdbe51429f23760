package admin_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/posts"
)

// inSeries stores a part of a series, a day later than the one in the place before.
func (b *blog) inSeries(t *testing.T, title string, place int32) posts.Stored {
	t.Helper()
	d := published(title, time.Date(2024, 1, int(place)+1, 0, 0, 0, 0, time.UTC))
	d.Series, d.SeriesPlace = "Birds", place
	return b.save(t, d)
}

func TestOrderOfASeriesIsNotLost(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	one, two, three := b.inSeries(t, "One", 1), b.inSeries(t, "Two", 2), b.inSeries(t, "Three", 3)
	jane, grace := b.signedIn(t, "Jane Doe"), b.signedIn(t, "Grace Hopper")
	place := func(s posts.Stored) string { return fmt.Sprintf("place-%d", s.ID) }
	path := jane.get("/admin/series").link("Birds")
	mine, theirs := jane.get(path).form("title"), grace.get(path).form("title")
	grace.send(theirs, place(one), "9").leadsTo(path)

	// What only one of them moved stays where it was put.
	jane.send(mine, place(two), "7").leadsTo(path)
	if got := b.stored(t, one.ID).SeriesPlace; got != 9 {
		t.Errorf("got place %d, want hers", got)
	}
	// What both moved is asked about, with all that was typed.
	again := jane.send(mine, place(one), "4", place(three), "5", "description", "Long legs").want(409, "Somebody else gave it the number 9 meanwhile", "Long legs")
	if got := b.stored(t, three.ID).SeriesPlace; got != 3 {
		t.Errorf("got place %d stored, want nothing of it", got)
	}
	f := again.form("title")
	if f.values.Get(place(one)) != "4" || f.values.Get(place(three)) != "5" {
		t.Errorf("got %v in the form", f.values)
	}
	jane.send(f).leadsTo(path)
	for _, tt := range []struct {
		post posts.Stored
		want int32
	}{{one, 4}, {two, 7}, {three, 5}} {
		if got := b.stored(t, tt.post.ID).SeriesPlace; got != tt.want {
			t.Errorf("%s: got place %d, want %d", tt.post.Title, got, tt.want)
		}
	}
	// One that left the series meanwhile is left alone.
	f = jane.get(path).form("title")
	out := jane.get(edit(three)).form("markdown")
	jane.send(out, "series", "", "series_place", "", "action", "save").leadsTo(edit(three))
	jane.send(f, place(three), "1").leadsTo(path)
	if got := b.stored(t, three.ID); got.Series != "" || got.SeriesPlace != 0 {
		t.Errorf("got it back in %q at %d", got.Series, got.SeriesPlace)
	}
}

func TestSeriesParts(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	one, _, three := b.inSeries(t, "One", 1), b.inSeries(t, "Two", 2), b.inSeries(t, "Three", 3)
	b.inSeries(t, "Dated", 0)
	type answer struct {
		Known, Many   bool
		Number, Total int
		Parts         []struct{ Title, URL string }
	}
	ask := func(values ...string) (a answer) {
		t.Helper()
		query := url.Values{"title": {"New"}}
		for i := 0; i < len(values); i += 2 {
			query.Set(values[i], values[i+1])
		}
		if err := json.Unmarshal([]byte(br.get("/admin/series/parts?"+query.Encode()).want(200).body), &a); err != nil {
			t.Fatal(err)
		}
		return a
	}
	for _, tt := range []struct {
		values []string
		number int
		order  string
	}{
		{[]string{"series", "birds", "series_place", "2"}, 3, "One Two New Three Dated"},
		{[]string{"series", " BIRDS ", "series_place", "1", "published_at", "2000-01-01T00:00"}, 1, "New One Two Three Dated"},
		{[]string{"series", "birds"}, 5, "One Two Three Dated New"},
		{[]string{"series", "birds", "published_at", "2000-01-01T00:00"}, 4, "One Two Three New Dated"},
		{[]string{"series", "birds", "series_place", "nonsense", "published_at", "x"}, 5, "One Two Three Dated New"},
		{[]string{"series", "birds", "series_place", "9", "post", fmt.Sprint(one.ID)}, 3, "Two Three New Dated"},
		{[]string{"series", "birds", "series_place", "1", "post", fmt.Sprint(three.ID)}, 2, "One New Two Dated"},
	} {
		a := ask(tt.values...)
		var order []string
		for _, part := range a.Parts {
			order = append(order, part.Title)
			if (part.URL == "") != (part.Title == "New") {
				t.Errorf("%v: got %+v", tt.values, part)
			}
		}
		if got := strings.Join(order, " "); !a.Known || a.Number != tt.number || a.Total != len(order) || got != tt.order {
			t.Errorf("%v: got number %d of %d: %s, want %d: %s", tt.values, a.Number, a.Total, got, tt.number, tt.order)
		}
	}
	for _, series := range []string{"", "Fish", "a\x00b", "\xff", strings.Repeat("x", 5000)} {
		if a := ask("series", series); a.Known {
			t.Errorf("%.10q: got %+v", series, a)
		}
	}
	_, err := b.pool.Exec(t.Context(), `
		INSERT INTO posts (slug, title, status, published_at, author_id, markdown, html, excerpt, render_version, series_id, series_place)
		SELECT 'part-' || n, 'Part ' || n, 'published', now(), p.author_id, '', '', '', 1, p.series_id, n
		FROM posts p, generate_series(4, 1100) n WHERE p.id = $1`, one.ID)
	if err != nil {
		t.Fatal(err)
	}
	if a := ask("series", "birds"); !a.Many || len(a.Parts) != 0 {
		t.Errorf("got %+v of a long series, want no numbers", a)
	}
	br.get(br.get("/admin/series").link("Birds")).want(200, "may have more posts than fit here")
}
