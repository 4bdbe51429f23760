package admin

import (
	"cmp"
	"crypto/rand"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"broadsheet/internal/posts"
)

// postForm is what stands in the fields of the form of a post, as it was
// typed. It travels through the browser and back, so that nothing typed is
// lost whatever happens to the post or to the session.
type postForm struct {
	Title, Markdown, Summary, Tags, Slug, Language, PublishedAt string

	Kind                                  string // "post" or "page"
	Series, SeriesPlace                   string
	Cover, CoverAlt, CoverX, CoverY       string
	TranslationOf                         string
	MetaTitle, MetaDescription, Canonical string
	Featured, NoIndex                     bool

	// Hidden fields.
	Version string // of the stored post that the text was written upon
	State   string // of the post when the form was made: "new", "draft", "scheduled", "published"
	Zone    string // in which PublishedAt is shown; the site's may change meanwhile
	Shown   string // the exact moment that PublishedAt was made from (RFC 3339)
	Author  string // the post's, for the preview
	Key     string // of a new post, so that sending the form twice makes one post: see isKey
}

// postFields are the fields in the order of the form.
var postFields = []field{
	{"title", "Title"}, {"markdown", "Text"}, {"published_at", "Date"}, {"tags", "Tags"}, {"summary", "Summary"},
	{"slug", "Address"}, {"language", "Language"}, {"featured", "Featured"},
	{"series", "Series"}, {"series_place", "Place in the series"},
	{"cover", "Cover image"}, {"cover_alt", "What the cover shows"},
	{"cover_x", "Cover: from the left"}, {"cover_y", "Cover: from the top"},
	{"meta_title", "Title for search engines"}, {"meta_description", "Description for search engines"},
	{"canonical", "First published at"}, {"translation_of", "Translation of"}, {"kind", "Kind"},
}

// isKey tells whether a key is one that rand.Text made. Browsers send back what
// they were given; another sender gets a key of ours.
func isKey(s string) bool {
	return len(s) == 26 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}

// emptyForm returns the form of a new post or page.
func emptyForm(kind posts.Kind, author, language string, loc *time.Location) postForm {
	return postForm{
		Kind: string(kind), Language: language, CoverX: coverMiddle, CoverY: coverMiddle,
		State: "new", Zone: loc.String(), Author: author, Key: rand.Text(),
	}
}

// coverMiddle is the middle of a cover, in percent.
const coverMiddle = "50"

// formOf returns the form of a stored post.
func formOf(s posts.Stored, loc *time.Location) postForm {
	f := postForm{
		Title: s.Title, Markdown: s.Markdown, Summary: s.Summary, Tags: strings.Join(s.Tags, ", "),
		Slug: s.Slug, Language: s.Language, PublishedAt: showLocal(s.PublishedAt, loc),
		Kind: string(s.Kind), Series: s.Series, Cover: s.Cover, CoverAlt: s.CoverAlt,
		CoverX: strconv.Itoa(int(s.CoverX)), CoverY: strconv.Itoa(int(s.CoverY)), TranslationOf: s.TranslationOf,
		MetaTitle: s.MetaTitle, MetaDescription: s.MetaDescription, Canonical: s.CanonicalURL,
		Featured: s.Featured, NoIndex: s.NoIndex,
		Version: formatID(s.Version), State: stateOf(s), Zone: loc.String(), Author: s.AuthorName,
	}
	if !s.PublishedAt.IsZero() {
		f.Shown = s.PublishedAt.Format(time.RFC3339Nano)
	}
	if s.SeriesPlace != 0 {
		f.SeriesPlace = strconv.Itoa(int(s.SeriesPlace))
	}
	if s.Status == posts.StatusDraft && isMadeFrom(s.Slug, s.Title) {
		f.Slug = "" // the address of a draft follows its title
	}
	return f
}

// isMadeFrom tells whether nobody chose the slug.
func isMadeFrom(slug, title string) bool {
	made := posts.Slugify(title)
	if made == "" {
		made = "untitled"
	}
	rest, ok := strings.CutPrefix(slug, made)
	return ok && strings.Trim(rest, "-0123456789") == ""
}

// stateOf returns one word for what readers see of the post.
func stateOf(s posts.Stored) string {
	switch {
	case s.Status == posts.StatusDraft:
		return "draft"
	case s.Scheduled:
		return "scheduled"
	}
	return "published"
}

