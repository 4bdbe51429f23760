package posts

import (
	"fmt"
	"time"
)

// Preview returns the post that a draft would be if readers saw it now, written
// by an author and perhaps others. It stores nothing. The error may be Invalid.
func Preview(d Draft, authorName string, coauthors ...Author) (Post, error) {
	c, err := render(d)
	if err != nil {
		return Post{}, fmt.Errorf("previewing: %w", err)
	}
	if c.PublishedAt.IsZero() {
		c.PublishedAt = time.Now()
	}
	post := Post{
		Card: Card{
			Kind: c.Kind, Slug: c.Slug, Title: c.Title, Language: c.Language, Featured: c.Featured,
			Cover: c.Cover, CoverAlt: c.CoverAlt, CoverX: c.CoverX, CoverY: c.CoverY, Excerpt: c.excerpt, More: c.more,
			Minutes: c.doc.Minutes, PublishedAt: c.PublishedAt, UpdatedAt: c.PublishedAt,
			AuthorName: authorName, Coauthors: coauthors,
		},
		MetaTitle: c.MetaTitle, MetaDescription: c.MetaDescription, Canonical: c.CanonicalURL, NoIndex: c.NoIndex,
		Summary: c.Summary, Description: c.description, HTML: c.doc.HTML, TOC: c.doc.TOC, Words: c.doc.Words,
	}
	for _, name := range c.Tags {
		post.TagNames = append(post.TagNames, name)
		post.TagSlugs = append(post.TagSlugs, TagSlug(name))
	}
	return post, nil
}
