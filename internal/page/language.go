package page

import (
	"context"
	"net/http"
	"strings"

	"broadsheet/internal/texts"
)

type languageKey struct{}

// WithLanguage returns a context of somebody who is spoken to in this language,
// whatever the browser says.
func WithLanguage(ctx context.Context, lang string) context.Context {
	return context.WithValue(ctx, languageKey{}, lang)
}

// Language returns the language in which to speak to whoever sent a request:
// that of [WithLanguage], or one that the browser asks for and the program
// speaks, or "" for the site's.
func Language(r *http.Request) string {
	if lang, ok := r.Context().Value(languageKey{}).(string); ok {
		return lang
	}
	return texts.Preferred(strings.Join(r.Header.Values("Accept-Language"), ","))
}
