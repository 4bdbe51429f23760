package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"broadsheet/cmd/bench/load"
	"broadsheet/internal/accounts"
	"broadsheet/internal/postgrestest"
)

// TestLoading looks at what is loaded, on one blog: filling one takes its time.
func TestLoading(t *testing.T) {
	t.Parallel()
	address := postgrestest.NewEmptyURL(t)
	b, here := openTest(t, address)
	t.Run("query page", func(t *testing.T) { testQueryPage(t, b, here) })
	_, there := openTest(t, address)
	t.Run("publish", func(t *testing.T) { testPublish(t, b, here, there) })
	t.Run("long post", func(t *testing.T) { testLongPost(t, b) })
}

// openTest puts the server together on a database that is filled already.
func openTest(t *testing.T, address string) (blog, string) {
	t.Helper()
	b, err := openBlog(t.Context(), address, smallest, quiet)
	if err != nil {
		t.Fatalf("opening the blog: %v", err)
	}
	t.Cleanup(b.close)
	server := httptest.NewServer(b.handler)
	t.Cleanup(server.Close)
	return b, server.URL
}

// The page that is made without a cache says what Broadsheet's first page
// says, in about as many bytes: else it would be no measure for it.
func testQueryPage(t *testing.T, b blog, url string) {
	query := httptest.NewServer(load.QueryHandler(b.pool))
	t.Cleanup(query.Close)
	ours := body(t, url+"/")
	for _, path := range []string{"/", "/gzip"} {
		theirs := body(t, query.URL+path)
		if diff := cmp.Diff(words(ours), words(theirs)); diff != "" {
			t.Errorf("%s (-ours +theirs):\n%s", path, diff)
		}
		if least := min(len(ours), len(theirs)); 20*(max(len(ours), len(theirs))-least) > least {
			t.Errorf("%s: got %d bytes, want about as many as ours, %d", path, len(theirs), len(ours))
		}
	}
}

var (
	marks = regexp.MustCompile(`<[^>]*>`)
	links = regexp.MustCompile(`href="(/[^"?]*)"`)
)

// words returns what a page shows and where it leads.
func words(page string) []string {
	_, page, _ = strings.Cut(page, "<body>")
	words := strings.Fields(marks.ReplaceAllString(page, " "))
	for _, link := range links.FindAllStringSubmatch(page, -1) {
		words = append(words, link[1])
	}
	return words
}

// body uses the client that unpacks what it gets.
func body(t *testing.T, url string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: got %d and error %v", url, response.StatusCode, err)
	}
	return string(text)
}

// Publishing goes through the author's form, is seen on both copies, and
// leaves the blog as it was.
func testPublish(t *testing.T, b blog, here, there string) {
	before := contents(t, b)
	password := "kept by 7 tall horses"
	if _, err := accounts.NewStore(b.pool).Add(t.Context(), accounts.NewUser{
		Name: "Bench", Email: load.Email, Password: password, Role: accounts.RoleOwner,
	}, "Broadsheet"); err != nil {
		t.Fatalf("adding an account: %v", err)
	}
	if err := saveLong(t.Context(), b.posts); err != nil {
		t.Fatal(err)
	}
	v, err := load.Publish(t.Context(), here, there, password, 2)
	if err != nil {
		t.Fatalf("publishing: %v", err)
	}
	if len(v.Answered) != 2 || len(v.Here) != 2 || len(v.There) != 2 || v.Stale != 0 {
		t.Errorf("got %+v, want two of each and no old page", v)
	}
	if got := contents(t, b); got == before {
		t.Errorf("got the same posts as before, want three more")
	}
	if err := clearLoad(t.Context(), b.pool); err != nil {
		t.Fatal(err)
	}
	if got := contents(t, b); got != before {
		t.Errorf("got\n%s\nafter all, want what was there before\n%s", got, before)
	}
}

func contents(t *testing.T, b blog) (text string) {
	t.Helper()
	err := b.pool.QueryRow(t.Context(), `
		SELECT concat_ws(' ', (SELECT count(*) FROM posts), (SELECT count(*) FROM users), (SELECT count(*) FROM old_slugs),
			(SELECT md5(string_agg(t::text, ' ' ORDER BY t)) FROM post_tags t), (SELECT md5(string_agg(id || ' ' || post_count, ' ' ORDER BY id)) FROM tags))`).Scan(&text)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// The long post is what the small ones are not.
func testLongPost(t *testing.T, b blog) {
	if err := saveLong(t.Context(), b.posts); err != nil {
		t.Fatal(err)
	}
	size := func(path string) int {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		r.Header.Set("Accept-Encoding", "gzip")
		b.handler.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			t.Fatalf("%s: got %d", path, w.Code)
		}
		return w.Body.Len()
	}
	if long, short := size("/posts/"+longPost), size("/posts/post-500"); long <= wireLimit || short >= wireLimit-1000 {
		t.Errorf("got %d bytes of the long post and %d of another, want them on both sides of %d", long, short, wireLimit)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		args []string
		want string // in the error
	}{
		{"none", nil, ""},
		{"a part", []string{"-only", "load", "-posts", "1000", "-rounds", "1", "-run", "1"}, ""},
		{"no such part", []string{"-only", "loads"}, `-only is "loads"`},
		{"too few posts", []string{"-posts", "10"}, "at least 1000 posts"},
		{"no rounds", []string{"-rounds", "0"}, "1 round"},
		{"no time", []string{"-run", "0"}, "1 second"},
		{"something else", []string{"load"}, "no further arguments"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := readOptions(tt.args, io.Discard)
			if (err != nil) != (tt.want != "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want %q", err, tt.want)
			}
		})
	}
}
