package admin_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/posts"
)

// edit returns the address of a post's form.
func edit(s posts.Stored) string { return fmt.Sprintf("/admin/posts/%d", s.ID) }

// stored returns the post that is stored, or ends the test.
func (b *blog) stored(t *testing.T, id int64) posts.Stored {
	t.Helper()
	s, err := b.posts.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// only returns the one post that there is, or ends the test.
func (b *blog) only(t *testing.T) posts.Stored {
	t.Helper()
	rows, err := b.posts.Rows(t.Context(), posts.RowFilter{})
	if err != nil || len(rows.Rows) != 1 {
		t.Fatalf("got %d posts, error %v, want 1", len(rows.Rows), err)
	}
	return b.stored(t, rows.Rows[0].ID)
}

func TestEditGolden(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	d := published("Ärger & <Freude>", time.Date(2024, 7, 1, 22, 30, 15, 0, time.UTC))
	d.Markdown, d.Summary, d.Tags, d.Cover = "\n# Eins\n\n</textarea><script>alert(1)</script>\n", "\"Quoted\"", []string{"C++", "web design"}, "/media/1.jpg"
	stored := b.save(t, d)
	got := b.signedIn(t, "Jane Doe").get(edit(stored)).want(200)
	wantGolden(t, "edit.html", assetHash.ReplaceAllString(got.body, "$1.HASH."))
	if f := got.form("markdown"); f.values.Get("markdown") != d.Markdown {
		t.Errorf("got text %q in the form, want %q", f.values.Get("markdown"), d.Markdown)
	}
}

func TestLifeOfAPost(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	f := br.get("/admin/posts/new").want(200, "Save draft", "Publish", "Preview").wantNot("Unpublish", "Delete").form("markdown")

	saved := br.send(f, "title", "On Herons", "markdown", "They *stand*.", "tags", "birds, C++, , Birds", "action", "save")
	post := b.only(t)
	saved.leadsTo(edit(post))
	if post.Status != posts.StatusDraft || post.AuthorName != "Jane Doe" || fmt.Sprint(post.Tags) != "[birds C++]" || post.Slug != "on-herons" {
		t.Fatalf("got %+v, want a draft by Jane Doe with two tags", post)
	}
	shown := br.get(edit(post)).want(200, "Draft saved.", "Delete this post").wantNot("View the post")
	br.get(edit(post)).wantNot("Draft saved.")

	br.send(shown.form("markdown"), "title", "On Grey Herons", "action", "publish").leadsTo(edit(post))
	shown = br.get(edit(post)).want(200, "Published.", "View the post", `href="/posts/on-grey-herons"`, "Update", "Unpublish").wantNot("Save draft")
	br.get("/posts/on-grey-herons").want(200, "<em>stand</em>")
	first := b.stored(t, post.ID).PublishedAt

	br.send(shown.form("markdown"), "slug", "herons", "action", "save").leadsTo(edit(post))
	shown = br.get(edit(post)).want(200, "Updated.")
	if got := br.get("/posts/on-grey-herons"); got.status != 301 || got.header.Get("Location") != "/posts/herons" {
		t.Errorf("the old address: got status %d to %q, want 301 to /posts/herons", got.status, got.header.Get("Location"))
	}
	if got := b.stored(t, post.ID).PublishedAt; !got.Equal(first) {
		t.Errorf("the date after an update: got %s, want %s", got, first)
	}

	br.send(shown.form("markdown"), "published_at", "2999-01-01T10:00", "action", "save").leadsTo(edit(post))
	shown = br.get(edit(post)).want(200, "Scheduled.", "scheduled").wantNot("View the post")
	br.get("/posts/herons").want(404)

	br.send(shown.form("markdown"), "action", "unpublish").leadsTo(edit(post))
	shown = br.get(edit(post)).want(200, "Unpublished.", "Save draft")
	br.send(shown.form("markdown"), "published_at", "", "action", "publish").leadsTo(edit(post))
	br.get("/posts/herons").want(200)

	confirm := br.get(edit(post)+"/delete").want(200, `Delete “<span dir="auto">On Grey Herons</span>”?`, "stays there for 30 days", "published")
	br.send(confirm.form("version")).leadsTo("/admin/posts")
	br.get("/admin/posts").want(200, "The post is in the trash.").wantNot("On Grey Herons")
	br.get("/posts/herons").want(410)
	br.send(confirm.form("version")).leadsTo("/admin/posts")
}

func TestNothingTypedIsLost(t *testing.T) {
	t.Parallel()
	typed := map[string]string{
		"title": "A title & more", "markdown": "\n\nText <b>\n</textarea>", "summary": "Sum", "tags": "one, two",
		"slug": "the-slug", "language": "de", "cover": "/cover.jpg", "published_at": "2024-05-06T07:08",
		"cover_alt": "A heron & <reeds>", "cover_x": "20", "cover_y": "80 %", "series": "Birds & co", "series_place": "3",
		"meta_title": "Herons", "meta_description": "On\nherons.", "canonical": "https://example.org/herons",
		"translation_of": "/posts/taken",
	}
	var manyTags []string
	for i := range 200 {
		manyTags = append(manyTags, fmt.Sprintf("tag %d", i))
	}
	tests := []struct {
		name, field, value string
		shown              string // where it differs from the value
	}{
		{"title of 300 characters", "title", strings.Repeat("ö", 300), ""},
		{"NUL in the title", "title", "a\x00b", "a\uFFFDb"},
		{"title that is not UTF-8", "title", "a\xffb", "a\uFFFDb"},
		{"5 MB of text", "markdown", strings.Repeat("0123456789abcde\n", 5<<16), ""},
		{"5 MB of text that takes 15 MB to send", "markdown", strings.Repeat("é", 5<<19), ""},
		{"NUL in the text", "markdown", "a\x00b", "a\uFFFDb"},
		{"text that is not UTF-8", "markdown", "a\xffb", "a\uFFFDb"},
		{"200 tags", "tags", strings.Join(manyTags, ", "), ""},
		{"tag of 300 characters", "tags", strings.Repeat("t", 300), ""},
		{"NUL in a tag", "tags", "a\x00b", "a\uFFFDb"},
		{"summary of 3000 characters", "summary", strings.Repeat("s", 3000), ""},
		{"slug without letters", "slug", "!!!", ""},
		{"slug of 300 characters", "slug", strings.Repeat("s", 300), ""},
		{"unknown language", "language", "klingon-x-y-z-!!", ""},
		{"cover that runs a script", "cover", "javascript:alert(1)", ""},
		{"cover on another site", "cover", "https://example.com/a.jpg", ""},
		{"cover on another site, of the same scheme", "cover", "//example.com/a.jpg", ""},
		{"date that is none", "published_at", "soon", ""},
		{"date in the gap", "published_at", "2024-03-31T02:30", ""},
		{"year 0", "published_at", "0000-01-01T10:00", ""},
		{"slug of another post", "slug", "taken", ""},
		{"place in the series that is no number", "series_place", "third", ""},
		{"place in the series before the first", "series_place", "-1", ""},
		{"place in the series beyond all numbers", "series_place", "99999999999", ""},
		{"series of 300 characters", "series", strings.Repeat("s", 300), ""},
		{"NUL in the series", "series", "a\x00b", "a\uFFFDb"},
		{"cover beyond its edge", "cover_x", "101", ""},
		{"cover's middle in words", "cover_y", "top", ""},
		{"cover described in 600 characters", "cover_alt", strings.Repeat("a", 600), ""},
		{"title for search engines of 300 characters", "meta_title", strings.Repeat("t", 300), ""},
		{"description for search engines that is not UTF-8", "meta_description", "a\xffb", "a\uFFFDb"},
		{"first published nowhere", "canonical", "example.org", ""},
		{"translation of nothing", "translation_of", "/posts/nothing", ""},
		{"translation of a NUL", "translation_of", "a\x00b", "a\uFFFDb"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBlog(t)
			settings, err := b.site.Get(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			settings.TimeZone = "Europe/Berlin"
			if err := b.site.Save(t.Context(), settings); err != nil {
				t.Fatal(err)
			}
			b.save(t, draft("taken"))
			existing := b.save(t, draft("Existing"))
			br := b.signedIn(t, "Jane Doe")
			for _, path := range []string{"/admin/posts/new", edit(existing)} {
				f := br.get(path).form("markdown")
				for name, value := range typed {
					f.values.Set(name, value)
				}
				f.values.Set(test.field, test.value)
				f.values.Set("action", "publish")
				got := br.send(f)
				if got.status != 422 {
					t.Fatalf("%s: got status %d, want 422:\n%.2000s", path, got.status, got.body)
				}
				for _, want := range []string{`href="#` + test.field + `"`, `id="` + test.field + `-problem"`, test.field + `-problem" aria-invalid="true"`} {
					if !strings.Contains(got.body, want) {
						t.Errorf("%s: want %q on the page", path, want)
					}
				}
				again := got.form("markdown")
				for name := range typed {
					want := f.values.Get(name)
					if name == test.field && test.shown != "" {
						want = test.shown
					}
					if got := again.values.Get(name); got != want {
						t.Errorf("%s: %s: got %.100q in the form, want %.100q", path, name, got, want)
					}
				}
				for _, name := range []string{"version", "state", "zone", "key", "shown", "author"} {
					if got, want := again.values.Get(name), f.values.Get(name); got != want {
						t.Errorf("%s: %s: got %q in the form, want %q", path, name, got, want)
					}
				}
			}
			if got := b.stored(t, existing.ID); got.Version != 1 {
				t.Errorf("got version %d stored, want nothing changed", got.Version)
			}
		})
	}
}

func TestCoverIsOnThisSite(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	f := br.get("/admin/posts/new").want(200, "A picture on this site: its address begins with a single /.").form("markdown")
	br.send(f, "cover", "https://example.com/a.jpg").want(422, "Use an address on this site that begins with a single /.")
	br.send(f, "cover", "/media/heron.jpg").leadsTo(edit(b.only(t)))
}

func TestAllThatIsWrongIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	f := br.get("/admin/posts/new").form("markdown")
	got := br.send(f, "title", "", "language", "!!", "cover", "x", "published_at", "soon", "slug", "!", "action", "publish").
		want(422, "5 things need your attention")
	var order []int
	for _, id := range []string{"title", "published_at", "slug", "language", "cover"} {
		order = append(order, strings.Index(got.body, `<li><a href="#`+id))
	}
	for i, at := range order {
		if at < 0 || i > 0 && at < order[i-1] {
			t.Errorf("got problems at %v, want all of them in the order of the form", order)
		}
	}
	br.send(f, "action", "explode").want(400)
}

