package posts

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"broadsheet/internal/merge"
)

// Content is what stands in the form of a post. It need not be valid.
type Content struct {
	// Fields holds what was typed by the name of its field, one of [Fields],
	// with \n at line ends. published_at and unpublish_at are moments (RFC 3339)
	// where what was typed can be read as one; featured and noindex are "yes" or "".
	Fields   map[string]string `json:"fields"`
	Markdown string            `json:"markdown"`
}

// Fields are the names of a text's fields, in the order of the form.
var Fields = []string{
	"title", "published_at", "unpublish_at", "written_by", "coauthors", "tags", "summary", "slug", "language", "featured", "series", "series_place",
	"cover", "cover_alt", "cover_x", "cover_y", "meta_title", "meta_description", "canonical", "noindex", "translation_of", "kind",
}

// listKeys are the fields that hold values separated by commas, with what folds
// those that mean the same.
var listKeys = map[string]func(string) string{"tags": tagKey, "coauthors": handleKey}

// maxFields is how many bytes the fields of a text may have together.
const maxFields = 64 << 10

var (
	// ErrTextTooLarge says that a text is larger than what can be kept.
	ErrTextTooLarge = errors.New("posts: text too large")
	// ErrTextInvalid says that a text holds bytes that are no text, or NUL.
	ErrTextInvalid = errors.New("posts: not text")
)

// ContentOf returns the text of the form that would make the post.
func ContentOf(s Stored) Content {
	yes := func(b bool) string {
		if b {
			return "yes"
		}
		return ""
	}
	fields := map[string]string{
		"title": s.Title, "summary": s.Summary, "tags": strings.Join(s.Tags, ", "), "coauthors": strings.Join(s.Coauthors, ", "), "slug": s.Slug, "language": s.Language,
		"written_by": s.WrittenBy, "published_at": "", "unpublish_at": "", "kind": string(s.Kind), "series": s.Series, "series_place": "",
		"cover": s.Cover, "cover_alt": s.CoverAlt, "cover_x": strconv.Itoa(int(s.CoverX)), "cover_y": strconv.Itoa(int(s.CoverY)),
		"translation_of": s.TranslationOf, "meta_title": s.MetaTitle, "meta_description": s.MetaDescription,
		"canonical": s.CanonicalURL, "featured": yes(s.Featured), "noindex": yes(s.NoIndex),
	}
	if !s.PublishedAt.IsZero() {
		fields["published_at"] = Moment(s.PublishedAt)
	}
	if !s.UnpublishAt.IsZero() {
		fields["unpublish_at"] = Moment(s.UnpublishAt)
	}
	if s.SeriesPlace != 0 {
		fields["series_place"] = strconv.Itoa(int(s.SeriesPlace))
	}
	if s.Status == StatusDraft && isMadeFrom(s.Slug, s.Title) {
		fields["slug"] = "" // the address of a draft follows its title
	}
	return Content{Fields: fields, Markdown: s.Markdown}
}

// Moment writes a time as a text's published_at and unpublish_at have it.
func Moment(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// isMadeFrom tells whether nobody chose the slug.
func isMadeFrom(slug, title string) bool {
	made := Slugify(title)
	if made == "" {
		made = "untitled"
	}
	rest, ok := strings.CutPrefix(slug, made)
	return ok && strings.Trim(rest, "-0123456789") == ""
}

// SplitTags reads names separated by commas, of tags or of others.
func SplitTags(typed string) []string {
	var tags []string
	for name := range strings.SplitSeq(typed, ",") {
		if name = strings.TrimSpace(name); name != "" {
			tags = append(tags, name)
		}
	}
	return tags
}

// whole returns the text with all fields and no others, or says why it cannot
// be kept.
func (t Content) whole() (Content, error) {
	fields, size := make(map[string]string, len(Fields)), 0
	for _, name := range Fields {
		value := strings.ReplaceAll(t.Fields[name], "\r\n", "\n")
		if !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
			return Content{}, ErrTextInvalid
		}
		fields[name], size = value, size+len(value)
	}
	markdown := strings.ReplaceAll(t.Markdown, "\r\n", "\n")
	switch {
	case !utf8.ValidString(markdown) || strings.ContainsRune(markdown, 0):
		return Content{}, ErrTextInvalid
	case len(markdown) > MaxMarkdown || size > maxFields:
		return Content{}, ErrTextTooLarge
	}
	return Content{Fields: fields, Markdown: markdown}, nil
}

