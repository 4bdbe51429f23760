package posts_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"broadsheet/internal/posts"
)

func (b blog) rows(f posts.RowFilter) posts.RowPage {
	b.t.Helper()
	page, err := b.Rows(b.t.Context(), f)
	if err != nil {
		b.t.Fatalf("rows %+v: %v", f, err)
	}
	return page
}

func rowTitles(p posts.RowPage) []string {
	var titles []string
	for _, r := range p.Rows {
		titles = append(titles, r.Title)
	}
	return titles
}

func TestRowsByState(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.publish("old", 48*time.Hour, "a")
	b.publish("new", time.Hour)
	b.save(0, 0, b.draft("draft"))
	b.publish("in two days", -48*time.Hour)
	b.publish("in an hour", -time.Hour)
	for state, want := range map[posts.State][]string{
		posts.StateAll:       {"in an hour", "in two days", "draft", "new", "old"},
		posts.StateDraft:     {"draft"},
		posts.StateScheduled: {"in two days", "in an hour"},
		posts.StatePublished: {"new", "old"},
	} {
		page := b.rows(posts.RowFilter{State: state})
		if diff := cmp.Diff(want, rowTitles(page)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", state, diff)
		}
	}
	if diff := cmp.Diff([]string{"draft"}, rowTitles(b.rows(posts.RowFilter{Query: "draft"}))); diff != "" {
		t.Errorf("search (-want +got):\n%s", diff)
	}
}

func TestRowsPageBothWays(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for n := range 7 {
		b.save(0, 0, b.draft(fmt.Sprint(n)))
	}
	for _, state := range []posts.State{posts.StateAll, posts.StateDraft} {
		first := b.rows(posts.RowFilter{State: state, Limit: 3})
		second := b.rows(posts.RowFilter{State: state, Limit: 3, After: first.Older})
		third := b.rows(posts.RowFilter{State: state, Limit: 3, After: second.Older})
		got := append(append(rowTitles(first), rowTitles(second)...), rowTitles(third)...)
		if diff := cmp.Diff([]string{"6", "5", "4", "3", "2", "1", "0"}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", state, diff)
		}
		back := b.rows(posts.RowFilter{State: state, Limit: 3, Before: third.Newer})
		if diff := cmp.Diff(rowTitles(second), rowTitles(back)); diff != "" || back.AtTop {
			t.Errorf("%s, back (-want +got):\n%s", state, diff)
		}
	}
}