func TestDatesStayWhatTheyAre(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	settings, err := b.site.Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	settings.TimeZone = "Europe/Berlin"
	if err := b.site.Save(t.Context(), settings); err != nil {
		t.Fatal(err)
	}
	// The second 02:30 of that night, with parts that the form does not show.
	exact := time.Date(2024, 10, 27, 1, 30, 15, 123456000, time.UTC)
	post := b.save(t, published("Herons", exact))
	shown := br.get(edit(post)).want(200, `value="2024-10-27T02:30"`, "Time zone: Europe/Berlin.")
	settings.TimeZone = "Asia/Tokyo"
	if err := b.site.Save(t.Context(), settings); err != nil {
		t.Fatal(err)
	}
	br.send(shown.form("markdown"), "title", "Grey herons").leadsTo(edit(post))
	if got := b.stored(t, post.ID).PublishedAt; !got.Equal(exact) {
		t.Errorf("a date that was not touched: got %s, want %s", got, exact)
	}
	br.send(shown.form("markdown"), "version", "2", "published_at", "2024-07-01T12:00").leadsTo(edit(post))
	if got, want := b.stored(t, post.ID).PublishedAt, time.Date(2024, 7, 1, 10, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("a date typed in the zone that was shown: got %s, want %s", got, want)
	}
	br.get(edit(post)).want(200, `value="2024-07-01T19:00"`, "Time zone: Asia/Tokyo.")
}

