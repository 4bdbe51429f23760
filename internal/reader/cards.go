package reader

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/maypok86/otter/v2"

	"broadsheet/internal/markdown"
	"broadsheet/internal/page"
	"broadsheet/internal/posts"
)

// card is a post of a listing, with the page that its dates are written for.
type card struct {
	posts.Card
	Base page.Base
	Lead bool // whether it stands at the head of the front page
}

var cardTemplate = page.ParseFragment[card]("partials/card.html")

// cardMemory is how many bytes of cards are remembered.
const cardMemory = 8 << 20

// cards remembers what listings show of posts: filling in the template takes
// longer than everything else about a listing that is not kept whole.
type cards struct {
	texts *otter.Cache[int64, cardText] // by the post's id

	mu         sync.Mutex
	on         bool // from the first Reset on
	generation int  // of what is forgotten: what was made before may be old
}

type cardText struct {
	version       int64
	renderVersion int
	html          markdown.HTML
}

func newCards() *cards {
	return &cards{texts: otter.Must(&otter.Options[int64, cardText]{
		MaximumWeight: cardMemory,
		Weigher:       func(_ int64, t cardText) uint32 { return uint32(len(t.html)) + 100 },
	})}
}

// Reset forgets all cards, and has them remembered from now on: every change
// will be told.
func (rd *Reader) Reset() {
	c := rd.cards
	c.mu.Lock()
	defer c.mu.Unlock()
	c.on = true
	c.generation++
	c.texts.InvalidateAll()
}

// Changed forgets the cards of the posts that were touched.
func (rd *Reader) Changed(keys []string) {
	if slices.Contains(keys, "*") {
		rd.Reset()
		return
	}
	c := rd.cards
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, key := range keys {
		if name, ok := strings.CutPrefix(key, "post:"); ok {
			id, _ := strconv.ParseInt(name, 10, 64) // 0 is no post
			c.generation++
			c.texts.Invalidate(id)
		}
	}
}

func (c *cards) now() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.generation
}

// html returns the cards of posts that were read in that generation, one after
// another.
func (c *cards) html(read []posts.Card, base page.Base, generation int) (markdown.HTML, error) {
	var all strings.Builder
	for i, post := range read {
		t, ok := c.texts.GetIfPresent(post.ID)
		if !ok || t.version != post.Version || t.renderVersion != post.RenderVersion {
			html, err := cardTemplate.HTML(card{Card: post, Base: base})
			if err != nil {
				return "", err
			}
			t = cardText{post.Version, post.RenderVersion, html}
			c.remember(post.ID, t, generation)
		}
		if i > 0 {
			all.WriteByte('\n')
		}
		all.WriteString(string(t.html))
	}
	return markdown.HTML(all.String()), nil
}

func (c *cards) remember(id int64, t cardText, generation int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.on && c.generation == generation {
		c.texts.Set(id, t)
	}
}
