package server_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/posts"
	"broadsheet/internal/site"
)

var coherenceAuthors = []string{"Ada", "Grace", "Jane"}

var coherenceTags = []string{"go", "sql", "css", "html"}

// draft is a new post, somewhere between the oldest and the newest.
func (c *coherence) draft() posts.Draft {
	d := posts.Draft{
		Title: fmt.Sprintf("Post %d", len(c.slugs)), Language: "en", AuthorID: c.authors[0], Status: posts.StatusPublished,
	}
	if c.random.IntN(3) > 0 {
		d.PublishedAt = time.Now().Add(-time.Duration(c.random.IntN(1e6)) * time.Second)
	}
	d.Tags = c.tags()
	c.place(&d)
	d.Coauthors = c.others()
	d.Featured = c.random.IntN(10) == 0
	return d
}

// place puts a post into one of two series, or none.
func (c *coherence) place(d *posts.Draft) {
	d.Series = []string{"", "First", "Second"}[c.random.IntN(3)]
	d.SeriesPlace = int32(c.random.IntN(5))
}

// kind makes a post a page, or a page a post.
func (c *coherence) kind(d *posts.Draft) {
	if d.Kind == posts.KindPage {
		d.Kind, d.Tags = posts.KindPost, c.tags()
		return
	}
	d.Kind, d.Tags, d.Series, d.Featured, d.Coauthors = posts.KindPage, nil, "", false, nil
}

// others names some of the authors, in any order.
func (c *coherence) others() []string {
	var handles []string
	for _, i := range c.random.Perm(len(coherenceAuthors)) {
		if c.random.IntN(3) == 0 {
			handles = append(handles, strings.ToLower(coherenceAuthors[i]))
		}
	}
	return handles
}

func (c *coherence) tags() []string {
	var tags []string
	for _, tag := range coherenceTags {
		if c.random.IntN(2) == 0 {
			tags = append(tags, tag)
		}
	}
	return tags
}

// save stores a new post, or the i-th with another edition, on either copy.
func (c *coherence) save(t *testing.T, i int, d posts.Draft) {
	t.Helper()
	isNew := d.Title == fmt.Sprintf("Post %d", len(c.slugs))
	var id, version int64
	if !slices.ContainsFunc(c.stored, func(s posts.Stored) bool { return s.Slug == d.TranslationOf }) {
		d.TranslationOf = "" // it was renamed or deleted since
	}
	if !isNew {
		id, version = c.stored[i].ID, c.stored[i].Version
	}
	edition := c.editions[d.Slug] + 1
	d.Markdown = fmt.Sprintf("This is edition %d. %s", edition, strings.Repeat("It goes on. ", c.random.IntN(100)))
	s := c.copies[c.random.IntN(len(c.copies))]
	stored, err := s.posts.Save(t.Context(), id, version, d)
	if err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if isNew || stored.Slug != c.stored[i].Slug {
		c.slugs = append(c.slugs, stored.Slug)
		c.addresses = append(c.addresses, "/posts/"+stored.Slug, "/"+stored.Slug)
	}
	if isNew {
		c.stored = append(c.stored, stored)
	} else {
		c.stored[i] = stored
	}
	c.editions[stored.Slug] = edition
}

