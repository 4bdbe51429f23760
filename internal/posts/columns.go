package posts

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/text/language"

	"broadsheet/internal/markdown"
)

// columns is what a draft becomes in the table.
type columns struct {
	Draft
	doc         markdown.Document
	excerpt     markdown.HTML
	more        bool
	description string
	slugTyped   bool // whether the author chose the slug

	seriesID, translationID int64 // 0 for none
	writerID                int64 // of WrittenBy, 0 where it says nothing
	coauthorIDs             []int64
}

// render checks a draft and makes its columns.
func render(d Draft) (columns, error) {
	if err := d.Validate(); err != nil {
		return columns{}, err
	}
	tag, err := language.Parse(d.Language)
	if err != nil {
		return columns{}, fmt.Errorf("reading language %q: %w", d.Language, err)
	}
	d.Language = tag.String()
	d.Title = strings.Join(strings.Fields(d.Title), " ")
	d.Summary = strings.TrimSpace(strings.ReplaceAll(d.Summary, "\r\n", "\n"))
	d.Markdown = strings.ReplaceAll(d.Markdown, "\r\n", "\n")
	d.Tags, d.Coauthors = cleanTags(d.Tags), cleanHandles(d.Coauthors)
	d.Kind = cmp.Or(d.Kind, KindPost)
	for _, line := range []*string{&d.CoverAlt, &d.Series, &d.MetaTitle, &d.MetaDescription} {
		*line = strings.Join(strings.Fields(*line), " ")
	}
	if d.Series == "" {
		d.SeriesPlace = 0
	}
	if d.Cover == "" {
		d.CoverX, d.CoverY = 50, 50
	}
	d.PublishedAt, d.UnpublishAt = d.PublishedAt.Truncate(time.Microsecond), d.UnpublishAt.Truncate(time.Microsecond) // as fine as PostgreSQL keeps it
	d.Review = d.Review && d.Status == StatusDraft
	if !isKey(d.Key) {
		d.Key = ""
	}

	c := columns{Draft: d, slugTyped: spell(d.Slug) != ""}
	c.Slug = cmp.Or(spell(d.Slug), Slugify(d.Title), "untitled")
	if d.Kind == KindPage && slices.Contains(reserved, c.Slug) {
		c.Slug += "-2"
	}
	if c.doc, err = markdown.Render(d.Markdown, d.Language); err != nil {
		return columns{}, refusal("markdown", err)
	}
	c.excerpt, c.more, c.description = c.doc.Excerpt, c.doc.More, c.doc.Text
	if d.Summary != "" {
		summary, err := markdown.Render(d.Summary, d.Language)
		if err != nil {
			return columns{}, refusal("summary", err)
		}
		c.excerpt, c.more, c.description = "<p>"+markdown.Inline(d.Summary, d.Language)+"</p>", true, summary.Text
	}
	return c, nil
}

// refusal says in a field's message why its Markdown was refused.
func refusal(field string, err error) error {
	var refused *markdown.Error
	if errors.As(err, &refused) {
		return Invalid{field: refused.Message}
	}
	return err
}

// saidBy tells whether the stored post says already what the draft does.
func (c columns) saidBy(s Stored) bool {
	sameTag := func(a, b string) bool { return tagKey(a) == tagKey(b) }
	return c.Title == s.Title && c.Summary == s.Summary && c.Markdown == s.Markdown &&
		c.Language == s.Language && c.Cover == s.Cover && c.Status == s.Status && c.Kind == s.Kind &&
		c.CoverAlt == s.CoverAlt && c.CoverX == s.CoverX && c.CoverY == s.CoverY && c.Featured == s.Featured &&
		tagKey(c.Series) == tagKey(s.Series) && c.SeriesPlace == s.SeriesPlace && c.MetaTitle == s.MetaTitle &&
		c.MetaDescription == s.MetaDescription && c.CanonicalURL == s.CanonicalURL && c.NoIndex == s.NoIndex &&
		(c.WrittenBy == "" || c.WrittenBy == s.WrittenBy) &&
		(c.TranslationOf == s.TranslationOf || c.TranslationOf != "" && s.TranslationOf != "") &&
		(c.Slug == s.Slug || !c.slugTyped && strings.HasPrefix(s.Slug, c.Slug)) &&
		(c.PublishedAt.Equal(s.PublishedAt) || c.PublishedAt.IsZero() && c.Status == StatusPublished) &&
		c.UnpublishAt.Equal(s.UnpublishAt) && c.Review == s.Review &&
		slices.Equal(c.Coauthors, s.Coauthors) && slices.EqualFunc(c.Tags, s.Tags, sameTag)
}

// setRendered stores what [columns.rendered] returns.
const setRendered = `html = @html, excerpt = @excerpt, more = @more, toc = @toc, description = @description,
	plain = @plain, words = @words, minutes = @minutes, render_version = @render_version`

// rendered returns the columns that the renderer made, as arguments.
func (c columns) rendered() pgx.StrictNamedArgs {
	return pgx.StrictNamedArgs{
		"html": c.doc.HTML, "excerpt": c.excerpt, "more": c.more, "toc": c.doc.TOC, "description": c.description,
		"plain": searchText(c.doc.Plain), "words": c.doc.Words, "minutes": c.doc.Minutes, "render_version": markdown.Version,
	}
}

// args returns all columns as arguments, with more of them.
func (c columns) args(tagIDs []int64, more pgx.StrictNamedArgs) pgx.StrictNamedArgs {
	args := c.rendered()
	maps.Copy(args, pgx.StrictNamedArgs{
		"slug": c.Slug, "title": c.Title, "summary": c.Summary, "language": c.Language, "cover": c.Cover,
		"status": c.Status, "published_at": nullable(c.PublishedAt), "updated_at": nullable(c.UpdatedAt),
		"unpublish_at": nullable(c.UnpublishAt), "review": c.Review,
		"tag_ids": tagIDs, "coauthor_ids": c.coauthorIDs, "markdown": c.Markdown, "kind": c.Kind, "featured": c.Featured,
		"cover_alt": c.CoverAlt, "cover_x": c.CoverX, "cover_y": c.CoverY,
		"meta_title": c.MetaTitle, "meta_description": c.MetaDescription, "canonical": c.CanonicalURL, "noindex": c.NoIndex,
		"series_id": nullable(c.seriesID), "series_place": c.SeriesPlace, "translation_id": nullable(c.translationID), "writer_id": nullable(c.writerID),
	})
	maps.Copy(args, more)
	return args
}

// nullable returns nil for the zero value.
func nullable[T comparable](v T) *T {
	if v == *new(T) {
		return nil
	}
	return &v
}
