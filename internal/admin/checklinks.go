package admin

import (
	"context"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/html"

	"broadsheet/internal/markdown"
	"broadsheet/internal/page"
	"broadsheet/internal/posts"
	"broadsheet/web"
)

// brokenLink is a link of a text that leads nowhere, or not where it says.
type brokenLink struct {
	Href    string `json:"href"` // as it was typed
	Problem string `json:"problem"`
	To      string `json:"to"` // where it leads instead, "" for nowhere
}

// brokenLinks returns the links of a rendered text to this site that lead
// nowhere or to a redirect, each once, in their order. own is the id of the
// post that holds the text, 0 for a new one, and ownAddress its path.
func (a *Admin) brokenLinks(r *http.Request, text markdown.HTML, own int64, ownAddress string) ([]brokenLink, error) {
	ctx, in := r.Context(), words(r)
	links, ids := linksOf(text)
	here := &url.URL{Path: ownAddress}
	broken := []brokenLink{}
	add := func(href, problem, to string) { broken = append(broken, brokenLink{href, in.Text(problem), to}) }
	var hrefs []string
	var targets []posts.Target
	for _, href := range links {
		address, ok := a.onThisSite(href)
		if !ok {
			continue
		}
		if address.Path != "" {
			address = here.ResolveReference(address)
		}
		if address.Path == "" || address.Path == ownAddress {
			if id := address.Fragment; id != "" && id != "top" && !ids[id] {
				add(shownHref(href), "broken.no-heading", "")
			}
			continue
		}
		clean := path.Clean("/" + address.Path)
		target, problem, err := a.target(ctx, clean)
		switch {
		case err != nil:
			return nil, err
		case problem != "":
			add(href, problem, "")
		case target.Kind != "":
			hrefs, targets = append(hrefs, href), append(targets, target)
		case clean != address.Path:
			add(href, "broken.leads-on", clean)
		}
	}
	found, err := a.posts.LeadTo(ctx, targets)
	if err != nil {
		return nil, err
	}
	for i, f := range found {
		switch {
		case f.ID != 0 && f.ID == own && f.Lead != posts.LeadMoved:
		case f.Lead == posts.LeadMoved:
			add(hrefs[i], "broken.leads-on", addressOf(f.Now))
		case f.Lead == posts.LeadHidden:
			add(hrefs[i], "broken.hidden", "")
		case f.Lead == posts.LeadGone:
			add(hrefs[i], "broken.deleted", "")
		case f.Lead == posts.LeadNone:
			add(hrefs[i], "broken.nothing", "")
		}
	}
	return broken, nil
}

// shownHref is a link within the text as its author typed it.
func shownHref(href string) string { return strings.Replace(href, "#"+markdown.IDPrefix, "#", 1) }

// linksOf returns the addresses that a text leads to, each once, and the ids in it.
func linksOf(text markdown.HTML) (links []string, ids map[string]bool) {
	ids = map[string]bool{}
	seen := map[string]bool{}
	tokens := html.NewTokenizer(strings.NewReader(string(text)))
	for kind := tokens.Next(); kind != html.ErrorToken; kind = tokens.Next() {
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		token := tokens.Token()
		for _, attribute := range token.Attr {
			switch {
			case attribute.Key == "id":
				ids[attribute.Val] = true
			case attribute.Key == "href" && token.Data == "a", attribute.Key == "src" && token.Data != "iframe":
				if !seen[attribute.Val] {
					seen[attribute.Val] = true
					links = append(links, attribute.Val)
				}
			}
		}
	}
	return links, ids
}

// onThisSite reads an address of this site. One without a path is within the text.
func (a *Admin) onThisSite(href string) (*url.URL, bool) {
	address, err := url.Parse(href)
	if err != nil || address.Opaque != "" || address.Scheme != "" && address.Scheme != "http" && address.Scheme != "https" {
		return nil, false
	}
	if address.Host == "" {
		return address, address.Scheme == "" && (address.Path != "" || address.RawQuery == "")
	}
	own, err := url.Parse(a.pages.BaseURL())
	if err != nil || !strings.EqualFold(address.Host, own.Host) {
		return nil, false
	}
	if address.Path == "" {
		address.Path = "/"
	}
	return address, true
}

// fixedAddresses are those that there always are.
var fixedAddresses = map[string]bool{
	"/": true, "/tags": true, "/search": true, "/archive": true, "/feed.atom": true, "/feed.rss": true, "/feed.json": true,
	"/sitemap.xml": true, "/robots.txt": true, "/llms.txt": true, "/favicon.ico": true, "/card.png": true,
}

// target returns what a path of this site names: nothing to look for where that
// is always there, or the text of a problem where it never is.
func (a *Admin) target(ctx context.Context, path string) (posts.Target, string, error) {
	const nothing = "broken.nothing"
	var none posts.Target
	if fixedAddresses[path] {
		return none, "", nil
	}
	first, rest, deeper := strings.Cut(path[1:], "/")
	if !deeper {
		if !posts.PageSlug(first) {
			return none, nothing, nil
		}
		return posts.Target{Kind: posts.TargetPage, Slug: first}, "", nil
	}
	kind := map[string]posts.TargetKind{
		"posts": posts.TargetPost, "tags": posts.TargetTag, "series": posts.TargetSeries, "authors": posts.TargetAuthor,
	}[first]
	slug, below, file := strings.Cut(rest, "/")
	switch {
	case kind == posts.TargetPost && (!file || below == "card.png"):
		return posts.Target{Kind: kind, Slug: strings.TrimSuffix(slug, ".md")}, "", nil
	case kind != "" && (!file || below == "feed.atom" || below == "feed.rss" || below == "feed.json"):
		return posts.Target{Kind: kind, Slug: slug}, "", nil
	case first == "archive":
		there, err := a.inArchive(ctx, rest)
		if err != nil || there {
			return none, "", err
		}
	case first == "static" && web.Has(path), first == "media", first == "sitemap":
		return none, "", nil // files of the media library are looked for where there is one
	case first == "admin":
		return none, "broken.admin", nil
	}
	return none, nothing, nil
}

// inArchive tells whether posts appeared in a year (2024) or a month (2024/05).
func (a *Admin) inArchive(ctx context.Context, period string) (bool, error) {
	layout := "2006/01"
	if _, err := strconv.Atoi(period); err == nil {
		layout = "2006"
	}
	if _, err := time.Parse(layout, period); err != nil {
		return false, nil
	}
	months, err := a.posts.Archive(ctx)
	if err != nil {
		return false, err
	}
	for _, m := range months {
		if m.Month.Format(layout) == period {
			return true, nil
		}
	}
	return false, nil
}

func addressOf(t posts.Target) string {
	switch t.Kind {
	case posts.TargetTag:
		return page.TagURL(t.Slug)
	case posts.TargetSeries:
		return page.SeriesURL(t.Slug)
	case posts.TargetAuthor:
		return page.AuthorURL(t.Slug)
	}
	return page.Address(posts.Kind(t.Kind), t.Slug)
}
