package posts_test

import (
	"testing"
	"time"

	"broadsheet/internal/markdown"
)

// stale makes all posts those of an older renderer and then has every update
// of a post run this statement of PL/pgSQL; nth counts the updates from 1.
func (b blog) stale(statement string) {
	b.t.Helper()
	if _, err := b.pool.Exec(b.t.Context(), "UPDATE posts SET html = 'old', render_version = $1", markdown.Version-1); err != nil {
		b.t.Fatal(err)
	}
	_, err := b.pool.Exec(b.t.Context(), `
		CREATE SEQUENCE updates;
		CREATE FUNCTION meanwhile() RETURNS trigger LANGUAGE plpgsql AS $$
		DECLARE nth bigint := nextval('updates');
		BEGIN
			`+statement+`
			RETURN NULL;
		END $$;
		CREATE TRIGGER meanwhile AFTER UPDATE ON posts FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION meanwhile()`)
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b blog) count(where string) int {
	b.t.Helper()
	var n int
	if err := b.pool.QueryRow(b.t.Context(), "SELECT count(*) FROM posts WHERE "+where).Scan(&n); err != nil {
		b.t.Fatal(err)
	}
	return n
}

func TestPostsOfAnOlderRendererAreRenderedAgain(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	p := b.publish("Rendered", time.Hour)
	b.stale("")
	for _, want := range []int{1, 0} {
		if n, err := b.RenderStale(t.Context(), 10); err != nil || n != want {
			t.Errorf("got %d, %v, want %d", n, err, want)
		}
	}
	got, err := b.Get(t.Context(), p.ID)
	if err != nil || got.HTML != p.HTML || got.Version != p.Version || !got.UpdatedAt.Equal(p.UpdatedAt) {
		t.Errorf("got %q at version %d, %v, want %q as before", got.HTML, got.Version, err, p.HTML)
	}
}

func TestRenderingAgainStoresEachPostByItself(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for range 3 {
		b.publish("Post", time.Hour)
	}
	b.stale("IF nth = 2 THEN RAISE 'the disk is full'; END IF;")
	if n, err := b.RenderStale(t.Context(), 10); err == nil || n != 1 {
		t.Errorf("got %d, %v, want 1 and an error", n, err)
	}
	if n := b.count("html = 'old'"); n != 2 {
		t.Errorf("got %d posts as they were, want 2", n)
	}
	if n, err := b.RenderStale(t.Context(), 10); err != nil || n != 2 {
		t.Errorf("again: got %d, %v, want 2", n, err)
	}
}

// A post that is saved while it is rendered again keeps what was saved.
func TestRenderingAgainNeverOverwritesASave(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for range 3 {
		b.publish("Post", time.Hour)
	}
	b.stale("IF nth = 1 THEN UPDATE posts SET html = 'saved', version = version + 1 WHERE id <> NEW.id; END IF;")
	if _, err := b.RenderStale(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	if n := b.count("html = 'saved'"); n != 2 {
		t.Errorf("got %d posts as they were saved, want 2", n)
	}
	if _, err := b.RenderStale(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	if n := b.count("html IN ('old', 'saved')"); n != 0 {
		t.Errorf("got %d posts that the older renderer made, want none", n)
	}
}

// What the new renderer refuses stays as the old one made it, and is not
// tried again and again.
func TestRenderingAgainKeepsWhatIsRefused(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	p := b.publish("Refused", time.Hour)
	if _, err := b.pool.Exec(t.Context(), "UPDATE posts SET language = 'no language' WHERE id = $1", p.ID); err != nil {
		t.Fatal(err)
	}
	b.stale("")
	for _, want := range []int{1, 0} {
		if n, err := b.RenderStale(t.Context(), 10); err != nil || n != want {
			t.Errorf("got %d, %v, want %d", n, err, want)
		}
	}
	if b.count("html = 'old'") != 1 {
		t.Error("the HTML was changed")
	}
}
