package posts

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"

	"broadsheet/internal/markdown"
	"broadsheet/internal/texts"
)

// The limits of what an author may write.
const (
	MaxTitle    = 200     // characters
	MaxSlug     = 200     // characters
	MaxSummary  = 2000    // characters
	MaxMarkdown = 1 << 20 // bytes
	MaxTags     = 20
	MaxTagName  = 50   // characters
	MaxCover    = 1000 // characters
	MaxCoverAlt = 500  // characters
	MaxMeta     = 500  // characters of the description for search results
	MaxAddress  = 1000 // characters

	MaxCoauthors = 10
)

// Draft is all that an author may say about a post.
type Draft struct {
	Title       string
	Slug        string // "": made from the title
	Summary     string // inline Markdown
	Markdown    string
	Language    string   // BCP 47
	Cover       string   // address of an image on this site: /…
	Tags        []string // names as the author typed them
	AuthorID    int64    // of who saves it, and who it is by where WrittenBy says nothing
	WrittenBy   string   `json:",omitempty"` // handle of the author, "" for who it is by now
	Coauthors   []string `json:",omitempty"` // handles, in the order in which they are named; of the author's own nothing is made
	Status      Status
	PublishedAt time.Time // zero: the moment of publishing
	UpdatedAt   time.Time // zero: now; imports bring their own
	UnpublishAt time.Time // from when on readers do not see it any more; zero: never
	Review      bool      // whether a draft waits for somebody to publish it
	Kind        Kind      // "" for a post

	CoverAlt       string // what the cover shows, for who does not see it
	CoverX, CoverY int16  // as of Card
	Featured       bool
	Series         string // its title as the author typed it, "" for none
	SeriesPlace    int32  // what the series is in the order of; 0 for the date's
	TranslationOf  string // slug of a post that says the same in another language, "" for none

	MetaTitle       string // for search results, "" for the title
	MetaDescription string // for search results, "" for one made of the text
	CanonicalURL    string // absolute address at which this appeared first, "" for here
	NoIndex         bool   // whether search engines are asked to leave it out

	Key string // by rand.Text, makes saving a new post twice save it once; anything else is none
}

// Stored is a post as its authors see it.
type Stored struct {
	ID, Version int64
	Draft
	CreatedAt  time.Time
	TrashedAt  *time.Time // nil unless it is in the trash
	State      State      // of one in the trash what it would be out of it
	Visible    bool       // whether readers can see it now
	Scheduled  bool       // whether they will, without anybody doing more
	AuthorName string
	HTML, TOC  markdown.HTML
	Minutes    int
}

// seen tells whether readers see the post, or saw it until its time was over,
// at an address that is not noted yet.
func (s Stored) seen() bool {
	return s.Visible || s.Status == StatusPublished && s.State == StateUnpublished
}

// Trashed tells whether the post is in the trash.
func (s Stored) Trashed() bool { return s.TrashedAt != nil }

// Invalid holds a message for the author by the name of the field it is
// about: title, slug, summary, markdown, tags, cover, language, published_at,
// unpublish_at, cover_alt, cover_focus, series, series_place, translation_of, meta_title,
// meta_description, canonical, written_by.
type Invalid map[string]texts.Message

func (e Invalid) say(field, key string, args ...any) { e[field] = texts.Message{Key: key, Args: args} }

// says tells whether there is a message about a field already.
func (e Invalid) says(field string) bool { return e[field].Key != "" }

func (e Invalid) Error() string {
	var b strings.Builder
	b.WriteString("posts: invalid")
	for _, field := range slices.Sorted(maps.Keys(e)) {
		fmt.Fprintf(&b, "; %s: %s", field, e[field])
	}
	return b.String()
}

