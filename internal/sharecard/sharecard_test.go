package sharecard_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"broadsheet/internal/sharecard"
)

const (
	margin   = 60   // nothing stands nearer to an edge
	mostSize = 60e3 // bytes of a file
)

var (
	paper = color.RGBA{0xfd, 0xfc, 0xf9, 0xff}
	ink   = color.RGBA{0x1c, 0x1a, 0x17, 0xff}
)

func card(title string) sharecard.Card {
	return sharecard.Card{Title: title, Author: "Ada Lovelace", Site: "Broadsheet", Date: "23 November 2026", Language: "en"}
}

var cards = []struct {
	name string
	card sharecard.Card
}{
	{"short", card("Tags")},
	{"one letter", card("A")},
	{"long", card("What an address promises, and how a blog keeps that promise for ten years")},
	{"200 characters", card(strings.Repeat("Every word that an author can fit into a title ", 5)[:200])},
	{"a million characters", card(strings.Repeat("word ", 200_000))},
	{"unbroken", card(strings.Repeat("unbroken", 25))},
	{"wide letters", card(strings.Repeat("W", 200))},
	{"many short words", card(strings.Repeat("i ", 100))},
	{"one long word among others", card("Die Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft lädt ein")},
	{"accents above and below", card(strings.Repeat("Ẫ Ậ Ǻ Ç Ş Ģ ẞ ", 12))},
	{"marks in a heap", card("Z" + strings.Repeat("\u0301\u0323", 60) + " and on")},
	{"Greek", sharecard.Card{Title: "Η ιστορία της ελληνικής τυπογραφίας", Author: "Ελένη Παπαδοπούλου", Site: "Εφημερίδα", Date: "23 Νοεμβρίου 2026", Language: "el"}},
	{"Cyrillic", sharecard.Card{Title: "Почему списки листаются курсором, а не номером страницы", Author: "Анна Каренина", Site: "Ведомости", Date: "23 ноября 2026", Language: "ru"}},
	{"Arabic", sharecard.Card{Title: "كيف تُصمَّم صفحة تُقرأ من اليمين إلى اليسار مع كلمات مثل PostgreSQL", Author: "ليلى العلي", Site: "الصحيفة", Date: "23 نوفمبر 2026", Language: "ar"}},
	{"Hebrew", sharecard.Card{Title: "גוטנברג והאות העברית", Author: "דוד לוי", Site: "העיתון", Date: "23 בנובמבר 2026", Language: "he"}},
	{"Devanagari", sharecard.Card{Title: "हिन्दी में टाइपोग्राफी की क्षमता और श्रृंखला", Author: "अनीता शर्मा", Site: "समाचार", Date: "23 November 2026", Language: "hi"}},
	{"Japanese", card("日本語の組版について")},
	{"emoji alone", card("🎉👩‍👩‍👧")},
	{"quotes and dashes", card("“Quotes” — ‘and’ dashes… 100 %")},
	{"nothing", sharecard.Card{}},
	{"only a site", sharecard.Card{Site: "The Daily Broadsheet of Lower Saxony"}},
	{"a site that cannot be written", sharecard.Card{Title: "A title", Author: "Ada", Site: "한국 신문"}},
	{"long everything", sharecard.Card{Title: strings.Repeat("title ", 40), Author: strings.Repeat("author ", 40), Site: strings.Repeat("site ", 20), Date: strings.Repeat("date ", 20), Language: "en"}},
	{"no text at all", card("\x00\u202e\ufffe \u2066\t\xff")},
}

// cardsOfTheSite are those of cards whose title cannot be written.
var cardsOfTheSite = []string{"Japanese", "emoji alone", "nothing", "only a site"}

func decode(t *testing.T, file []byte) image.Image {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// inked returns the smallest box around all that is not paper in an area.
func inked(img image.Image, area image.Rectangle) (box image.Rectangle) {
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			if img.At(x, y) != color.Color(paper) {
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return box
}

func TestCardsAreSmallAndKeepTheirMargins(t *testing.T) {
	t.Parallel()
	for _, tt := range cards {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			file := tt.card.PNG()
			if len(file) > mostSize {
				t.Errorf("got %d bytes, want at most %.0f", len(file), mostSize)
			}
			img := decode(t, file)
			if got, want := img.Bounds(), image.Rect(0, 0, sharecard.Width, sharecard.Height); got != want {
				t.Fatalf("got %v, want %v", got, want)
			}
			box := inked(img, img.Bounds())
			if box.Empty() {
				t.Fatal("got an empty picture")
			}
			if inside := img.Bounds().Inset(margin); !box.In(inside) {
				t.Errorf("got ink in %v, want it inside %v", box, inside)
			}
		})
	}
}

// Between the parts of a card lie bands of bare paper, however much stands in
// each part: the name, the rules, the title, and who wrote it.
func TestPartsNeverTouch(t *testing.T) {
	t.Parallel()
	for _, tt := range cards {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			img := decode(t, tt.card.PNG())
			ofSite := slices.Contains(cardsOfTheSite, tt.name)
			if got := isCardOfPost(img); got == ofSite {
				t.Fatalf("got a card of a post %t, want %t", got, !ofSite)
			}
			if ofSite {
				return
			}
			for _, band := range []image.Rectangle{
				image.Rect(0, 134, sharecard.Width, 142), // above the rules
				image.Rect(0, 160, sharecard.Width, 168), // below them
				image.Rect(0, 506, sharecard.Width, 510), // above the author
			} {
				if box := inked(img, band); !box.Empty() {
					t.Errorf("got ink at %v, want bare paper in %v", box, band)
				}
			}
		})
	}
}

