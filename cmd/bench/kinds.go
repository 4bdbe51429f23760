package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"broadsheet/internal/posts"
)

// A kind of page is one row of the report.
type kind struct {
	name  string
	path  string
	blog  blog
	most  int64 // buffers that it may touch
	rated bool  // whether it is to take at most twice the time of the newest page

	status int // that it has, 0 for 200

	loaded bool // whether it is also asked for under load
}

// kinds returns the pages to measure. The first one is what the others are
// compared with.
func (b blog) kinds(ctx context.Context, log *slog.Logger) ([]kind, error) {
	log.Info("walking to the ends of the longest listings")
	started := time.Now()
	all, err := b.walk(ctx, posts.Filter{}, b.size*9/10)
	if err != nil {
		return nil, err
	}
	common, err := b.walkTag(ctx, "tag-1")
	if err != nil {
		return nil, err
	}
	pair, err := b.walkTag(ctx, "tag-1", "tag-2")
	if err != nil {
		return nil, err
	}
	author, err := b.walkAuthor(ctx, "ada")
	if err != nil {
		return nil, err
	}
	log.Info("walked", "took", time.Since(started).Round(time.Second))

	size := int64(b.size)
	list := 3 * (size/4000 + 10) // blocks of the posts of a word, for the two indexes of words
	title, err := b.titleWord(ctx)
	if err != nil {
		return nil, err
	}
	typo := title[:2] + title[3:]
	kinds := []kind{
		{name: "newest page", path: "/", most: boundAll, loaded: true},
		{name: group(size*9/10) + " posts deep", path: "/?after=" + all.Older, most: boundAll, loaded: true},
		{name: "the same, towards newer posts", path: "/?before=" + all.Newer, most: boundAll},
		{name: "common tag", path: "/tags/tag-1", most: boundTag, loaded: true},
		{name: "common tag, 90 % deep", path: "/tags/tag-1?after=" + common.Older, most: boundTag, loaded: true},
		{name: "middle tag", path: "/tags/tag-50", most: boundTag},
		{name: "rare tag", path: "/tags/rare", most: boundTag},
		{name: "tag of the oldest posts", path: "/tags/old", most: boundTag},
		{name: "two common tags", path: tags("tag-1", "tag-2"), most: boundTag, loaded: true},
		{name: "two common tags, 90 % deep", path: tags("tag-1", "tag-2") + "&after=" + pair.Older, most: boundTag},
		{name: "common and rare tag", path: tags("tag-1", "rare"), most: boundTag},
		{name: "two middle tags", path: tags("tag-50", "tag-60"), most: boundTag},
		{name: "two tags that never meet", path: tags("even", "odd"), most: boundTag},
		{name: "a year", path: "/archive/2018", most: boundAll},
		{name: "a month", path: "/archive/2018/05", most: boundAll},
		{name: "an author of every third post", path: "/authors/ada", most: boundAuthor},
		{name: "the same author, 90 % deep", path: "/authors/ada?after=" + author.Older, most: boundAuthor},
	}
	for i := range kinds {
		kinds[i].rated = i > 0
	}
	kinds = append(kinds,
		kind{name: "three common tags", path: tags("tag-1", "tag-2", "tag-3"), most: boundScan},
		kind{name: "three tags, two of which never meet", path: tags("tag-1", "even", "odd"), most: boundScan},
		kind{name: "three tags that never meet, two often do", path: tags("early", "even", "tag-4"), most: boundScan},
		kind{name: "search: word in every post", path: found(wordEverywhere), most: boundSearch + list},
		kind{name: "search: word in every 200th post", path: found(wordSometimes), most: boundSearch + list},
		kind{name: "search: word in 20 posts", path: found(wordSeldom), most: boundRare},
		kind{name: "search: word of the oldest posts", path: found(wordFormerly), most: boundSearch + list},
		kind{name: "search: word in every post, common tag", path: found(wordEverywhere + " tag:tag-1"), most: boundSearch + list + 1000*4},
		kind{name: "search: word in every post, rare tag", path: found(wordEverywhere + " tag:rare"), most: boundSearch + list},
		kind{name: "search: word in every post, one year", path: found(wordEverywhere + " year:2018"), most: boundSearch + list},
		kind{name: "search: phrase of common words in no post", path: found(`"` + wordEverywhere + ` said"`), most: 2 * (boundSearch + list)}, // and once more in other words
		kind{name: "search: without a word of every post", path: found("-" + wordEverywhere), most: boundSearch},
		kind{name: "search: word in no post", path: found("never"), most: boundRare},
		kind{name: "search: word mistyped", path: found(typo), most: boundRare + boundSearch + list},
		kind{name: "search: suggestions", path: "/search/suggest?q=" + title[:3], most: boundSuggest + list},
		kind{name: "search: suggestions, one letter", path: "/search/suggest?q=" + title[:1], most: boundSuggest + list},
		kind{name: "all tags", path: "/tags", most: boundTags + scheduled(size)},
		kind{name: "feed", path: "/feed.atom", most: boundFeed},
		kind{name: "feed of a common tag, 90 % deep", path: "/tags/tag-1/feed.json?after=" + common.Older, most: boundTagFeed},
		kind{name: "index of the sitemap", path: "/sitemap.xml", most: boundSitemap + 10*sitemapParts(size)},
		kind{name: "a part of the sitemap", path: "/sitemap/1.xml", most: boundSitemapPart},
		kind{name: "all years and months", path: "/archive", most: boundArchive},
		kind{name: "a long series", path: "/series/a-long-series", most: boundSeries},
		kind{name: "a post", path: fmt.Sprintf("/posts/post-%d", size/2), most: boundPost},
		kind{name: "a part of a long series", path: fmt.Sprintf("/posts/post-%d", size-302), most: boundPost + boundSeries},
		kind{name: "an address that no post has", path: fmt.Sprintf("/posts/pots-%d", size/2), most: boundNear, status: http.StatusNotFound},
	)
	for i := range kinds {
		kinds[i].blog = b
	}
	return kinds, nil
}