// Validate returns nil or an Invalid with everything that is wrong.
func (d Draft) Validate() error {
	bad := Invalid{}
	d.checkText(bad)
	if d.Status == StatusPublished && strings.TrimSpace(d.Title) == "" {
		bad.say("title", "problem.title.post")
	}
	if d.Slug != "" && !bad.says("slug") {
		switch n := utf8.RuneCountInString(spell(d.Slug)); {
		case n == 0:
			bad.say("slug", "problem.slug.empty")
		case n > MaxSlug:
			bad.say("slug", "problem.slug.long", n, MaxSlug)
		}
	}
	if _, err := language.Parse(d.Language); err != nil && !bad.says("language") {
		bad.say("language", "problem.language")
	}
	if problem := coverProblem(d.Cover); problem != "" && !bad.says("cover") {
		bad.say("cover", problem)
	}
	if y := d.PublishedAt.Year(); !d.PublishedAt.IsZero() && (y < 1 || y > 9999) {
		bad.say("published_at", "problem.date.year")
	}
	switch y := d.UnpublishAt.Year(); {
	case d.UnpublishAt.IsZero():
	case y < 1 || y > 9999:
		bad.say("unpublish_at", "problem.date.year")
	case d.Status == StatusPublished && !d.UnpublishAt.After(time.Now()):
		bad.say("unpublish_at", "problem.until.passed")
	case d.Status == StatusPublished && !d.UnpublishAt.After(d.PublishedAt):
		bad.say("unpublish_at", "problem.until.before")
	}
	if d.Status != StatusDraft && d.Status != StatusPublished {
		return fmt.Errorf("posts: unknown status %q", d.Status)
	}
	d.checkTags(bad)
	if n := len(cleanHandles(d.Coauthors)); n > MaxCoauthors && !bad.says("coauthors") {
		bad.say("coauthors", "problem.coauthors.many", n, MaxCoauthors)
	}
	d.checkKind(bad)
	d.checkMore(bad)
	if len(bad) > 0 {
		return bad
	}
	return nil
}

func (d Draft) checkText(bad Invalid) {
	for _, f := range []struct {
		name, text string
		max        int
	}{
		{"title", d.Title, MaxTitle},
		{"slug", d.Slug, MaxSlug},
		{"summary", d.Summary, MaxSummary},
		{"cover", d.Cover, MaxCover},
		{"language", d.Language, 35},
		{"cover_alt", d.CoverAlt, MaxCoverAlt},
		{"series", d.Series, MaxTitle},
		{"translation_of", d.TranslationOf, MaxSlug},
		{"written_by", d.WrittenBy, MaxSlug},
		{"meta_title", d.MetaTitle, MaxTitle},
		{"meta_description", d.MetaDescription, MaxMeta},
		{"canonical", d.CanonicalURL, MaxAddress},
		{"markdown", d.Markdown, MaxMarkdown},
		{"tags", strings.Join(d.Tags, ""), MaxMarkdown},
		{"coauthors", strings.Join(d.Coauthors, ""), MaxMarkdown},
	} {
		switch n := utf8.RuneCountInString(f.text); {
		case !utf8.ValidString(f.text):
			bad.say(f.name, "problem.bytes")
		case strings.ContainsRune(f.text, 0):
			bad.say(f.name, "problem.nul")
		case f.name == "markdown" && len(f.text) > f.max:
			bad.say(f.name, "problem.markdown.large", len(f.text)>>10, MaxMarkdown>>10)
		case f.name != "markdown" && n > f.max:
			bad.say(f.name, "problem.long", n, f.max)
		}
	}
}

func (d Draft) checkTags(bad Invalid) {
	if bad.says("tags") {
		return
	}
	tags := cleanTags(d.Tags)
	if len(tags) > MaxTags {
		bad.say("tags", "problem.tags.many", len(tags), MaxTags)
		return
	}
	for _, name := range tags {
		if n := utf8.RuneCountInString(name); n > MaxTagName {
			bad.say("tags", "problem.tags.long", string([]rune(name)[:20]), n, MaxTagName)
			return
		}
	}
}

// coverProblem returns the text that says what is wrong with an image's address, or "". Pages show
// images of this site only. Browsers skip tabs and line ends in an address and
// read \ as /, with which it could be another site's after all.
func coverProblem(address string) string {
	switch {
	case strings.ContainsFunc(address, unicode.IsControl):
		return "problem.image.control"
	case address != "" && (address[0] != '/' || len(address) > 1 && (address[1] == '/' || address[1] == '\\')):
		return "problem.image.elsewhere"
	}
	return ""
}

// isKey tells whether a key is one that rand.Text makes.
func isKey(s string) bool {
	return len(s) == 26 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}
