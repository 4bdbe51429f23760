package markdown

import (
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// attributes are those an element gets, in place of the ones it came with. It
// is false for an element that has no sense without one it lacks.
func (f *fragment) attributes(name string, given []html.Attribute) ([]html.Attribute, bool) {
	var kept attributeList
	for _, attribute := range given {
		if isForeignFile(attribute) {
			continue // pages load files from their own server alone
		}
		switch attribute.Key {
		case "id", "name":
			f.addID(&kept, attribute.Val)
		case "align":
			kept.set("class", "align-"+strings.ToLower(attribute.Val))
		case "tabindex": // this package's own alone, where something scrolls
		case "href":
			if href, ok := f.link(attribute.Val); ok {
				kept.set("href", href)
			}
		case "rel":
			kept.set("rel", allowedRel(attribute.Val))
		default:
			if flags[attribute.Key] {
				attribute.Val = ""
			}
			kept.set(attribute.Key, attribute.Val)
		}
	}
	switch name {
	case "a":
		if external(kept.get("href")) {
			kept.set("rel", strings.TrimSpace("noopener "+kept.get("rel")))
		}
		return kept, len(kept) > 0
	case "img":
		if kept.get("src") == "" {
			return nil, false
		}
		kept.set("alt", kept.get("alt"))
		kept.set("loading", "lazy")
		kept.set("decoding", "async")
	case "video", "audio":
		kept.set("controls", "")
	case "source", "track":
		return kept, len(kept) > 0
	case "pre":
		kept.set("tabindex", "0")
	case "input":
		return f.checkbox(kept), kept.get("type") == "checkbox"
	case "span":
		return kept, len(kept) > 0
	}
	return kept, true
}

// flags are attributes whose presence is their value.
var flags = map[string]bool{
	"checked": true, "disabled": true, "controls": true, "loop": true, "muted": true,
	"playsinline": true, "open": true, "reversed": true,
}

// checkbox is the box of a task, which readers cannot change.
func (f *fragment) checkbox(given attributeList) attributeList {
	box := attributeList{{Key: "type", Val: "checkbox"}, {Key: "disabled"}, {Key: "aria-label", Val: f.labels.openTask}}
	if given.has("checked") {
		box.set("checked", "")
		box.set("aria-label", f.labels.doneTask)
	}
	return box
}

func (f *fragment) addID(kept *attributeList, id string) {
	if f.place != wholePost {
		return
	}
	if !strings.HasPrefix(id, IDPrefix) {
		id = IDPrefix + id
	}
	if !f.ids[id] {
		f.ids[id] = true
		kept.set("id", id)
	}
}

// link is the address for a link, which within the post gets the prefix of its
// ids. Outside the whole post such a link would lead nowhere.
func (f *fragment) link(href string) (string, bool) {
	id, within := strings.CutPrefix(href, "#")
	switch {
	case !within || id == "" || id == "top":
		return href, true
	case f.place != wholePost:
		return "", false
	case strings.HasPrefix(id, IDPrefix):
		return href, true
	}
	return "#" + IDPrefix + id, true
}

// external reports whether an address may lead to another site.
func external(href string) bool {
	address, err := url.Parse(href)
	return err == nil && address.Host != ""
}

// foreign reports whether a picture may be one of another host. The site's own
// are named by path.
func foreign(src string) bool {
	address, err := url.Parse(strings.TrimSpace(src))
	return err != nil || address.Scheme != "" || address.Host != ""
}

// isForeignFile reports whether an attribute names a picture of another host
// beside the one that is shown.
func isForeignFile(attribute html.Attribute) bool {
	switch attribute.Key {
	case "poster":
		return foreign(attribute.Val)
	case "srcset":
		return slices.ContainsFunc(strings.Split(attribute.Val, ","), func(candidate string) bool {
			address, _, _ := strings.Cut(strings.TrimSpace(candidate), " ")
			return foreign(address)
		})
	}
	return false
}

// allowedRel keeps what an author can say of a link ("me" proves an account).
func allowedRel(rel string) string {
	allowed := strings.Fields("me nofollow author license sponsored ugc noreferrer")
	return strings.Join(slices.DeleteFunc(strings.Fields(rel), func(word string) bool {
		return !slices.Contains(allowed, word)
	}), " ")
}

type attributeList []html.Attribute

func (l attributeList) index(key string) int {
	return slices.IndexFunc(l, func(a html.Attribute) bool { return a.Key == key })
}

func (l attributeList) has(key string) bool { return l.index(key) >= 0 }

func (l attributeList) get(key string) string {
	if i := l.index(key); i >= 0 {
		return l[i].Val
	}
	return ""
}

func (l *attributeList) set(key, value string) {
	if i := l.index(key); i >= 0 {
		(*l)[i].Val = value
		return
	}
	*l = append(*l, html.Attribute{Key: key, Val: value})
}
