package reader

import (
	"net/http"

	"broadsheet/internal/page"
)

// robots keeps crawlers away from what has no end: searches and combinations
// of tags (RFC 9309); the form for searching is a page like others. The address of the sitemap follows.
const robots = `User-agent: *
Disallow: /admin
Disallow: /search?
Disallow: /search/
Disallow: /?tag=

Sitemap: `

// Robots serves /robots.txt.
func (rd *Reader) Robots(w http.ResponseWriter, r *http.Request) error {
	body := robots + rd.pages.LastBase().BaseURL + "/sitemap.xml\n"
	page.Send(w, r, http.StatusOK, "text/plain; charset=utf-8", "public, max-age=86400", []byte(body))
	return nil
}