// sitemapParts is how many parts the sitemap has; posts that are hidden have ids, too.
func sitemapParts(size int64) int64 { return size*11/10/posts.SitemapPartSize + 2 }

// found is the address of a search.
func found(typed string) string { return "/search?" + url.Values{"q": {typed}}.Encode() }

// titleWord returns a long word of a recent title.
func (b blog) titleWord(ctx context.Context) (word string, err error) {
	err = b.pool.QueryRow(ctx, `
		SELECT word FROM posts, unnest(tsvector_to_array(to_tsvector('simple', title))) word
		WHERE posts.id = $1 ORDER BY char_length(word) DESC, word LIMIT 1`, b.size-10).Scan(&word)
	if err != nil {
		return "", fmt.Errorf("finding a word of a title: %w", err)
	}
	return word, nil
}

// tags is the address of the posts that carry all these tags.
func tags(slugs ...string) string {
	return "/?" + url.Values{"tag": slugs}.Encode()
}

// walkTag walks 90 % of the way through the posts with one tag, or with two in
// the order of their ids.
func (b blog) walkTag(ctx context.Context, slugs ...string) (posts.Listing, error) {
	tags, err := b.posts.TagsBySlug(ctx, slugs)
	if err != nil {
		return posts.Listing{}, err
	}
	if len(tags) != len(slugs) {
		return posts.Listing{}, fmt.Errorf("got %d of the tags %q", len(tags), slugs)
	}
	var together int
	first, last := tags[0].ID, tags[len(tags)-1].ID
	err = b.pool.QueryRow(ctx, "SELECT count(*) FROM post_tags WHERE tag_id = $1 AND with_id = $2", first, last).Scan(&together)
	if err != nil {
		return posts.Listing{}, fmt.Errorf("counting posts with the tags %q: %w", slugs, err)
	}
	return b.walk(ctx, posts.Filter{Tags: tags}, together*9/10)
}

// walkAuthor walks 90 % of the way through the posts of an author, who wrote a
// third of all.
func (b blog) walkAuthor(ctx context.Context, handle string) (posts.Listing, error) {
	author, err := b.posts.Author(ctx, handle)
	if err != nil {
		return posts.Listing{}, err
	}
	return b.walk(ctx, posts.Filter{Author: author.ID}, b.size/3*9/10)
}

// walk goes through a listing the way a reader does, by its own cursors but in
// larger steps, and returns the page on which that many posts lie behind.
func (b blog) walk(ctx context.Context, f posts.Filter, behind int) (posts.Listing, error) {
	const stride = 1000 // within the statement timeout on a cold disk too
	page := posts.Listing{}
	for behind > 0 {
		var err error
		step := min(behind, stride)
		f.After, f.Limit = page.Older, step
		page, err = b.posts.Listing(ctx, f)
		if err != nil {
			return posts.Listing{}, fmt.Errorf("walking through a listing: %w", err)
		}
		if page.Older == "" {
			return posts.Listing{}, fmt.Errorf("a listing ended %d posts early", behind-len(page.Posts))
		}
		behind -= step
	}
	// The page beyond: its own ends lead on in both directions.
	f.After, f.Limit = page.Older, 0
	return b.posts.Listing(ctx, f)
}
