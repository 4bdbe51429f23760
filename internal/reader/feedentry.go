package reader

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"broadsheet/internal/page"
	"broadsheet/internal/posts"
)

// add adds posts to a feed of the blog at base.
func (f *feed) add(base string, cards []posts.Card, texts map[int64]posts.Text) {
	for _, c := range cards {
		text, ok := texts[c.ID]
		if !ok {
			continue // it went a moment ago
		}
		e := feedEntry{
			ID: entryID(base, c.ID, text.CreatedAt), URL: base + page.PostURL(c.Slug), Title: c.Title, Language: c.Language,
			Tags: c.TagNames, Summary: text.Description,
			Published: c.PublishedAt.UTC(), Updated: latest(c.PublishedAt, c.UpdatedAt),
		}
		for _, a := range c.Authors() {
			e.Authors = append(e.Authors, person{a.Name, base + page.AuthorURL(a.Handle)})
		}
		content := string(text.HTML)
		if content == "" { // too long, or nothing but a cover
			content = string(c.Excerpt)
			if c.More {
				content += `<p><a href="` + html.EscapeString(e.URL) + `">` + html.EscapeString(c.Title) + " …</a></p>"
			}
		}
		if c.Cover != "" {
			e.Image = resolve(e.URL, c.Cover)
			content = `<p><img src="` + html.EscapeString(c.Cover) + `" alt="` + html.EscapeString(c.CoverAlt) + `"></p>` + content
		}
		e.Content = absolute(content, e.URL)
		f.Entries = append(f.Entries, e)
		f.Updated = latest(f.Updated, e.Updated)
	}
	if f.Updated.IsZero() {
		f.Updated = time.Unix(0, 0).UTC() // nothing was ever published
	}
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b.UTC()
	}
	return a.UTC()
}

// entryID names a post for good, whatever becomes of its address, title and
// date: a tag URI (RFC 4151) of the blog's host, the day on which the post was
// made and its number.
func entryID(base string, id int64, created time.Time) string {
	host, port := base, ""
	if u, err := url.Parse(base); err == nil {
		host, port = u.Hostname(), u.Port()
	}
	name := "posts/" + strconv.FormatInt(id, 10)
	if port != "" {
		name = port + "/" + name
	}
	return "tag:" + host + "," + created.UTC().Format(time.DateOnly) + ":" + name
}

// addresses are the attributes of the renderer's elements that hold one.
var addresses = map[string]bool{"href": true, "src": true, "poster": true, "cite": true, "data": true}

// absolute returns HTML with every address made absolute, as seen from the
// page it stands on, and without what only the site's stylesheet makes sense of:
// the links beside headings, which feed readers would show as words, and
// footnotes as popovers, which they would hide.
func absolute(content, from string) string {
	nodes, err := html.ParseFragment(strings.NewReader(content), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div})
	if err != nil {
		return "" // a string can be read to its end
	}
	var out strings.Builder
	for _, root := range nodes {
		var extras []*html.Node
		makeAbsolute(root, from)
		for n := range root.Descendants() {
			if n.Parent != nil && isExtra(n) {
				extras = append(extras, n)
				continue
			}
			makeAbsolute(n, from)
		}
		for _, extra := range extras {
			extra.Parent.RemoveChild(extra)
		}
		_ = html.Render(&out, root) // into memory
	}
	return out.String()
}

func isExtra(n *html.Node) bool {
	if n.Data == "button" {
		return true
	}
	for _, a := range n.Attr {
		if n.Data == "a" && a.Key == "class" && a.Val == "anchor" {
			return true
		}
	}
	return false
}

// makeAbsolute makes the addresses of one element absolute, and it no popover.
func makeAbsolute(n *html.Node, from string) {
	n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "popover" })
	for i, a := range n.Attr {
		switch {
		case addresses[a.Key]:
			n.Attr[i].Val = resolve(from, a.Val)
		case a.Key == "srcset":
			entries := strings.Split(a.Val, ",")
			for j, entry := range entries {
				if parts := strings.Fields(entry); len(parts) > 0 {
					parts[0] = resolve(from, parts[0])
					entries[j] = strings.Join(parts, " ")
				}
			}
			n.Attr[i].Val = strings.Join(entries, ", ")
		}
	}
}

// resolve returns an address as seen from a page; one that cannot be read stays
// as it is.
func resolve(from, address string) string {
	base, err := url.Parse(from)
	if err != nil {
		return address
	}
	u, err := base.Parse(strings.TrimSpace(address))
	if err != nil {
		return address
	}
	return u.String()
}

// storable drops from all texts what XML cannot hold (XML 1.0, 2.2): a single
// such character would make the whole feed unreadable.
func (f feed) storable() feed {
	f.Title, f.Subtitle, f.Author = xmlText(f.Title), xmlText(f.Subtitle), xmlText(f.Author)
	for i := range f.Entries {
		e := &f.Entries[i]
		e.Title, e.Summary, e.Content = xmlText(e.Title), xmlText(e.Summary), xmlText(e.Content)
		for j := range e.Authors {
			e.Authors[j].Name = xmlText(e.Authors[j].Name)
		}
		e.Title = cmp.Or(e.Title, e.URL) // a title is required
		for j := range e.Tags {
			e.Tags[j] = xmlText(e.Tags[j])
		}
	}
	return f
}

func xmlText(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t', r == '\n', r == '\r', r >= ' ' && r <= 0xD7FF, r >= 0xE000 && r <= 0xFFFD, r >= 0x10000:
			return r
		}
		return -1
	}, s)
}
