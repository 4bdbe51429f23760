// Package server puts the pages together: the one list of routes, what stands
// around every request, and the life of the listener.
package server

import (
	"cmp"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"broadsheet/internal/admin"
	"broadsheet/internal/changes"
	"broadsheet/internal/page"
	"broadsheet/internal/pagecache"
	"broadsheet/internal/reader"
	"broadsheet/web"
)

// Options is what the server is made of.
type Options struct {
	Log            *slog.Logger
	AccessLog      *AccessLog // for the lines of requests; nil: they go to Log
	Metrics        *Metrics   // nil for none
	BaseURL        *url.URL
	TrustedProxies []netip.Prefix // whose X-Forwarded-For is believed
	Pages          *page.Pages
	Reader         *reader.Reader
	Admin          *admin.Admin
	Health         *Health
	Cache          *pagecache.Cache
	Follower       *changes.Follower // nil where nobody follows the database
	ReadersAtOnce  int               // how many pages are made at once, at least 2; 0 means 8
	PageTime       time.Duration     // that making a page may take; 0 means 10 s
}

// maxBody bounds every request's body; pages that take less say so themselves.
const maxBody = 16 << 20

// New returns the handler for every request. Its order is the way of a
// request: it gets an id and a line in the log, and is answered from memory
// where that is possible.
func New(o Options) http.Handler {
	routes := Routes(o)
	return newObserver(o, routes).observe(staticFirst(o, o.Cache.Handler(routes)))
}

