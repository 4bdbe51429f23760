package admin

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"broadsheet/internal/page"
	"broadsheet/internal/posts"
	"broadsheet/internal/texts"
)

type seriesListPage struct {
	base
	Series []posts.SeriesRow
	Later  bool // whether it is not the first page
	next   string
}

var seriesListTemplate = page.Parse[seriesListPage]("admin/series-list.html")

// Most is the number from which on posts are not counted.
func (p seriesListPage) Most() int64 { return posts.SeriesPlaces }

// NextURL leads to the page after this one, "" at the end.
func (p seriesListPage) NextURL() string {
	if p.next == "" {
		return ""
	}
	return "/admin/series?" + url.Values{"after": {p.next}}.Encode()
}

// SeriesList lists all series.
func (a *Admin) SeriesList(w http.ResponseWriter, r *http.Request) error {
	after := r.URL.Query().Get("after")
	if !listable(after) {
		return posts.ErrBadCursor
	}
	p := seriesListPage{Later: after != ""}
	var err error
	if p.Series, p.next, err = a.posts.SeriesRows(r.Context(), after); err != nil {
		return err
	}
	if p.base, err = a.base(w, r, "admin.nav.series", "series"); err != nil {
		return err
	}
	return seriesListTemplate.Write(w, r, http.StatusOK, p)
}

type seriesPage struct {
	base
	Series   posts.Series // as it is stored
	Form     posts.SeriesDraft
	Posts    []seriesPost
	Problems problems
}

// seriesPost is a line of the form: a post and what was typed for its place.
type seriesPost struct {
	posts.SeriesPost
	Typed string
	Was   string // its place when the form was made
}

// Field is the name and id of the post's field.
func (p seriesPost) Field() string { return "place-" + formatID(p.ID) }

// WasField is the name of the hidden field with the place that it had.
func (p seriesPost) WasField() string { return "was-" + formatID(p.ID) }

// EditURL leads to the post's form.
func (p seriesPost) EditURL() string { return postPath(p.ID) }

// Draft tells whether readers do not see the post.
func (p seriesPost) Draft() bool { return p.Status == posts.StatusDraft }

var seriesTemplate = page.Parse[seriesPage]("admin/series.html")

// Path returns the address of the series' form.
func (p seriesPage) Path() string { return seriesPath(p.Series.ID) }

// Full tells whether the series may have more posts than the form shows.
func (p seriesPage) Full() bool { return len(p.Posts) == posts.SeriesPlaces }

// maxSeriesForm is enough for all its places.
const maxSeriesForm = 256 << 10

func seriesPath(id int64) string { return "/admin/series/" + formatID(id) }

// EditSeries shows the form of a series.
func (a *Admin) EditSeries(w http.ResponseWriter, r *http.Request) error {
	p, err := a.series(r)
	if err != nil {
		return err
	}
	return a.showSeries(w, r, http.StatusOK, p)
}

// UpdateSeries stores it.
func (a *Admin) UpdateSeries(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r, maxSeriesForm); err != nil {
		return err
	}
	p, err := a.series(r)
	if err != nil {
		return err
	}
	p.Form = posts.SeriesDraft{
		Title: r.PostForm.Get("title"), Slug: r.PostForm.Get("slug"), Description: r.PostForm.Get("description"),
		Places: map[int64]int32{}, Was: map[int64]int32{},
	}
	fields := []field{{"title", "admin.title"}, {"slug", "admin.slug"}, {"description", "admin.description"}}
	invalid := posts.Invalid{}
	for i := range p.Posts {
		post := &p.Posts[i]
		name := post.Field()
		if !r.PostForm.Has(name) { // it came to the series since the form was made
			continue
		}
		post.Typed = r.PostForm.Get(name)
		place, problem := readPlace(post.Typed)
		if problem.Key != "" {
			invalid[name] = problem
			fields = append(fields, field{name, words(r).Text("series.place-of", post.Title)})
		}
		p.Form.Places[post.ID] = place
		if was, problem := readPlace(r.PostForm.Get(post.WasField())); problem.Key == "" && r.PostForm.Has(post.WasField()) {
			p.Form.Was[post.ID] = was
			post.Was = r.PostForm.Get(post.WasField())
		}
	}
	var more posts.Invalid
	var placed *posts.PlacedError
	if len(invalid) > 0 {
		errors.As(p.Form.Validate(), &more)
	} else if err := a.posts.SaveSeries(r.Context(), p.Series.ID, p.Form); errors.As(err, &placed) {
		return a.showPlaced(w, r, p, placed)
	} else if err != nil && !errors.As(err, &more) {
		return err
	}
	if p.Problems = problemsOf(r, fields, more, invalid); len(p.Problems) > 0 {
		return a.showSeries(w, r, http.StatusUnprocessableEntity, p)
	}
	a.setFlash(w, "series")
	redirect(w, p.Path())
	return nil
}