func TestAddressFollowsTheTitleOfADraft(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	post := b.save(t, draft("Herons"))
	f := br.get(edit(post)).want(200, `placeholder="herons"`).form("markdown")
	br.send(f, "title", "Grey herons").leadsTo(edit(post))
	if got := b.stored(t, post.ID).Slug; got != "grey-herons" {
		t.Errorf("a slug that nobody chose: got %q, want grey-herons", got)
	}
	f = br.get(edit(post)).form("markdown")
	br.send(f, "slug", "ardea").leadsTo(edit(post))
	f = br.get(edit(post)).want(200, `value="ardea"`).form("markdown")
	br.send(f, "title", "Herons again").leadsTo(edit(post))
	if got := b.stored(t, post.ID).Slug; got != "ardea" {
		t.Errorf("a slug that was chosen: got %q, want ardea", got)
	}
}

func TestPreview(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	post := b.save(t, draft("Herons"))
	br := b.signedIn(t, "John Roe")
	f := br.get(edit(post)).form("markdown").with("markdown", "They *stand*.<script>alert(1)</script>", "summary", "In `short`", "tags", "C++")
	f.action = "/admin/posts/preview"
	got := br.send(f).want(200, "<em>stand</em>", "<code>short</code>", `href="/tags/`, "Preview: Herons", "Jane Doe", `content="noindex"`)
	if strings.Contains(withoutOurScripts(got.body), "<script") {
		t.Errorf("do not want a script on the page but ours, got:\n%s", got.body)
	}
	if cache := got.header.Get("Cache-Control"); cache != "no-store" {
		t.Errorf("Cache-Control: got %q, want no-store", cache)
	}
	br.send(f, "title", "", "markdown", "").want(200)
	br.send(f, "markdown", strings.Repeat("a", 2<<20)).want(422, "Your text is in the other tab")
	br.send(f, "published_at", "soon").want(422)
	if got := b.stored(t, post.ID); got.Version != 1 {
		t.Errorf("got version %d after previews, want nothing stored", got.Version)
	}
}

