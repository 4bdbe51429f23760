package browsertest_test

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"

	"broadsheet/internal/accounts"
	"broadsheet/internal/posts"
)

var (
	proofRuns  = flag.Int("proof.runs", 3, "how many random runs prove that no word is lost")
	proofSeed  = flag.Uint64("proof.seed", 0, "the seed of the first run; 0 takes one at random")
	proofLanes = flag.Int("proof.lanes", 1, "how many runs go on at the same time, each with a server and a PostgreSQL of its own")
)

// run is one random run: two authors, or one author in two tabs, write words
// that are unlike all others into one post while all that can fail does.
type run struct {
	t       *testing.T
	seed    uint64
	random  *rand.Rand
	blog    *fragile
	writers []*writer
	desks   []*desk

	typed, missed int
	words         map[string]string // each word that was typed, and where
	givenUp       map[string]bool   // by an author who was asked to choose
	log           []string
	began         time.Time
	did           map[string]int
}

func (r *run) note(format string, args ...any) {
	r.log = append(r.log, fmt.Sprintf("%3d %6.2f s: ", len(r.log), time.Since(r.began).Seconds())+fmt.Sprintf(format, args...))
}

func (r *run) story() string { return strings.Join(r.log, "\n") }

// TestNoWordIsLost writes while the network, the server, the database and the
// session go away, and tabs close and crash. In the end all comes back, and each
// word that was typed is in the post or its working copy, or was given up by an
// author who chose between two texts, and is in the history:
//
//	make editor-proof RUNS=200
//	go test ./internal/browsertest -run NoWordIsLost -proof.seed 42 -proof.runs 1
func TestNoWordIsLost(t *testing.T) {
	t.Parallel()
	program := buildProgram(t)
	seed := *proofSeed
	if seed == 0 {
		seed = rand.Uint64N(1 << 40)
	}
	var mu sync.Mutex
	next, words, did := 0, 0, map[string]int{}
	took := func() (uint64, bool) {
		mu.Lock()
		defer mu.Unlock()
		next++
		return seed + uint64(next-1), next <= *proofRuns
	}
	began := time.Now()
	t.Run("lanes", func(t *testing.T) {
		for lane := range min(*proofLanes, *proofRuns) {
			t.Run(fmt.Sprint(lane), func(t *testing.T) {
				t.Parallel()
				f := newFragile(t, program)
				authors := f.authors(t)
				for seed, ok := took(); ok; seed, ok = took() {
					t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
						r := f.run(t, seed, authors)
						mu.Lock()
						defer mu.Unlock()
						words += len(r.words)
						for what, n := range r.did {
							did[what] += n
						}
					})
				}
			})
		}
	})
	t.Logf("%d runs in %.0f s, %d words typed; %v", *proofRuns, time.Since(began).Seconds(), words, did)
	if *proofRuns < 50 {
		return
	}
	for _, what := range []string{
		"kills", "kills while a form is sent", "restarts of the database", "sign-outs", "tabs closed", "tabs crashed", "reloads", "offline",
		"taken back", "choices", "pages of choices", "stored", "stored without JavaScript", "sent to nobody", "sent while signed out",
	} {
		if did[what] == 0 {
			t.Errorf("in %d runs there were no %s", *proofRuns, what)
		}
	}
}

func (f *fragile) authors(t *testing.T) (authors []accounts.User) {
	t.Helper()
	for _, name := range []string{"Ada Lovelace", "Grace Hopper"} {
		user, err := f.accounts.Add(t.Context(), accounts.NewUser{
			Name: name, Email: strings.ToLower(strings.Fields(name)[0]) + "@example.com", Password: password, Role: accounts.RoleOwner,
		}, "")
		if err != nil {
			t.Fatal(err)
		}
		authors = append(authors, user)
	}
	return authors
}

const firstText = "Herons wade.\n\nThey stand still.\n\nThey wait.\n\nThen they are fast.\n"

