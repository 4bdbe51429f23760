package reader_test

import (
	"encoding/json"
	"encoding/xml"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/mmcdole/gofeed"

	"broadsheet/internal/posts"
	"broadsheet/internal/reader"
	"broadsheet/internal/site"
)

// read reads a feed as a feed reader does, and checks what its form requires.
func (b *blog) read(t *testing.T, target string) *gofeed.Feed {
	t.Helper()
	w, body := b.get(t, target)
	if w.Code != 200 {
		t.Fatalf("%s: got %d\n%s", target, w.Code, body)
	}
	if !strings.Contains(target, ".json") {
		checkXML(t, target, body)
	}
	checkFeed(t, target, body)
	checkSpecification(t, target, body)
	feed, err := gofeed.NewParser().ParseString(body)
	if err != nil {
		t.Fatalf("%s: %v\n%s", target, err, body)
	}
	return feed
}

// checkXML reads all of a document.
func checkXML(t *testing.T, target, body string) {
	t.Helper()
	for d := xml.NewDecoder(strings.NewReader(body)); ; {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Fatalf("%s: %v\n%s", target, err, body)
		}
	}
}

// checkFeed checks a feed against the elements that its specification requires.
func checkFeed(t *testing.T, target, body string) {
	t.Helper()
	missing := func(name, value string) {
		if strings.TrimSpace(value) == "" {
			t.Errorf("%s: got no %s", target, name)
		}
	}
	wholeURL := func(name, value string) {
		if u, err := url.Parse(value); err != nil || !u.IsAbs() {
			t.Errorf("%s: got %s %q, want an absolute address", target, name, value)
		}
	}
	date := func(name, layout, value string) {
		if _, err := time.Parse(layout, value); err != nil {
			t.Errorf("%s: got %s %q", target, name, value)
		}
	}
	ids := map[string]bool{}
	id := func(value string) {
		if wholeURL("id", value); ids[value] {
			t.Errorf("%s: got id %q twice", target, value)
		}
		ids[value] = true
	}
	switch path, _, _ := strings.Cut(target, "?"); path[len(path)-4:] {
	case "atom": // RFC 4287, 4.1
		var f struct {
			XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
			ID      string   `xml:"http://www.w3.org/2005/Atom id"`
			Title   string   `xml:"http://www.w3.org/2005/Atom title"`
			Updated string   `xml:"http://www.w3.org/2005/Atom updated"`
			Author  string   `xml:"http://www.w3.org/2005/Atom author>name"`
			Links   []struct {
				Rel  string `xml:"rel,attr"`
				Href string `xml:"href,attr"`
			} `xml:"http://www.w3.org/2005/Atom link"`
			Entries []struct {
				ID        string `xml:"id"`
				Title     string `xml:"title"`
				Updated   string `xml:"updated"`
				Published string `xml:"published"`
				Author    string `xml:"author>name"`
				Link      struct {
					Href string `xml:"href,attr"`
				} `xml:"link"`
				Content struct {
					Type string `xml:"type,attr"`
				} `xml:"content"`
			} `xml:"http://www.w3.org/2005/Atom entry"`
		}
		if err := xml.Unmarshal([]byte(body), &f); err != nil {
			t.Fatalf("%s: %v", target, err)
		}
		wholeURL("id", f.ID)
		missing("title", f.Title)
		missing("author", f.Author)
		date("updated", time.RFC3339, f.Updated)
		self := 0
		for _, l := range f.Links {
			wholeURL(l.Rel, l.Href)
			if l.Rel == "self" {
				self++
			}
		}
		for _, e := range f.Entries {
			id(e.ID)
			missing("title of an entry", e.Title)
			missing("author of an entry", e.Author)
			wholeURL("link of an entry", e.Link.Href)
			date("updated of an entry", time.RFC3339, e.Updated)
			date("published of an entry", time.RFC3339, e.Published)
			if e.Content.Type != "html" {
				t.Errorf("%s: got content of type %q", target, e.Content.Type)
			}
		}
		if self != 1 {
			t.Errorf("%s: got %d links to itself, want 1", target, self)
		}
	case ".rss": // RSS 2.0
		var f struct {
			Version string `xml:"version,attr"`
			Channel struct {
				Title       string `xml:"title"`
				Description string `xml:"description"`
				Links       []struct {
					XMLName xml.Name
					Text    string `xml:",chardata"`
				} `xml:"link"`
				Items []struct {
					Title   string `xml:"title"`
					Link    string `xml:"link"`
					PubDate string `xml:"pubDate"`
					GUID    struct {
						Text string `xml:",chardata"`
						Perm string `xml:"isPermaLink,attr"`
					} `xml:"guid"`
				} `xml:"item"`
			} `xml:"channel"`
		}
		if err := xml.Unmarshal([]byte(body), &f); err != nil {
			t.Fatalf("%s: %v", target, err)
		}
		if f.Version != "2.0" {
			t.Errorf("%s: got version %q", target, f.Version)
		}
		missing("title", f.Channel.Title)
		missing("description", f.Channel.Description)
		wholeURL("link", f.Channel.Links[0].Text)
		for _, i := range f.Channel.Items {
			missing("title of an item", i.Title)
			wholeURL("link of an item", i.Link)
			date("pubDate", time.RFC1123Z, i.PubDate)
			if id(i.GUID.Text); i.GUID.Perm != "false" {
				t.Errorf("%s: got a guid that claims to be an address", target)
			}
		}
	case "json": // JSON Feed 1.1
		var f struct {
			Version, Title string
			Home           string `json:"home_page_url"`
			Self           string `json:"feed_url"`
			Items          []struct {
				ID, URL   string
				Content   *string `json:"content_html"`
				Published string  `json:"date_published"`
				Modified  string  `json:"date_modified"`
			}
		}
		if err := json.Unmarshal([]byte(body), &f); err != nil {
			t.Fatalf("%s: %v", target, err)
		}
		if f.Version != "https://jsonfeed.org/version/1.1" || f.Items == nil {
			t.Errorf("%s: got version %q, items %v", target, f.Version, f.Items)
		}
		missing("title", f.Title)
		wholeURL("home_page_url", f.Home)
		wholeURL("feed_url", f.Self)
		for _, i := range f.Items {
			id(i.ID)
			wholeURL("url", i.URL)
			date("date_published", time.RFC3339, i.Published)
			date("date_modified", time.RFC3339, i.Modified)
			if i.Content == nil {
				t.Errorf("%s: got an item without content", target)
			}
		}
	default:
		t.Fatalf("%s is no feed", target)
	}
}

