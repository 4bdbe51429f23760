package admin_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAutosavesOfTwoAreMerged(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	jane, john := b.signedIn(t, "Jane Doe"), b.signedIn(t, "John Roe")
	d := draft("Herons")
	d.Markdown = "One.\n\nTwo stands.\n"
	post := b.save(t, d)
	mine, theirs := jane.get(edit(post)).form("markdown"), john.get(edit(post)).form("markdown")
	john.autosave(theirs, "markdown", "One.\n\nTwo stands still.\n", "published_at", "2030-05-06T07:08").want(200)
	got := jane.autosave(mine, "markdown", "One, mine.\n\nTwo stands.\n", "tags", "birds").want(200).told()
	if got.Merged == nil || got.Merged.Markdown != "One, mine.\n\nTwo stands still.\n" || got.Merged.Fields["tags"] != "birds" ||
		got.Merged.Fields["published_at"] != "2030-05-06T07:08" || got.Merged.Fields["shown"] != "2030-05-06T07:08:00Z" {
		t.Fatalf("got %+v, want both", got.Merged)
	}
	conflict := jane.autosave(mine, "markdown", "One.\n\nTwo flies.\n", "published_at", "2031-05-06T07:08", "language", "de").want(409).told()
	if conflict.By != "Jane Doe" || conflict.Edit != got.Edit || conflict.Theirs.Markdown != got.Merged.Markdown || conflict.Fields["language"] != "de" || conflict.Error == "" {
		t.Errorf("got %+v", conflict)
	}
	if len(conflict.Conflicts) != 1 || conflict.Conflicts[0].Field != "published_at" || conflict.Conflicts[0].Mine != "2031-05-06T07:08" || conflict.Conflicts[0].Theirs != "2030-05-06T07:08" {
		t.Errorf("got conflicts %+v", conflict.Conflicts)
	}
	if diff := cmp.Diff([]map[string]string{{"same": "One, mine.\n\nTwo "}, {"base": "stands", "mine": "flies", "theirs": "stands still"}, {"same": ".\n"}}, conflict.Text); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
	jane.get(edit(post)).want(200, "A text of yours is kept aside")

	// The base of a text that only its sender has.
	if _, err := b.pool.Exec(t.Context(), "DELETE FROM revisions WHERE edit = 1"); err != nil {
		t.Fatal(err)
	}
	if need := jane.autosave(mine, "summary", "Short").want(409).told(); need.Need != "base" {
		t.Fatalf("got %+v, want that it needs the base", need)
	}
	was := text{Fields: map[string]string{}, Markdown: mine.values.Get("markdown")}
	for name := range mine.values {
		was.Fields[name] = mine.values.Get(name)
	}
	base, err := json.Marshal(was)
	if err != nil {
		t.Fatal(err)
	}
	if with := jane.autosave(mine, "summary", "Short", "base", string(base)).want(200).told(); with.Merged == nil || with.Merged.Fields["summary"] != "Short" || with.Merged.Markdown != got.Merged.Markdown {
		t.Errorf("got %+v", with)
	}
	jane.autosave(mine, "summary", "Other", "base", "{").want(400)
}

// What another has typed and not saved is not published by somebody who has
// not seen it.
func TestNothingUnseenIsPublished(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	jane, john := b.signedIn(t, "Jane Doe"), b.signedIn(t, "John Roe")
	d := published("Herons", time.Now().Add(-time.Hour))
	d.Markdown = "One.\n\nTwo.\n"
	post := b.save(t, d)
	mine, theirs := jane.get(edit(post)).form("markdown"), john.get(edit(post)).form("markdown")
	john.autosave(theirs, "markdown", "One.\n\nTwo, half a senten\n").want(200)
	shown := jane.send(mine, "markdown", "One, mine.\n\nTwo.\n").want(409, "Look at this before readers see it").form("markdown")
	if got := shown.values.Get("markdown"); got != "One, mine.\n\nTwo, half a senten\n" {
		t.Errorf("got %q in the form, want both", got)
	}
	jane.get("/posts/herons").want(200).wantNot("senten", "mine")
	jane.send(shown, "markdown", "One, mine.\n\nTwo, half a sentence.\n").leadsTo(edit(post))
	jane.get("/posts/herons").want(200, "One, mine.", "half a sentence.")
}

// Two authors write at once, with and without JavaScript, and press buttons;
// now and then an answer is lost. Each word that either of them typed is in the
// post in the end, or in a text kept aside.
func TestTwoAuthorsLoseNoWord(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	seed := rand.Uint64()
	d := draft("Herons")
	d.Markdown = "start0.\n\nstart1.\n\nstart2.\n\nstart3.\n\nstart4.\n\nstart5.\n"
	post := b.save(t, d)
	const rounds = 25
	var group sync.WaitGroup
	typed := make([][]string, 2)
	for n := range typed {
		br := b.signedIn(t, fmt.Sprintf("Author %d", n))
		random := rand.New(rand.NewPCG(seed, uint64(n)))
		group.Go(func() {
			f := br.get(edit(post)).form("markdown")
			for round := range rounds {
				word := fmt.Sprintf("w%dx%d", n, round)
				typed[n] = append(typed[n], word)
				paragraphs := strings.Split(strings.TrimSpace(f.values.Get("markdown")), "\n\n")
				paragraphs[random.IntN(len(paragraphs))] += " " + word + "."
				before := f
				f = f.with("markdown", strings.Join(paragraphs, "\n\n")+"\n")
				if random.IntN(3) == 0 { // a form without JavaScript
					got := br.send(f, "action", []string{"save", "publish"}[random.IntN(2)])
					for got.status == 409 {
						page := "parts"
						if strings.Contains(got.body, "Look at this before") || strings.Contains(got.body, "Somebody published this") {
							page = "markdown"
						}
						got = br.send(got.form(page))
					}
					got.want(303)
					f = br.get(edit(post)).form("markdown")
					continue
				}
				got := br.autosave(f)
				if got.status == 409 && got.told().Need == "base" {
					was := text{Fields: map[string]string{}, Markdown: before.values.Get("markdown")}
					for name := range before.values {
						was.Fields[name] = before.values.Get(name)
					}
					base, _ := json.Marshal(was)
					got = br.autosave(f, "base", string(base))
				}
				switch now := got.told(); {
				case got.status == 409: // both are kept: begin with what is there
					f = br.get(edit(post)).form("markdown")
				case got.status != 200:
					t.Errorf("seed %d: got status %d: %s", seed, got.status, got.body)
				case now.Merged != nil:
					f = br.get(edit(post)).form("markdown")
				default:
					f = f.with("edit", fmt.Sprint(now.Edit), "version", fmt.Sprint(now.Version))
				}
			}
		})
	}
	group.Wait()
	w, _, err := b.posts.Open(t.Context(), post.ID)
	if err != nil {
		t.Fatal(err)
	}
	all := w.Markdown
	rows, err := b.pool.Query(t.Context(), "SELECT markdown FROM revisions WHERE kind = 'aside'")
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var aside string
		if err := rows.Scan(&aside); err != nil {
			t.Fatal(err)
		}
		all += "\n" + aside
	}
	there := map[string]bool{}
	for _, word := range strings.FieldsFunc(all, func(r rune) bool { return strings.ContainsRune(" .\n", r) }) {
		there[word] = true
	}
	for _, word := range slices.Concat(typed...) {
		if !there[word] {
			t.Errorf("seed %d: %s is lost", seed, word)
		}
	}
	if len(there) < 2*rounds || maps.Equal(there, map[string]bool{}) {
		t.Errorf("seed %d: got %d words", seed, len(there))
	}
}
