package reader

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"broadsheet/internal/markdown"
	"broadsheet/internal/page"
	"broadsheet/internal/posts"
	"broadsheet/internal/texts"
)

// maxTags is how many tags one listing may combine.
const maxTags = 5

// listingPage shows a list of posts: all, or those of one or several tags.
type listingPage struct {
	page.Base
	posts.Listing
	Cards   markdown.HTML // of the posts
	Tag     *posts.Tag    // the one tag listed
	Tags    []chosenTag
	Unknown []string      // slugs of chosen tags that no post carries
	Author  *posts.Author // whose posts are listed
	Bio     markdown.HTML // of the author
	Period  *period       // the year or month listed
	Lead    markdown.HTML // card of the featured post, on the front page
	Years   []year        // that have posts, on the front page
	First   string        // address of the first page
	Deep    bool          // whether a cursor was given
	Range   *dates        // of the posts on a deep page
	// Addresses of the pages of newer and of older posts, "" for none.
	NewerURL, OlderURL string

	generation int        // of the cards that it may show
	address    url.Values // of the listing, without cursors
	path       string
}

// chosenTag is one of several tags, with the address of the list without it.
type chosenTag struct{ Slug, Name, Without string }

var listingTemplate = page.Parse[listingPage]("pages/listing.html")

// dates are those of the first and of the last post on a page, each for
// machines (RFC 3339) and for people.
type dates struct{ NewestISO, Newest, OldestISO, Oldest string }

// Listing serves / and, for posts that carry several tags, /?tag=a&tag=b.
func (rd *Reader) Listing(w http.ResponseWriter, r *http.Request) error {
	slugs, err := chosenTags(r.URL.Query())
	if err != nil {
		return err
	}
	if len(slugs) == 1 {
		return redirect(w, r, address(page.TagURL(slugs[0]), cursors(r.URL.Query())), http.StatusMovedPermanently)
	}
	l, err := rd.newListing(r, "/")
	if err != nil {
		return err
	}
	if len(slugs) == 0 {
		return rd.list(w, r, l, posts.Filter{})
	}
	tags, err := rd.posts.TagsBySlug(r.Context(), slugs)
	if err != nil {
		return err
	}
	l.address["tag"] = slugs
	l.choose(slugs, tags)
	l.Title = l.Text("listing.tagged-all", l.names())
	l.Description = l.Title
	return rd.list(w, r, l, posts.Filter{Tags: tags})
}

// Tag serves /tags/{tag}.
func (rd *Reader) Tag(w http.ResponseWriter, r *http.Request) error {
	slug, ok := slugParam(r, "tag")
	if !ok {
		return posts.ErrNotFound
	}
	tag, err := rd.posts.Tag(r.Context(), slug)
	if errors.Is(err, posts.ErrNotFound) {
		return rd.tagAsWritten(w, r, slug)
	}
	if err != nil {
		return err
	}
	l, err := rd.newListing(r, page.TagURL(tag.Slug))
	if err != nil {
		return err
	}
	l.Tag = &tag
	l.Title = l.Text("listing.tagged", tag.Name)
	l.Description = cmp.Or(tag.Description, l.Title)
	return rd.list(w, r, l, posts.Filter{Tags: []posts.Tag{tag}})
}

// tagAsWritten sends readers who came to a tag's former address, or who typed
// its name (/tags/C%23), to its address.
func (rd *Reader) tagAsWritten(w http.ResponseWriter, r *http.Request, name string) error {
	if err := rd.tagMoved(w, r, name); !errors.Is(err, posts.ErrNotFound) {
		return err
	}
	slug := posts.TagSlug(name)
	if slug == name {
		return page.NotFound("error.tag")
	}
	if _, err := rd.posts.Tag(r.Context(), slug); err != nil {
		return err
	}
	return redirect(w, r, address(page.TagURL(slug), cursors(r.URL.Query())), http.StatusMovedPermanently)
}

