package markdown

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/alecthomas/chroma/v2"
	"github.com/microcosm-cc/bluemonday"
)

// policy is what may be shown: all that this package makes and what a post may
// say in HTML itself. No style, no form, no frame, no script, and no class but
// the site's own.
var policy = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()

	p.AllowElements("p", "div", "section", "aside", "blockquote", "pre", "hr", "br", "wbr",
		"h1", "h2", "h3", "h4", "h5", "h6",
		"ul", "ol", "li", "dl", "dt", "dd",
		"figure", "figcaption", "details", "summary",
		"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td",
		"abbr", "b", "bdi", "cite", "code", "del", "dfn", "em", "i", "ins", "kbd", "mark", "q",
		"rp", "rt", "ruby", "s", "samp", "small", "strong", "sub", "sup", "time", "u", "var",
		"picture", "video", "audio")
	p.AllowNoAttrs().OnElements("span", "a", "input")
	// What stands between these tags is text; without this an unclosed one would take the rest with it.
	p.AllowElementsContent("object", "frame", "frameset")

	p.RequireParseableURLs(true)
	p.AllowRelativeURLs(true)
	p.AllowURLSchemes("http", "https", "mailto", "tel")
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("cite").OnElements("blockquote", "del", "ins", "q")
	p.AllowAttrs("src", "poster").Matching(fileAddress).OnElements("img", "video", "audio", "source", "track")
	p.AllowAttrs("srcset").Matching(fileAddresses).OnElements("img", "source")
	p.AllowAttrs("sizes", "media").Matching(mediaQuery).OnElements("img", "source")
	p.AllowAttrs("type").Matching(regexp.MustCompile(`^(?:image|video|audio)/[a-z0-9.+-]+$`)).OnElements("source")
	p.AllowAttrs("kind", "srclang", "label").Matching(regexp.MustCompile(`^[\pL\pN -]{1,60}$`)).OnElements("track")

	p.AllowAttrs("alt").OnElements("img")
	p.AllowAttrs("loading").Matching(oneOf("lazy")).OnElements("img")
	p.AllowAttrs("decoding").Matching(oneOf("async")).OnElements("img")
	p.AllowAttrs("width", "height").Matching(regexp.MustCompile(`^[0-9]{1,5}$`)).OnElements("img", "video", "source")
	p.AllowAttrs("controls", "loop", "muted", "playsinline").Matching(flag).OnElements("video", "audio")
	p.AllowAttrs("preload").Matching(oneOf("none", "metadata")).OnElements("video", "audio")

	p.AllowAttrs("align").Matching(regexp.MustCompile(`(?i)^(?:left|center|right)$`)).
		OnElements("td", "th", "p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "img")
	p.AllowAttrs("colspan", "rowspan").Matching(regexp.MustCompile(`^[0-9]{1,3}$`)).OnElements("td", "th")
	p.AllowAttrs("scope").Matching(oneOf("row", "col", "rowgroup", "colgroup")).OnElements("th")
	p.AllowAttrs("start").Matching(regexp.MustCompile(`^-?[0-9]{1,9}$`)).OnElements("ol")
	p.AllowAttrs("value").Matching(regexp.MustCompile(`^-?[0-9]{1,9}$`)).OnElements("li")
	p.AllowAttrs("type").Matching(regexp.MustCompile(`^[1aAiI]$`)).OnElements("ol")
	p.AllowAttrs("reversed").Matching(flag).OnElements("ol")
	p.AllowAttrs("open").Matching(flag).OnElements("details")
	p.AllowAttrs("type").Matching(oneOf("checkbox")).OnElements("input")
	p.AllowAttrs("checked", "disabled").Matching(flag).OnElements("input")
	p.AllowAttrs("datetime").Matching(regexp.MustCompile(`^[0-9TZPWDHMS:+. -]{1,40}$`)).OnElements("time", "del", "ins")
	p.AllowAttrs("rel").Matching(regexp.MustCompile(`^[a-z]+(?: [a-z]+){0,9}$`)).OnElements("a")

	p.AllowAttrs("title").Globally()
	p.AllowAttrs("lang").Matching(regexp.MustCompile(`^[A-Za-z0-9-]{1,35}$`)).Globally()
	p.AllowAttrs("dir").Matching(oneOf("ltr", "rtl", "auto")).Globally()
	p.AllowAttrs("id").Matching(idPattern()).Globally()
	p.AllowAttrs("name").Matching(idPattern()).OnElements("a")
	p.AllowAttrs("class").Matching(classPattern()).Globally()
	p.AllowAttrs("role").Matching(oneOf("region", "note", "doc-noteref", "doc-backlink", "doc-endnotes")).
		OnElements("a", "div", "section")
	p.AllowAttrs("tabindex").Matching(oneOf("0")).OnElements("div", "pre")
	p.AllowAttrs("aria-label").OnElements("a", "div", "section", "input")
	return p
})

var (
	// It repeats large classes, and takes long to compile.
	idPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[\pL\pN_][\pL\pM\pN_.:-]{0,200}$`) })
	flag      = regexp.MustCompile(``)
	// fileAddress is what an image or a film may come from: http, https, or
	// relative, which is to say without a colon before the path.
	fileAddress   = regexp.MustCompile(`(?i)^\s*(?:https?://|[^:\s]*(?:[/?#]|$))`)
	fileAddresses = regexp.MustCompile(`(?i)^\s*` + srcsetEntry + `(?:\s*,\s+` + srcsetEntry + `)*\s*$`)
	mediaQuery    = regexp.MustCompile(`^[a-zA-Z0-9\s():,.%<>=/-]{1,300}$`)
)

const srcsetEntry = `(?:https?://[^\s,]+|[^:\s,]+)(?:\s+[0-9.]+[wx])?`

func oneOf(values ...string) *regexp.Regexp {
	return regexp.MustCompile(`^(?:` + strings.Join(values, "|") + `)$`)
}

// classPattern matches the classes of the package comment and chroma's.
func classPattern() *regexp.Regexp {
	names := []string{`language-[\pL\pN_+#.*/-]{1,40}`, "heading", "anchor", "table-scroll",
		"align-left", "align-center", "align-right", "chroma", "hl", "code", "code-title", "code-language",
		"callout", "callout-title",
		"footnote-ref", "footnotes", "footnote-backref", "task-list", "task-list-item", "toc"}
	names = append(names, calloutKinds...)
	for _, class := range chroma.StandardTypes {
		if class != "" && !slices.Contains(names, class) {
			names = append(names, class)
		}
	}
	name := `(?:` + strings.Join(names, "|") + `)`
	return regexp.MustCompile(`^` + name + `(?: ` + name + `)*$`)
}
