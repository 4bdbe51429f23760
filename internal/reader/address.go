package reader

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"broadsheet/internal/page"
	"broadsheet/internal/posts"
)

// chosenTags reads the tag parameters: sorted, without repeats.
func chosenTags(query url.Values) ([]string, error) {
	var slugs []string
	for _, slug := range query["tag"] {
		if !storable(slug) {
			return nil, page.BadRequest("The address contains bytes that are not text.")
		}
		if slug != "" {
			slugs = append(slugs, slug)
		}
	}
	slices.Sort(slugs)
	slugs = slices.Compact(slugs)
	if len(slugs) > maxTags {
		return nil, page.BadRequest(fmt.Sprintf("A list can combine %d tags; the address asks for %d.", maxTags, len(slugs)))
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
		return page.BadRequest("The address asks for two places in the list at once.")
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
