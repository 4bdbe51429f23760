// Package posts keeps posts and their tags: their types, their rules and the
// SQL that stores and finds them.
//
// Readers see a post when its status is published and its date has come, by
// the database's clock. Every query for readers says so itself, so that a
// scheduled post needs no timer to appear.
package posts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"broadsheet/internal/markdown"
)

// PageSize is how many posts a listing shows at once.
const PageSize = 10

var (
	// ErrNotFound says that there is no such post or tag, or none that may be seen.
	ErrNotFound = errors.New("posts: not found")
	// ErrGone says that the post existed and was deleted.
	ErrGone = errors.New("posts: gone")
	// ErrBadCursor says that a cursor is malformed or belongs to another listing.
	ErrBadCursor = errors.New("posts: bad cursor")
	// ErrBusy says that too many searches run already; one may be free soon.
	ErrBusy = errors.New("posts: too many searches at once")
)

// MovedError says that the post has another address now.
type MovedError struct {
	Kind Kind
	Slug string
}

func (e *MovedError) Error() string { return fmt.Sprintf("posts: moved to %q", e.Slug) }

// ConflictError says that the post was saved by somebody else since the
// version that a change was based on. Stored is what is there now.
type ConflictError struct{ Stored Stored }

func (e *ConflictError) Error() string {
	return fmt.Sprintf("posts: post %d is at version %d now", e.Stored.ID, e.Stored.Version)
}

// Status says whether a post is meant for readers. That one is scheduled, or
// that its time is over, is for the clock to say: see [State].
type Status string

const (
	StatusDraft     Status = "draft"
	StatusPublished Status = "published"
)

// Kind tells posts, which lists show by their dates, from pages such as About,
// which stand alone and have an address at the root.
type Kind string

const (
	KindPost Kind = "post"
	KindPage Kind = "page"
)

// What readers see of a post p, by the database's clock. Lists show those that
// are listed.
const (
	listed    = visible + " AND p.kind = 'post'"
	visible   = "p.status = 'published' AND p.published_at <= now() AND p.unpublish_at > now()"
	scheduled = "p.status = 'published' AND p.published_at > now()"
	over      = "p.status = 'published' AND p.published_at <= now() AND p.unpublish_at <= now()" // until [Store.Unpublish] has seen it
)

// stateOf is the State of a post p that is not in the trash.
const stateOf = `CASE
	WHEN ` + visible + ` THEN 'published'
	WHEN ` + scheduled + ` THEN 'scheduled'
	WHEN p.status = 'published' THEN 'unpublished'
	WHEN p.review_at IS NOT NULL THEN 'review'
	WHEN p.unpublished_at IS NOT NULL THEN 'unpublished'
	ELSE 'draft' END`

// Card is what a listing shows of a post.
type Card struct {
	ID            int64
	Version       int64 // grows with every save
	RenderVersion int   // of the renderer that made the excerpt
	Kind          Kind
	Slug          string
	Title         string
	Language      string
	Cover         string
	CoverAlt      string // what the cover shows, "" where it only decorates
	CoverX        int16  // what must stay in view when the cover is cropped,
	CoverY        int16  // in percent from the left and from the top
	Featured      bool
	Excerpt       markdown.HTML // the author's summary, or the first paragraphs
	More          bool          // whether the post goes on after the excerpt
	Minutes       int           // reading time
	PublishedAt   time.Time
	UpdatedAt     time.Time
	AuthorID      int64
	AuthorName    string   `db:"-"`
	AuthorHandle  string   `db:"-"`
	AuthorBio     string   `db:"-"` // inline Markdown
	CoauthorIDs   []int64  // who wrote it with the author, in the order in which they are named
	Coauthors     []Author `db:"-"` // in the order of CoauthorIDs, nil where there is none
	TagIDs        []int64  // in the author's order
	TagSlugs      []string `db:"-"` // in the order of TagIDs
	TagNames      []string `db:"-"`
}

// Authors returns who wrote the post, its author first.
func (c Card) Authors() []Author {
	return append([]Author{{c.AuthorID, c.AuthorHandle, c.AuthorName, c.AuthorBio}}, c.Coauthors...)
}

// AuthorNames returns the names of who wrote the post, its author's first.
func (c Card) AuthorNames() []string {
	names := []string{c.AuthorName}
	for _, a := range c.Coauthors {
		names = append(names, a.Name)
	}
	return names
}

// TagLink is what it takes to link to a tag.
type TagLink struct{ Slug, Name string }

// Tags returns the post's tags in the author's order.
func (c Card) Tags() []TagLink {
	links := make([]TagLink, len(c.TagSlugs))
	for i := range links {
		links[i] = TagLink{Slug: c.TagSlugs[i], Name: c.TagNames[i]}
	}
	return links
}

// Post is a whole post as readers see it. At the ends of the blog there is no
// neighbour: its id is 0, its time zero, its slug and title are empty.
type Post struct {
	Card
	Summary     string
	Description string // plain text for search results and share cards
	HTML        markdown.HTML
	TOC         markdown.HTML
	Words       int

	MetaTitle       string // "" for the title
	MetaDescription string // "" for the description
	Canonical       string // address at which the post appeared first, "" for here
	NoIndex         bool
	SeriesID        int64       // 0 for none
	Series          *SeriesPart `db:"-"`
	Related         []Link
	RelatedIDs      []int64 // also of those that readers do not see yet
	Translations    []Translation
	TranslationIDs  []int64 // also of those that readers do not see yet

	NewerID    int64
	NewerAt    time.Time
	NewerSlug  string
	NewerTitle string
	OlderID    int64
	OlderAt    time.Time
	OlderSlug  string
	OlderTitle string
}

// Link is what it takes to link to a post.
type Link struct {
	ID    int64
	Slug  string
	Title string
}

// Translation is a link to a post that says the same in another language.
type Translation struct {
	ID       int64
	Slug     string
	Title    string
	Language string
}

// Store finds and keeps posts.
type Store struct {
	// Saved is called in the transaction of each save of a published post, when
	// it is set: what must follow is stored with the post or not at all. An
	// import tells of nothing.
	Saved func(context.Context, pgx.Tx, Stored) error

	pool     *pgxpool.Pool
	searches chan struct{} // holds one for each search that runs
	near     chan struct{} // holds one for each who looks for near addresses
	memory   memory
}

// NewStore returns a store on a pool whose schema is migrated.
func NewStore(pool *pgxpool.Pool) *Store {
	return &Store{pool: pool, searches: make(chan struct{}, searchesAtOnce), near: make(chan struct{}, nearAtOnce)}
}