// newListing returns the page of the listing at a path, of which nothing is
// known yet.
func (rd *Reader) newListing(r *http.Request, path string) (listingPage, error) {
	generation := rd.cards.now() // before the settings are read: cards show them
	base, err := rd.pages.Base(r.Context())
	return listingPage{Base: base, generation: generation, path: path, address: url.Values{}}, err
}

// list answers with the page of the listing that the request's cursors ask for.
func (rd *Reader) list(w http.ResponseWriter, r *http.Request, l listingPage, f posts.Filter) error {
	if err := readCursors(r, &f); err != nil {
		return err
	}
	var err error
	l.First = address(l.path, l.address)
	l.Deep = f.After != "" || f.Before != ""
	if len(l.Unknown) == 0 {
		if l.Listing, err = rd.posts.Listing(r.Context(), f); err != nil {
			return err
		}
	}
	if l.AtTop {
		return redirect(w, r, l.First, http.StatusFound)
	}
	if l.Period != nil && len(l.Posts) == 0 && !l.Deep {
		return page.NotFound("error.period")
	}
	l.Front = l.path == "/" && len(l.address) == 0 && !l.Deep
	showListing(r.Context(), l, f)
	if err := rd.lead(r.Context(), &l); err != nil {
		return err
	}
	if err := rd.jumps(r.Context(), &l); err != nil {
		return err
	}
	if len(l.Posts) == 0 && l.Lead == "" {
		l.Robots = "noindex"
	}
	if l.Cards, err = rd.cards.html(l.Posts, l.Base, l.generation); err != nil {
		return err
	}
	l.Canonical = l.BaseURL + address(l.path, l.address, "after", f.After, "before", f.Before)
	if l.Newer != "" {
		l.NewerURL = address(l.path, l.address, "before", l.Newer)
	}
	if l.Older != "" {
		l.OlderURL = address(l.path, l.address, "after", l.Older)
	}
	if l.path != "/" && feedRoute(l.path+"/feed.atom") != "" && len(l.Posts) > 0 {
		l.Feed = l.path + "/feed"
		l.FeedQuery = address("", l.address)
	}
	l.Meta = l.metadata()
	if l.Deep {
		l.describeDeep()
	}
	return listingTemplate.Write(w, r, http.StatusOK, l)
}

// describeDeep tells the pages of a listing apart; they have no numbers.
func (l *listingPage) describeDeep() {
	if l.Title == "" {
		l.Title = l.Text("listing.posts")
	}
	if len(l.Posts) == 0 && l.Lead == "" {
		return
	}
	newest, oldest := l.Posts[0].PublishedAt, l.Posts[len(l.Posts)-1].PublishedAt
	l.Range = &dates{l.ISO(newest), l.Date(newest), l.ISO(oldest), l.Date(oldest)}
	l.Title = l.Text("listing.up-to", l.Title, l.Range.Newest)
}

// choose takes over the chosen tags and remembers those that are not known.
func (l *listingPage) choose(slugs []string, tags []posts.Tag) {
	for _, slug := range slugs {
		c := chosenTag{Slug: slug, Name: slug}
		if i := slices.IndexFunc(tags, func(t posts.Tag) bool { return t.Slug == slug }); i >= 0 {
			c.Name = tags[i].Name
		} else {
			l.Unknown = append(l.Unknown, slug)
		}
		others := slices.DeleteFunc(slices.Clone(slugs), func(s string) bool { return s == slug })
		c.Without = address("/", url.Values{"tag": others})
		if len(others) == 1 {
			c.Without = page.TagURL(others[0])
		}
		l.Tags = append(l.Tags, c)
	}
}

// names joins the names of the chosen tags as a sentence does.
func (l listingPage) names() string {
	names := make([]string, len(l.Tags))
	for i, t := range l.Tags {
		names[i] = t.Name
	}
	return texts.In(l.Lang()).List(names)
}
