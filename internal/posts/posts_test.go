package posts_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"broadsheet/internal/postgrestest"
	"broadsheet/internal/posts"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// blog is a store on a database of its own, with one author.
type blog struct {
	*posts.Store
	t      *testing.T
	pool   *pgxpool.Pool
	author int64
}

func newBlog(t *testing.T) blog {
	t.Helper()
	b := blog{t: t, pool: postgrestest.New(t)}
	b.Store = posts.NewStore(b.pool)
	err := b.pool.QueryRow(t.Context(),
		"INSERT INTO users (handle, name) VALUES ('ada', 'Ada Lovelace') RETURNING id").Scan(&b.author)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// draft returns a valid draft that tests change to their needs.
func (b blog) draft(title string, tags ...string) posts.Draft {
	return posts.Draft{
		Title: title, Markdown: "The text of " + title + ".", Language: "en",
		Tags: tags, AuthorID: b.author, Status: posts.StatusDraft,
	}
}

// publish stores a post of that age.
func (b blog) publish(title string, age time.Duration, tags ...string) posts.Stored {
	b.t.Helper()
	d := b.draft(title, tags...)
	d.Status, d.PublishedAt = posts.StatusPublished, time.Now().Add(-age)
	return b.save(0, 0, d)
}

func (b blog) save(id, version int64, d posts.Draft) posts.Stored {
	b.t.Helper()
	stored, err := b.Save(b.t.Context(), id, version, d)
	if err != nil {
		b.t.Fatalf("saving %q: %v", d.Title, err)
	}
	return stored
}

func (b blog) get(id int64) posts.Stored {
	b.t.Helper()
	s, err := b.Get(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

func (b blog) tag(slug string) posts.Tag {
	b.t.Helper()
	tag, err := b.Tag(b.t.Context(), slug)
	if err != nil {
		b.t.Fatalf("tag %q: %v", slug, err)
	}
	return tag
}

func (b blog) list(f posts.Filter) posts.Listing {
	b.t.Helper()
	l, err := b.Listing(b.t.Context(), f)
	if err != nil {
		b.t.Fatalf("listing %+v: %v", f, err)
	}
	return l
}

func titles(l posts.Listing) []string {
	var titles []string
	for _, p := range l.Posts {
		titles = append(titles, p.Title)
	}
	return titles
}

// many stores n posts, the newest titled "post 1", without the renderer and
// without the limits on time, which are for pages.
func (b blog) many(n int, tagIDs string) {
	b.t.Helper()
	conn, err := b.pool.Acquire(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	defer conn.Release()
	for _, sql := range []string{
		"SET statement_timeout = 0",
		fmt.Sprintf(`
			INSERT INTO posts (slug, title, status, published_at, author_id, tag_ids, markdown, html, excerpt, render_version)
			SELECT 'post-' || n, 'post ' || n, 'published', now() - n * interval '1 minute', %d, %s,
				repeat('markdown ', 100), repeat('html ', 200), repeat('excerpt ', 30), 1
			FROM generate_series(1, %d) n`, b.author, tagIDs, n),
		"VACUUM ANALYZE posts, post_tags, tags",
		"RESET statement_timeout",
	} {
		if _, err := conn.Exec(b.t.Context(), sql); err != nil {
			b.t.Fatal(err)
		}
	}
}

func (b blog) makeTags(names ...string) {
	b.t.Helper()
	for _, name := range names {
		_, err := b.pool.Exec(b.t.Context(), "INSERT INTO tags (key, slug, name) VALUES ($1, $1, $1)", name)
		if err != nil {
			b.t.Fatal(err)
		}
	}
}

func eventually(t *testing.T, what string, condition func(context.Context) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for !condition(ctx) {
		if ctx.Err() != nil {
			t.Fatalf("never: %s", what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func wantErr(t *testing.T, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
