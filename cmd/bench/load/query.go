package load

import (
	"bytes"
	"context"
	_ "embed"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/klauspost/compress/gzip"

	"broadsheet/internal/markdown"
	"broadsheet/internal/page"
	"broadsheet/internal/postgres"
	"broadsheet/web"
)

// newest is the straightforward query for the first page: its posts and one
// more, with the names of their authors and tags.
const newest = `
	SELECT p.id, p.slug, p.title, p.excerpt, p.more, p.minutes, p.published_at, u.name AS author, t.slugs, t.names
	FROM posts p
	JOIN users u ON u.id = p.author_id
	CROSS JOIN LATERAL (
		SELECT array_agg(t.slug ORDER BY x.place) AS slugs, array_agg(t.name ORDER BY x.place) AS names
		FROM unnest(p.tag_ids) WITH ORDINALITY AS x (id, place) JOIN tags t ON t.id = x.id
	) t
	WHERE p.status = 'published' AND p.published_at <= now()
	ORDER BY p.published_at DESC, p.id DESC
	LIMIT 11`

//go:embed query.html
var queryHTML string

var queryTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"postURL": page.PostURL, "tagURL": page.TagURL, "asset": web.Asset,
}).Parse(queryHTML))

// A queryPost is a row of the query.
type queryPost struct {
	ID                  int64
	Slug, Title, Author string
	Excerpt             markdown.HTML
	More                bool
	Minutes             int
	PublishedAt         time.Time
	Slugs, Names        []string
}

func (p queryPost) Date() string { return p.PublishedAt.UTC().Format("January 2, 2006") }
func (p queryPost) ISO() string  { return p.PublishedAt.UTC().Format(time.RFC3339) }

type queryTag struct{ Slug, Name string }

func (p queryPost) Tags() []queryTag {
	tags := make([]queryTag, len(p.Slugs))
	for i := range tags {
		tags[i] = queryTag{p.Slugs[i], p.Names[i]}
	}
	return tags
}

type queryPage struct {
	Posts []queryPost
	Older bool
}

func queryPool(ctx context.Context, url string) (*pgxpool.Pool, error) {
	return postgres.Open(ctx, postgres.Config{URL: url})
}

var queryCompressors = sync.Pool{New: func() any {
	w, err := gzip.NewWriterLevel(nil, 5)
	if err != nil {
		panic(err) // the level is right
	}
	return w
}}

var queryBuffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// QueryHandler returns a blog's first page as one would write it without a cache:
// a query and html/template for each request. At /gzip it is compressed too.
func QueryHandler(pool *pgxpool.Pool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b := queryBuffers.Get().(*bytes.Buffer)
		defer queryBuffers.Put(b)
		b.Reset()
		compress := strings.HasPrefix(r.URL.Path, "/gzip")
		if err := writeNewest(r.Context(), b, pool, compress); err != nil {
			http.Error(w, "The page cannot be made.", http.StatusInternalServerError)
			return
		}
		if compress {
			w.Header().Set("Content-Encoding", "gzip")
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
		_, _ = w.Write(b.Bytes()) // whoever measures may have left
	})
}

func writeNewest(ctx context.Context, b *bytes.Buffer, pool *pgxpool.Pool, compress bool) error {
	rows, err := pool.Query(ctx, newest)
	if err != nil {
		return err
	}
	p := queryPage{}
	if p.Posts, err = pgx.CollectRows(rows, pgx.RowToStructByName[queryPost]); err != nil {
		return err
	}
	if len(p.Posts) > 10 {
		p.Posts, p.Older = p.Posts[:10], true
	}
	if !compress {
		return queryTemplate.Execute(b, p)
	}
	z := queryCompressors.Get().(*gzip.Writer)
	defer queryCompressors.Put(z)
	z.Reset(b)
	if err := queryTemplate.Execute(z, p); err != nil {
		return err
	}
	return z.Close()
}
