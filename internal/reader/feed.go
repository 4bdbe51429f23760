package reader

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"broadsheet/internal/page"
	"broadsheet/internal/pagecache"
	"broadsheet/internal/posts"
)

// feedSize is how many posts a feed has. Feed readers that look once a day
// miss none of twenty, and those that want all follow the links to older ones.
const feedSize = 20

// feedForms are the forms of a feed by the ends of their addresses.
var feedForms = map[string]struct {
	contentType string
	write       func(feed) ([]byte, error)
}{
	// Browsers show what has this type by its style sheet; what has a feed's own
	// type they show as its source, or as a download.
	"atom": {"text/xml; charset=utf-8", writeAtom},
	"rss":  {"text/xml; charset=utf-8", writeRSS},
	"json": {"application/feed+json", writeJSON},
}

// feed is what all forms of a feed say. Addresses are absolute; those of pages
// that there are not are "".
type feed struct {
	Title, Subtitle string
	Language        string
	Author          string // of all entries, "" for several
	Home            string // the page of the same posts
	Self            string // this page of the feed
	First           string // its first page
	Next, Previous  string // its pages of older and of newer posts (RFC 5005, 3)
	Hub             string // of WebSub, "" for none
	Icon            string
	Updated         time.Time
	Note, NoteLink  string // for people who open the feed; its second part leads to Home
	Entries         []feedEntry
}

// feedEntry is a post in a feed.
type feedEntry struct {
	ID, URL            string
	Title, Language    string
	Authors            []person
	Tags               []string
	Summary            string // plain text
	Content            string // HTML without relative addresses
	Image              string
	Published, Updated time.Time
}

// person is who wrote a post in a feed.
type person struct {
	Name string `json:"name" xml:"name"`
	URL  string `json:"url,omitempty" xml:"uri,omitempty"`
}

// feedOf is the list that a feed is of: its words, the path of its page, and
// what the list depends on besides its posts.
type feedOf struct {
	title, subtitle, author string
	path                    string // of the page, "" for the front page
	address                 url.Values
	filter                  posts.Filter
	search                  *posts.Search // instead of the filter
	shown                   func(posts.Listing) []pagecache.Dep
}

// Feed serves /feed.atom, /feed.rss and /feed.json.
func (rd *Reader) Feed(w http.ResponseWriter, r *http.Request) error {
	return rd.feed(w, r, feedOf{shown: func(l posts.Listing) []pagecache.Dep {
		return []pagecache.Dep{between("posts", l.Oldest, l.Newest)}
	}})
}

// TagFeed serves /tags/{tag}/feed.atom and the like.
func (rd *Reader) TagFeed(w http.ResponseWriter, r *http.Request) error {
	slug, ok := slugParam(r, "tag")
	if !ok {
		return posts.ErrNotFound
	}
	tag, err := rd.posts.Tag(r.Context(), slug)
	if errors.Is(err, posts.ErrNotFound) {
		return rd.tagMoved(w, r, slug)
	}
	if err != nil {
		return err
	}
	return rd.feed(w, r, feedOf{
		title: tag.Name, subtitle: tag.Description, path: page.TagURL(tag.Slug),
		filter: posts.Filter{Tags: []posts.Tag{tag}},
		shown:  func(posts.Listing) []pagecache.Dep { return []pagecache.Dep{pagecache.On(tagKey(tag))} },
	})
}

// AuthorFeed serves /authors/{handle}/feed.atom and the like.
func (rd *Reader) AuthorFeed(w http.ResponseWriter, r *http.Request) error {
	handle, ok := slugParam(r, "handle")
	if !ok {
		return posts.ErrNotFound
	}
	author, err := rd.posts.Author(r.Context(), handle)
	if err != nil {
		return err
	}
	return rd.feed(w, r, feedOf{
		title: author.Name, author: author.Name, path: page.AuthorURL(author.Handle),
		filter: posts.Filter{Author: author.ID},
		shown: func(l posts.Listing) []pagecache.Dep {
			return []pagecache.Dep{between(authorKey(author.ID), l.Oldest, l.Newest)}
		},
	})
}

