// Package web holds what a browser is sent besides posts: templates,
// stylesheets, images and the demo posts, all inside the binary.
package web

import (
	"embed"
	"fmt"
)

// Templates holds templates/layout, pages, partials and admin.
//
//go:embed templates
var Templates embed.FS

// Texts holds the program's own words, texts/LANGUAGE.json. Package texts
// reads them.
//
//go:embed texts
var Texts embed.FS

// Demo holds the posts of a new blog, as Markdown with front matter.
//
//go:embed all:demo
var Demo embed.FS

//go:embed static
var files embed.FS

//go:generate go test . -run ^TestCodeStyle$ -update

// stylesheets are sent as one file each: a page then waits for one request.
// The order is the cascade's.
var stylesheets = map[string][]string{
	"site.css": {"tokens.css", "base.css", "furniture.css", "listing.css", "post.css", "reading.css", "prose.css", "chroma.css", "motion.css", "print.css"},
}

var assets = load()

// Asset returns the address of a static file: Asset("site.css") is
// "/static/site.<hash>.css". It panics when there is no such file.
func Asset(name string) string {
	a, ok := assets.byName[name]
	if !ok {
		panic(fmt.Sprintf("web: no static file %q", name))
	}
	return a.path
}
