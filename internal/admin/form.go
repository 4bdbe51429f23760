package admin

import (
	"crypto/rand"
	"net/url"
	"slices"
	"strings"
	"time"

	"broadsheet/internal/posts"
)

// postForm is what stands in the fields of the form of a post, as it was
// typed. It travels through the browser and back, so that nothing typed is
// lost whatever happens to the post or to the session.
type postForm struct {
	Title, Markdown, Summary, Tags, Slug, Language, Cover, PublishedAt string

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
	{"slug", "Address"}, {"language", "Language"}, {"cover", "Cover image"},
}

// isKey tells whether a key is one that rand.Text made. Browsers send back what
// they were given; another sender gets a key of ours.
func isKey(s string) bool {
	return len(s) == 26 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}

// emptyForm returns the form of a new post.
func emptyForm(author, language string, loc *time.Location) postForm {
	return postForm{Language: language, State: "new", Zone: loc.String(), Author: author, Key: rand.Text()}
}

// formOf returns the form of a stored post.
func formOf(s posts.Stored, loc *time.Location) postForm {
	f := postForm{
		Title: s.Title, Markdown: s.Markdown, Summary: s.Summary, Tags: strings.Join(s.Tags, ", "),
		Slug: s.Slug, Language: s.Language, Cover: s.Cover, PublishedAt: showLocal(s.PublishedAt, loc),
		Version: formatID(s.Version), State: stateOf(s), Zone: loc.String(), Author: s.AuthorName,
	}
	if !s.PublishedAt.IsZero() {
		f.Shown = s.PublishedAt.Format(time.RFC3339Nano)
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
		Cover: sent.Get("cover"), PublishedAt: sent.Get("published_at"),
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
	}
	return d, invalid
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
