package server_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"

	"broadsheet/internal/accounts"
	"broadsheet/internal/admin"
	"broadsheet/internal/changes"
	"broadsheet/internal/page"
	"broadsheet/internal/pagecache"
	"broadsheet/internal/postgres"
	"broadsheet/internal/postgrestest"
	"broadsheet/internal/posts"
	"broadsheet/internal/reader"
	"broadsheet/internal/server"
	"broadsheet/internal/site"
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
	}
	stop()
	for i, s := range c.copies {
		t.Logf("copy %d answered %d pages from memory and made %d", i, s.hits.Load(), s.misses.Load())
		if s.hits.Load() == 0 {
			t.Errorf("copy %d answered nothing from memory", i)
		}
	}
}

// copyOf is a whole copy of the server on a database.
type copyOf struct {
	pool         *pgxpool.Pool
	posts        *posts.Store
	site         *site.Store
	accounts     *accounts.Store
	follower     *changes.Follower
	cache        *pagecache.Cache
	handler      http.Handler
	hits, misses atomic.Int64
}

func newCopy(t *testing.T, databaseURL string, cacheSize int64, change ...func(*server.Options)) *copyOf {
	t.Helper()
	pool, err := postgres.Open(t.Context(), postgres.Config{URL: databaseURL, MaxConns: 6})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	base := &url.URL{Scheme: "http", Host: "blog.example"}
	c := &copyOf{pool: pool, posts: posts.NewStore(pool), site: site.NewStore(pool), accounts: accounts.NewStore(pool)}
	pages := page.New(c.site, c.posts, base, log)
	rd := reader.New(pages, c.posts)
	o := server.Options{
		Log: log, BaseURL: base, Pages: pages, Reader: rd,
		Admin: admin.New(pages, c.posts, c.accounts, c.site, base), Health: server.NewHealth(pool.Ping),
	}
	if cacheSize > 0 {
		c.follower = changes.NewFollower(pool, log)
		o.Follower = c.follower
		o.Cache = pagecache.New(pagecache.Options{
			Size: cacheSize, Address: reader.Address, Follower: c.follower,
			Served: func(_ http.ResponseWriter, _, outcome string) {
				if outcome == "hit" {
					c.hits.Add(1)
				} else {
					c.misses.Add(1)
				}
			},
		})
		c.cache = o.Cache
		c.follower.Tell(c.posts, pages, rd, o.Cache)
		c.run(t, c.follower.Run)
		c.run(t, o.Cache.Run)
	}
	for _, f := range change {
		f(&o)
	}
	c.handler = server.New(o)
	o.Health.Started()
	return c
}

// run runs f until the test ends.
func (c *copyOf) run(t *testing.T, f func(context.Context)) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); f(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
}

func (c *copyOf) get(ctx context.Context, address string) (status int, location, body string) {
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, httptest.NewRequestWithContext(ctx, "GET", address, nil))
	return w.Code, w.Header().Get("Location"), w.Body.String()
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

var coherenceAuthors = []string{"Ada", "Grace", "Jane"}

var coherenceTags = []string{"go", "sql", "css", "html"}

// draft is a new post, somewhere between the oldest and the newest.
func (c *coherence) draft() posts.Draft {
	d := posts.Draft{
		Title: fmt.Sprintf("Post %d", len(c.slugs)), Language: "en", AuthorID: c.authors[0], Status: posts.StatusPublished,
	}
	if c.random.IntN(3) > 0 {
		d.PublishedAt = time.Now().Add(-time.Duration(c.random.IntN(1e6)) * time.Second)
	}
	d.Tags = c.tags()
	c.place(&d)
	d.Coauthors = c.others()
	d.Featured = c.random.IntN(10) == 0
	return d
}

// place puts a post into one of two series, or none.
func (c *coherence) place(d *posts.Draft) {
	d.Series = []string{"", "First", "Second"}[c.random.IntN(3)]
	d.SeriesPlace = int32(c.random.IntN(5))
}

// kind makes a post a page, or a page a post.
func (c *coherence) kind(d *posts.Draft) {
	if d.Kind == posts.KindPage {
		d.Kind, d.Tags = posts.KindPost, c.tags()
		return
	}
	d.Kind, d.Tags, d.Series, d.Featured, d.Coauthors = posts.KindPage, nil, "", false, nil
}

// others names some of the authors, in any order.
func (c *coherence) others() []string {
	var handles []string
	for _, i := range c.random.Perm(len(coherenceAuthors)) {
		if c.random.IntN(3) == 0 {
			handles = append(handles, strings.ToLower(coherenceAuthors[i]))
		}
	}
	return handles
}

func (c *coherence) tags() []string {
	var tags []string
	for _, tag := range coherenceTags {
		if c.random.IntN(2) == 0 {
			tags = append(tags, tag)
		}
	}
	return tags
}

// save stores a new post, or the i-th with another edition, on either copy.
func (c *coherence) save(t *testing.T, i int, d posts.Draft) {
	t.Helper()
	isNew := d.Title == fmt.Sprintf("Post %d", len(c.slugs))
	var id, version int64
	if !slices.ContainsFunc(c.stored, func(s posts.Stored) bool { return s.Slug == d.TranslationOf }) {
		d.TranslationOf = "" // it was renamed or deleted since
	}
	if !isNew {
		id, version = c.stored[i].ID, c.stored[i].Version
	}
	edition := c.editions[d.Slug] + 1
	d.Markdown = fmt.Sprintf("This is edition %d. %s", edition, strings.Repeat("It goes on. ", c.random.IntN(100)))
	s := c.copies[c.random.IntN(len(c.copies))]
	stored, err := s.posts.Save(t.Context(), id, version, d)
	if err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if isNew || stored.Slug != c.stored[i].Slug {
		c.slugs = append(c.slugs, stored.Slug)
		c.addresses = append(c.addresses, "/posts/"+stored.Slug, "/"+stored.Slug)
	}
	if isNew {
		c.stored = append(c.stored, stored)
	} else {
		c.stored[i] = stored
	}
	c.editions[stored.Slug] = edition
}

