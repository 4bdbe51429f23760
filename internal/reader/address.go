package reader

import (
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"broadsheet/internal/page"
	"broadsheet/internal/posts"
)

// chosenTags reads the tag parameters: sorted, without repeats.
func chosenTags(query url.Values) ([]string, error) {
	var slugs []string
	for _, slug := range query["tag"] {
		if !storable(slug) {
			return nil, page.BadRequest("error.bytes")
		}
		if slug != "" {
			slugs = append(slugs, slug)
		}
	}
	slices.Sort(slugs)
	slugs = slices.Compact(slugs)
	if len(slugs) > maxTags {
		return nil, page.BadRequest("error.tags", maxTags, len(slugs))
	}
	return slugs, nil
}

// readCursors reads after= and before=, of which there may be one.
func readCursors(r *http.Request, f *posts.Filter) error {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return page.BadRequest("")
	}
	if len(query["after"])+len(query["before"]) > 1 {
		return page.BadRequest("error.two-places")
	}
	f.After, f.Before = query.Get("after"), query.Get("before")
	return nil
}

// cursors returns the part of a query that says which page is asked for.
func cursors(query url.Values) url.Values {
	kept := url.Values{}
	for _, name := range []string{"after", "before"} {
		if values, ok := query[name]; ok {
			kept[name] = values
		}
	}
	return kept
}

// address makes an address of a path, a query and further parameters, given
// as names and values, of which the empty ones are left out.
func address(path string, query url.Values, more ...string) string {
	all := url.Values{}
	for name, values := range query {
		all[name] = values
	}
	for i := 0; i < len(more); i += 2 {
		if more[i+1] != "" {
			all.Set(more[i], more[i+1])
		}
	}
	if len(all) == 0 {
		return path
	}
	return path + "?" + all.Encode()
}

// parameters says which parameters of a query each page depends on, by route.
var parameters = map[string][]string{
	"/":                       {"tag", "after", "before"},
	"/posts/{slug}":           nil,
	"/tags":                   {"after"},
	"/tags/{tag}":             {"after", "before"},
	"/search":                 {"q", "after", "before"},
	"/authors/{handle}":       {"after", "before"},
	"/series/{slug}":          {"after"},
	"/archive":                nil,
	"/archive/{year}":         {"after", "before"},
	"/archive/{year}/{month}": {"after", "before"},
	"/{slug}":                 nil,
	"/card.png":               nil,
	"/posts/{slug}/card.png":  nil,

	"/search/suggest":  {"q"},
	"/posts/{slug}.md": nil,
	"/llms.txt":        nil,
	"/sitemap.xml":     nil,

	"/feed.{form}":                  {"after", "before"},
	"/tags/{tag}/feed.{form}":       {"after", "before"},
	"/authors/{handle}/feed.{form}": {"after", "before"},
	"/series/{slug}/feed.{form}":    {"after", "before"},
	"/search/feed.{form}":           {"q", "after", "before"},
}

// feedRoutes are the routes of feeds by the first parts of their lists' addresses.
var feedRoutes = map[string]string{
	"":        "/feed.{form}",
	"tags":    "/tags/{tag}/feed.{form}",
	"authors": "/authors/{handle}/feed.{form}",
	"series":  "/series/{slug}/feed.{form}",
	"search":  "/search/feed.{form}",
}

// feedRoute returns the route of a feed's address, "" for every other one.
func feedRoute(path string) string {
	list, form, found := strings.Cut(path, "/feed.")
	if _, known := feedForms[form]; !found || !known {
		return ""
	}
	kind, name, named := strings.Cut(strings.TrimPrefix(list, "/"), "/")
	if route := feedRoutes[kind]; named == strings.Contains(route, "}/") && named == (name != "") && !strings.Contains(name, "/") {
		return route
	}
	return ""
}

// folders says which routes have one more part behind a fixed one.
var folders = map[string]string{
	"posts": "/posts/{slug}", "tags": "/tags/{tag}", "authors": "/authors/{handle}",
	"series": "/series/{slug}", "archive": "/archive/{year}",
}

// routeOf returns the route of a page's path, or one that is none.
func routeOf(path string) string {
	if route := feedRoute(path); route != "" {
		return route
	}
	if _, ok := parameters[path]; ok {
		return path
	}
	if post, ok := strings.CutSuffix(path, "/card.png"); ok && routeOf(post) == "/posts/{slug}" {
		return "/posts/{slug}/card.png"
	}
	folder, name, inFolder := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	depth := strings.Count(name, "/")
	switch {
	case !inFolder:
		if posts.PageSlug(folder) && !strings.Contains(folder, ".") {
			return "/{slug}"
		}
	case name == "":
	case folder == "archive" && depth == 1:
		return "/archive/{year}/{month}"
	case depth == 0 && folder == "posts" && strings.HasSuffix(name, ".md"):
		return "/posts/{slug}.md"
	case depth == 0:
		return folders[folder]
	}
	return path
}

// Address returns the one address of the page that a URL asks for: its route,
// and its query in one order, with nothing in it that the page does not depend
// on. It is not ok for what is no page here, and for what no page can be for.
func Address(u *url.URL) (route, query string, ok bool) {
	route = routeOf(u.Path)
	names, ok := parameters[route]
	if !ok || !storable(u.Path) || path.Clean(u.Path) != u.Path {
		return "", "", false
	}
	if u.RawQuery == "" {
		return route, "", true
	}
	sent, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return "", "", false
	}
	kept := url.Values{}
	for _, name := range names {
		values := sent[name]
		if name == "q" {
			for i, v := range values {
				values[i] = strings.Join(strings.Fields(v), " ")
			}
		}
		values = slices.DeleteFunc(values, func(v string) bool { return v == "" })
		switch {
		case len(values) == 0:
			continue
		case name == "tag":
			slices.Sort(values)
			values = slices.Compact(values)
		case len(values) > 1:
			return "", "", false
		}
		for _, v := range values {
			if !storable(v) {
				return "", "", false
			}
		}
		kept[name] = values
	}
	return route, kept.Encode(), true
}