var keyValue = regexp.MustCompile(`name="key" value="\w{26}"`)

func TestEachNewFormHasAKeyOfItsOwn(t *testing.T) {
	t.Parallel()
	br := newBlog(t).signedIn(t, "Jane Doe")
	first, second := br.get("/admin/posts/new").body, br.get("/admin/posts/new").body
	if a, b := keyValue.FindString(first), keyValue.FindString(second); a == "" || a == b {
		t.Errorf("got keys %q and %q, want two that differ", a, b)
	}
}

func TestOnlyAnIDNamesAPost(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	f := br.get("/admin/posts/new").form("markdown").with("title", "Herons")
	for _, id := range []string{"0", "-1", "x", "1x", "9223372036854775808"} {
		f.action = "/admin/posts/" + id
		br.send(f).want(404, "There is no such post.")
		br.get(f.action).want(404)
	}
	if rows, err := b.posts.Rows(t.Context(), posts.RowFilter{}); err != nil || len(rows.Rows) != 0 {
		t.Errorf("got %d posts, error %v, want none made", len(rows.Rows), err)
	}
}

func TestMalformedKeyOfANewPost(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]string{
		"none": "", "NUL": "a\x00b", "not UTF-8": "a\xffb", "9 kB": strings.Repeat("A", 9<<10),
		"lower case": strings.Repeat("a", 26), "signs": strings.Repeat("-", 26), "27 characters": strings.Repeat("A", 27),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBlog(t)
			br := b.signedIn(t, "Jane Doe")
			f := br.get("/admin/posts/new").form("markdown").with("key", key)
			br.send(f, "title", "One").want(303)
			br.send(f, "title", "Two", "state", "draft").want(303)
			rows, err := b.posts.Rows(t.Context(), posts.RowFilter{})
			if err != nil || len(rows.Rows) != 2 {
				t.Fatalf("got %d posts, error %v, want 2: a key that is none makes no two forms one", len(rows.Rows), err)
			}
			existing := edit(b.stored(t, rows.Rows[0].ID))
			br.send(br.get(existing).form("markdown"), "key", key).leadsTo(existing)
		})
	}
}