// staticFirst answers what is in the program itself before anything else
// looks at the request.
func staticFirst(o Options, next http.Handler) http.Handler {
	headers := NewSecurityHeaders(o.BaseURL)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if (r.Method == http.MethodGet || r.Method == http.MethodHead) && strings.HasPrefix(r.URL.Path, "/static/") {
			headers.Set(w.Header())
			if web.Static(w, r) {
				Served(w, "/static/*", "hit")
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// Routes returns the way of a request that is not answered from memory: it
// gets its headers, is refused when it comes from another site or the database
// is not there, and is routed.
func Routes(o Options) chi.Router {
	r := chi.NewRouter()
	handle := o.Pages.Handle

	r.Use(
		inner,
		recoverer(o.Log, o.Pages),
		NewSecurityHeaders(o.BaseURL).handler,
		deadline(cmp.Or(o.PageTime, 10*time.Second)),
		canonicalPath(o.Pages),
		middleware.GetHead,
	)
	r.Get("/livez", o.Health.live)
	r.Get("/readyz", o.Health.ready)

	atOnce := max(2, cmp.Or(o.ReadersAtOnce, 8))
	readers, searches := newReaders(atOnce).handler(o.Pages), newSearches(atOnce).handler(o.Pages)
	working := chi.Chain(o.Health.gate(o.Pages), failFast(o.Follower, o.Pages))
	answering := append(slices.Clip(working), readers)
	r.Group(func(r chi.Router) {
		r.Use(sameOrigin(o.Pages), middleware.RequestSize(maxBody))
		r.Get("/static/*", func(w http.ResponseWriter, r *http.Request) { // those there are were answered before
			o.Pages.Error(w, unasked(r), http.StatusNotFound, "")
		})
		r.Get("/favicon.ico", web.Favicon)
		r.Get("/robots.txt", handle(o.Reader.Robots))

		r.Group(func(r chi.Router) {
			r.Use(answering...)
			reading(r, o)
		})
		r.With(working...).With(searches, readers).Get("/search", handle(o.Reader.Search))
		r.With(working...).With(searches, readers).Get("/search/suggest", handle(o.Reader.Suggest))
		r.With(working...).With(searches, readers).Get("/search/feed.{form}", handle(o.Reader.SearchFeed))
		r.With(working...).With(newSitemaps().handler(o.Pages)).Get("/sitemap/{part}.xml", handle(o.Reader.SitemapPart))
		r.Group(func(r chi.Router) {
			r.Use(o.Health.gate(o.Pages), keepText(o.Follower), o.Cache.Writes)
			writing(r, o)
		})
	})
	r.NotFound(answering.HandlerFunc(handle(notFound)).ServeHTTP)
	r.MethodNotAllowed(methodNotAllowed(r, o.Pages))
	return r
}

func reading(r chi.Router, o Options) {
	handle := o.Pages.Handle
	r.Get("/", handle(o.Reader.Listing))
	r.Get("/card.png", handle(o.Reader.SiteCard))
	r.Get("/posts/{slug}", handle(o.Reader.Post))
	r.Get("/posts/{slug}.md", handle(o.Reader.PostSource))
	r.Get("/llms.txt", handle(o.Reader.LLMs))
	r.Get("/sitemap.xml", handle(o.Reader.Sitemap))
	r.Get("/posts/{slug}/card.png", handle(o.Reader.PostCard))
	r.Get("/tags", handle(o.Reader.Tags))
	r.Get("/tags/{tag}", handle(o.Reader.Tag))
	r.Get("/feed.{form}", handle(o.Reader.Feed))
	r.Get("/tags/{tag}/feed.{form}", handle(o.Reader.TagFeed))
	r.Get("/authors/{handle}/feed.{form}", handle(o.Reader.AuthorFeed))
	r.Get("/series/{slug}/feed.{form}", handle(o.Reader.SeriesFeed))
	r.Get("/authors/{handle}", handle(o.Reader.Author))
	r.Get("/series/{slug}", handle(o.Reader.Series))
	r.Get("/archive", handle(o.Reader.Archive))
	r.Get("/archive/{year}", handle(o.Reader.Year))
	r.Get("/archive/{year}/{month}", handle(o.Reader.Month))
	r.Get("/preview/{token}", handle(o.Admin.SharedPreview))
	r.Get("/{slug}", handle(o.Reader.Page))
}

func writing(r chi.Router, o Options) {
	handle := o.Pages.Handle
	r.Use(o.Admin.Sessions)
	r.Get("/admin/setup", handle(o.Admin.SetUp))
	r.Post("/admin/setup", handle(o.Admin.SetUpSubmit))
	r.Get("/admin/login", handle(o.Admin.Login))
	r.Post("/admin/login", handle(o.Admin.LoginSubmit))

	r.Group(func(r chi.Router) {
		r.Use(o.Admin.RequireUser)
		r.Post("/admin/logout", handle(o.Admin.Logout))
		r.Get("/admin", handle(o.Admin.Home))
		r.Get("/admin/posts", handle(o.Admin.Posts))
		r.With(slowForms).Post("/admin/posts", handle(o.Admin.CreatePost))
		r.Post("/admin/posts/bulk", handle(o.Admin.Bulk))
		r.Get("/admin/posts/new", handle(o.Admin.NewPost))
		r.With(slowForms).Post("/admin/posts/preview", handle(o.Admin.Preview))
		r.With(slowForms).Post("/admin/posts/fragment", handle(o.Admin.Fragment))
		r.With(slowForms).Post("/admin/posts/check", handle(o.Admin.CheckPost))
		r.With(slowForms).Post("/admin/posts/card", handle(o.Admin.TypedCard))
		r.Get("/admin/posts/links", handle(o.Admin.LinkTargets))
		r.With(slowForms).Post("/admin/posts/autosave", handle(o.Admin.AutosaveNew))
		r.Get("/admin/posts/{id}", handle(o.Admin.EditPost))
		r.Get("/admin/posts/{id}/events", handle(o.Admin.Events))
		r.With(slowForms).Post("/admin/posts/{id}/autosave", handle(o.Admin.Autosave))
		r.Get("/admin/posts/{id}/working", handle(o.Admin.WorkingCopy))
		r.With(slowForms).Post("/admin/posts/{id}/discard", handle(o.Admin.Discard))
		r.Post("/admin/posts/{id}/undo", handle(o.Admin.Undo))
		r.Get("/admin/posts/{id}/history", handle(o.Admin.History))
		r.Get("/admin/posts/{id}/history/compare", handle(o.Admin.CompareRevisions))
		r.Get("/admin/posts/{id}/history/{revision}", handle(o.Admin.Revision))
		r.Post("/admin/posts/{id}/history/{revision}", handle(o.Admin.UpdateRevision))
		r.With(slowForms).Post("/admin/posts/{id}", handle(o.Admin.UpdatePost))
		r.Get("/admin/posts/{id}/links", handle(o.Admin.PreviewLinks))
		r.Post("/admin/posts/{id}/links", handle(o.Admin.MakePreviewLink))
		r.Post("/admin/posts/{id}/links/{link}", handle(o.Admin.WithdrawPreviewLink))
		r.Get("/admin/posts/{id}/delete", handle(o.Admin.DeletePost))
		r.Post("/admin/posts/{id}/delete", handle(o.Admin.DeletePostSubmit))
		r.Get("/admin/calendar", handle(o.Admin.Calendar))
		r.Get("/admin/trash", handle(o.Admin.Trash))
		r.Post("/admin/trash/{id}", handle(o.Admin.UpdateTrash))
		r.Get("/admin/tags", handle(o.Admin.Tags))
		r.Get("/admin/tags/suggest", handle(o.Admin.SuggestTags))
		r.Get("/admin/tags/{id}", handle(o.Admin.EditTag))
		r.With(o.Admin.RequirePublisher).Post("/admin/tags/{id}", handle(o.Admin.UpdateTag))
		r.With(o.Admin.RequirePublisher).Post("/admin/tags/{id}/merge", handle(o.Admin.MergeTag))
		r.Get("/admin/tags/{id}/delete", handle(o.Admin.DeleteTag))
		r.With(o.Admin.RequirePublisher).Post("/admin/tags/{id}/delete", handle(o.Admin.DeleteTagSubmit))
		r.Get("/admin/series", handle(o.Admin.SeriesList))
		r.Get("/admin/series/parts", handle(o.Admin.SeriesParts))
		r.Get("/admin/series/{id}", handle(o.Admin.EditSeries))
		r.With(o.Admin.RequirePublisher).Post("/admin/series/{id}", handle(o.Admin.UpdateSeries))
		r.Get("/admin/series/{id}/delete", handle(o.Admin.DeleteSeries))
		r.With(o.Admin.RequirePublisher).Post("/admin/series/{id}/delete", handle(o.Admin.DeleteSeriesSubmit))
		r.Get("/admin/jobs", handle(o.Admin.LateJobs))
		r.Post("/admin/jobs/{id}/retry", handle(o.Admin.RetryJob))
		r.Post("/admin/jobs/{id}/drop", handle(o.Admin.DropJob))
		r.Get("/admin/settings", handle(o.Admin.Settings))
		r.Post("/admin/settings", handle(o.Admin.SettingsSubmit))
		r.Get("/admin/account", handle(o.Admin.Account))
		r.Post("/admin/account", handle(o.Admin.AccountSubmit))
	})
}

func notFound(http.ResponseWriter, *http.Request) error {
	return page.NotFound("")
}

// methodNotAllowed answers 405 with the methods that the address does take.
func methodNotAllowed(mux *chi.Mux, pages *page.Pages) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if mux.Match(chi.NewRouteContext(), http.MethodGet, r.URL.Path) {
			w.Header().Add("Allow", "GET, HEAD")
		}
		if mux.Match(chi.NewRouteContext(), http.MethodPost, r.URL.Path) {
			w.Header().Add("Allow", "POST")
		}
		pages.Error(w, r, http.StatusMethodNotAllowed, "")
	}
}