// showPlaced shows an order that was not stored, because somebody else has put
// posts in order meanwhile. Sent again it is stored over theirs.
func (a *Admin) showPlaced(w http.ResponseWriter, r *http.Request, p seriesPage, placed *posts.PlacedError) error {
	fields, moved := []field{}, posts.Invalid{}
	for i := range p.Posts {
		post := &p.Posts[i]
		now, ok := placed.Places[post.ID]
		if !ok {
			continue
		}
		post.Was = shownPlace(now)
		moved[post.Field()] = texts.Message{Key: "problem.placed", Args: []any{post.Was}}
		if now == 0 {
			moved[post.Field()] = texts.Message{Key: "problem.placed-nowhere"}
		}
		fields = append(fields, field{post.Field(), words(r).Text("series.place-of", post.Title)})
	}
	p.Problems = problemsOf(r, fields, moved)
	return a.showSeries(w, r, http.StatusConflict, p)
}

// shownPlace is what the form shows of a place.
func shownPlace(place int32) string { return strings.TrimPrefix(formatID(int64(place)), "0") }

// series returns the page of the series that the address names.
func (a *Admin) series(r *http.Request) (seriesPage, error) {
	const none = "admin.error.no-series"
	id, err := pathID(r, none)
	if err != nil {
		return seriesPage{}, err
	}
	series, inIt, err := a.posts.SeriesRow(r.Context(), id)
	if errors.Is(err, posts.ErrNotFound) {
		return seriesPage{}, page.NotFound(none)
	}
	if err != nil {
		return seriesPage{}, err
	}
	p := seriesPage{Series: series, Form: posts.SeriesDraft{Title: series.Title, Slug: series.Slug, Description: series.Description}}
	for _, post := range inIt {
		p.Posts = append(p.Posts, seriesPost{post, shownPlace(post.Place), shownPlace(post.Place)})
	}
	return p, nil
}

func (a *Admin) showSeries(w http.ResponseWriter, r *http.Request, status int, p seriesPage) error {
	var err error
	if p.base, err = a.base(w, r, "", "series"); err != nil {
		return err
	}
	p.Title = p.Series.Title
	return seriesTemplate.Write(w, r, status, p)
}

type seriesDeletePage struct {
	base
	Series posts.Series
	Posts  int
	Path   string
}

// Most is the number from which on posts are not counted.
func (p seriesDeletePage) Most() int { return posts.SeriesPlaces }

var seriesDeleteTemplate = page.Parse[seriesDeletePage]("admin/series-delete.html")

// DeleteSeries asks whether to delete a series.
func (a *Admin) DeleteSeries(w http.ResponseWriter, r *http.Request) error {
	s, err := a.series(r)
	if err != nil {
		return err
	}
	p := seriesDeletePage{Series: s.Series, Posts: len(s.Posts), Path: s.Path()}
	if p.base, err = a.base(w, r, "series.delete.page", "series"); err != nil {
		return err
	}
	return seriesDeleteTemplate.Write(w, r, http.StatusOK, p)
}

// DeleteSeriesSubmit deletes it; its posts stay.
func (a *Admin) DeleteSeriesSubmit(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r, maxForm); err != nil {
		return err
	}
	id, err := pathID(r, "admin.error.no-series")
	if err != nil {
		return err
	}
	if err := a.posts.DeleteSeries(r.Context(), id); err != nil && !errors.Is(err, posts.ErrNotFound) {
		return err
	}
	a.setFlash(w, "series deleted")
	redirect(w, "/admin/series")
	return nil
}