// SeriesFeed serves /series/{slug}/feed.atom and the like, the newest part first.
func (rd *Reader) SeriesFeed(w http.ResponseWriter, r *http.Request) error {
	slug, ok := slugParam(r, "slug")
	if !ok {
		return posts.ErrNotFound
	}
	series, err := rd.posts.SeriesBySlug(r.Context(), slug)
	if errors.Is(err, posts.ErrNotFound) {
		return rd.seriesMoved(w, r, slug)
	}
	if err != nil {
		return err
	}
	return rd.feed(w, r, feedOf{
		title: series.Title, subtitle: series.Description, path: page.SeriesURL(series.Slug),
		filter: posts.Filter{Series: series.ID},
		shown:  func(posts.Listing) []pagecache.Dep { return []pagecache.Dep{pagecache.On(seriesKey(series.ID))} },
	})
}

// SearchFeed serves /search/feed.atom?q= and the like: what the page of the
// search finds, the newest first, as what is new is what a feed is asked for.
func (rd *Reader) SearchFeed(w http.ResponseWriter, r *http.Request) error {
	base, err := rd.pages.Base(r.Context())
	if err != nil {
		return err
	}
	query, problem := readSearch(base, r.URL.Query().Get("q"))
	if problem != "" {
		return page.BadRequest(problem)
	}
	if query == "" {
		return page.BadRequest(base.Text("feed.what"))
	}
	f, missing, err := rd.searchFor(r.Context(), base, posts.ParseSearch(query))
	if err != nil {
		return err
	}
	if missing != "" {
		return page.NotFound(missing)
	}
	return rd.feed(w, r, feedOf{
		title: query, path: "/search", address: url.Values{"q": {query}}, search: &f,
		shown: func(posts.Listing) []pagecache.Dep { return []pagecache.Dep{pagecache.On("search")} },
	})
}

// feed answers with the page of the feed that the cursors ask for, in the form
// that the address names.
func (rd *Reader) feed(w http.ResponseWriter, r *http.Request, of feedOf) error {
	form, ok := feedForms[r.PathValue("form")]
	if !ok {
		return posts.ErrNotFound
	}
	f := of.filter
	if err := readCursors(r, &f); err != nil {
		return err
	}
	f.Limit = feedSize
	base, err := rd.pages.Base(r.Context())
	if err != nil {
		return err
	}
	l, err := rd.listFor(r.Context(), of.search, f)
	if err != nil {
		return err
	}
	path := of.path + "/feed." + r.PathValue("form")
	if l.AtTop {
		return redirect(w, r, address(path, of.address), http.StatusFound)
	}
	ids := make([]int64, len(l.Posts))
	for i, p := range l.Posts {
		ids[i] = p.ID
	}
	texts, err := rd.posts.Texts(r.Context(), ids)
	if err != nil {
		return err
	}
	pagecache.Show(r.Context(), of.shown(l)...)
	for _, id := range ids {
		pagecache.Show(r.Context(), pagecache.On(postKey(id)))
	}

	at := func(more ...string) string { return base.BaseURL + address(path, of.address, more...) }
	out := feed{
		Title: base.Site.Title, Subtitle: of.subtitle, Author: of.author, Language: base.Site.Language,
		Home: base.BaseURL + address(cmp.Or(of.path, "/"), of.address),
		Self: at("after", f.After, "before", f.Before), First: at(), Hub: rd.Hub,
		Icon: base.BaseURL + "/favicon.ico", Note: base.Text("feed.note"), NoteLink: base.Text("feed.home"),
	}
	if of.title != "" {
		out.Title = of.title + " · " + out.Title
	} else {
		out.Subtitle = base.Site.Tagline
	}
	if l.Older != "" {
		out.Next = at("after", l.Older)
	}
	if l.Newer != "" {
		out.Previous = at("before", l.Newer)
	}
	out.add(base.BaseURL, l.Posts, texts)
	body, err := form.write(out.storable())
	if err != nil {
		return err
	}
	if out.Hub != "" {
		w.Header().Add("Link", "<"+out.Hub+`>; rel="hub"`)
		w.Header().Add("Link", "<"+out.Self+`>; rel="self"`)
	}
	page.Send(w, r, http.StatusOK, form.contentType, page.Revalidate, body)
	return nil
}

// listFor returns the page of posts that a feed shows.
func (rd *Reader) listFor(ctx context.Context, search *posts.Search, f posts.Filter) (posts.Listing, error) {
	if search == nil {
		return rd.posts.Listing(ctx, f)
	}
	asked := *search
	asked.After, asked.Before, asked.Limit = f.After, f.Before, f.Limit
	return rd.posts.SearchByDate(ctx, asked)
}
