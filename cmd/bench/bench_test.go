package main

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"broadsheet/internal/postgrestest"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

var quiet = slog.New(slog.DiscardHandler)

// A small blog goes through all that the large one does, bounds included.
func TestBench(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	o := options{posts: 3000, patient: time.Second, saves: 2, only: "pages"}
	if err := bench(t.Context(), postgrestest.NewEmptyURL(t), o, &out, quiet); err != nil {
		t.Errorf("got error %v\n%s", err, &out)
	}
	for _, want := range []string{
		"3,000 posts; ", "PostgreSQL",
		"| newest page |", "| 2,700 posts deep |", "| the same, towards newer posts |", "| newest page, blog of 1,000 posts |",
		"| common tag |", "| common tag, 90 % deep |", "| middle tag |", "| rare tag |", "| tag of the oldest posts |",
		"| two common tags |", "| two common tags, 90 % deep |", "| common and rare tag |", "| two middle tags |", "| two tags that never meet |",
		"| three common tags |", "| three tags, two of which never meet |", "| three tags that never meet, two often do |",
		"| search: word in every post |", "| search: word in every 200th post |", "| search: word in 20 posts |",
		"| search: word of the oldest posts |", "| search: word in no post |", "| search: without a word of every post |",
		"| search: word in every post, common tag |", "| search: word in every post, rare tag |", "| search: word in every post, one year |",
		"| search: phrase of common words in no post |", "| search: word mistyped |", "| search: suggestions |", "| all tags |", "| a post |",
		"| publish a new post with 3 common tags |", "| edit its text |", "| change one of its tags |",
		"| unpublish it |", "| publish it again |", "| delete it |",
		"- Every page gives an answer, by either plan: yes",
		"- Every page touches at most as many buffers as its bound: yes",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("got no %q in\n%s", want, &out)
		}
	}
}

func TestFillOnce(t *testing.T) {
	t.Parallel()
	address := postgrestest.NewEmptyURL(t)
	title := func() (title string, posts int) {
		conn := connect(t, address)
		if err := conn.QueryRow(t.Context(), "SELECT title, (SELECT count(*) FROM posts WHERE published_at < now()) FROM site").Scan(&title, &posts); err != nil {
			t.Fatalf("reading the site: %v", err)
		}
		return title, posts
	}
	fillWith := func(size int) {
		t.Helper()
		if err := fill(t.Context(), address, size, quiet); err != nil {
			t.Fatalf("filling: %v", err)
		}
	}
	fillWith(1000)
	if _, posts := title(); posts != 1000 {
		t.Errorf("got %d posts, want 1000", posts)
	}
	exec(t, address, "UPDATE site SET title = 'kept'")
	fillWith(1000)
	if got, _ := title(); got != "kept" {
		t.Errorf("got title %q after filling again, want kept: it was filled anew", got)
	}
	fillWith(1500)
	if got, posts := title(); got == "kept" || posts != 1500 {
		t.Errorf("got title %q and %d posts after filling with another size, want a new blog of 1500", got, posts)
	}
}

func TestFillLeavesOtherBlogsAlone(t *testing.T) {
	t.Parallel()
	address := postgrestest.NewURL(t)
	exec(t, address, `
		INSERT INTO users (handle, name) VALUES ('a', 'A');
		INSERT INTO posts (slug, title, author_id, markdown, html, excerpt, render_version)
		SELECT 'mine', 'Mine', id, '', '', '', 1 FROM users`)
	err := fill(t.Context(), address, 1000, quiet)
	if err == nil || !strings.Contains(err.Error(), "did not make") {
		t.Errorf("got error %v, want one that says whose posts these are", err)
	}
	var posts int
	if err := connect(t, address).QueryRow(t.Context(), "SELECT count(*) FROM posts WHERE slug = 'mine'").Scan(&posts); err != nil || posts != 1 {
		t.Errorf("got %d posts and error %v, want the post that was there", posts, err)
	}
}

func TestDatabase(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, url, want string
	}{
		{"for the benchmark", "postgres://u:Zq7@localhost/broadsheet_bench", ""},
		{"a blog", "postgres://u:Zq7@localhost/broadsheet", "\"broadsheet\""},
		{"bench elsewhere", "postgres://bench:Zq7@bench/blog?application_name=bench", "\"blog\""},
		{"no URL", "host=localhost dbname=bench password=Zq7", "want a URL"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, _, err := database(t.Context(), options{}, tt.url, quiet)
			if tt.want == "" {
				if err != nil {
					t.Errorf("got error %v, want none", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "Zq7") {
				t.Errorf("got error %v, want one with %s and without the password", err, tt.want)
			}
		})
	}
}

func TestVerdict(t *testing.T) {
	t.Parallel()
	took := func(d time.Duration) []time.Duration { return []time.Duration{d} }
	newest := result{kind: kind{name: "newest", most: 60}, buffers: 60, times: took(time.Millisecond)}
	tests := []struct {
		name    string
		result  result
		want    string
		wantErr bool
	}{
		{"good", result{kind: kind{name: "it", most: 5, rated: true}, buffers: 5, times: took(2 * time.Millisecond)}, "", false},
		{"over", result{kind: kind{name: "it", most: 5}, buffers: 6, worst: "Seq Scan"}, "bound: no (it)", true},
		{"silent", result{kind: kind{name: "it"}, failed: "status 503"}, "plan: no (it)", true},
		{"without end", result{kind: kind{name: "it"}, unknown: true}, "plan: no (it)", true},
		{"slow", result{kind: kind{name: "it", rated: true}, times: took(3 * time.Millisecond)}, "newest page: no (it)", false},
		{"may be slow", result{kind: kind{name: "it"}, times: took(time.Second)}, "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var b strings.Builder
			err := verdict(&b, []result{newest, tt.result})
			if (err != nil) != tt.wantErr {
				t.Errorf("got error %v, want one: %t", err, tt.wantErr)
			}
			if !strings.Contains(b.String(), tt.want) || tt.want == "" && strings.Contains(b.String(), ": no") {
				t.Errorf("got\n%s\nwant %q", b.String(), tt.want)
			}
		})
	}
}

func connect(t *testing.T, address string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatalf("connecting: %v", err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func exec(t *testing.T, address, sql string) {
	t.Helper()
	if _, err := connect(t, address).Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}
