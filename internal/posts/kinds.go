package posts

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// reserved are the first parts of addresses that the server itself answers, or
// may one day: no page can have one.
var reserved = strings.Fields(`
	about-this-server admin api archive assets atom authors card category comments dashboard embed events export
	favicon feed feeds federation fragments healthz help hooks import index json livez llms login logout manifest
	media members metrics nodeinfo oauth oembed page pages partials ping posts preview private publish readyz robots
	rss search series setup share sitemap static stats subscribe tags unsubscribe users webhooks webmention websub
	well-known xmlrpc`)

// PageSlug tells whether a page can have the address /slug.
func PageSlug(slug string) bool { return slug != "" && !slices.Contains(reserved, slug) }

// checkKind checks what pages and posts do not have in common.
func (d Draft) checkKind(bad Invalid) {
	switch d.Kind {
	case "", KindPost:
		return
	case KindPage:
	default:
		bad["kind"] = "Choose a post or a page."
		return
	}
	if slug := spell(d.Slug); slug != "" && !PageSlug(slug) && bad["slug"] == "" {
		bad["slug"] = fmt.Sprintf("The blog itself answers at /%s. Choose another address.", slug)
	}
	if len(cleanTags(d.Tags)) > 0 && bad["tags"] == "" {
		bad["tags"] = "A page has no tags. Remove them, or make it a post."
	}
	if strings.TrimSpace(d.Series) != "" && bad["series"] == "" {
		bad["series"] = "A page is in no series. Remove it, or make it a post."
	}
	if len(cleanHandles(d.Coauthors)) > 0 && bad["coauthors"] == "" {
		bad["coauthors"] = "A page names nobody. Remove them, or make it a post."
	}
	if d.Featured {
		bad["featured"] = "A page is in no list and cannot be featured."
	}
}

func (d Draft) checkMore(bad Invalid) {
	if d.CoverX < 0 || d.CoverX > 100 || d.CoverY < 0 || d.CoverY > 100 {
		bad["cover_focus"] = "Use percentages between 0 and 100."
	}
	if d.SeriesPlace < 0 {
		bad["series_place"] = "Use a number from 1 on, or leave it empty."
	}
	if d.CanonicalURL != "" && bad["canonical"] == "" {
		u, err := url.Parse(d.CanonicalURL)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
			bad["canonical"] = "Use a whole address such as https://example.org/post."
		}
	}
}
