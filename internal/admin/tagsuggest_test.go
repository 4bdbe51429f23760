package admin_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/posts"
)

func TestSuggestTags(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	d := published("One", time.Now().Add(-time.Hour))
	d.Tags = []string{"Go", "Golang", "web design"}
	post := b.save(t, d)
	br.get("/admin/tags/suggest?q=go").want(200, `{"name":"Go","posts":"1 post"},{"name":"Golang","posts":"1 post"}`, `"create":""`)
	br.get("/admin/tags/suggest?q=+gol+").want(200, `[{"name":"Golang"`, `"create":"gol"`)
	br.get("/admin/tags/suggest?q=GOLANG").want(200, `"create":""`)
	br.get("/admin/tags/suggest?q=nothing&tag=Webdesign&tag=Go").want(200, `"tags":[]`, `"create":"nothing"`,
		`"alike":[{"name":"Webdesign","like":"web design","posts":"1 post","merge":""}]`)
	for _, q := range []string{"a\x00b", "\xff", strings.Repeat("x", 100_000)} {
		if got := br.get("/admin/tags/suggest?" + url.Values{"q": {q}, "tag": {q}}.Encode()); got.status >= 500 {
			t.Errorf("%.10q: got status %d", q, got.status)
		}
	}
	b.browser(t).get("/admin/tags/suggest?q=go").wantNot("Golang")

	d.Title, d.Tags = "Two", []string{"webdesign"}
	b.save(t, d)
	tags, err := b.posts.AlikeTags(t.Context(), []string{"webdesign"})
	if err != nil || len(tags) != 1 {
		t.Fatalf("got %v, %v", tags, err)
	}
	path := fmt.Sprintf("/admin/tags/%d", tags[0].TagID)
	br.get("/admin/tags/suggest?tag=webdesign").want(200, path+`?into=web+design#into`)
	br.get(path).want(200, "Nearly the same", path+"?into=web+design#into")
	f := br.get(path + "?into=web+design").want(200).form("into")
	if got := f.values.Get("into"); got != "web design" {
		t.Errorf("got %q to merge into", got)
	}
	br.send(f)
	br.get("/admin/tags/suggest?tag=webdesign").want(200, `"like":"web design"`, `"merge":""`)
	if got := b.stored(t, post.ID); got.Status != posts.StatusPublished || len(got.Tags) != 3 {
		t.Errorf("got tags %q", got.Tags)
	}
}
