package admin

import (
	"cmp"
	"crypto/rand"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"broadsheet/internal/accounts"
	"broadsheet/internal/posts"
	"broadsheet/internal/texts"
)

// postForm is what stands in the fields of the form of a post, as it was
// typed. It travels through the browser and back, so that nothing typed is
// lost whatever happens to the post or to the session.
type postForm struct {
	Title, Markdown, Summary, Tags, Slug, Language, PublishedAt, UnpublishAt string

	Kind                                  string // "post" or "page"
	Series, SeriesPlace                   string
	Cover, CoverAlt, CoverX, CoverY       string
	TranslationOf                         string
	WrittenBy                             string // handle of the author
	Coauthors                             string // handles, separated by commas
	MetaTitle, MetaDescription, Canonical string
	Featured, NoIndex                     bool

	// Hidden fields.
	Version string // of the stored post that the text was written upon
	Edit    string // number of the text that the text was made of
	State   string // of the post when the form was made: "new", or one of posts.State
	Zone    string // in which PublishedAt is shown; the site's may change meanwhile
	Shown   string // the exact moment that PublishedAt was made from (RFC 3339)
	Author  string // the post's, for the preview
	Key     string // of a new post, so that sending the form twice makes one post: see isKey
}

// postFields are the fields in the order of the form.
var postFields = []field{
	{"title", "admin.title"}, {"markdown", "form.markdown"}, {"published_at", "form.date"}, {"unpublish_at", "form.until"},
	{"written_by", "admin.author"}, {"coauthors", "form.coauthors"}, {"tags", "form.tags"}, {"summary", "form.summary"},
	{"slug", "admin.slug"}, {"language", "admin.language"}, {"featured", "form.featured"},
	{"series", "form.series"}, {"series_place", "form.series-place"},
	{"cover", "form.cover"}, {"cover_alt", "form.cover-alt"},
	{"cover_x", "form.cover-x.field"}, {"cover_y", "form.cover-y.field"},
	{"meta_title", "form.meta-title.field"}, {"meta_description", "form.meta-description.field"},
	{"canonical", "form.canonical"}, {"noindex", "form.noindex"}, {"translation_of", "form.translation-of"}, {"kind", "form.kind.field"},
}

// isKey tells whether a key is one that rand.Text made. Browsers send back what
// they were given; another sender gets a key of ours.
func isKey(s string) bool {
	return len(s) == 26 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}

// emptyForm returns the form of a new post or page.
func emptyForm(kind posts.Kind, author accounts.User, language string, loc *time.Location) postForm {
	return postForm{
		Kind: string(kind), Language: language, CoverX: coverMiddle, CoverY: coverMiddle,
		State: "new", Zone: loc.String(), Author: author.Name, WrittenBy: author.Handle, Key: rand.Text(),
	}
}

// coverMiddle is the middle of a cover, in percent.
const coverMiddle = "50"

// formOf returns the form of a post with the text that it begins with.
func formOf(s posts.Stored, w posts.Working, loc *time.Location) postForm {
	return postForm{Zone: loc.String(), Author: s.AuthorName}.with(w, loc)
}

// with returns the form with another text.
func (f postForm) with(w posts.Working, loc *time.Location) postForm {
	get := w.Fields
	f.Title, f.Markdown, f.Summary, f.Tags, f.Slug, f.Language = get["title"], w.Markdown, get["summary"], get["tags"], get["slug"], get["language"]
	f.Kind, f.Series, f.SeriesPlace = cmp.Or(get["kind"], string(posts.KindPost)), get["series"], get["series_place"]
	f.Cover, f.CoverAlt, f.CoverX, f.CoverY = get["cover"], get["cover_alt"], get["cover_x"], get["cover_y"]
	f.WrittenBy, f.Coauthors = get["written_by"], get["coauthors"]
	f.TranslationOf, f.MetaTitle, f.MetaDescription, f.Canonical = get["translation_of"], get["meta_title"], get["meta_description"], get["canonical"]
	f.Featured, f.NoIndex = get["featured"] != "", get["noindex"] != ""
	f.PublishedAt, f.Shown = showMoment(get["published_at"], loc)
	f.UnpublishAt, _ = showMoment(get["unpublish_at"], loc)
	f.Version, f.Edit, f.State = formatID(w.Version), formatID(w.Edit), string(w.State)
	return f
}

// showMoment returns what the form shows of a text's date, and the moment that
// it is made from, "" where what was typed is none.
func showMoment(published string, loc *time.Location) (typed, moment string) {
	t, err := time.Parse(time.RFC3339Nano, published)
	if err != nil {
		return published, ""
	}
	return showLocal(t, loc), published
}

// content returns what was typed, as it is kept.
func (f postForm) content(loc *time.Location) posts.Content {
	published := f.PublishedAt
	if t, problem := f.publishedAt(loc); problem.Key == "" && !t.IsZero() {
		published = posts.Moment(t)
	}
	unpublish := f.UnpublishAt
	if t, problem := readLocal(strings.TrimSpace(unpublish), loc); problem.Key == "" && !t.IsZero() {
		unpublish = posts.Moment(t)
	}
	return posts.Content{Markdown: f.Markdown, Fields: map[string]string{
		"title": f.Title, "published_at": published, "unpublish_at": unpublish, "written_by": f.WrittenBy, "coauthors": f.Coauthors, "tags": f.Tags, "summary": f.Summary, "slug": f.Slug, "language": f.Language,
		"featured": yes(f.Featured), "series": f.Series, "series_place": f.SeriesPlace, "cover": f.Cover, "cover_alt": f.CoverAlt,
		"cover_x": cmp.Or(f.CoverX, coverMiddle), "cover_y": cmp.Or(f.CoverY, coverMiddle), "meta_title": f.MetaTitle,
		"meta_description": f.MetaDescription, "canonical": f.Canonical, "noindex": yes(f.NoIndex),
		"translation_of": lastElement(f.TranslationOf), "kind": f.Kind,
	}}
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}