// change does one thing at random that readers may notice, and says what.
func (c *coherence) change(t *testing.T) string {
	t.Helper()
	i := c.random.IntN(len(c.stored))
	d := c.stored[i].Draft
	d.UnpublishAt = time.Time{} // it may have passed by now
	what := "edit"
	switch n := c.random.IntN(144); {
	case n < 15:
		what, d = "publish", c.draft()
	case n < 45:
	case n < 55:
		what = "retag"
		if d.Kind != posts.KindPage {
			d.Tags = c.tags()
		}
	case n < 62:
		what, d.Status = "unpublish", posts.StatusDraft
	case n < 72:
		what, d.Status = "publish again", posts.StatusPublished
	case n < 77:
		what, d.PublishedAt = "move", time.Now().Add(-time.Duration(c.random.IntN(1e6))*time.Second)
	case n < 83:
		what, d.Status, d.PublishedAt = "schedule", posts.StatusPublished, time.Now().Add(time.Duration(c.random.IntN(400))*time.Millisecond)
	case n < 88:
		what, d.Slug = "rename", fmt.Sprintf("renamed-%d", len(c.slugs))
		c.editions[d.Slug] = c.editions[c.stored[i].Slug]
	case n < 92:
		return c.settings(t)
	case n < 95:
		return c.bulk(t)
	case n < 98:
		return c.delete(t, i)
	case n < 105:
		what = "place"
		if d.Kind != posts.KindPage {
			c.place(&d)
		}
	case n < 110:
		what, d.Featured = "feature", d.Kind != posts.KindPage && !d.Featured
	case n < 115:
		what = "change the kind of"
		c.kind(&d)
	case n < 120:
		what, d.TranslationOf = "translate", c.stored[c.random.IntN(len(c.stored))].Slug
		if d.TranslationOf == d.Slug || c.random.IntN(3) == 0 {
			d.TranslationOf = ""
		}
	case n < 126:
		what, d.Status = "end", posts.StatusPublished
		d.UnpublishAt = time.Now().Add(time.Duration(200+c.random.IntN(400)) * time.Millisecond)
		if d.PublishedAt.After(time.Now().Add(-time.Second)) {
			d.PublishedAt = time.Now().Add(-time.Second)
		}
	case n < 134:
		what = "name others in"
		if d.Kind != posts.KindPage {
			d.Coauthors = c.others()
		}
	default:
		return c.beside(t, i)
	}
	c.save(t, i, d)
	return what + " " + d.Title
}

func (c *coherence) settings(t *testing.T) string {
	t.Helper()
	settings := site.Default
	settings.Title = fmt.Sprintf("Blog %d", c.random.IntN(1000))
	if c.random.IntN(2) == 0 {
		settings.TimeZone = "Pacific/Kiritimati"
	}
	if err := c.copies[0].site.Save(t.Context(), settings); err != nil {
		t.Fatal(err)
	}
	return "settings"
}

// beside changes what pages show beside the text of posts, past every store.
func (c *coherence) beside(t *testing.T, i int) string {
	t.Helper()
	sql, args := "UPDATE posts SET author_id = $1, coauthor_ids = array_remove(coauthor_ids, $1) WHERE id = $2", []any{c.authors[c.random.IntN(3)], c.stored[i].ID}
	switch c.random.IntN(7) {
	case 3:
		sql, args = "UPDATE posts SET coauthor_ids = array_remove(ARRAY[$1::bigint], author_id) WHERE id = $2", []any{c.authors[c.random.IntN(3)], c.stored[i].ID}
	case 0:
		sql, args = "UPDATE users SET bio = $1 WHERE id = $2", []any{fmt.Sprint("Wrote ", c.random.IntN(1000)), c.authors[0]}
	case 1:
		sql, args = "UPDATE series SET title = $1 WHERE slug = 'first'", []any{fmt.Sprint("First ", c.random.IntN(1000))}
	case 2:
		sql, args = "UPDATE tags SET image = $1 WHERE slug = 'go'", []any{fmt.Sprintf("/media/%d/go.jpg", c.random.IntN(1000))}
	}
	if _, err := c.oracle.pool.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
	return sql
}

// bulk changes many posts in one statement, past every store.
func (c *coherence) bulk(t *testing.T) string {
	t.Helper()
	_, err := c.oracle.pool.Exec(t.Context(), "UPDATE posts SET excerpt = excerpt || '<p>more</p>' WHERE id % 3 = 0")
	if err != nil {
		t.Fatal(err)
	}
	return "bulk"
}

func (c *coherence) delete(t *testing.T, i int) string {
	t.Helper()
	p := c.stored[i]
	if err := c.copies[c.random.IntN(len(c.copies))].posts.Delete(t.Context(), p.ID, p.Version); err != nil {
		t.Fatal(err)
	}
	c.stored = append(c.stored[:i], c.stored[i+1:]...)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.editions[p.Slug] = 0
	c.floor.Delete(p.Slug)
	if len(c.stored) == 0 {
		t.Fatal("no post is left")
	}
	return "delete " + p.Title
}
