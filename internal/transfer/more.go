package transfer

import (
	"cmp"
	"strconv"
	"strings"

	"broadsheet/internal/posts"
)

// The names of fields, folded by foldName, best first.
var (
	placeFields       = []string{"seriesorder", "seriesweight", "seriespart", "seriesnumber"}
	coverAltFields    = []string{"coveralt", "imagealt", "coverimagealt", "featuredimagealt", "heroimagealt", "thumbnailalt"}
	metaTitleFields   = []string{"seotitle", "metatitle"}
	metaFields        = []string{"metadescription", "seodescription"}
	canonicalFields   = []string{"canonicalurl", "canonical", "canonicallink"}
	unlistedByEngines = []string{"noindex", "robotsnoindex"}
)

// coverAlt takes what is said of the picture that the field cover names.
func (r reader) coverAlt(p *imported, all fields, cover string) {
	p.CoverAlt, _ = all.text(coverAltFields...)
	if of, ok := all[cover].(fields); ok && p.CoverAlt == "" {
		p.CoverAlt, _ = of.text("alt", "caption")
	}
}

// series takes the first series, as a post has one, and notes the others.
func (r reader) series(p *imported, fields fields) {
	all := fields.words("series", "name", "title")
	if len(all) == 0 {
		return
	}
	p.Series = strings.Join(strings.Fields(all[0]), " ")
	if len(all) > 1 {
		p.note("only the first series is kept, as a post is in one; the others", strings.Join(all[1:], "; "))
	}
	if typed, name := fields.text(placeFields...); typed != "" {
		place, err := strconv.ParseInt(typed, 10, 32)
		if err != nil || place < 0 {
			p.note("the place in the series is no number", name+": "+typed)
			return
		}
		p.SeriesPlace = int32(place)
	}
}

// engines takes what is meant for search engines and for the front page. A
// description that is the summary as well says nothing of its own.
func (r reader) engines(p *imported, fields fields) {
	p.MetaTitle, _ = fields.text(metaTitleFields...)
	meta, _ := fields.text(metaFields...)
	description, _ := fields.text("description")
	if meta = strings.Join(strings.Fields(cmp.Or(meta, description)), " "); meta != p.Summary {
		p.MetaDescription = meta
	}
	p.CanonicalURL, _ = fields.text(canonicalFields...)
	robots, _ := fields.text("robots")
	p.NoIndex = fields.says(unlistedByEngines, yes...) || strings.Contains(strings.ToLower(robots), "noindex")
	p.Featured = fields.says([]string{"featured"}, yes...)
}

// own takes what only files that were written for this program say: a page with
// an address of its own is "kind: page", and has nothing that lists are made of.
func (r reader) own(p *imported, fields fields) {
	if kind, _ := fields.text("kind"); kind == string(posts.KindPage) {
		p.Kind = posts.KindPage
		p.Tags, p.Series, p.SeriesPlace, p.Featured, p.coauthors = nil, "", 0, false, nil
	}
}
