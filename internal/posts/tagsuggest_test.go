package posts_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"broadsheet/internal/postgres/explain"
)

func TestSuggestTags(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.publish("One", 1, "Go", "Web design", "École", "C++", "日本語", "golden hour")
	b.publish("Two", 1, "Web design", "design systems", "Golang")
	b.publish("Three", 1, "Golang")
	b.save(0, 0, b.draft("Draft", "Goats"))
	for typed, want := range map[string][]string{
		"go": {"Go", "Golang", "golden hour", "Goats"}, "GO ": {"Go", "Golang", "golden hour", "Goats"}, "gol": {"Golang", "golden hour"},
		"design": {"design systems", "Web design"}, "design s": {"design systems"}, "web  des": {"Web design"},
		"ecole": {"École"}, "écol": {"École"}, "c+": {"C++"}, "c++": {"C++"}, "c p": {"C++"}, "日": {"日本語"}, "hou": {"golden hour"},
		"olang": nil, "": nil, " ": nil, "%": nil, "_": nil, "a\x00b": nil, "\xff": nil, strings.Repeat("x", 10_000): nil,
	} {
		tags, err := b.SuggestTags(t.Context(), typed)
		if err != nil {
			t.Fatalf("%.20q: %v", typed, err)
		}
		var got []string
		for _, tag := range tags {
			got = append(got, tag.Name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%.20q (-want +got):\n%s", typed, diff)
		}
	}
	// What is renamed, merged or deleted is found, or not, at once.
	b.exec("UPDATE tags SET key = 'gophers', slug = 'gophers', name = 'Gophers' WHERE key = 'golang'")
	b.exec("DELETE FROM tags WHERE key = 'goats'")
	tags, err := b.SuggestTags(t.Context(), "go")
	if err != nil || len(tags) != 3 || tags[1].Name != "Gophers" || tags[1].Posts != 2 {
		t.Errorf("got %+v, %v", tags, err)
	}
}

func TestAlikeTags(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.publish("One", 1, "Go", "Golang", "web design", "story", "box", "Café", "class", "C", "news", "naïve art")
	for name, want := range map[string]string{
		"webdesign": "web design", "Web-Design": "web design", "web designs": "web design", "stories": "story", "boxes": "box",
		"cafe": "Café", "CAFES": "Café", "classes": "class", "naive-art": "naïve art", "golangs": "Golang",
		"Go": "", "gol": "", "clas": "", "C++": "", "C#": "", "web": "", "": "", "new design": "", "Web  Design": "", "go lang": "Golang",
	} {
		alike, err := b.AlikeTags(t.Context(), []string{name, "a\x00", "\xff"})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, l := range alike {
			got += l.Name
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
	b.publish("Two", 1, "webdesign")
	alike, err := b.AlikeTags(t.Context(), []string{"WebDesign"})
	if err != nil || len(alike) != 1 || alike[0].TagID != b.tag("webdesign").ID || alike[0].ID != b.tag("web-design").ID {
		t.Errorf("got %+v, %v", alike, err)
	}
}

// Suggestions cost the same, however many tags and posts there are and however
// many begin with what was typed.
func TestSuggestingTagsIsBounded(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for from := 1; from < 20_000; from += 2000 { // each within the limit on time
		b.exec("INSERT INTO tags (key, slug, name) SELECT 'topic ' || n, 'topic-' || n, 'Topic ' || n FROM generate_series($1::int, $1 + 1999) n", from)
	}
	b.many(5000, "ARRAY[n::bigint, n + 5000]")
	b.exec("VACUUM ANALYZE")
	for _, typed := range []string{"t", "topic", "topic 17", "17", "topic 19999", "nothing"} {
		ctx, recorder := explain.Record(t.Context())
		tags, err := b.SuggestTags(ctx, typed)
		if err != nil || typed != "nothing" && len(tags) == 0 || len(tags) > 10 {
			t.Fatalf("%q: got %d tags, %v", typed, len(tags), err)
		}
		var names []string
		for n := range 20 {
			names = append(names, fmt.Sprintf("topics%d", n))
		}
		if _, err := b.AlikeTags(ctx, names); err != nil {
			t.Fatal(err)
		}
		for _, mode := range []explain.PlanMode{explain.Custom, explain.Generic} {
			plans, err := explain.Run(t.Context(), b.pool, mode, recorder.Queries())
			if err != nil {
				t.Fatal(err)
			}
			if len(plans) != 2 {
				t.Fatalf("got %d queries, want 2", len(plans))
			}
			for i, most := range []int64{3000, 150} {
				if plans[i].Buffers > most {
					t.Errorf("%q, %s: got %d buffers, want at most %d\n%s", typed, mode, plans[i].Buffers, most, plans[i].Text)
				}
			}
		}
	}
}
