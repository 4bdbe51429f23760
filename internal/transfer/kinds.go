package transfer

import (
	"path"
	"slices"
	"strings"
)

// redirectFields hold where a stub leads to.
var redirectFields = []string{"redirect", "redirectto", "redirecturl"}

// notPost tells by its path whether a file is something else than a post. The
// reason is "" for a post.
func (f *folder) notPost(v file) (Kind, string) {
	inside := strings.HasPrefix(v.path, "content/")
	switch {
	case strings.HasPrefix(path.Base(v.path), "_index."):
		return Section, "a section, not a post"
	case repository.MatchString(stem(v.path)) && v.date == "":
		return Page, "about the folder, not a post"
	case v.posts && !datedName.MatchString(stem(v.path)):
		return Page, "not a post: names in _posts begin with a date"
	case v.posts || v.drafts:
		return "", ""
	case f.jekyll:
		return Page, "a page, not a post: it is not in _posts"
	case slices.ContainsFunc(elements(path.Dir(v.path)), func(s string) bool { return strings.HasPrefix(s, "_") }):
		return Page, "a page, not a post: it is in a folder that begins with _"
	case f.hugo && f.root == "." && !inside:
		return Page, "a page, not a post: it is not in content"
	case inside && f.sections[v.parent] && v.date == "":
		return Page, "a page, not a post: it is in none of the sections"
	}
	return "", ""
}

// notPost tells by its content whether a file is something else than a post.
func notPost(v file, doc document) (Kind, string) {
	if to, _ := doc.fields.text(redirectFields...); to != "" {
		return Redirect, "a redirect to " + to
	}
	empty := strings.TrimSpace(doc.body) == ""
	layout, _ := doc.fields.text("layout", "type")
	switch {
	case empty && strings.EqualFold(layout, "redirect"):
		return Redirect, "a redirect"
	case empty && len(doc.fields) == 0:
		return Page, "an empty file"
	case !v.posts && doc.fields.says([]string{"type", "layout"}, "page"):
		return Page, "a page, not a post: it says so"
	case doc.fields.says([]string{"headless"}, yes...):
		return Page, "not a post: a headless bundle"
	}
	return "", ""
}
