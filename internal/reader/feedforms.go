package reader

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"time"

	"broadsheet/web"
)

// note is what a person who opens a feed in a browser reads above it, as
// elements of HTML: feed readers pass over what is not theirs.
type note struct {
	XMLName xml.Name `xml:"http://www.w3.org/1999/xhtml header"`
	Meta    struct { // a phone takes the page for as wide as a desk otherwise
		Name    string `xml:"name,attr"`
		Content string `xml:"content,attr"`
	} `xml:"meta"`
	Words struct {
		Text string `xml:",chardata"`
		Link struct {
			Href string `xml:"href,attr"`
			Text string `xml:",chardata"`
		} `xml:"a"`
	} `xml:"p"`
}

func newNote(f feed) (n note) {
	n.Meta.Name, n.Meta.Content = "viewport", "width=device-width"
	n.Words.Text = f.Note + " "
	n.Words.Link.Href, n.Words.Link.Text = f.Home, f.NoteLink
	return n
}

// heading is an entry's title for that person, who can follow it: neither
// form's title nor link is a link in a browser.
type heading struct {
	XMLName xml.Name `xml:"http://www.w3.org/1999/xhtml a"`
	Href    string   `xml:"href,attr"`
	Title   string   `xml:",chardata"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

// xmlHTML is HTML as text in XML: a section that is no markup takes it as it is.
type xmlHTML struct {
	Type string `xml:"type,attr,omitempty"`
	Text string `xml:",cdata"`
}

type atomEntry struct {
	Lang       string `xml:"xml:lang,attr"`
	Heading    heading
	ID         string         `xml:"id"`
	Title      string         `xml:"title"`
	Link       atomLink       `xml:"link"`
	Published  string         `xml:"published"`
	Updated    string         `xml:"updated"`
	Authors    []person       `xml:"author"`
	Categories []atomCategory `xml:"category"`
	Summary    string         `xml:"summary,omitempty"`
	Content    xmlHTML        `xml:"content"`
}

type atomCategory struct {
	Term string `xml:"term,attr"`
}

type atomFeed struct {
	XMLName   xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	Lang      string   `xml:"xml:lang,attr"`
	Note      note
	ID        string      `xml:"id"`
	Title     string      `xml:"title"`
	Subtitle  string      `xml:"subtitle,omitempty"`
	Updated   string      `xml:"updated"`
	Author    person      `xml:"author"`
	Links     []atomLink  `xml:"link"`
	Generator string      `xml:"generator"`
	Icon      string      `xml:"icon"`
	Entries   []atomEntry `xml:"entry"`
}

const atomType = "application/atom+xml"

// writeAtom writes a feed by RFC 4287.
func writeAtom(f feed) ([]byte, error) {
	out := atomFeed{
		Lang: f.Language, Note: newNote(f), ID: f.First, Title: f.Title, Subtitle: f.Subtitle, Updated: f.Updated.Format(time.RFC3339),
		Author:    person{byWhom(f), f.Home},
		Links:     append([]atomLink{{"alternate", "text/html", f.Home}}, f.links(atomType)...),
		Generator: "Broadsheet", Icon: f.Icon,
	}
	for _, e := range f.Entries {
		entry := atomEntry{
			Lang: e.Language, Heading: heading{Href: e.URL, Title: e.Title},
			ID: e.ID, Title: e.Title, Link: atomLink{"alternate", "text/html", e.URL},
			Published: e.Published.Format(time.RFC3339), Updated: e.Updated.Format(time.RFC3339),
			Authors: e.Authors, Summary: e.Summary, Content: xmlHTML{"html", e.Content},
		}
		for _, tag := range e.Tags {
			entry.Categories = append(entry.Categories, atomCategory{tag})
		}
		out.Entries = append(out.Entries, entry)
	}
	return document(out)
}

// byWhom names whom a feed is by: its author, or else the blog.
func byWhom(f feed) string {
	if f.Author != "" {
		return f.Author
	}
	return f.Title
}

// links are the links to this feed's pages and to who tells of new ones.
func (f feed) links(contentType string) []atomLink {
	var links []atomLink
	for _, l := range []atomLink{
		{"self", contentType, f.Self}, {"first", contentType, f.First},
		{"next", contentType, f.Next}, {"previous", contentType, f.Previous}, {"hub", "", f.Hub},
	} {
		if l.Href != "" {
			links = append(links, l)
		}
	}
	return links
}

type rssGUID struct {
	IsPermaLink bool   `xml:"isPermaLink,attr"`
	ID          string `xml:",chardata"`
}

type rssItem struct {
	Heading     heading
	GUID        rssGUID  `xml:"guid"`
	Title       string   `xml:"title"`
	Link        string   `xml:"link"`
	PubDate     string   `xml:"pubDate"`
	Creators    []string `xml:"dc:creator"`
	Categories  []string `xml:"category"`
	Description string   `xml:"description"`
	Content     xmlHTML  `xml:"content:encoded"`
}

type rssChannel struct {
	Note          note
	Title         string     `xml:"title"`
	Link          string     `xml:"link"`
	Description   string     `xml:"description"`
	Language      string     `xml:"language"`
	LastBuildDate string     `xml:"lastBuildDate"`
	Generator     string     `xml:"generator"`
	Docs          string     `xml:"docs"`
	Links         []atomLink `xml:"atom:link"`
	Items         []rssItem  `xml:"item"`
}

type rssFeed struct {
	XMLName   xml.Name   `xml:"rss"`
	Version   string     `xml:"version,attr"`
	AtomNS    string     `xml:"xmlns:atom,attr"`
	ContentNS string     `xml:"xmlns:content,attr"`
	DublinNS  string     `xml:"xmlns:dc,attr"`
	Channel   rssChannel `xml:"channel"`
}

// writeRSS writes a feed by RSS 2.0 and the advice of its board.
func writeRSS(f feed) ([]byte, error) {
	channel := rssChannel{
		Note: newNote(f), Title: f.Title, Link: f.Home, Description: f.Subtitle, Language: f.Language,
		LastBuildDate: f.Updated.Format(time.RFC1123Z), Generator: "Broadsheet",
		Docs: "https://www.rssboard.org/rss-specification", Links: f.links("application/rss+xml"),
	}
	if channel.Description == "" { // it is required
		channel.Description = f.Title
	}
	for _, e := range f.Entries {
		item := rssItem{
			Heading: heading{Href: e.URL, Title: e.Title},
			GUID:    rssGUID{false, e.ID}, Title: e.Title, Link: e.URL, PubDate: e.Published.Format(time.RFC1123Z),
			Categories: e.Tags, Description: e.Summary, Content: xmlHTML{Text: e.Content},
		}
		for _, a := range e.Authors {
			item.Creators = append(item.Creators, a.Name)
		}
		channel.Items = append(channel.Items, item)
	}
	return document(rssFeed{
		Version: "2.0", AtomNS: "http://www.w3.org/2005/Atom", ContentNS: "http://purl.org/rss/1.0/modules/content/",
		DublinNS: "http://purl.org/dc/elements/1.1/", Channel: channel,
	})
}

// document writes XML that browsers show by a style sheet.
func document(root any) ([]byte, error) {
	b := bytes.NewBufferString(xml.Header + `<?xml-stylesheet type="text/css" href="` + web.Asset("feed.css") + `"?>` + "\n")
	err := xml.NewEncoder(b).Encode(root)
	return b.Bytes(), err
}

type jsonItem struct {
	ID        string   `json:"id"`
	URL       string   `json:"url"`
	Title     string   `json:"title"`
	Content   string   `json:"content_html"`
	Summary   string   `json:"summary,omitempty"`
	Image     string   `json:"image,omitempty"`
	Published string   `json:"date_published"`
	Modified  string   `json:"date_modified"`
	Authors   []person `json:"authors"`
	Tags      []string `json:"tags,omitempty"`
	Language  string   `json:"language"`
}

type jsonHub struct {
	Type string `json:"type"`
	URL  string `json:"url"`
}

type jsonDocument struct {
	Version     string     `json:"version"`
	Title       string     `json:"title"`
	Home        string     `json:"home_page_url"`
	Self        string     `json:"feed_url"`
	Description string     `json:"description,omitempty"`
	Next        string     `json:"next_url,omitempty"`
	Favicon     string     `json:"favicon"`
	Authors     []person   `json:"authors"`
	Language    string     `json:"language"`
	Hubs        []jsonHub  `json:"hubs,omitempty"`
	Items       []jsonItem `json:"items"`
}

// writeJSON writes a feed by JSON Feed 1.1.
func writeJSON(f feed) ([]byte, error) {
	out := jsonDocument{
		Version: "https://jsonfeed.org/version/1.1", Title: f.Title, Home: f.Home, Self: f.Self, Description: f.Subtitle,
		Next: f.Next, Favicon: f.Icon, Authors: []person{{byWhom(f), f.Home}}, Language: f.Language, Items: []jsonItem{},
	}
	if f.Hub != "" {
		out.Hubs = []jsonHub{{"WebSub", f.Hub}}
	}
	for _, e := range f.Entries {
		out.Items = append(out.Items, jsonItem{
			ID: e.ID, URL: e.URL, Title: e.Title, Content: e.Content, Summary: e.Summary, Image: e.Image,
			Published: e.Published.Format(time.RFC3339), Modified: e.Updated.Format(time.RFC3339),
			Authors: e.Authors, Tags: e.Tags, Language: e.Language,
		})
	}
	return json.Marshal(out)
}
