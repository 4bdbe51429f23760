package page_test

import (
	"io"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"broadsheet/internal/page"
	"broadsheet/internal/postgrestest"
	"broadsheet/internal/posts"
	"broadsheet/internal/site"
)

// TestErrorsSpeakTheReadersLanguage shows error pages of a French blog.
func TestErrorsSpeakTheReadersLanguage(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	pages := newPages(pool, io.Discard)
	if err := site.NewStore(pool).Save(t.Context(), site.Settings{Title: "Le Soir", Language: "fr", TimeZone: "UTC"}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, accept string
		err          error
		want         []string
	}{
		{"of the site", "", posts.ErrNotFound, []string{`<html lang="fr" dir="ltr">`, "Page introuvable", "Chercher"}},
		{"German", "de-AT,de;q=0.9,en;q=0.5", posts.ErrNotFound, []string{`<html lang="de" dir="ltr">`, "Seite nicht gefunden", "Neueste", "Beiträge durchsuchen"}},
		{"Arabic", "ar", posts.ErrGone, []string{`<html lang="ar" dir="rtl">`, "لم يعد هذا المقال موجودًا"}},
		{"a language that is not spoken", "it", posts.ErrNotFound, []string{`<html lang="fr" dir="ltr">`, "Page introuvable"}},
		{"with arguments", "ja", page.BadRequest("error.tags", 5, 1234), []string{`<html lang="ja" dir="ltr">`, "5個まで", "1,234個"}},
		{"a sentence that is no text", "de", page.BadRequest("Say what you mean."), []string{`<html lang="en" dir="ltr">`, "Say what you mean.", "This address cannot be read"}},
	} {
		r := httptest.NewRequest("GET", "/x", nil)
		if tt.accept != "" {
			r.Header.Set("Accept-Language", tt.accept)
		}
		res, body := respond(pages, r, tt.err)
		for _, want := range tt.want {
			if !strings.Contains(body, want) {
				t.Errorf("%s: got a page without %q:\n%s", tt.name, want, body)
			}
		}
		if !slices.Contains(res.Header.Values("Vary"), "Accept-Language") {
			t.Errorf("%s: got Vary %q", tt.name, res.Header.Values("Vary"))
		}
	}
}

// TestForeignWordsAreMarked: the program's words are marked as English on a
// page in a language that it does not speak, and on no other.
func TestForeignWordsAreMarked(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	for _, tt := range []struct {
		language string
		marked   bool
	}{{"it", true}, {"he", true}, {"en-GB", false}, {"de", false}, {"ja", false}, {"ar", false}} {
		if err := site.NewStore(pool).Save(t.Context(), site.Settings{Title: "Blog", Language: tt.language, TimeZone: "UTC"}); err != nil {
			t.Fatal(err)
		}
		_, body := respond(newPages(pool, io.Discard), httptest.NewRequest("GET", "/x", nil), posts.ErrNotFound)
		if marks := strings.Count(body, `lang="en" dir="ltr"`); (marks > 2) != tt.marked || !tt.marked && marks > 0 {
			t.Errorf("%s: got %d marks, want marks: %v\n%s", tt.language, marks, tt.marked, body)
		}
	}
}