func (f *fragile) run(t *testing.T, seed uint64, authors []accounts.User) *run {
	f.t = t
	f.start()
	f.database()
	r := &run{
		t: t, seed: seed, random: rand.New(rand.NewPCG(seed, 1)), blog: f,
		words: map[string]string{}, givenUp: map[string]bool{}, did: map[string]int{}, began: time.Now(),
	}
	if _, err := f.pool.Exec(t.Context(), "DELETE FROM posts"); err != nil {
		t.Fatal(err)
	}
	path := "/admin/posts/new"
	if r.random.IntN(4) > 0 {
		d := posts.Draft{Title: "Herons", Markdown: firstText, Status: posts.StatusDraft, AuthorID: authors[0].ID, Language: "en"}
		if r.random.IntN(2) == 0 {
			d.Status, d.PublishedAt = posts.StatusPublished, time.Now().Add(-time.Hour)
		}
		post := f.save(t, d)
		path = editPath(post)
	}
	// Two authors, two tabs of one, or both.
	of := [][]int{{0, 1}, {0, 1}, {0, 0}, {0, 0, 1}}[r.random.IntN(4)]
	if path == "/admin/posts/new" {
		of = []int{0} // nobody else knows of it
	}
	for _, author := range authors[:slices.Max(of)+1] {
		r.writers = append(r.writers, &writer{run: r, name: author.Name, email: author.Email, id: author.ID, other: f.signedInWith(t, author.ID), signedIn: true})
	}
	for i, n := range of {
		d := &desk{writer: r.writers[n], number: i, path: path}
		r.desks = append(r.desks, d)
		d.open()
	}
	for range 18 + r.random.IntN(10) {
		r.step()
		if t.Failed() {
			break
		}
	}
	r.comeBack()
	r.count()
	if t.Failed() || *proofRuns == 1 && testing.Verbose() {
		t.Logf("seed %d: go test ./internal/browsertest -run NoWordIsLost -proof.seed %d -proof.runs 1\n%s", seed, seed, r.story())
	}
	return r
}

// step does one thing at random.
func (r *run) step() {
	if r.random.IntN(2) == 0 {
		time.Sleep(time.Duration(r.random.IntN(150)) * time.Millisecond)
	}
	writing := func(d *desk) bool { return d.writes() }
	switch n := r.random.IntN(100); {
	case n < 45:
		if d := pick(r.random, r.desks, writing); d != nil {
			d.write()
			if r.random.IntN(2) == 0 {
				d.keepNow()
			}
		} else {
			r.reopen()
		}
	case n < 50: // long enough for an autosave by itself
		time.Sleep(time.Duration(1500+r.random.IntN(1000)) * time.Millisecond)
	case n < 58: // the server is killed while autosave runs
		if r.blog.cmd == nil {
			r.note("the server is started")
			r.blog.start()
			return
		}
		if d := pick(r.random, r.desks, writing); d != nil {
			d.write()
			d.keepNow()
		}
		time.Sleep(time.Duration(r.random.IntN(25)) * time.Millisecond)
		r.note("the server is killed")
		r.did["kills"]++
		r.blog.kill()
	case n < 64:
		if d := pick(r.random, r.desks, writing); d != nil {
			d.write()
			d.keepNow()
		}
		time.Sleep(time.Duration(r.random.IntN(25)) * time.Millisecond)
		how := []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT}[r.random.IntN(2)]
		r.note("PostgreSQL gets %v", how)
		r.did["restarts of the database"]++
		r.blog.restartDatabase(how)
	case n < 70:
		if d := pick(r.random, r.desks, func(d *desk) bool { return d.tab != nil }); d != nil {
			d.network(d.offline)
			r.did["offline"]++
		}
	case n < 75:
		if r.blog.cmd == nil {
			return
		}
		w := r.writers[r.random.IntN(len(r.writers))]
		if w.signedIn {
			r.did["sign-outs"]++
			r.blog.database()
			w.signOut()
		} else {
			w.signIn()
		}
	case n < 80:
		if d := pick(r.random, r.desks, writing); d != nil {
			r.note("tab %d is loaded again", d.number)
			r.did["reloads"]++
			d.remember()
			d.tab.leaves("reloading", func() { call(d.tab, page.Reload, page.ReloadParams{}) })
			d.arrive()
		}
	case n < 86:
		if d := pick(r.random, r.desks, func(d *desk) bool { return d.tab != nil }); d != nil {
			if r.random.IntN(2) == 0 {
				r.note("tab %d is closed", d.number)
				r.did["tabs closed"]++
				d.close()
			} else {
				if d.writes() {
					d.tab.journal() // what is being written at that moment goes with the page
				}
				r.note("tab %d crashes", d.number)
				r.did["tabs crashed"]++
				d.crash()
			}
		}
	case n < 90:
		r.reopen()
	case n < 96:
		if d := pick(r.random, r.desks, writing); d != nil {
			if r.random.IntN(2) == 0 {
				d.write()
			}
			d.send()
		}
	default:
		w := r.writers[r.random.IntN(len(r.writers))]
		at := slices.IndexFunc(r.desks, func(d *desk) bool { return formAddress.MatchString(d.path) })
		if at < 0 || r.blog.cmd == nil || !w.signedIn {
			return
		}
		r.blog.database()
		w.writePlainly(r.desks[at].path, r.random.IntN(2) == 0)
	}
}