// isCardOfPost tells whether the double rule stands where posts have it.
func isCardOfPost(img image.Image) bool {
	return img.At(100, 145) == color.Color(ink) && img.At(1100, 145) == color.Color(ink)
}

func TestTitlesThatCannotBeWrittenGiveTheSitesCard(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, title string
		own         bool
	}{
		{"Latin", "A title", true},
		{"Arabic", "عنوان", true},
		{"words beside emoji", "🎉 Release 2.0 👩‍👩‍👧", true},
		{"Japanese", "日本語", false},
		{"a word of Korean among others", "Written in 한국어 today", false},
		{"digits that no typeface has", "Chapter 𝟙", false},
		{"emoji alone", "🎉", false},
		{"nothing", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := isCardOfPost(decode(t, card(tt.title).PNG())); got != tt.own {
				t.Errorf("got a card of its own: %v, want %v", got, tt.own)
			}
		})
	}
	if !bytes.Equal(card("🎉 Release 2.0 👩‍👩‍👧").PNG(), card("Release 2.0").PNG()) {
		t.Error("emoji leave something behind")
	}
	if !bytes.Equal(card("a\u202eb\u0000 \n c").PNG(), card("ab c").PNG()) {
		t.Error("characters that control the text leave something behind")
	}
}

func TestRightToLeftTitlesStandOnTheRight(t *testing.T) {
	t.Parallel()
	title := image.Rect(0, 170, sharecard.Width, 500)
	for text, rtl := range map[string]bool{"عنوان قصير": true, "כותרת": true, "A title": false, "A title عنوان": false} {
		box := inked(decode(t, card(text).PNG()), title)
		left, right := box.Min.X, sharecard.Width-box.Max.X
		if got := right < left; got != rtl || min(left, right) > 90 {
			t.Errorf("%s: got %d px on the left and %d on the right, want it on the right: %v", text, left, right, rtl)
		}
	}
}

func TestLongTitlesAreSmallerAndEndInAnEllipsis(t *testing.T) {
	t.Parallel()
	height := func(title string) (rows int) { // of the first line
		img := decode(t, card(title).PNG())
		for y := 170; y < 500; y++ {
			switch empty := inked(img, image.Rect(0, y, 110, y+1)).Empty(); {
			case !empty:
				rows++
			case rows > 0:
				return rows
			}
		}
		return rows
	}
	short, long := height("H"), height("H "+strings.Repeat("words of a longer title ", 8))
	if short < 60 || long >= short || long < 28 {
		t.Errorf("got capitals of %d and %d px, want the longer title's smaller, and both legible", short, long)
	}
	// What is cut off does not show, but that it is cut does.
	base := strings.Repeat("words that go on ", 20)
	if !bytes.Equal(card(base+"and end here").PNG(), card(base+"or there").PNG()) {
		t.Error("what is cut off shows")
	}
}

func TestTheSameCardIsTheSameBytes(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, tt := range cards {
		want := tt.card.PNG()
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if !bytes.Equal(tt.card.PNG(), want) {
					t.Errorf("%s: got other bytes the second time", tt.name)
				}
			})
		}
		wg.Wait()
		if other, ok := seen[string(want)]; ok && isCardOfPost(decode(t, want)) {
			t.Errorf("%s and %s are the same picture", tt.name, other)
		}
		seen[string(want)] = tt.name
	}
	base := card("A title")
	for name, change := range map[string]func(*sharecard.Card){
		"title": func(c *sharecard.Card) { c.Title = "Another title" }, "author": func(c *sharecard.Card) { c.Author = "Grace" },
		"site": func(c *sharecard.Card) { c.Site = "Gazette" }, "date": func(c *sharecard.Card) { c.Date = "1 May 2026" },
	} {
		c := base
		change(&c)
		if bytes.Equal(c.PNG(), base.PNG()) {
			t.Errorf("the card does not show its %s", name)
		}
	}
}

func TestSitesHaveACard(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Broadsheet", strings.Repeat("W", 100), strings.Repeat("word ", 20), "الصحيفة", "한국 신문", ""} {
		file := sharecard.Site(name, strings.Repeat("A line that says what it is about. ", 6), "en")
		img := decode(t, file)
		if box := inked(img, img.Bounds()); box.Empty() || !box.In(img.Bounds().Inset(margin)) || len(file) > mostSize {
			t.Errorf("%q: got %d bytes with ink in %v", name, len(file), box)
		}
	}
	if bytes.Equal(sharecard.Site("Broadsheet", "", "en"), sharecard.Site("Broadsheet", "News", "en")) {
		t.Error("the tagline does not show")
	}
}

// Drawing takes bounded memory, whatever it draws.
func TestDrawingAllocatesLittle(t *testing.T) {
	for _, tt := range cards {
		tt.card.PNG() // reads the fonts
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		tt.card.PNG()
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > 8<<20 {
			t.Errorf("%s: got %d bytes, want at most 8 MiB", tt.name, got)
		}
	}
}

func FuzzCard(f *testing.F) {
	for _, tt := range cards {
		f.Add(tt.card.Title, tt.card.Author, tt.card.Site, tt.card.Language)
	}
	f.Fuzz(func(t *testing.T, title, author, site, language string) {
		file := sharecard.Card{Title: title, Author: author, Site: site, Date: "1 May 2026", Language: language}.PNG()
		img := decode(t, file)
		if box := inked(img, img.Bounds()); box.Empty() || !box.In(img.Bounds().Inset(20)) {
			t.Errorf("got ink in %v", box)
		}
	})
}

func BenchmarkCard(b *testing.B) {
	c := card("What an address promises, and how a blog keeps that promise for ten years")
	b.ReportAllocs()
	for b.Loop() {
		c.PNG()
	}
}
