package admin

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"broadsheet/internal/page"
	"broadsheet/internal/posts"
	"broadsheet/internal/texts"
)

// speak returns the request with the language in which its sender is spoken to:
// chosen is what somebody chose for the own account, "" for nothing.
func (a *Admin) speak(r *http.Request, chosen string) *http.Request {
	lang := cmp.Or(chosen, page.Language(r))
	if lang == "" {
		ctx, cancel := context.WithTimeout(r.Context(), patience)
		defer cancel()
		b, err := a.pages.Base(ctx)
		if err != nil {
			b = a.pages.LastBase()
		}
		lang = b.Site.Language
	}
	return r.WithContext(page.WithLanguage(r.Context(), texts.In(lang).Lang))
}

// words returns the texts in the language of whoever sent a request.
func words(r *http.Request) *texts.Texts { return texts.In(page.Language(r)) }

// voice writes moments in the author's language and a time zone.
type voice struct {
	texts *texts.Texts
	zone  *time.Location
}

// voice writes moments in the blog's time zone.
func (b base) voice() voice { return voice{texts.In(b.Lang()), b.Zone()} }

func (v voice) moment(t time.Time) string { return v.texts.Moment(t.In(v.zone)) }

// stateNames are the texts that say what became of a post.
var stateNames = map[posts.State]string{
	posts.StateDraft: "admin.state.draft", posts.StateReview: "admin.state.review", posts.StateScheduled: "admin.state.scheduled",
	posts.StatePublished: "admin.state.published", posts.StateUnpublished: "admin.state.unpublished",
}

// StateName says what became of a post.
func (b base) StateName(s posts.State) string { return b.Text(stateNames[s]) }
