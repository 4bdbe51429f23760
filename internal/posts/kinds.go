package posts

import (
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
		bad.say("kind", "problem.kind")
		return
	}
	if slug := spell(d.Slug); slug != "" && !PageSlug(slug) && !bad.says("slug") {
		bad.say("slug", "problem.slug.route", slug)
	}
	if len(cleanTags(d.Tags)) > 0 && !bad.says("tags") {
		bad.say("tags", "problem.page.tags")
	}
	if strings.TrimSpace(d.Series) != "" && !bad.says("series") {
		bad.say("series", "problem.page.series")
	}
	if len(cleanHandles(d.Coauthors)) > 0 && !bad.says("coauthors") {
		bad.say("coauthors", "problem.page.coauthors")
	}
	if d.Featured {
		bad.say("featured", "problem.page.featured")
	}
}

func (d Draft) checkMore(bad Invalid) {
	if d.CoverX < 0 || d.CoverX > 100 || d.CoverY < 0 || d.CoverY > 100 {
		bad.say("cover_focus", "problem.percent")
	}
	if d.SeriesPlace < 0 {
		bad.say("series_place", "problem.place")
	}
	if d.CanonicalURL != "" && !bad.says("canonical") {
		u, err := url.Parse(d.CanonicalURL)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
			bad.say("canonical", "problem.canonical")
		}
	}
}
