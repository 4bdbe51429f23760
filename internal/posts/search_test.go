package posts_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"broadsheet/internal/posts"
)

// search returns the titles that a search finds, the best first.
func (b blog) search(f posts.Search) []string {
	b.t.Helper()
	page, err := b.Search(b.t.Context(), f)
	if err != nil {
		b.t.Fatalf("searching %+v: %v", f, err)
	}
	return hitTitles(page)
}

func hitTitles(page posts.SearchPage) (titles []string) {
	for _, h := range page.Hits {
		titles = append(titles, h.Card.Title)
	}
	return titles
}

// write publishes a post of which the test says what it is found by.
func (b blog) write(language, title, summary, text string, tags ...string) posts.Stored {
	b.t.Helper()
	d := b.draft(title, tags...)
	d.Language, d.Summary, d.Markdown = language, summary, text
	d.Status, d.PublishedAt = posts.StatusPublished, time.Now().Add(-time.Hour)
	return b.save(0, 0, d)
}

func TestSearchSyntax(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.write("en", "Shell", "", "Cursors in the shell blink.")
	b.write("en", "Database", "", "Cursors in a database page.")
	b.save(0, 0, b.draft("Cursors unpublished"))
	for query, want := range map[string][]string{
		"cursors":              {"Database", "Shell"},
		"cursors -shell":       {"Database"},
		"-shell":               {"Database"},
		"-cursors":             nil,
		"shell or database":    {"Database", "Shell"},
		`"cursors in the"`:     {"Database", "Shell"}, // stop words are places
		`"the shell blinks"`:   {"Shell"},
		`"cursors shell"`:      nil,
		`-"shell blinks"`:      {"Database"},
		"unpublished":          nil,
		"the":                  nil,
		`"`:                    nil,
		"or":                   nil,
		"- or \"":              nil,
		`%_\' OR -`:            nil,
		"'; DROP TABLE posts;": nil,
		"a | b & !c <-> (d:*":  nil,
	} {
		got := b.search(posts.Search{Words: query})
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
}

// What stands more prominently, or more often, comes first.
func TestSearchRanks(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.write("en", "Text", "", "A newspaper is mentioned here.")
	b.write("en", "Often", "", "Newspapers, newspapers and one more newspaper.")
	b.write("en", "Summary", "About newspapers.", "Nothing.")
	b.write("en", "Tagged", "", "Nothing else.", "Newspapers")
	b.write("en", "Newspapers", "", "Nothing.")
	b.write("en", "Nothing", "", "Nothing.")
	got := b.search(posts.Search{Words: "newspaper"})
	want := []string{"Newspapers", "Tagged", "Summary", "Often", "Text"} // of two alike the later one
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Words are reduced to their stems as the post's language asks, whichever
// languages the blog has.
func TestSearchKnowsLanguages(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.write("de-AT", "Häuser", "", "Die Zeitungen liegen in den Häusern.")
	b.write("fr", "Journaux", "", "Les nouvelles continuent.")
	b.write("en", "Running", "", "Houses are running.")
	b.write("ja", "新聞", "", "kami desu")
	for query, want := range map[string][]string{
		"Zeitung":       {"Häuser"},
		"haus zeitung":  {"Häuser"},
		"zeitung -haus": nil,
		"nouvelle":      {"Journaux"},
		"nouvelles":     {"Journaux"},
		"runs":          {"Running"},
		"house -runs":   nil,
		"-runs":         {"Häuser", "Journaux", "新聞"},
		"新聞":            {"新聞"},
		"kami":          {"新聞"},
	} {
		got := b.search(posts.Search{Words: query})
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
}

func TestSearchFilters(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	one := b.write("en", "One", "", "Same text.", "go", "testing")
	b.write("en", "Two", "", "Same text.", "go")
	d := b.draft("Three")
	d.Series, d.Markdown, d.Status = "Numbers", "Same text.", posts.StatusPublished
	d.PublishedAt = time.Date(2019, 5, 1, 12, 0, 0, 0, time.UTC)
	b.save(0, 0, d)
	series, err := b.SeriesBySlug(t.Context(), "numbers")
	if err != nil {
		t.Fatal(err)
	}
	golang, testing := b.tag("go"), b.tag("testing")
	year := func(y int) time.Time { return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC) }
	for _, tt := range []struct {
		name string
		f    posts.Search
		want []string
	}{
		{"none", posts.Search{}, []string{"Three", "Two", "One"}},
		{"tag", posts.Search{Tags: []posts.Tag{golang}}, []string{"Two", "One"}},
		{"two tags", posts.Search{Tags: []posts.Tag{testing, golang}}, []string{"One"}},
		{"author", posts.Search{Author: b.author}, []string{"Three", "Two", "One"}},
		{"another author", posts.Search{Author: b.author + 1}, nil},
		{"series", posts.Search{Series: series.ID}, []string{"Three"}},
		{"year", posts.Search{From: year(2019), To: year(2020)}, []string{"Three"}},
		{"year of none", posts.Search{From: year(2018), To: year(2019)}, nil},
		{"tag and year", posts.Search{Tags: []posts.Tag{golang}, From: year(2019), To: year(2020)}, nil},
		{"series, author and year", posts.Search{Series: series.ID, Author: b.author, From: year(2019), To: year(2020)}, []string{"Three"}},
	} {
		for _, words := range []string{"", "text", "-never"} {
			tt.f.Words = words
			if diff := cmp.Diff(tt.want, b.search(tt.f)); diff != "" {
				t.Errorf("%s, words %q (-want +got):\n%s", tt.name, words, diff)
			}
		}
	}
	_ = one
}

func TestSearchPagesBothWays(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for n := range 7 {
		b.write("en", fmt.Sprint("Post ", n), "", strings.Repeat("word ", 1+n/2)+strings.Repeat("other ", 20))
	}
	for _, words := range []string{"word", ""} {
		all := b.search(posts.Search{Words: words})
		if len(all) != 7 {
			t.Fatalf("%q: got %v, want all", words, all)
		}
		var got, back []string
		var pages []posts.SearchPage
		f := posts.Search{Words: words, Limit: 3}
		for {
			page, err := b.Search(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			pages, got = append(pages, page), append(got, hitTitles(page)...)
			if f.After = page.Further; f.After == "" {
				break
			}
		}
		if diff := cmp.Diff(all, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", words, diff)
		}
		f.Before = pages[2].Better
		page, err := b.Search(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		if back = hitTitles(page); !slices.Equal(back, all[3:6]) || page.AtTop || page.Further == "" {
			t.Errorf("%q: back got %v, want %v", words, back, all[3:6])
		}
		f.Before = page.Better
		if page, err = b.Search(t.Context(), f); err != nil || !page.AtTop || !slices.Equal(hitTitles(page), all[:3]) {
			t.Errorf("%q: at the top got %+v and error %v", words, page, err)
		}
	}
	cursor := b.list(posts.Filter{Limit: 2}).Older
	for name, f := range map[string]posts.Search{
		"of a listing":    {Words: "word", After: cursor},
		"beyond any rank": {After: posts.EncodeCursor(time.Now(), 1, posts.Search{}.Scope())},
		"both":            {After: cursor, Before: cursor},
	} {
		_, err := b.Search(t.Context(), f)
		if wantErr(t, err, posts.ErrBadCursor); err == nil {
			t.Errorf("cursor %s: got no error", name)
		}
	}
}

func TestSearchMarksWords(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.write("en", "A <b>paper</b> & more", "", "Before it, `<i>`. "+strings.Repeat("Filler text goes on. ", 50)+
		"Then two papers are folded. "+strings.Repeat("Filler text goes on. ", 50))
	page, err := b.Search(t.Context(), posts.Search{Words: "paper"})
	if err != nil || len(page.Hits) != 1 {
		t.Fatalf("got %+v and error %v, want a post", page, err)
	}
	h := page.Hits[0]
	if want := "A &lt;b&gt;<mark>paper</mark>&lt;/b&gt; &amp; more"; string(h.Title) != want {
		t.Errorf("got title %q, want %q", h.Title, want)
	}
	if s := string(h.Snippet); !strings.Contains(s, "two <mark>papers</mark> are") || len(s) > 500 || strings.Contains(s, "<i>") {
		t.Errorf("got snippet %q, want some words around “papers”", s)
	}
}

func TestBusySearch(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.publish("Cursors", time.Hour)

	release := b.HoldSearches()
	_, err := b.Search(t.Context(), posts.Search{Words: "cursors"})
	wantErr(t, err, posts.ErrBusy)
	_, err = b.Rows(t.Context(), posts.RowFilter{Query: "cursors"})
	wantErr(t, err, posts.ErrBusy)
	_, err = b.Suggest(t.Context(), "curs")
	wantErr(t, err, posts.ErrBusy)
	left, leave := context.WithCancel(t.Context())
	leave()
	if _, err := b.Search(left, posts.Search{Words: "cursors"}); !errors.Is(err, context.Canceled) {
		t.Errorf("a reader who left: got %v, want context.Canceled", err)
	}
	if got := titles(b.list(posts.Filter{})); len(got) != 1 {
		t.Errorf("other pages meanwhile: got %v, want the post", got)
	}
	release()
	for range 3 { // each gives its turn back
		if got := b.search(posts.Search{Words: "cursors"}); len(got) != 1 {
			t.Errorf("afterwards: got %v, want the post", got)
		}
	}
}
