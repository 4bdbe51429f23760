package reader

import (
	"time"

	"broadsheet/internal/posts"
)

// WriteFeed writes a feed of one post with these texts.
func WriteFeed(form, title, content, summary string) []byte {
	at := time.Unix(0, 0)
	f := feed{
		Title: title, Subtitle: summary, Author: title, Language: "en", Home: "https://blog.example/",
		Self: "https://blog.example/feed", First: "https://blog.example/feed",
	}
	card := posts.Card{ID: 1, Slug: "s", Title: title, AuthorName: title, TagNames: []string{summary}, Cover: summary}
	text := posts.Text{ID: 1, CreatedAt: at, Description: summary}
	text.HTML = card.Excerpt + text.HTML
	f.add("https://blog.example", []posts.Card{card}, map[int64]posts.Text{1: text})
	f.Entries[0].Content = absolute(content, f.Entries[0].URL)
	b, err := feedForms[form].write(f.storable())
	if err != nil {
		panic(err)
	}
	return b
}
