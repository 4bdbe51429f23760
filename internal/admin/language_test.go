package admin_test

import (
	"testing"
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