func (t Content) equal(u Content) bool {
	return t.Markdown == u.Markdown && maps.Equal(t.Fields, u.Fields)
}

// digest is the same for the same text, and stays so when the form gets a new
// field that is empty. The author is left out: texts of before that was a field
// do not say it, and no change of it goes past the texts.
func (t Content) digest() []byte {
	t.Fields = maps.Clone(t.Fields)
	maps.DeleteFunc(t.Fields, func(_, value string) bool { return value == "" })
	delete(t.Fields, "written_by")
	h := sha256.New()
	_ = json.NewEncoder(h).Encode(t) // strings in a map: it cannot fail, and sorts its keys
	return h.Sum(nil)
}

// FieldConflict is a field that two authors changed, each in their own way.
type FieldConflict struct {
	Field  string `json:"field"`
	Base   string `json:"base"`
	Mine   string `json:"mine"`
	Theirs string `json:"theirs"`
}

// TextConflictError says that a text cannot be merged with the one that is
// kept by now. Nothing of that was changed, and the text is kept as a revision
// of the kind KindAside.
type TextConflictError struct {
	Working  Working           // what is kept by now
	Fields   map[string]string // those without a conflict, merged
	Conflict []FieldConflict   // the others
	Markdown []merge.Part
}

func (e *TextConflictError) Error() string {
	return fmt.Sprintf("posts: what was typed for post %d is in conflict with edit %d", e.Working.PostID, e.Working.Edit)
}

// mergeTexts merges mine and theirs, which were made of base; nil when nobody
// knows of what. It returns nil fields without conflict.
func mergeTexts(base *Content, mine, theirs Content) (fields map[string]string, conflicts []FieldConflict, markdown []merge.Part) {
	fields = make(map[string]string, len(Fields))
	for _, name := range Fields {
		m, t, b, merged, ok := mine.Fields[name], theirs.Fields[name], "", "", false
		if base != nil {
			b = base.Fields[name]
			merged, ok = merge.Value(b, m, t)
		} else {
			merged, ok = m, m == t
		}
		if key := listKeys[name]; !ok && key != nil {
			merged, ok = strings.Join(merge.Set(SplitTags(b), SplitTags(m), SplitTags(t), key), ", "), true
		}
		if ok {
			fields[name] = merged
		} else {
			conflicts = append(conflicts, FieldConflict{name, b, m, t})
		}
	}
	if base != nil {
		return fields, conflicts, merge.Text(base.Markdown, mine.Markdown, theirs.Markdown)
	}
	return fields, conflicts, merge.Two(mine.Markdown, theirs.Markdown)
}

// draftRow returns a draft for the row of a new post of which only an unfinished
// text is known: what is not valid is left out, and stays in the text.
func (d Draft) draftRow() Draft {
	d.Status = StatusDraft
	d.Slug, d.WrittenBy, d.TranslationOf = "", "", "" // the address may be taken; there may be no such author or post
	d.Tags, d.Series, d.SeriesPlace = nil, "", 0      // whose names may be half typed
	var bad Invalid
	if !errors.As(d.Validate(), &bad) {
		return d
	}
	empty := Draft{Language: "en", Status: StatusDraft, AuthorID: d.AuthorID, Key: d.Key, CoverX: 50, CoverY: 50}
	if !bad.says("title") {
		empty.Title = d.Title
	}
	if !bad.says("language") {
		empty.Language = d.Language
	}
	if d.Kind == KindPage {
		empty.Kind = KindPage
	}
	if !bad.says("markdown") {
		empty.Markdown = d.Markdown
	}
	return empty
}
