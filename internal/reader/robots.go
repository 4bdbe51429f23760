package reader

import (
	"net/http"

	"broadsheet/internal/page"
)

// robots keeps crawlers away from what has no end: searches and combinations
// of tags (RFC 9309).
const robots = `User-agent: *
Disallow: /admin
Disallow: /search
Disallow: /?tag=
`

// Robots serves /robots.txt.
func (rd *Reader) Robots(w http.ResponseWriter, r *http.Request) error {
	page.Send(w, r, http.StatusOK, "text/plain; charset=utf-8", "public, max-age=86400", []byte(robots))
	return nil
}