// reopen opens the form in a tab that does not show it.
func (r *run) reopen() {
	d := pick(r.random, r.desks, func(d *desk) bool { return !d.writes() })
	if d == nil {
		return
	}
	if r.blog.cmd == nil {
		r.note("the server is started")
		r.blog.start()
	}
	if !d.signedIn {
		r.blog.database()
		d.signIn()
	}
	if d.tab != nil && d.offline {
		d.network(true)
	}
	d.open()
}

// comeBack has all that failed work again, and every author looks at what they
// have.
func (r *run) comeBack() {
	r.note("all comes back")
	r.blog.start()
	r.blog.database()
	r.blog.start()
	for _, w := range r.writers {
		if !w.signedIn {
			w.signIn()
		}
	}
	for _, d := range r.desks {
		if d.tab == nil {
			continue
		}
		if d.offline {
			d.network(true)
		}
		if d.writes() {
			d.settle()
		}
		d.remember()
		d.close()
	}
	for _, w := range r.writers {
		paths := []string{"/admin/posts/new"}
		rows, err := r.blog.pool.Query(r.t.Context(), "SELECT id FROM posts ORDER BY id")
		if err != nil {
			r.t.Fatal(err)
		}
		for rows.Next() {
			var id int64
			if err := rows.Scan(&id); err != nil {
				r.t.Fatal(err)
			}
			paths = append(paths, fmt.Sprintf("/admin/posts/%d", id))
		}
		if err := rows.Err(); err != nil {
			r.t.Fatal(err)
		}
		d := &desk{writer: w, number: 9}
		left := 1
		for deadline := time.Now().Add(20 * time.Second); left > 0 && time.Now().Before(deadline); {
			for _, path := range paths {
				d.path = path
				d.open()
				d.settle()
				d.remember()
				if d.path != path && !slices.Contains(paths, d.path) {
					paths = append(paths, d.path) // a new post
				}
			}
			left = d.tab.journal()
		}
		if left > 0 {
			r.t.Errorf("seed %d: %d texts are left in the journal of %s that nobody is offered", r.seed, left, w.name)
		}
		d.close()
	}
}

// count looks for each word.
func (r *run) count() {
	t := r.t
	t.Helper()
	var now, all strings.Builder
	rows, err := r.blog.pool.Query(t.Context(), "SELECT id FROM posts")
	if err != nil {
		t.Fatal(err)
	}
	var ids []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	for _, id := range ids {
		working, stored, err := r.blog.posts.Open(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&now, working.Fields, working.Markdown, posts.ContentOf(stored))
		for _, w := range r.writers { // kept aside, and its author is told so
			aside, err := r.blog.posts.Aside(t.Context(), id, w.id)
			if err == nil {
				r.did["told of a text aside"]++
				fmt.Fprintln(&now, aside.Fields, aside.Markdown)
			} else if !errors.Is(err, posts.ErrNotFound) {
				t.Fatal(err)
			}
		}
	}
	var history []string
	if err := r.blog.pool.QueryRow(t.Context(), "SELECT coalesce(array_agg(fields::text || markdown), '{}') FROM revisions").Scan(&history); err != nil {
		t.Fatal(err)
	}
	for _, text := range history {
		all.WriteString(text)
	}
	found := map[string]bool{}
	for _, word := range wordPattern.FindAllString(now.String(), -1) {
		found[word] = true
	}
	for word, where := range maps.All(r.words) {
		switch {
		case found[word]:
		case r.givenUp[word] && strings.Contains(all.String(), word):
			r.did["given up"]++
		default:
			t.Errorf("seed %d: %s is lost (%s; in the history: %t)", r.seed, word, where, strings.Contains(all.String(), word))
		}
	}
	if r.missed > len(r.words)/10+2 {
		t.Errorf("seed %d: %d words could not be typed", r.seed, r.missed)
	}
}
