package admin_test

import (
	"encoding/json"
	"html"
	"regexp"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/posts"
	"broadsheet/web"
)

func TestLanguageOfAnAuthor(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	br.get("/admin/settings").want(200, `<html lang="en" dir="ltr">`, "Settings")
	br.speaks = "de-AT, en;q=0.5"
	br.get("/admin/settings").want(200, `<html lang="de" dir="ltr">`, "Einstellungen", "Zeitzone").wantNot("Settings")
	br.speaks = "it"
	br.get("/admin/settings").want(200, `<html lang="en"`, "Settings")
	br.speaks = "ar"
	br.get("/admin/settings").want(200, `<html lang="ar" dir="rtl">`, "الإعدادات")

	// What was chosen wins.
	br.speaks = "de"
	f := br.get("/admin/account").want(200, "Ihr Konto", "français").form("bio")
	br.send(f, "language", "fr").leadsTo("/admin/account")
	f = br.get("/admin/account").want(200, `<html lang="fr"`, "Compte enregistré.", "Votre compte").form("bio")
	if got := f.values.Get("language"); got != "fr" {
		t.Errorf("got language %q in the form, want what was chosen", got)
	}
	for _, lang := range []string{"xx", "it", "\xff", "en\x00"} {
		br.send(f, "language", lang).want(422, "Choisissez une des langues de la liste.")
	}
	br.get("/admin/posts?state=nothing").want(400, `<html lang="fr"`, "La liste montre")
	br.send(f, "language", "").leadsTo("/admin/account")
	br.get("/admin/account").want(200, `<html lang="de"`, "Konto gespeichert.")

	// So are those who are not signed in, and scripts.
	stranger := b.browser(t)
	stranger.speaks = "de"
	stranger.post("/admin/posts", f.values).want(401, "Sie sind abgemeldet")
	br.post("/admin/posts/999999/autosave", f.values).want(404, "Diesen Beitrag gibt es nicht.")
}

func TestProblemsInTheLanguageOfTheAuthor(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	br.speaks = "de"
	f := br.get("/admin/posts/new").form("markdown")
	br.send(f, "title", "", "slug", "!!", "published_at", "soon", "action", "publish").want(422,
		"3 Stellen brauchen Ihre Aufmerksamkeit",
		`Titel</a>: Geben Sie dem Beitrag einen Titel, bevor Sie ihn veröffentlichen.`,
		`Adresse</a>: Die Adresse braucht mindestens einen Buchstaben oder eine Ziffer.`,
		`Datum</a>: Schreiben Sie Datum und Uhrzeit wie 2024-10-31T09:30.`)
}

// TestNoEnglishIsLeft shows the authors' pages in German and looks for
// sentences of the English texts.
func TestNoEnglishIsLeft(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	br := b.signedIn(t, "Jane Doe")
	post := b.save(t, published("Reiher", time.Now().Add(-time.Hour)))
	draft := b.save(t, posts.Draft{Title: "Entwurf", Markdown: "Eins.", Tags: []string{"vögel"}, Series: "Serie"})
	tag, series := "", ""
	if err := b.pool.QueryRow(t.Context(), "SELECT min(t.id)::text, (SELECT min(s.id)::text FROM series s) FROM tags t").Scan(&tag, &series); err != nil {
		t.Fatal(err)
	}
	paths := []string{
		"/admin", "/admin/posts", "/admin/posts?state=review", "/admin/posts?state=scheduled", "/admin/posts?state=nothing", "/admin/posts?q=zzz",
		"/admin/posts/new", "/admin/posts/new?kind=page", edit(post), edit(draft), edit(post) + "/history", edit(post) + "/links", edit(post) + "/delete",
		"/admin/calendar", "/admin/tags", "/admin/tags/" + tag, "/admin/tags/" + tag + "/delete", "/admin/series", "/admin/series/" + series,
		"/admin/series/" + series + "/delete", "/admin/trash", "/admin/jobs", "/admin/settings", "/admin/account", "/admin/posts/999999",
	}
	english := englishSentences(t)
	for _, path := range paths {
		br.speaks = "de"
		body := strings.Join(strings.Fields(html.UnescapeString(br.get(path).body)), " ")
		if !strings.Contains(body, `<html lang="de"`) {
			t.Errorf("%s: got a page that is not German", path)
		}
		for _, sentence := range english {
			if strings.Contains(body, sentence) {
				t.Errorf("%s: got %q on a German page", path, sentence)
			}
		}
	}
}

// englishSentences returns the parts of the English texts of authors that are
// long enough to be English and nothing else.
func englishSentences(t *testing.T) (sentences []string) {
	t.Helper()
	content, err := web.Texts.ReadFile("texts/admin/en.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(content, &all); err != nil {
		t.Fatal(err)
	}
	for _, text := range all {
		whole, _ := text.(string)
		for _, part := range regexp.MustCompile(`\{\d\}`).Split(whole, -1) {
			if part = strings.TrimSpace(part); strings.Count(part, " ") >= 2 {
				sentences = append(sentences, part)
			}
		}
	}
	if len(sentences) < 200 {
		t.Fatalf("got %d sentences to look for", len(sentences))
	}
	return sentences
}