// writing returns what an author typed upon which text.
func (f postForm) writing(author int64, loc *time.Location) posts.Writing {
	version, _ := parseID(f.Version) // what is no number is no version that ever was
	edit, err := parseID(f.Edit)
	if err != nil && f.Edit != "" {
		edit = -1
	}
	return posts.Writing{Edit: edit, Version: version, Content: f.content(loc), AuthorID: author}
}

// readPostForm returns the form as it was sent.
func readPostForm(sent url.Values) postForm {
	f := postForm{
		Title: sent.Get("title"), Markdown: sent.Get("markdown"), Summary: sent.Get("summary"),
		Tags: sent.Get("tags"), Slug: sent.Get("slug"), Language: sent.Get("language"),
		PublishedAt: sent.Get("published_at"), UnpublishAt: sent.Get("unpublish_at"),
		Kind:   cmp.Or(sent.Get("kind"), string(posts.KindPost)),
		Series: sent.Get("series"), SeriesPlace: sent.Get("series_place"),
		Cover: sent.Get("cover"), CoverAlt: sent.Get("cover_alt"), CoverX: sent.Get("cover_x"), CoverY: sent.Get("cover_y"),
		TranslationOf: sent.Get("translation_of"), WrittenBy: sent.Get("written_by"),
		Coauthors: joinList(sent["coauthors"]),
		MetaTitle: sent.Get("meta_title"), MetaDescription: sent.Get("meta_description"), Canonical: sent.Get("canonical"),
		Featured: sent.Get("featured") != "", NoIndex: sent.Get("noindex") != "",
		Version: sent.Get("version"), Edit: sent.Get("edit"), State: sent.Get("state"), Zone: sent.Get("zone"),
		Shown: sent.Get("shown"), Author: sent.Get("author"), Key: sent.Get("key"),
	}
	if !slices.Contains([]posts.State{posts.StateDraft, posts.StateReview, posts.StateScheduled, posts.StatePublished, posts.StateUnpublished}, posts.State(f.State)) {
		f.State = "new"
	}
	return f
}

// joinList returns what was sent of a list, by one input for all of it or by one
// for each, as a text keeps it.
func joinList(sent []string) string {
	return strings.Join(posts.SplitTags(strings.Join(sent, ",")), ", ")
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
func (f postForm) publishedAt(loc *time.Location) (t time.Time, problem texts.Message) {
	if shown, err := time.Parse(time.RFC3339Nano, f.Shown); err == nil && f.PublishedAt == showLocal(shown, loc) {
		return shown, texts.Message{}
	}
	return readLocal(strings.TrimSpace(f.PublishedAt), loc)
}

// draft returns what is to be stored, and what is wrong with the form, if anything.
func (f postForm) draft(aim aim, author int64, fallback *time.Location) (posts.Draft, posts.Invalid) {
	invalid := posts.Invalid{}
	publishedAt, problem := f.publishedAt(f.location(fallback))
	if problem.Key != "" {
		invalid["published_at"] = problem
	}
	unpublishAt, problem := readLocal(strings.TrimSpace(f.UnpublishAt), f.location(fallback))
	if problem.Key != "" {
		invalid["unpublish_at"] = problem
	}
	d := posts.Draft{
		Title: f.Title, Slug: strings.TrimSpace(f.Slug), Summary: f.Summary, Markdown: f.Markdown,
		Language: strings.TrimSpace(f.Language), Cover: strings.TrimSpace(f.Cover), Tags: posts.SplitTags(f.Tags),
		AuthorID: author, WrittenBy: strings.TrimSpace(f.WrittenBy), Coauthors: posts.SplitTags(f.Coauthors), Status: aim.status, Review: aim.review, PublishedAt: publishedAt, UnpublishAt: unpublishAt, Key: f.Key,
		Kind: posts.Kind(f.Kind), Featured: f.Featured, Series: f.Series, CoverAlt: f.CoverAlt,
		TranslationOf: lastElement(f.TranslationOf), MetaTitle: f.MetaTitle, MetaDescription: f.MetaDescription,
		CanonicalURL: strings.TrimSpace(f.Canonical), NoIndex: f.NoIndex,
	}
	if d.SeriesPlace, problem = readPlace(f.SeriesPlace); problem.Key != "" {
		invalid["series_place"] = problem
	}
	if d.CoverX, problem = readPercent(f.CoverX); problem.Key != "" {
		invalid["cover_x"] = problem
	}
	if d.CoverY, problem = readPercent(f.CoverY); problem.Key != "" {
		invalid["cover_y"] = problem
	}
	return d, invalid
}

// readPlace reads a place in a series; "" is 0, which leaves it to the date.
func readPlace(typed string) (place int32, problem texts.Message) {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return 0, texts.Message{}
	}
	n, err := strconv.ParseInt(typed, 10, 32)
	if err != nil || n < 0 {
		return 0, texts.Message{Key: "problem.place"}
	}
	return int32(n), texts.Message{}
}

// readPercent reads how far into a picture something is; "" is its middle.
func readPercent(typed string) (percent int16, problem texts.Message) {
	typed = cmp.Or(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(typed), "%")), coverMiddle)
	n, err := strconv.ParseInt(typed, 10, 16)
	if err != nil || n < 0 || n > 100 {
		return 50, texts.Message{Key: "problem.percent"}
	}
	return int16(n), texts.Message{}
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
