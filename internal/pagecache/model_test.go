package pagecache_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"broadsheet/internal/pagecache"
)

const (
	modelPosts  = 8
	modelPlaces = 16
	modelPages  = 24
	// Reads of each of the readers.
	modelReaders, modelReads = 4, 4000
)

// counter is something in the model's database that changes by counting up.
type counter struct {
	name, key string       // what pages call it, and changes
	now       atomic.Int64 // in the database
	told      atomic.Int64 // what the cache was told of, by name
	reset     atomic.Int64 // what it was told of in any way
}

// raise raises a number to n; others do the same.
func raise(number *atomic.Int64, n int64) {
	for {
		if old := number.Load(); old >= n || number.CompareAndSwap(old, n) {
			return
		}
	}
}

// model is a database of counters, and pages that each show some of them.
type model struct {
	counters []*counter // posts, then the places of a list
	pages    [][]int    // which counters each shows
	deps     [][]pagecache.Dep
	away     atomic.Bool
	reads    atomic.Int64
}

func newModel(random *rand.Rand) *model {
	m := &model{}
	for i := range modelPosts {
		name := fmt.Sprint("post:", i)
		m.counters = append(m.counters, &counter{name: name, key: name})
	}
	for i := range modelPlaces {
		m.counters = append(m.counters, &counter{name: "posts", key: fmt.Sprint("posts@", i)})
	}
	for range modelPages {
		var shown []int
		var deps []pagecache.Dep
		for range 1 + random.IntN(3) {
			i := random.IntN(modelPosts)
			shown, deps = append(shown, i), append(deps, pagecache.On(m.counters[i].name))
		}
		if random.IntN(2) == 0 {
			from := random.IntN(modelPlaces)
			to := from + random.IntN(modelPlaces-from)
			for i := from; i <= to; i++ {
				shown = append(shown, modelPosts+i)
			}
			deps = append(deps, pagecache.Between("posts", int64(from), int64(to)))
		}
		m.pages, m.deps = append(m.pages, shown), append(m.deps, deps)
	}
	return m
}

// page prints the counters that a page shows. It notes them before or after.
func (m *model) page(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/posts/"))
	if err != nil {
		panic(err)
	}
	early := rand.IntN(2) == 0
	if early {
		pagecache.Show(r.Context(), m.deps[n]...)
	}
	if m.away.Load() {
		send(w, http.StatusServiceUnavailable, "away")
		return
	}
	var text strings.Builder
	for _, i := range m.pages[n] {
		for range rand.IntN(3) {
			runtime.Gosched()
		}
		fmt.Fprintln(&text, m.counters[i].now.Load())
	}
	if !early {
		pagecache.Show(r.Context(), m.deps[n]...)
	}
	send(w, http.StatusOK, text.String())
}

// write changes counters and tells the cache, in all the ways there are.
func (m *model) write(cache *pagecache.Cache, random *rand.Rand) {
	var changed []*counter
	var keys []string
	values := map[*counter]int64{}
	for range 1 + random.IntN(3) {
		c := m.counters[random.IntN(len(m.counters))]
		changed, keys = append(changed, c), append(keys, c.key)
		values[c] = c.now.Add(1)
	}
	told := true
	switch random.IntN(40) {
	case 0:
		cache.Changed([]string{"*"})
	case 1:
		cache.Reset()
		told = false
	case 2: // the database goes away, and what happens meanwhile is not told
		m.away.Store(true)
		for before := m.reads.Load(); m.reads.Load() < before+100 && m.reads.Load() < modelReaders*modelReads; {
			runtime.Gosched()
		}
		cache.Reset()
		m.away.Store(false)
		told = false
	default:
		cache.Changed(keys)
	}
	for _, c := range changed {
		raise(&c.reset, values[c])
		if told {
			raise(&c.told, values[c])
		}
	}
}

// read asks for a page and returns what is wrong with the answer.
func (m *model) read(h http.Handler, r *http.Request, n int) (outcome string, err error) {
	var told, reset []int64
	for _, i := range m.pages[n] {
		told, reset = append(told, m.counters[i].told.Load()), append(reset, m.counters[i].reset.Load())
	}
	a := newAnswer()
	h.ServeHTTP(a, r)
	if a.status == http.StatusServiceUnavailable {
		return a.outcome, nil
	}
	lines := strings.Fields(a.body.String())
	if a.status != http.StatusOK || len(lines) != len(told) {
		return a.outcome, fmt.Errorf("got status %d, %q", a.status, a.body.String())
	}
	for j, line := range lines {
		got, err := strconv.ParseInt(line, 10, 64)
		if err != nil {
			return a.outcome, err
		}
		want := reset[j]
		if a.outcome == "stale" { // may be from before a reset, and never from before what was named
			want = told[j]
		}
		if c := m.counters[m.pages[n][j]]; got < want {
			return a.outcome, fmt.Errorf("page %d (%s) shows %d of %s, want %d at least", n, a.outcome, got, c.key, want)
		}
	}
	return a.outcome, nil
}

// Whatever happens at once, nobody sees a page from before a change that the
// cache knew of when it was asked.
func TestNobodySeesWhatHasChanged(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	for round := range uint64(3) {
		random := rand.New(rand.NewPCG(seed, round))
		m := newModel(random)
		b := newBlog(t, pagecache.Options{Size: 32 << 10}) // there is no room for all
		b.page = m.page

		var writers, readers sync.WaitGroup
		done := make(chan struct{})
		for i := range uint64(2) {
			random := rand.New(rand.NewPCG(seed, round<<8+i+1))
			writers.Go(func() {
				for next := int64(0); ; {
					select {
					case <-done:
						return
					default:
					}
					if m.reads.Load() < next {
						runtime.Gosched()
						continue
					}
					m.write(b.cache, random)
					next = m.reads.Load() + random.Int64N(12)
				}
			})
		}
		var outcomes sync.Map
		for i := range uint64(modelReaders) {
			random := rand.New(rand.NewPCG(seed, round<<8+i+128))
			readers.Go(func() {
				for range modelReads {
					n := min(random.IntN(modelPages), random.IntN(modelPages))
					outcome, err := m.read(b, request(t, "GET", fmt.Sprint("/posts/", n)), n)
					if err != nil {
						t.Error(err)
						return
					}
					m.reads.Add(1)
					seen, _ := outcomes.LoadOrStore(outcome, new(atomic.Int64))
					seen.(*atomic.Int64).Add(1)
				}
			})
		}
		readers.Wait()
		close(done)
		writers.Wait()
		for _, outcome := range []string{"hit", "miss", "stale"} {
			if seen, ok := outcomes.Load(outcome); !ok {
				t.Errorf("no reader had a %s: that proves nothing", outcome)
			} else {
				t.Logf("%s: %d", outcome, seen.(*atomic.Int64).Load())
			}
		}
		if t.Failed() {
			return
		}
	}
}
