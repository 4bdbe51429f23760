package reader_test

import (
	"encoding/json"
	"encoding/xml"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/language"
)

// What specifications allow in a feed: how often an element may stand there.
// "1" is exactly once, "?" at most once, "*" any number of times.
var (
	atomFeedRules = map[string]string{ // RFC 4287, 4.1.1
		"id": "1", "title": "1", "updated": "1", "author": "*", "category": "*", "contributor": "*", "entry": "*",
		"generator": "?", "icon": "?", "link": "*", "logo": "?", "rights": "?", "subtitle": "?",
	}
	atomEntryRules = map[string]string{ // RFC 4287, 4.1.2
		"id": "1", "title": "1", "updated": "1", "author": "*", "category": "*", "content": "?", "contributor": "*",
		"link": "*", "published": "?", "rights": "?", "source": "?", "summary": "?",
	}
	rssChannelRules = map[string]string{ // RSS 2.0
		"title": "1", "link": "1", "description": "1", "language": "?", "copyright": "?", "managingEditor": "?",
		"webMaster": "?", "pubDate": "?", "lastBuildDate": "?", "category": "*", "generator": "?", "docs": "?",
		"cloud": "?", "ttl": "?", "image": "?", "rating": "?", "textInput": "?", "skipHours": "?", "skipDays": "?", "item": "*",
	}
	rssItemRules = map[string]string{
		"title": "?", "link": "?", "description": "?", "author": "?", "category": "*", "comments": "?", "enclosure": "?",
		"guid": "?", "pubDate": "?", "source": "?",
	}
	jsonFeedKeys = strings.Fields("version title home_page_url feed_url description user_comment next_url icon favicon authors language expired hubs items")
	jsonItemKeys = strings.Fields(`id url external_url title content_html content_text summary image banner_image date_published
		date_modified authors tags language attachments`)
)

const atomNamespace = "http://www.w3.org/2005/Atom"

type element struct {
	XMLName    xml.Name
	Attributes []xml.Attr `xml:",any,attr"`
	Text       string     `xml:",chardata"`
	Children   []element  `xml:",any"`
}