// What no reader can read as XML is left out, wherever it stands.
func TestFeedsSurviveHostileText(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	const hostile = "a]]>b<script>\x01\x0b\x1f\u0085\ufffe\uffff&amp;\U0001F600\"' --> <?xml?> <!DOCTYPE x [<!ENTITY y 'z'>]>"
	b.settings(t, site.Settings{Title: hostile[:60], Tagline: hostile[:60], Language: "en", TimeZone: "UTC"})
	b.publish(t, posts.Draft{Title: hostile, Summary: hostile, Markdown: hostile + "\n\n`" + hostile + "`\n\n<div title=\"]]>\">]]></div>", Tags: []string{hostile[:40], "Go"}})
	b.publish(t, posts.Draft{Title: "\u0001\ufffe", Markdown: "x"})
	for _, form := range forms {
		f := b.read(t, "/feed."+form)
		if len(f.Items) != 2 {
			t.Fatalf("%s: got %v", form, feedTitles(f))
		}
		for _, i := range f.Items {
			if strings.ContainsAny(i.Title+i.Content+i.Description, "\x01\x0b\x1f\ufffe\uffff") || i.Title == "" {
				t.Errorf("%s: got %q", form, i.Title)
			}
			if i.Title != i.Link && !strings.Contains(i.Title, "a]]>b<script>  &amp;\U0001F600") {
				t.Errorf("%s: got title %q", form, i.Title)
			}
		}
	}
}

func FuzzFeed(f *testing.F) {
	f.Add("t", "<p><a href='x'>y</a>", "s")
	f.Add("]]>", "]]><![CDATA[", "\ufffe")
	f.Add("\xff", "<img srcset='a 1x, b 2x' src=\"\x00\">", "\x00")
	f.Add("", "<a class=anchor href=:>#</a><math><mi></math><svg><style></svg>", "&#0;")
	f.Fuzz(func(t *testing.T, title, content, summary string) {
		for _, form := range forms {
			body := reader.WriteFeed(form, title, content, summary)
			if form != "json" {
				checkXML(t, form, string(body))
			}
			feed, err := gofeed.NewParser().ParseString(string(body))
			if err != nil || len(feed.Items) != 1 {
				t.Fatalf("%s: %v\n%q", form, err, body)
			}
		}
	})
}
