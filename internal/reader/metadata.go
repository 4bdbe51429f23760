package reader

import (
	"cmp"

	"broadsheet/internal/page"
	"broadsheet/internal/posts"
)

// linkedData is what a page says to search engines (JSON-LD, schema.org).
type linkedData struct {
	Context string `json:"@context"`
	Graph   []any  `json:"@graph"`
}

func newLinkedData(graph ...any) linkedData { return linkedData{"https://schema.org", graph} }

// thing is something with a name and an address: a person, the blog, a page.
type thing struct {
	Type        string        `json:"@type"`
	ID          string        `json:"@id,omitempty"`
	Name        string        `json:"name,omitempty"`
	URL         string        `json:"url,omitempty"`
	Description string        `json:"description,omitempty"`
	Language    string        `json:"inLanguage,omitempty"`
	Publisher   *thing        `json:"publisher,omitempty"`
	Search      *searchAction `json:"potentialAction,omitempty"`
}

type searchAction struct {
	Type   string `json:"@type"`
	Target struct {
		Type     string `json:"@type"`
		Template string `json:"urlTemplate"`
	} `json:"target"`
	Input string `json:"query-input"`
}

type blogPosting struct {
	Type        string   `json:"@type"`
	ID          string   `json:"@id"`
	URL         string   `json:"url"`
	MainEntity  string   `json:"mainEntityOfPage"`
	Headline    string   `json:"headline"`
	Description string   `json:"description,omitempty"`
	Image       string   `json:"image,omitempty"`
	Published   string   `json:"datePublished"`
	Modified    string   `json:"dateModified"`
	Author      any      `json:"author"` // a thing, or several
	Publisher   thing    `json:"publisher"`
	PartOf      []thing  `json:"isPartOf"`
	Language    string   `json:"inLanguage"`
	Keywords    []string `json:"keywords,omitempty"`
	Words       int      `json:"wordCount,omitempty"`
}

type breadcrumbs struct {
	Type  string       `json:"@type"`
	Items []breadcrumb `json:"itemListElement"`
}

type breadcrumb struct {
	Type     string `json:"@type"`
	Position int    `json:"position"`
	Name     string `json:"name"`
	Item     string `json:"item"`
}

// trail are names and absolute addresses, in turn, from the front page to the
// page itself.
func trail(namesAndAddresses ...string) breadcrumbs {
	b := breadcrumbs{Type: "BreadcrumbList"}
	for i := 0; i < len(namesAndAddresses); i += 2 {
		b.Items = append(b.Items, breadcrumb{"ListItem", i/2 + 1, namesAndAddresses[i], namesAndAddresses[i+1]})
	}
	return b
}

func publisher(base page.Base) thing {
	return thing{Type: "Organization", ID: base.BaseURL + "/#publisher", Name: base.Site.Title, URL: base.BaseURL + "/"}
}

// people are those who wrote the post.
func (p PostPage) people() []thing {
	var people []thing
	for _, a := range p.Post.Authors() {
		people = append(people, thing{Type: "Person", Name: a.Name, URL: p.BaseURL + page.AuthorURL(a.Handle)})
	}
	return people
}

// metadata returns what the head of a post's page says besides its words.
func (p PostPage) metadata() *page.Metadata {
	home, address := p.BaseURL+"/", p.BaseURL+page.Address(p.Post.Kind, p.Post.Slug)
	if p.Post.Kind == posts.KindPage {
		return &page.Metadata{Data: newLinkedData(
			thing{Type: "WebPage", ID: address + "#page", Name: p.Post.Title, URL: address, Description: p.Description, Language: p.Lang()},
			trail(p.Site.Title, home, p.Post.Title, address),
		)}
	}
	people := p.people()
	author, addresses := any(people), make([]string, len(people))
	for i, person := range people {
		addresses[i] = person.URL
	}
	if len(people) == 1 {
		author = people[0]
	}
	posting := blogPosting{
		Type: "BlogPosting", ID: address + "#post", URL: address, MainEntity: cmp.Or(p.Canonical, address),
		Headline: p.Post.Title, Description: p.Description, Image: p.ShareImage().URL,
		Published: p.ISO(p.Post.PublishedAt), Modified: p.ISO(latest(p.Post.PublishedAt, p.Post.UpdatedAt)),
		Author: author, Publisher: publisher(p.Base), Language: p.Lang(), Keywords: p.Post.TagNames, Words: p.Post.Words,
		PartOf: []thing{{Type: "Blog", ID: home + "#blog", Name: p.Site.Title, URL: home}},
	}
	path := []string{p.Site.Title, home}
	if tags := p.Post.Tags(); len(tags) > 0 {
		path = append(path, tags[0].Name, p.BaseURL+page.TagURL(tags[0].Slug))
	}
	if s := p.Post.Series; s != nil {
		url := p.BaseURL + page.SeriesURL(s.Slug)
		posting.PartOf = append(posting.PartOf, thing{Type: "CreativeWorkSeries", ID: url + "#series", Name: s.Title, URL: url})
	}
	return &page.Metadata{
		Data:     newLinkedData(posting, trail(append(path, p.Post.Title, address)...)),
		Markdown: page.PostURL(p.Post.Slug) + ".md",
		Authors:  addresses,
	}
}

// metadata returns what the head of a listing says besides its words: of the
// front page that it is a blog that can be searched, of others where they stand.
func (l listingPage) metadata() *page.Metadata {
	home := l.BaseURL + "/"
	switch {
	case len(l.Posts) == 0:
		return nil
	case l.path != "/":
		return &page.Metadata{Data: newLinkedData(trail(l.Site.Title, home, l.Title, l.BaseURL+l.First))}
	case !l.Front:
		return nil
	}
	by := publisher(l.Base)
	search := searchAction{Type: "SearchAction", Input: "required name=search_term_string"}
	search.Target.Type, search.Target.Template = "EntryPoint", l.BaseURL+"/search?q={search_term_string}"
	return &page.Metadata{Data: newLinkedData(
		thing{Type: "WebSite", ID: home + "#site", Name: l.Site.Title, URL: home, Description: l.Site.Tagline, Language: l.Site.Language, Publisher: &by, Search: &search},
		thing{Type: "Blog", ID: home + "#blog", Name: l.Site.Title, URL: home, Description: l.Site.Tagline, Language: l.Site.Language, Publisher: &by},
	)}
}
