package browsertest_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"broadsheet/internal/posts"
)

// TestFirstPost goes from the link that the server prints to a reader who
// reads the first post.
func TestFirstPost(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	code, err := b.accounts.NewSetUpCode(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	link := "/admin/setup?code=" + code
	author := b.visitor(t)
	author.open(link, 200)
	author.fill("title", "The Daily Compile")
	author.fill("name", ownerName)
	author.fill("email", email)
	author.fill("password", password)
	author.click("main .primary", 200)
	author.wantPath("/admin/posts")
	author.want("Welcome!", "The first page is blank")

	author.click(".empty .primary", 200)
	author.fill("title", "Hello, world")
	author.fill("markdown", "The *first* words.\n\n```go\nfunc main() { println(\"hello\") }\n```\n")
	author.fill("tags", "Go, Web design")
	author.pick("published_at", "2024-03-01T09:30")
	author.click("[value=publish]", 200)
	author.want("Published.")
	author.click(".flash a", 200)
	author.wantPath("/posts/hello-world")

	reader := b.visitor(t)
	reader.open("/", 200)
	reader.wantTexts("h1", "The Daily Compile")
	reader.click(".card-title a", 200)
	reader.wantTexts("h1", "Hello, world")
	reader.wantTexts(".prose em", "first")
	reader.wantTexts(".tags a", "Go", "Web design")
	reader.want(ownerName, "March 1, 2024")
	if got, want := strings.TrimSpace(reader.text(".prose pre")), `func main() { println("hello") }`; got != want {
		t.Errorf("got code %q, want %q", got, want)
	}
	if colours := js[int](reader, `() => new Set([...document.querySelectorAll(".prose pre span")].map(e => getComputedStyle(e).color)).size`); colours < 2 {
		t.Errorf("got %d colours in the code, want it highlighted", colours)
	}

	reader.open(link, 200)
	reader.wantPath("/admin/login")
}

func TestSignInAndOut(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.owner(t)
	p := b.visitor(t)
	p.open("/admin/posts/new", 200)
	p.wantPath("/admin/login?next=%2Fadmin%2Fposts%2Fnew")

	p.fill("email", email)
	p.fill("password", "incorrect horse")
	p.click("main .primary", 422)
	p.want("do not belong together")
	p.wantFocus("login-problem")
	p.fill("password", password)
	p.pressEnter(200)
	p.wantPath("/admin/posts/new")
	p.wantFocus("title")

	p.open("/admin/posts", 200)
	p.click(".menu button", 200)
	p.wantPath("/admin/login")
	p.back("/admin/login?next=%2Fadmin%2Fposts")
	p.open("/admin/account", 200)
	p.wantPath("/admin/login?next=%2Fadmin%2Faccount")
}

func TestEditUnpublishAndDelete(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	post := b.save(t, posts.Draft{Title: "Before", Markdown: "Old text.", PublishedAt: time.Now().Add(-time.Hour)})
	author, reader := b.signedIn(t), b.visitor(t)
	author.open("/admin/posts", 200)
	author.click(".posts h2 a", 200)
	author.fill("title", "After")
	author.fill("markdown", "New text.")
	author.click("[value=save]", 200)
	author.want("Updated.")
	reader.open("/posts/before", 200)
	reader.wantTexts("h1", "After")
	reader.want("New text.")

	author.click("[value=unpublish]", 200)
	author.want("Unpublished.")
	reader.open("/posts/before", 404)
	reader.open("/", 200)
	reader.want("Nothing has been published yet")
	author.click("[value=publish]", 200)
	reader.open("/posts/before", 200)

	author.click(".danger a", 200)
	author.want("Delete “After”?")
	author.click("main .button", 200)
	author.wantPath("/admin/posts/" + strconv.FormatInt(post.ID, 10))
	author.click(".danger a", 200)
	author.click(".destroy", 200)
	author.wantPath("/admin/posts")
	author.want("The post is in the trash.", "The first page is blank")
	reader.open("/posts/before", 410)
	reader.want("This post is gone")
}

func TestScheduled(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	author, reader := b.signedIn(t), b.visitor(t)
	author.open("/admin/posts/new", 200)
	author.fill("title", "Tomorrow's news")
	author.pick("published_at", time.Now().UTC().Add(24*time.Hour).Format("2006-01-02T15:04"))
	author.click("[value=publish]", 200)
	author.want("Scheduled.")
	reader.open("/posts/tomorrow-s-news", 404)
	reader.open("/", 200)
	reader.want("Nothing has been published yet")

	// The form knows minutes; a test does not wait for one.
	var id int64
	if err := b.pool.QueryRow(t.Context(), `SELECT id FROM posts`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	stored, err := b.posts.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	draft := stored.Draft
	draft.PublishedAt = b.now(t).Add(3 * time.Second)
	if _, err := b.posts.Save(t.Context(), id, stored.Version, draft); err != nil {
		t.Fatal(err)
	}
	for reloads := 0; ; reloads++ {
		before := b.now(t)
		reader.step(chromedp.Reload())
		after := b.now(t)
		shown := reader.text(".card-title") == "Tomorrow's news"
		if shown && after.Before(draft.PublishedAt) {
			t.Fatalf("the post was shown at %s, before its time %s", after, draft.PublishedAt)
		}
		if !shown && before.After(draft.PublishedAt) {
			t.Fatalf("the post was not shown at %s, after its time %s", before, draft.PublishedAt)
		}
		if shown {
			if reloads == 0 {
				t.Error("the page was never reloaded before the post's time")
			}
			break
		}
	}
	reader.click(".card-title a", 200)
}