func (e element) attribute(name string) string {
	for _, a := range e.Attributes {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// all returns the children of a name and namespace.
func (e element) all(namespace, name string) []element {
	return slices.DeleteFunc(slices.Clone(e.Children), func(c element) bool { return c.XMLName != xml.Name{Space: namespace, Local: name} })
}

func (e element) one(namespace, name string) string {
	if all := e.all(namespace, name); len(all) > 0 {
		return all[0].Text
	}
	return ""
}

// checkSpecification checks a feed for what a specification forbids, and for
// values that are not of the kind it wants.
func checkSpecification(t *testing.T, target, body string) {
	t.Helper()
	if strings.HasPrefix(body, "{") {
		checkJSONFeed(t, target, body)
		return
	}
	var root element
	if err := xml.Unmarshal([]byte(body), &root); err != nil {
		t.Fatalf("%s: %v", target, err)
	}
	if root.XMLName.Local == "rss" {
		channels := root.all("", "channel")
		if len(channels) != 1 {
			t.Fatalf("%s: got %d channels", target, len(channels))
		}
		checkRSS(t, target, channels[0])
		return
	}
	checkAtom(t, target, root)
}

// checkChildren compares how often elements of a namespace stand in another with rules.
func checkChildren(t *testing.T, target string, e element, namespace string, rules map[string]string) {
	t.Helper()
	count := map[string]int{}
	for _, c := range e.Children {
		if c.XMLName.Space == namespace {
			if count[c.XMLName.Local]++; rules[c.XMLName.Local] == "" {
				t.Errorf("%s: got <%s> in <%s>, want none", target, c.XMLName.Local, e.XMLName.Local)
			}
		}
	}
	for name, often := range rules {
		if n := count[name]; n > 1 && often != "*" || n == 0 && often == "1" {
			t.Errorf("%s: got %d <%s> in <%s>, want %s", target, n, name, e.XMLName.Local, often)
		}
	}
}

func checkAddress(t *testing.T, target, what, value string) {
	t.Helper()
	if u, err := url.Parse(value); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		t.Errorf("%s: got %s %q, want a whole address", target, what, value)
	}
}

func checkLanguage(t *testing.T, target, value string) {
	t.Helper()
	if _, err := language.Parse(value); err != nil {
		t.Errorf("%s: got language %q", target, value)
	}
}

func checkTime(t *testing.T, target, layout, value string) time.Time {
	t.Helper()
	at, err := time.Parse(layout, value)
	if err != nil {
		t.Errorf("%s: got time %q", target, value)
	}
	return at
}

func checkAtom(t *testing.T, target string, feed element) {
	t.Helper()
	checkChildren(t, target, feed, atomNamespace, atomFeedRules)
	checkLinks(t, target, feed)
	updated := checkTime(t, target, time.RFC3339, feed.one(atomNamespace, "updated"))
	checkAddress(t, target, "id", feed.one(atomNamespace, "id"))
	checkAddress(t, target, "icon", feed.one(atomNamespace, "icon"))
	for _, e := range feed.all(atomNamespace, "entry") {
		checkChildren(t, target, e, atomNamespace, atomEntryRules)
		checkLinks(t, target, e)
		checkLanguage(t, target, e.attribute("lang"))
		if at := checkTime(t, target, time.RFC3339, e.one(atomNamespace, "updated")); at.After(updated) {
			t.Errorf("%s: got an entry updated at %v, after its feed at %v", target, at, updated)
		}
		for _, a := range e.all(atomNamespace, "author") { // 3.2
			checkChildren(t, target, a, atomNamespace, map[string]string{"name": "1", "uri": "?", "email": "?"})
			checkAddress(t, target, "author", a.one(atomNamespace, "uri"))
		}
		for _, c := range e.all(atomNamespace, "category") { // 4.2.2
			if c.attribute("term") == "" {
				t.Errorf("%s: got a category without a term", target)
			}
		}
	}
}

// checkLinks checks the links of a feed or an entry: one alternate of a type and
// language (RFC 4287, 4.1.1), one of each that pages a feed (RFC 5005, 3).
func checkLinks(t *testing.T, target string, e element) {
	t.Helper()
	seen := map[string]bool{}
	for _, l := range e.all(atomNamespace, "link") {
		rel := l.attribute("rel")
		key := rel
		if rel == "alternate" {
			key += l.attribute("type") + " " + l.attribute("hreflang")
		}
		if seen[key] {
			t.Errorf("%s: got two links %s", target, key)
		}
		seen[key] = true
		if !slices.Contains(strings.Fields("alternate self hub first last next previous"), rel) {
			t.Errorf("%s: got link %q", target, rel)
		}
		checkAddress(t, target, rel, l.attribute("href"))
	}
	if e.XMLName.Local != "entry" && !seen["self"] {
		t.Errorf("%s: got no link to itself", target)
	}
}

func checkRSS(t *testing.T, target string, channel element) {
	t.Helper()
	checkChildren(t, target, channel, "", rssChannelRules)
	checkLinks(t, target, channel)
	checkLanguage(t, target, channel.one("", "language"))
	checkTime(t, target, time.RFC1123Z, channel.one("", "lastBuildDate"))
	for _, i := range channel.all("", "item") {
		checkChildren(t, target, i, "", rssItemRules)
		checkChildren(t, target, i, "http://purl.org/rss/1.0/modules/content/", map[string]string{"encoded": "?"})
		checkChildren(t, target, i, "http://purl.org/dc/elements/1.1/", map[string]string{"creator": "*"})
		if i.one("", "title")+i.one("", "description") == "" {
			t.Errorf("%s: got an item with neither title nor description", target)
		}
		checkTime(t, target, time.RFC1123Z, i.one("", "pubDate"))
	}
}

func checkJSONFeed(t *testing.T, target, body string) {
	t.Helper()
	var feed map[string]any
	if err := json.Unmarshal([]byte(body), &feed); err != nil {
		t.Fatalf("%s: %v", target, err)
	}
	checkKeys(t, target, feed, jsonFeedKeys)
	for _, key := range []string{"home_page_url", "feed_url", "favicon"} {
		checkAddress(t, target, key, feed[key].(string))
	}
	if next, ok := feed["next_url"].(string); ok && next == feed["feed_url"] {
		t.Errorf("%s: got itself as the next page", target)
	}
	checkLanguage(t, target, feed["language"].(string))
	if n := len(feed["authors"].([]any)); n != 1 {
		t.Errorf("%s: got %d authors", target, n)
	}
	for _, entry := range feed["items"].([]any) {
		item := entry.(map[string]any)
		checkKeys(t, target, item, jsonItemKeys)
		if id, ok := item["id"].(string); !ok || id == "" {
			t.Errorf("%s: got id %v, want a text", target, item["id"])
		}
		checkLanguage(t, target, item["language"].(string))
		for _, author := range item["authors"].([]any) {
			checkKeys(t, target, author.(map[string]any), []string{"name", "url", "avatar"})
		}
		for _, key := range []string{"image", "banner_image", "external_url"} {
			if address, ok := item[key].(string); ok {
				checkAddress(t, target, key, address)
			}
		}
	}
}

// checkKeys finds keys that are neither known nor an extension.
func checkKeys(t *testing.T, target string, object map[string]any, known []string) {
	t.Helper()
	for key, value := range object {
		if !slices.Contains(known, key) && !strings.HasPrefix(key, "_") || value == nil {
			t.Errorf("%s: got %s: %v", target, key, value)
		}
	}
}

// The check of specifications finds what it is there for.
func TestSpecificationCheckFails(t *testing.T) {
	t.Parallel()
	rules := map[string]string{"id": "1", "icon": "?", "link": "*"}
	for body, want := range map[string]bool{
		"<feed><id/><link/><link/></feed>": true, "<feed><icon/></feed>": false, "<feed><id/><icon/><icon/></feed>": false, "<feed><id/><x/></feed>": false,
	} {
		var root element
		if err := xml.Unmarshal([]byte(body), &root); err != nil {
			t.Fatal(err)
		}
		inner := &testing.T{}
		checkChildren(inner, "", root, "", rules)
		if inner.Failed() == want {
			t.Errorf("%s: got failed %v", body, inner.Failed())
		}
	}
}