// change does one thing at random that readers may notice, and says what.
func (c *coherence) change(t *testing.T) string {
	t.Helper()
	i := c.random.IntN(len(c.stored))
	d := c.stored[i].Draft
	d.UnpublishAt = time.Time{} // it may have passed by now
	what := "edit"
	switch n := c.random.IntN(144); {
	case n < 15:
		what, d = "publish", c.draft()
	case n < 45:
	case n < 55:
		what = "retag"
		if d.Kind != posts.KindPage {
			d.Tags = c.tags()
		}
	case n < 62:
		what, d.Status = "unpublish", posts.StatusDraft
	case n < 72:
		what, d.Status = "publish again", posts.StatusPublished
	case n < 77:
		what, d.PublishedAt = "move", time.Now().Add(-time.Duration(c.random.IntN(1e6))*time.Second)
	case n < 83:
		what, d.Status, d.PublishedAt = "schedule", posts.StatusPublished, time.Now().Add(time.Duration(c.random.IntN(400))*time.Millisecond)
	case n < 88:
		what, d.Slug = "rename", fmt.Sprintf("renamed-%d", len(c.slugs))
		c.editions[d.Slug] = c.editions[c.stored[i].Slug]
	case n < 92:
		return c.settings(t)
	case n < 95:
		return c.bulk(t)
	case n < 98:
		return c.delete(t, i)
	case n < 105:
		what = "place"
		if d.Kind != posts.KindPage {
			c.place(&d)
		}
	case n < 110:
		what, d.Featured = "feature", d.Kind != posts.KindPage && !d.Featured
	case n < 115:
		what = "change the kind of"
		c.kind(&d)
	case n < 120:
		what, d.TranslationOf = "translate", c.stored[c.random.IntN(len(c.stored))].Slug
		if d.TranslationOf == d.Slug || c.random.IntN(3) == 0 {
			d.TranslationOf = ""
		}
	case n < 126:
		what, d.Status = "end", posts.StatusPublished
		d.UnpublishAt = time.Now().Add(time.Duration(200+c.random.IntN(400)) * time.Millisecond)
		if d.PublishedAt.After(time.Now().Add(-time.Second)) {
			d.PublishedAt = time.Now().Add(-time.Second)
		}
	case n < 134:
		what = "name others in"
		if d.Kind != posts.KindPage {
			d.Coauthors = c.others()
		}
	default:
		return c.beside(t, i)
	}
	c.save(t, i, d)
	return what + " " + d.Title
}

func (c *coherence) settings(t *testing.T) string {
	t.Helper()
	settings := site.Default
	settings.Title = fmt.Sprintf("Blog %d", c.random.IntN(1000))
	if c.random.IntN(2) == 0 {
		settings.TimeZone = "Pacific/Kiritimati"
	}
	if err := c.copies[0].site.Save(t.Context(), settings); err != nil {
		t.Fatal(err)
	}
	return "settings"
}

// beside changes what pages show beside the text of posts, past every store.
func (c *coherence) beside(t *testing.T, i int) string {
	t.Helper()
	sql, args := "UPDATE posts SET author_id = $1, coauthor_ids = array_remove(coauthor_ids, $1) WHERE id = $2", []any{c.authors[c.random.IntN(3)], c.stored[i].ID}
	switch c.random.IntN(7) {
	case 3:
		sql, args = "UPDATE posts SET coauthor_ids = array_remove(ARRAY[$1::bigint], author_id) WHERE id = $2", []any{c.authors[c.random.IntN(3)], c.stored[i].ID}
	case 0:
		sql, args = "UPDATE users SET bio = $1 WHERE id = $2", []any{fmt.Sprint("Wrote ", c.random.IntN(1000)), c.authors[0]}
	case 1:
		sql, args = "UPDATE series SET title = $1 WHERE slug = 'first'", []any{fmt.Sprint("First ", c.random.IntN(1000))}
	case 2:
		sql, args = "UPDATE tags SET image = $1 WHERE slug = 'go'", []any{fmt.Sprintf("/media/%d/go.jpg", c.random.IntN(1000))}
	}
	if _, err := c.oracle.pool.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
	return sql
}

// bulk changes many posts in one statement, past every store.
func (c *coherence) bulk(t *testing.T) string {
	t.Helper()
	_, err := c.oracle.pool.Exec(t.Context(), "UPDATE posts SET excerpt = excerpt || '<p>more</p>' WHERE id % 3 = 0")
	if err != nil {
		t.Fatal(err)
	}
	return "bulk"
}

func (c *coherence) delete(t *testing.T, i int) string {
	t.Helper()
	p := c.stored[i]
	if err := c.copies[c.random.IntN(len(c.copies))].posts.Delete(t.Context(), p.ID, p.Version); err != nil {
		t.Fatal(err)
	}
	c.stored = append(c.stored[:i], c.stored[i+1:]...)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.editions[p.Slug] = 0
	c.floor.Delete(p.Slug)
	if len(c.stored) == 0 {
		t.Fatal("no post is left")
	}
	return "delete " + p.Title
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
