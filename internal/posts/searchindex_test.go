package posts_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"broadsheet/internal/posts"
)

// A post that was written before there were lexemes is found by its words as
// they are, and by their stems from the moment on that the server got to it.
func TestPostsWithoutLexemesAreFound(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.write("en", "Old", "", "Newspapers are folded.")
	b.exec("UPDATE posts SET lexemes = NULL; DELETE FROM words; DELETE FROM search_configs WHERE config <> 'simple'")
	check := func(when string, want map[string]int) {
		t.Helper()
		for words, n := range want {
			if got := len(b.search(posts.Search{Words: words})); got != n {
				t.Errorf("%s, %s: got %d posts, want %d", when, words, got, n)
			}
		}
	}
	check("before", map[string]int{"newspapers": 1, "newspaper": 0, `"newspapers are"`: 1, "-newspapers": 0, "-never": 1, "old": 1})
	if n, err := b.IndexStale(t.Context(), 10); n != 1 || err != nil {
		t.Errorf("got %d posts and error %v, want 1", n, err)
	}
	check("after", map[string]int{"newspapers": 1, "newspaper": 1, `"newspaper are folding"`: 1, "-newspaper": 0, "-never": 1, "old": 1})
	if n, err := b.IndexStale(t.Context(), 10); n != 0 || err != nil {
		t.Errorf("again: got %d posts and error %v, want none", n, err)
	}
	var words int
	if err := b.pool.QueryRow(t.Context(), "SELECT count(*) FROM words WHERE word = 'old'").Scan(&words); err != nil || words != 1 {
		t.Errorf("got the title's word %d times and error %v, want it kept", words, err)
	}
}

// An older copy of the server writes without knowing of lexemes.
func TestLexemesFollowEveryWrite(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	stored := b.write("en", "One", "", "Apples.", "fruit")
	b.exec("UPDATE posts SET plain = 'pears', language = 'de', title = 'Two', summary = 'Mustard', tag_ids = '{}' WHERE id = $1", stored.ID)
	for words, n := range map[string]int{"apple": 0, "one": 0, "fruit": 0, "pears": 1, "two": 1, "mustard": 1} {
		if got := len(b.search(posts.Search{Words: words})); got != n {
			t.Errorf("%s: got %d posts, want %d", words, got, n)
		}
	}
}

func TestRenamedTags(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	const n = 5
	for range n {
		b.write("en", "Title", "", "Text.", "Golang")
	}
	b.exec("UPDATE tags SET name = 'Gophers' WHERE name = 'Golang'")
	b.exec("DELETE FROM changes")
	steps := 0
	for {
		done, err := b.IndexStale(t.Context(), 2)
		if err != nil {
			t.Fatal(err)
		}
		if done == 0 {
			break
		}
		steps++
	}
	if steps != 4 { // two, two, one, and that there are no more
		t.Errorf("got %d steps, want 4", steps)
	}
	if got := len(b.search(posts.Search{Words: "gopher"})); got != n {
		t.Errorf("by the new name: got %d posts, want %d", got, n)
	}
	if got := len(b.search(posts.Search{Words: "golang"})); got != 0 {
		t.Errorf("by the old name: got %d posts, want none", got)
	}
	var told int
	if err := b.pool.QueryRow(t.Context(), "SELECT count(*) FROM changes WHERE keys @> '{search}'").Scan(&told); err != nil || told != 3 {
		t.Errorf("got %d changes told and error %v, want 3", told, err)
	}
	if got, err := b.Respell(t.Context(), "gofers"); got != "gophers" || err != nil {
		t.Errorf("got %q and error %v, want gophers", got, err)
	}
}

func TestWordsAreOfWhatReadersSee(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	respell := func(typed, want string) {
		t.Helper()
		if got, err := b.Respell(t.Context(), typed); got != want || err != nil {
			t.Errorf("%s: got %q and error %v, want %q", typed, got, err, want)
		}
	}
	b.save(0, 0, b.draft("Confidential"))
	respell("confidentail", "")
	later := b.draft("Scheduled announcement")
	later.Status, later.PublishedAt = posts.StatusPublished, time.Now().Add(time.Hour)
	b.save(0, 0, later)
	respell("anouncement", "")

	first := b.write("en", "Announcement", "", "")
	respell("anouncement", "announcement")
	b.write("en", "Another announcement", "", "")
	if err := b.Delete(t.Context(), first.ID, first.Version); err != nil {
		t.Fatal(err)
	}
	b.write("en", "Third announcement", "", "") // which takes the word over
	respell("ANOUNCEMENT two", "announcement two")

	b.exec("UPDATE words SET id = DEFAULT") // as if 50,000 words had come since
	b.exec("SELECT setval('words_id_seq', 200000)")
	b.write("en", "Fresh", "", "")
	respell("anouncement", "")
	respell("frseh", "fresh")
}

func TestDistance(t *testing.T) {
	t.Parallel()
	got := map[string]int{}
	for _, pair := range []string{"a a", "abc abd", "abc acb", "abc ab", "abc xabc", "abc cab", "kitten sitting", "größe grösse", " abc"} {
		a, b, _ := strings.Cut(pair, " ")
		got[pair] = posts.Distance(a, b)
		if other := posts.Distance(b, a); other != got[pair] {
			t.Errorf("%s: got %d and %d the other way round", pair, got[pair], other)
		}
	}
	want := map[string]int{"a a": 0, "abc abd": 1, "abc acb": 1, "abc ab": 1, "abc xabc": 1, "abc cab": 2, "kitten sitting": 3, "größe grösse": 2, " abc": 3}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
