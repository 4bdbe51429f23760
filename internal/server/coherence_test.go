package server_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"broadsheet/internal/postgrestest"
	"broadsheet/internal/posts"
)

var (
	coherenceSteps = flag.Int("coherence.steps", 120, "how many random changes to make")
	coherenceSeed  = flag.Uint64("coherence.seed", 0, "of the random changes; 0 takes one by the clock")
)

// TestNoReaderSeesAnythingOld changes a blog at random on two copies of the
// server while readers read on both. After each change, as soon as either copy
// says that it knows, every page that it serves must be the one that a third
// copy, which remembers nothing, makes of the database. And no reader at any
// time may see an older edition of a post than was known when he asked.
func TestNoReaderSeesAnythingOld(t *testing.T) {
	t.Parallel()
	seed := *coherenceSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("go test -run %s -coherence.steps %d -coherence.seed %d", t.Name(), *coherenceSteps, seed)
	c := newCoherence(t, seed)
	stop := c.read(t)
	for step := range *coherenceSteps {
		what := c.change(t)
		for i, s := range c.copies {
			if err := s.follower.Sync(t.Context()); err != nil {
				t.Fatalf("step %d, %s: copy %d cannot tell what changed: %v", step, what, i, err)
			}
		}
		c.known()
		c.check(t, fmt.Sprintf("step %d, %s", step, what), step%50 == 49)
		if t.Failed() {
			break
		}
		if (step+1)%500 == 0 {
			t.Logf("%d changes", step+1)
		}
	}
	stop()
	for i, s := range c.copies {
		t.Logf("copy %d answered %d pages from memory and made %d", i, s.hits.Load(), s.misses.Load())
		if s.hits.Load() == 0 {
			t.Errorf("copy %d answered nothing from memory", i)
		}
	}
}

// coherence is the blog that is changed, and what is known of it.
type coherence struct {
	random  *rand.Rand
	copies  []*copyOf
	oracle  *copyOf
	authors [3]int64

	mu        sync.Mutex
	slugs     []string // all that ever were
	addresses []string // of pages to look at
	fixed     int      // how many of these are looked at after each change

	stored   []posts.Stored // posts as they are
	editions map[string]int // by slug, as saved last
	floor    sync.Map       // by slug: the edition that every copy knows of
}

func newCoherence(t *testing.T, seed uint64) *coherence {
	databaseURL := postgrestest.NewURL(t)
	c := &coherence{
		random:    rand.New(rand.NewPCG(seed, 0)),
		copies:    []*copyOf{newCopy(t, databaseURL, 64<<20), newCopy(t, databaseURL, 300<<10)},
		oracle:    newCopy(t, databaseURL, 0),
		editions:  map[string]int{},
		addresses: []string{"/", "/tags", "/search?q=edition", "/?tag=go&tag=sql", "/?tag=css&tag=go&tag=sql"},
	}
	var err error
	for i, name := range coherenceAuthors {
		if c.authors[i], err = c.oracle.accounts.EnsureAuthor(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	for _, tag := range coherenceTags {
		c.addresses = append(c.addresses, "/tags/"+tag)
	}
	now := time.Now().UTC()
	c.addresses = append(c.addresses, "/archive", now.Format("/archive/2006"), now.Format("/archive/2006/01"),
		now.AddDate(0, 0, -7).Format("/archive/2006/01"), "/authors/ada", "/authors/grace", "/authors/jane",
		"/authors/jane/feed.json", "/search?q=edition+author:jane", "/series/first", "/series/second")
	c.fixed = len(c.addresses)
	for range 30 {
		c.save(t, 0, c.draft())
	}
	for _, s := range c.copies {
		if err := s.follower.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// known notes that every copy knows of all editions so far.
func (c *coherence) known() {
	for slug, edition := range c.editions {
		if edition > 0 {
			c.floor.Store(slug, edition)
		}
	}
}

var links = regexp.MustCompile(`rel="(?:next|prev)" href="([^"]+)"`)

// check compares pages of the copies with the oracle's: some, or all.
func (c *coherence) check(t *testing.T, when string, all bool) {
	t.Helper()
	c.mu.Lock()
	addresses := append([]string(nil), c.addresses...)
	c.mu.Unlock()
	if !all {
		rest := addresses[c.fixed:]
		c.random.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
		addresses = addresses[:min(len(addresses), c.fixed+6)]
	}
	for n := 0; n < len(addresses) && n < 150; n++ {
		address := addresses[n]
		for {
			want := answerOf(c.oracle.get(t.Context(), address))
			var got []string
			for _, s := range c.copies {
				got = append(got, answerOf(s.get(t.Context(), address)))
			}
			if answerOf(c.oracle.get(t.Context(), address)) != want {
				continue // a scheduled post appeared meanwhile: ask again
			}
			for i := range got {
				if got[i] != want {
					t.Errorf("%s: copy %d, %s (-want +got):\n%s", when, i, address, cmp.Diff(want, got[i]))
				}
			}
			break
		}
		if all && len(addresses) < 150 {
			_, _, body := c.oracle.get(t.Context(), address)
			for _, link := range links.FindAllStringSubmatch(body, -1) {
				if strings.Contains(link[1], "after=") || strings.Contains(link[1], "before=") {
					addresses = append(addresses, strings.ReplaceAll(link[1], "&amp;", "&"))
				}
			}
		}
	}
}

var requestNumber = regexp.MustCompile(`<code>[0-9a-f]{16}</code>`)

// suggestions are left out of an error page while others look for some.
var suggestions = regexp.MustCompile(`(?s)<section class="recent">\s*<h2>Did you mean</h2>.*?</section>\s*`)

func answerOf(status int, location, body string) string {
	body = suggestions.ReplaceAllString(requestNumber.ReplaceAllString(body, ""), "")
	return fmt.Sprint(status, " ", location, "\n", body)
}

var editionOf = regexp.MustCompile(`This is edition (\d+)\.`)

// read has readers ask both copies for posts until stop is called, and fails
// when one sees an older edition than was known when he asked.
func (c *coherence) read(t *testing.T) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	for i := range 4 {
		readers.Go(func() {
			random := rand.New(rand.NewPCG(uint64(i), 0))
			for ctx.Err() == nil {
				// As readers do: otherwise they leave no time for the changes.
				time.Sleep(time.Duration(random.IntN(20)) * time.Millisecond)
				c.mu.Lock()
				slug := c.slugs[random.IntN(len(c.slugs))]
				listing := c.addresses[random.IntN(len(c.addresses))]
				c.mu.Unlock()
				s := c.copies[i%len(c.copies)]
				s.get(ctx, listing)

				known, _ := c.floor.Load(slug)
				_, _, body := s.get(ctx, "/posts/"+slug)
				seen := editionOf.FindStringSubmatch(body)
				if known == nil || seen == nil {
					continue
				}
				if edition, _ := strconv.Atoi(seen[1]); edition < known.(int) {
					t.Errorf("copy %d shows edition %d of %s, %d was known before", i%len(c.copies), edition, slug, known)
				}
			}
		})
	}
	return func() { cancel(); readers.Wait() }
}
