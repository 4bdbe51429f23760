package reader

import (
	"bufio"
	"encoding/xml"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/klauspost/compress/gzip"

	"broadsheet/internal/negotiate"
	"broadsheet/internal/page"
	"broadsheet/internal/pagecache"
	"broadsheet/internal/posts"
)

// The sitemap (sitemaps.org, 0.9) is an index of parts: part 0 has the lists,
// part n the posts of the n-th ten thousand ids. A part is written while it is
// read, a batch at a time, and is in memory as a whole at no time.

const (
	sitemapNamespace = "http://www.sitemaps.org/schemas/sitemap/0.9"
	sitemapType      = "application/xml; charset=utf-8"
	sitemapBatch     = 1000 // posts read at once
)

type sitemapLocation struct {
	Address string `xml:"loc"`
	Changed string `xml:"lastmod,omitempty"`
}

// Sitemap serves /sitemap.xml.
func (rd *Reader) Sitemap(w http.ResponseWriter, r *http.Request) error {
	parts, err := rd.posts.SitemapParts(r.Context())
	if err != nil {
		return err
	}
	base := rd.pages.LastBase().BaseURL
	index := struct {
		XMLName xml.Name          `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 sitemapindex"`
		Parts   []sitemapLocation `xml:"sitemap"`
	}{Parts: []sitemapLocation{{Address: base + "/sitemap/0.xml"}}}
	for _, p := range parts {
		index.Parts = append(index.Parts, sitemapLocation{
			base + "/sitemap/" + strconv.FormatInt(p.Part+1, 10) + ".xml", p.Changed.UTC().Format(time.RFC3339),
		})
	}
	body, err := xml.Marshal(index)
	if err != nil {
		return err
	}
	pagecache.Show(r.Context(), pagecache.On("search")) // ends with every change that readers see
	page.Send(w, r, http.StatusOK, sitemapType, page.Revalidate, append([]byte(xml.Header), body...))
	return nil
}

// SitemapPart serves /sitemap/{part}.xml.
func (rd *Reader) SitemapPart(w http.ResponseWriter, r *http.Request) error {
	number := r.PathValue("part")
	n, err := strconv.ParseInt(number, 10, 32)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != number {
		return posts.ErrNotFound
	}
	base := rd.pages.LastBase().BaseURL
	if n == 0 {
		lists, err := rd.posts.SitemapLists(r.Context())
		if err != nil {
			return err
		}
		s := startSitemap(w, r)
		for _, path := range []string{"/", "/tags", "/archive"} {
			s.add(base+path, time.Time{})
		}
		for _, l := range lists {
			s.add(base+listPath(l), l.Changed)
		}
		s.end()
		return nil
	}
	var s *sitemapWriter
	for after := int64(0); ; {
		entries, err := rd.posts.SitemapEntries(r.Context(), n-1, after, sitemapBatch)
		switch {
		case err != nil && s != nil:
			panic(http.ErrAbortHandler) // nobody may take half of a part for all of it
		case err != nil:
			return err
		case len(entries) == 0 && s == nil:
			return page.NotFound("")
		}
		if s == nil {
			s = startSitemap(w, r)
		}
		for _, e := range entries {
			s.add(base+page.Address(e.Kind, e.Slug), e.Changed)
			after = e.ID
		}
		if len(entries) < sitemapBatch || r.Method == http.MethodHead {
			s.end()
			return nil
		}
	}
}

func listPath(l posts.SitemapList) string {
	switch l.Kind {
	case "tag":
		return page.TagURL(l.Slug)
	case "series":
		return page.SeriesURL(l.Slug)
	}
	return page.AuthorURL(l.Slug)
}

// sitemapWriter writes a part, compressed where the client takes it. What
// cannot be written is nobody's loss: the client has left.
type sitemapWriter struct {
	out  *bufio.Writer
	gzip *gzip.Writer // nil for none
}

func startSitemap(w http.ResponseWriter, r *http.Request) *sitemapWriter {
	h := w.Header()
	h.Set("Content-Type", sitemapType)
	h.Set("Cache-Control", page.Revalidate)
	h.Add("Vary", "Accept-Encoding")
	s := &sitemapWriter{}
	var out io.Writer = w
	if negotiate.Accepted(r.Header).Best(negotiate.Gzip, negotiate.Identity) == negotiate.Gzip {
		h.Set("Content-Encoding", negotiate.Gzip.String())
		s.gzip = gzip.NewWriter(w)
		out = s.gzip
	}
	s.out = bufio.NewWriterSize(out, 16<<10)
	_, _ = s.out.WriteString(xml.Header + `<urlset xmlns="` + sitemapNamespace + `">`)
	return s
}

func (s *sitemapWriter) add(address string, changed time.Time) {
	_, _ = s.out.WriteString("<url><loc>")
	_ = xml.EscapeText(s.out, []byte(address))
	_, _ = s.out.WriteString("</loc>")
	if !changed.IsZero() {
		_, _ = s.out.WriteString("<lastmod>" + changed.UTC().Format(time.RFC3339) + "</lastmod>")
	}
	_, _ = s.out.WriteString("</url>")
}

func (s *sitemapWriter) end() {
	_, _ = s.out.WriteString("</urlset>\n")
	_ = s.out.Flush()
	if s.gzip != nil {
		_ = s.gzip.Close()
	}
}