// readPostForm returns the form as it was sent.
func readPostForm(sent url.Values) postForm {
	f := postForm{
		Title: sent.Get("title"), Markdown: sent.Get("markdown"), Summary: sent.Get("summary"),
		Tags: sent.Get("tags"), Slug: sent.Get("slug"), Language: sent.Get("language"),
		PublishedAt: sent.Get("published_at"),
		Kind:        cmp.Or(sent.Get("kind"), string(posts.KindPost)),
		Series:      sent.Get("series"), SeriesPlace: sent.Get("series_place"),
		Cover: sent.Get("cover"), CoverAlt: sent.Get("cover_alt"), CoverX: sent.Get("cover_x"), CoverY: sent.Get("cover_y"),
		TranslationOf: sent.Get("translation_of"),
		MetaTitle:     sent.Get("meta_title"), MetaDescription: sent.Get("meta_description"), Canonical: sent.Get("canonical"),
		Featured: sent.Get("featured") != "", NoIndex: sent.Get("noindex") != "",
		Version: sent.Get("version"), State: sent.Get("state"), Zone: sent.Get("zone"),
		Shown: sent.Get("shown"), Author: sent.Get("author"), Key: sent.Get("key"),
	}
	if !slices.Contains([]string{"draft", "scheduled", "published"}, f.State) {
		f.State = "new"
	}
	return f
}

// location returns the time zone that the form was shown in.
func (f postForm) location(fallback *time.Location) *time.Location {
	if loc, err := time.LoadLocation(f.Zone); err == nil && f.Zone != "" && f.Zone != "Local" {
		return loc
	}
	return fallback
}

// publishedAt reads the date. One that was left as it was shown is the moment
// it was made from, whatever the form cannot show of it.
func (f postForm) publishedAt(loc *time.Location) (t time.Time, problem string) {
	if shown, err := time.Parse(time.RFC3339Nano, f.Shown); err == nil && f.PublishedAt == showLocal(shown, loc) {
		return shown, ""
	}
	return readLocal(strings.TrimSpace(f.PublishedAt), loc)
}

// draft returns what is to be stored, and what is wrong with the form, if anything.
func (f postForm) draft(status posts.Status, author int64, fallback *time.Location) (posts.Draft, posts.Invalid) {
	invalid := posts.Invalid{}
	publishedAt, problem := f.publishedAt(f.location(fallback))
	if problem != "" {
		invalid["published_at"] = problem
	}
	d := posts.Draft{
		Title: f.Title, Slug: strings.TrimSpace(f.Slug), Summary: f.Summary, Markdown: f.Markdown,
		Language: strings.TrimSpace(f.Language), Cover: strings.TrimSpace(f.Cover), Tags: splitTags(f.Tags),
		AuthorID: author, Status: status, PublishedAt: publishedAt, Key: f.Key,
		Kind: posts.Kind(f.Kind), Featured: f.Featured, Series: f.Series, CoverAlt: f.CoverAlt,
		TranslationOf: lastElement(f.TranslationOf), MetaTitle: f.MetaTitle, MetaDescription: f.MetaDescription,
		CanonicalURL: strings.TrimSpace(f.Canonical), NoIndex: f.NoIndex,
	}
	if d.SeriesPlace, problem = readPlace(f.SeriesPlace); problem != "" {
		invalid["series_place"] = problem
	}
	if d.CoverX, problem = readPercent(f.CoverX); problem != "" {
		invalid["cover_x"] = problem
	}
	if d.CoverY, problem = readPercent(f.CoverY); problem != "" {
		invalid["cover_y"] = problem
	}
	return d, invalid
}

// readPlace reads a place in a series; "" is 0, which leaves it to the date.
func readPlace(typed string) (place int32, problem string) {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return 0, ""
	}
	n, err := strconv.ParseInt(typed, 10, 32)
	if err != nil || n < 0 {
		return 0, "Use a number from 1 on, or leave it empty."
	}
	return int32(n), ""
}

// readPercent reads how far into a picture something is; "" is its middle.
func readPercent(typed string) (percent int16, problem string) {
	typed = cmp.Or(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(typed), "%")), coverMiddle)
	n, err := strconv.ParseInt(typed, 10, 16)
	if err != nil || n < 0 || n > 100 {
		return 50, "Use a number from 0 to 100."
	}
	return int16(n), ""
}

// lastElement returns the slug in an address, however much of it was typed.
func lastElement(address string) string {
	address = strings.TrimRight(strings.TrimSpace(address), "/")
	last := address[strings.LastIndexByte(address, '/')+1:]
	if slug, err := url.PathUnescape(last); err == nil {
		return slug
	}
	return last
}

// splitTags reads names separated by commas.
func splitTags(typed string) []string {
	var tags []string
	for name := range strings.SplitSeq(typed, ",") {
		if name = strings.TrimSpace(name); name != "" {
			tags = append(tags, name)
		}
	}
	return tags
}
